"""MOT: one folder a video, boxes as lines of numbers, as the MOTChallenge keeps them and CVAT reads them.

    <video>/gt/gt.txt       frame (from 1), id, left, top, width, height, 1, class, visible share: 0 where it is partly covered, as Datumaro
                            and CVAT write it (nobody measured the share), else 1
    <video>/gt/labels.txt   the name of each class, one a line, class 1 first
    <video>/seqinfo.ini     name, frame rate, count, size; originalName where the video's own name is one that not every system takes

Captions, phrases and the times of single frames have no place in it.
"""

from __future__ import annotations

import configparser
import math
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np

from grounding.data import Boxes, Size, Track
from grounding.data.thinning import keyframes_of
from grounding.exchange.archive import ArchiveError, FolderTree, Tree, read_text
from grounding.exchange.films import Film, FilmSet, Tube, copy_video, shown, spaced, write_with
from grounding.exchange.outlet import Outlet
from grounding.exchange.pictures import Category, Fault

MOST_FRAMES = 10_000_000
HALF_SEEN = 0.5  # a visible share below this is a thing partly covered


class MotWriter:
    """Writes one film at a time; end with `finish`."""

    def __init__(self, out: Outlet, keyframes_only: bool = False):
        self._out, self._keyframes_only = out, keyframes_only
        self._films: list[str] = []

    def add(self, film: Film, video: Path | None = None) -> None:
        copy_video(self._out, film, video)
        rows = [(frame, tube, box) for tube in film.tubes for frame, box, _ in shown(tube.track, self._keyframes_only, len(film))]
        rows.sort(key=lambda row: (row[0], row[1].id))
        with self._out.open(f"{film.name}/gt/gt.txt") as target:
            for frame, tube, (x0, y0, x1, y1) in rows:
                numbers = (frame + 1, tube.id, x0, y0, round(x1 - x0, 2), round(y1 - y0, 2), 1, tube.category, int(frame not in tube.covered))
                target.write((",".join(map(_plain, numbers)) + "\n").encode())
        with self._out.open(f"{film.name}/seqinfo.ini") as target:
            target.write(_info(film).encode())
        self._films.append(film.name)

    def finish(self, categories: Iterable[Category]) -> None:
        """Writes what the classes are called beside every film; numbers that no label has are lines of their own number."""
        names = {category.id: category.name for category in categories}
        lines = [" ".join(names.get(number, str(number)).split()) for number in range(1, max(names, default=0) + 1)]
        for name in self._films:
            with self._out.open(f"{name}/gt/labels.txt") as target:
                target.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))


write = partial(write_with, MotWriter)


def read(folder: Path) -> FilmSet:
    """Every MOT sequence of a folder; a frame in which a thing has no line is one in which it is not seen."""
    return read_tree(FolderTree(folder))


def read_tree(tree: Tree) -> FilmSet:
    places = [name.removesuffix("gt/gt.txt").removesuffix("gt.txt") for name in tree.names() if PurePosixPath(name).name == "gt.txt"]
    films, faults, names = [], [], {}
    for place in dict.fromkeys(places):
        try:
            labels = _labels(tree, place)
            films.append(_film(tree, place, labels, faults))
            names |= labels
        except ArchiveError as error:
            faults.append(Fault(place.rstrip("/") or tree.title, str(error)))
    used = {tube.category for film in films for tube in film.tubes}
    named = [Category(number, names.get(number, f"class {number}")) for number in sorted(used | set(names))]
    return FilmSet(tuple(named), tuple(films), tuple(faults))


def rows_of(tree: Tree, name: str, faults: list[Fault] | None = None) -> np.ndarray:
    """(N, 10) float64 frame, id, left, top, width, height, mark, and two or three more; what a line leaves out is NaN.

    Frames count from 1. Of nine columns the last two are class and visible share (2016 on), of ten the last three are a
    place in the world (2015); see `has_classes`. Lines that are not numbers become faults, or raise ArchiveError where nobody collects them.
    """
    rows = []
    for number, line in enumerate(read_text(tree, name).splitlines(), 1):
        if not line.strip():
            continue
        values = _numbers(line)
        if values is None:
            fault = Fault(f"{name}: line {number}", "is not frame, id, left, top, width, height, ... in numbers; correct or remove it")
            if faults is None:
                raise ArchiveError(f"{fault.where} {fault.why}")
            faults.append(fault)
            continue
        rows.append(values)
    return np.array(rows, np.float64).reshape(-1, 10)


