"""What may happen to a set on its way: values of another kind, rows lost, doubled or mixed up, bytes lost, files renamed."""

import json
import math
import random

NUMBERS = [
    0, -1, 1, 2, 3, 0.5, -7.25, 63.999, 64, 1e9, 1e300, -1e300, math.nan, math.inf, 10**30, 10**400, True, "1", "x", "",
    None, [], {}, [1], "\ud800", "NaN",
]
PIECES = [
    "1" * 401,
    "1" * 5000,
    "1e400",
    "NaN",
    "-Infinity",
    "null",
    "true",
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    "<",
    ">",
    "&",
    "&#0;",
    "<!--",
    "\0",
    "\ufeff",
    "\ud7ff",
    "-",
    ";",
    "0x1f",
    "٣",
    "  ",
    "\n",
    "\r\n",
    "[" * 3000,
    '"id": 1, "id": 2,',
    'rotation="45"',
    'rotation="x"',
    "..",
    "/",
    "%20",
    "é",
]
NAMES = [
    "annotations/instances_default.json", "result.json", "labels.json", "x/y/z.json", "annotations.xml", "gt/gt.txt",
    "b.jpg", "images/A.JPG", "images/a%20b.jpg", ".hidden.jpg", "Thumbs.db", "é.jpg", "e\u0301.jpg",
    "upload/1/abcd1234-a.jpg", "film.MP4", "deep/er/film.mp4", "vidor/x.json", "aux.jpg",
]


def mutated(files: dict[str, str], rng: random.Random) -> dict[str, str]:
    files = dict(files)
    for _ in range(rng.choice((1, 1, 2, 3))):
        name = rng.choice([name for name in files for _ in range(1 if _is_media(files[name]) else 6)])
        if _is_media(files[name]) or rng.random() < 0.06:
            _move(files, name, rng)
        elif name.endswith(".json") and rng.random() < 0.75:
            files[name] = _rows(files[name], rng)
        else:
            files[name] = _text(files[name], rng)
    return files


def _is_media(text: str) -> bool:
    return text == "film" or text.startswith("photo ")


def _move(files: dict, name: str, rng: random.Random) -> None:
    content, other = files[name], rng.choice(list(files))
    step = rng.randrange(4)
    if step == 0 and len(files) > 1:
        del files[name]
    elif step == 1:
        files[rng.choice(NAMES)] = content
    elif step == 2:
        files[name], files[other] = files[other], content
    else:
        del files[name]
        files[rng.choice(NAMES)] = content


def _rows(text: str, rng: random.Random) -> str:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return _text(text, rng)
    places = list(_places(body))
    if not places:
        return _text(text, rng)
    holder, key = rng.choice(places)
    step = rng.randrange(6)
    if step <= 1:
        holder[key] = rng.choice(NUMBERS)
    elif step == 2:
        del holder[key]
    elif step == 3 and isinstance(holder, list):
        holder.insert(rng.randrange(len(holder) + 1), holder[key])
    elif step == 4:
        other, place = rng.choice(places)
        holder[key] = other[place] if not _holds(other[place], holder) else 1
    elif isinstance(holder[key], (int, float)) and not isinstance(holder[key], bool):
        holder[key] = type(holder[key])(holder[key] * rng.choice((-1, 2, 3, 10)) + rng.choice((-1, 0, 1)))
    else:
        holder[key] = str(holder[key])
    return json.dumps(body)


def _places(body):
    """Every (holder, key) of a JSON value."""
    keys = body.keys() if isinstance(body, dict) else range(len(body)) if isinstance(body, list) else ()
    for key in keys:
        yield body, key
        yield from _places(body[key])


def _holds(outer, inner) -> bool:
    return outer is inner or any(_holds(holder[key], inner) for holder, key in _places(outer) if holder[key] is inner)


def _text(text: str, rng: random.Random) -> str:
    start, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    step = rng.randrange(6)
    if step == 0:
        return text[:start] + rng.choice(PIECES) + text[start:]
    if step == 1:
        return text[:start] + text[min(end, start + 40):]
    if step == 2:
        return text[:end] + text[start:end][:300] + text[end:]
    lines = text.split("\n")
    line = rng.randrange(len(lines))
    if step == 3:
        lines.insert(rng.randrange(len(lines) + 1), lines[line])
    else:
        lines[line] = _number(lines[line], rng)
    return "\n".join(lines)


def _number(line: str, rng: random.Random) -> str:
    """A line in which one number is another."""
    spots = [place for place, char in enumerate(line) if char.isdigit()]
    if not spots:
        return line
    end = start = rng.choice(spots)
    while start and (line[start - 1].isdigit() or line[start - 1] in ".-"):
        start -= 1
    while end < len(line) and (line[end].isdigit() or line[end] == "."):
        end += 1
    return line[:start] + str(rng.choice([
        "0", "-1", "1", "2", "7", "8", "9", "63.5", "1e9", "1e400", "nan", "inf", "9" * 400, "", "x", "1.5", "-0.0001",
        "100000000",
    ])) + line[end:]
