"""Which boxes a set draws, read as plainly as can be: whatever comes in as truth has to be one of them, or the part of
one inside the picture."""

import json
import math
import re
import unicodedata
from urllib.parse import unquote
from xml.etree import ElementTree

from pycocotools import mask as masks

NEAR = 0.06  # pixels: formats write two decimals


def drawn(files: dict[str, str]) -> list[tuple[float, ...]]:
    """Every box (x0, y0, x1, y1) in any file."""
    found = []
    for name, text in files.items():
        if name.endswith(".json"):
            found += _in_json(text)
        elif "<annotations" in text:
            found += _in_xml(text)
        elif name.endswith(".txt"):
            found += _in_lines(text)
    return [box for box in found if all(map(math.isfinite, box))]


def is_drawn(box, boxes, size) -> bool:
    return any(all(abs(a - b) <= NEAR for a, b in zip(box, _clipped(other, size))) for other in boxes)


def _clipped(box, size):
    x0, y0, x1, y1 = box
    return max(x0, 0), max(y0, 0), min(x1, size[0]), min(y1, size[1])


def told(files: dict[str, str]) -> list[tuple[str, str, tuple[float, ...]]]:
    """What COCO files tell without any doubt: (plain name of the photo, label, box)."""
    found = []
    for text in (text for name, text in files.items() if name.endswith(".json")):
        body = parsed(text)
        lists = [body.get(key) for key in ("images", "annotations", "categories")] if isinstance(body, dict) else [None]
        if all(isinstance(rows, list) for rows in lists):
            images, rows, categories = ([row for row in rows if isinstance(row, dict)] for rows in lists)
            for row in _sole(rows, None):
                for image in _sole(images, row.get("image_id")):
                    for category in _sole(categories, row.get("category_id")):
                        name = (
                            category["name"]
                            if isinstance(category.get("name"), str) and category["name"].strip()
                            else f"category {category['id']}"
                        )
                        name = "".join(char if char.isprintable() else " " for char in name.strip()).strip()
                        found += [(plain(image.get("file_name")), name, box) for box in _of_row(row)]
    return found


def plain(name) -> str:
    """The last part of a path, without what is a matter of spelling."""
    last = unquote(str(name)).replace("\\", "/").rpartition("/")[2].casefold()
    return unicodedata.normalize("NFC", re.sub("^[0-9a-f]{8}-", "", last))


def _sole(rows, key):
    """The row with this id (of annotations: every row) if no other row says something else under its id."""
    for row in rows:
        same = [other for other in rows if _key(other.get("id")) == _key(row.get("id"))]
        if (
            key is None
            and row.get("id") is None
            or all(repr(other) == repr(row) for other in same)
            and (key is None or _key(row.get("id")) == _key(key))
        ):
            yield row


def _key(value):
    return (
        str(int(value))
        if isinstance(value, float) and value.is_integer()
        else repr(value)
        if isinstance(value, (bool, list, dict, type(None)))
        else str(value)
    )


def _in_json(text):
    return [box for row in _objects(parsed(text)) for box in _of_row(row)]


def parsed(text):
    """The value of a JSON text, None where it is none. A key that is there twice with two values is no key."""
    try:
        return json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=_object, parse_int=lambda digits: int(digits) if len(digits) < 4000 else math.nan
        )
    except (ValueError, RecursionError):
        return None


def _object(pairs):
    return {
        key: value for key, value in pairs if all(type(value) is type(other) and value == other for again, other in pairs if again == key)
    }


def _objects(value):
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(inner)


def _of_row(row):
    bbox, mask, attributes = row.get("bbox"), row.get("segmentation"), row.get("attributes")
    if isinstance(bbox, dict):
        yield from _corners([bbox.get(key) for key in ("xmin", "ymin", "xmax", "ymax")])
    if isinstance(bbox, list):
        for x, y, w, h in _corners(bbox):
            degrees = _number(attributes.get("rotation", 0)) if isinstance(attributes, dict) else 0.0
            yield from _rotated((x, y, x + w, y + h), degrees)
            yield x, y, x + w, y + h
    if isinstance(mask, list) and all(isinstance(ring, list) for ring in mask):
        points = [_number(value) for ring in mask for value in ring]
        if len(points) >= 6:
            yield min(points[::2]), min(points[1::2]), max(points[::2]), max(points[1::2])
    if isinstance(mask, dict):
        yield from _of_mask(mask)


def _of_mask(mask):
    try:
        size, counts = mask["size"], mask["counts"]
        if sum(counts) == size[0] * size[1] and min(counts) >= 0 and all(type(n) is int for n in counts):
            x, y, w, h = masks.toBbox(masks.frPyObjects(mask, *size))
            yield x, y, x + w, y + h
    except (KeyError, TypeError, ValueError, OverflowError, IndexError):
        return


def _in_xml(text):
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return
    for element in root.iter():
        for box in _corners([element.get(key) for key in ("xtl", "ytl", "xbr", "ybr")]):
            yield from _rotated(box, _number(element.get("rotation", 0)))
        points = [_number(part) for part in re.split("[,;]", element.get("points", "")) if part]
        if len(points) >= 4 and len(points) % 2 == 0:
            yield min(points[::2]), min(points[1::2]), max(points[::2]), max(points[1::2])
    for track in root.iter("track"):
        yield from _going_away(track)


def _going_away(track):
    """The boxes before an outside row, towards which CVAT moves what it shows."""
    rows = sorted(
        (int(_number(box.get("frame"))), box.get("outside") == "1", *_corners([box.get(key) for key in ("xtl", "ytl", "xbr", "ybr")]))
        for box in track.iter("box")
        if 0 <= _number(box.get("frame")) < 100
    )
    for before, after in zip(rows, rows[1:]):
        if after[1] and len(before) == len(after) == 3:
            for frame in range(before[0] + 1, after[0]):
                part = (frame - before[0]) / (after[0] - before[0])
                yield tuple(a + (b - a) * part for a, b in zip(before[2], after[2]))


def _in_lines(text):
    for line in text.splitlines():
        parts = [_number(part) for part in re.split(r"[,;\s]+", line.strip()) if part]
        if len(parts) >= 6:
            x, y, w, h = parts[2:6]
            yield x, y, x + w, y + h


def _corners(values):
    numbers = [_number(value) for value in values]
    if len(numbers) == 4 and all(map(math.isfinite, numbers)):
        yield tuple(numbers)


def _rotated(box, degrees):
    if not math.isfinite(degrees):
        return
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    turn = math.radians(degrees)
    corners = [((a - x) * math.cos(turn) - (b - y) * math.sin(turn) + x, (a - x) * math.sin(turn) + (b - y) * math.cos(turn) + y)
               for a in (box[0], box[2]) for b in (box[1], box[3])]
    yield (min(a for a, _ in corners), min(b for _, b in corners), max(a for a, _ in corners), max(b for _, b in corners))


def _number(value) -> float:
    try:
        return math.nan if isinstance(value, bool) or value is None else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