def has_classes(rows: np.ndarray) -> bool:
    """Whether column 8 is a class: there are nine columns, and it is a whole number from 1 on."""
    return bool(len(rows) and np.isnan(rows[:, 9]).all() and (rows[:, 7] >= 1).all() and (rows[:, 7] % 1 == 0).all())


def info_of(tree: Tree, place: str) -> dict[str, str]:
    """What seqinfo.ini says, names in small letters; empty where there is none or it cannot be read."""
    if f"{place}seqinfo.ini" not in tree:
        return {}
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(read_text(tree, f"{place}seqinfo.ini"))
    except configparser.Error as error:
        raise ArchiveError(f"{place}seqinfo.ini is not an .ini file; remove it or write it anew") from error
    return {key: value for section in parser.sections() for key, value in parser.items(section)}


def _film(tree: Tree, place: str, labels: dict[int, str], faults: list[Fault]) -> Film:
    file = f"{place}gt/gt.txt" if f"{place}gt/gt.txt" in tree else f"{place}gt.txt"
    rows, info = rows_of(tree, file, faults), info_of(tree, place)
    rows = rows[rows[:, 6] != 0]
    count = max(_whole(info.get("seqlength"), 0), int(rows[:, 0].max(initial=0)))
    size = Size(_whole(info.get("imwidth"), 0), _whole(info.get("imheight"), 0))
    fps = _rate(info.get("framerate"))
    each: dict[int, list[np.ndarray]] = defaultdict(list)
    for row in rows:
        each[int(row[1])].append(row)
    classes = has_classes(rows)
    tubes = tuple(_tube(number, np.array(part), labels, classes) for number, part in sorted(each.items()))
    name = place.rstrip("/") or info.get("name", tree.title)
    return Film(name, size, spaced(fps, count), tubes, counted=_whole(info.get("seqlength"), 0) == count, original=info.get("originalname", ""))


def _tube(number: int, rows: np.ndarray, labels: dict[int, str], classes: bool) -> Tube:
    _, first = np.unique(rows[:, 0], return_index=True)
    rows = rows[first]
    frames, boxes = rows[:, 0].astype(int) - 1, Boxes.from_xywh(rows[:, 2:6])
    category = int(np.bincount(rows[:, 7].clip(1, 1 << 16).astype(int)).argmax()) if classes else 1
    flags = np.zeros(len(frames), bool)
    for part in np.split(np.arange(len(frames)), np.flatnonzero(np.diff(frames) > 1) + 1):
        flags[part] = keyframes_of(frames[part], boxes[part], pixels=0.02, share=0)
    covered = frozenset(frames[rows[:, 8] < HALF_SEEN].tolist()) if classes else frozenset()
    return Tube(number, category, Track(frames, boxes, flags, labels.get(category, f"class {category}")), covered)


def _labels(tree: Tree, place: str) -> dict[int, str]:
    name = f"{place}gt/labels.txt"
    if name not in tree:
        return {}
    return {number: line.strip() for number, line in enumerate(read_text(tree, name).splitlines(), 1) if line.strip()}


def _info(film: Film) -> str:
    name = " ".join(film.name.split())
    values = {"name": name, "imDir": "img1", "frameRate": _plain(film.fps), "seqLength": len(film), "imWidth": film.size.width,
              "imHeight": film.size.height, "imExt": ".jpg"}
    values |= {"originalName": " ".join(film.original.split())} if film.original else {}
    return "[Sequence]\n" + "".join(f"{key}={value}\n" for key, value in values.items())


def _numbers(line: str) -> list[float] | None:
    parts = line.split(",") if "," in line else line.split()
    try:
        values = [float(part) for part in parts if part.strip()]
    except ValueError:
        return None
    sound = len(values) >= 6 and all(map(math.isfinite, values[:10])) and 1 <= values[0] <= MOST_FRAMES and values[4] >= 0 and values[5] >= 0
    return (values + [math.nan] * 10)[:10] if sound and max(map(abs, values[:10])) < 1e9 else None


def _plain(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".") if isinstance(number, float) else str(number)


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.strip().isdecimal() and int(text) <= MOST_FRAMES else otherwise


def _rate(text: str | None) -> float:
    try:
        rate = float(text or 0)
    except ValueError:
        rate = 0.0
    return rate if 0 < rate < 10_000 else 30.0
