"""Sources: the photos of a COCO file or of a folder, one after another, however many there are."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

from grounding.data import Boxes, Regions, Size

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".heic")
CHUNK = 1 << 20
_BLANKS = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True)
class Photo:
    """One photo to speak of: its name in the source, its file if that is there, and its boxes (None: a detector reads it).

    `rows` are (label, x, y, width, height, score), in pixels of a photo of `size`.
    """

    name: str
    path: Path | None = None
    size: Size | None = None
    rows: tuple[tuple, ...] | None = None

    def regions(self) -> Regions:
        """Its boxes; raises ValueError that says which photo has a box that is none."""
        try:
            rows = self.rows or ()
            boxes = Boxes([(x, y, x + width, y + height) for _, x, y, width, height, _ in rows])
            return Regions(boxes, [row[5] for row in rows], tuple(row[0] for row in rows))
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}") from None


def photos_of_folder(folder: Path) -> Iterator[Photo]:
    """The pictures in a folder and below, by name."""
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if name.lower().endswith(PICTURES):
                path = Path(place, name)
                yield Photo(path.relative_to(folder).as_posix(), path)


@contextmanager
def coco(path: Path) -> Iterator[Coco]:
    """A COCO file, read once piece by piece into a temporary file on disk, so that memory does not grow with it."""
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder, "index.sqlite"))) as index:
        index.executescript("PRAGMA journal_mode = off; PRAGMA synchronous = off;"
                            "CREATE TABLE image (id, name, width, height);"
                            "CREATE TABLE box (image, category, x, y, w, h, score);")
        categories: dict[str, str] = {}
        with open(path, encoding="utf-8-sig") as file:
            broken = sum(_keep(index, categories, key, value) for key, value in entries(file))
        if not index.execute("SELECT 1 FROM image LIMIT 1").fetchone():
            raise ValueError("it names no images, so there is nothing to speak of; a COCO file has a list \"images\"")
        index.execute("CREATE INDEX by_image ON box (image)")
        index.commit()
        yield Coco(path, index, categories, broken)


def _keep(index, categories, key, value) -> bool:
    """Notes one entry of the file; True for a box that is none."""
    if not isinstance(value, dict):
        return key == "annotations"
    if key == "images":
        index.execute("INSERT INTO image VALUES (?, ?, ?, ?)",
                      (_key(value.get("id")), _name(value), _length(value.get("width")), _length(value.get("height"))))
    elif key == "categories":
        categories[_key(value.get("id"))] = value["name"] if isinstance(value.get("name"), str) else ""
    elif key == "annotations" and not value.get("iscrowd"):
        if not _is_box(value.get("bbox")):
            return True
        index.execute("INSERT INTO box VALUES (?, ?, ?, ?, ?, ?, ?)",
                      (_key(value.get("image_id")), _key(value.get("category_id")), *value["bbox"], _score(value.get("score"))))
    return False


def _key(id) -> str:
    """An id of any type as text; 7 and 7.0 are the same."""
    if type(id) is int:
        return str(id)
    return json.dumps(int(id) if isinstance(id, float) and id.is_integer() else id, sort_keys=True)


def _name(image) -> str:
    """The file's name as UTF-8 can write it; an image without one is called by its id."""
    name = image.get("file_name")
    return (name if isinstance(name, str) and name else _key(image.get("id"))).encode("utf-8", "replace").decode()


def _length(value) -> int | None:
    """A width or height in pixels; None where the file says none that could be one."""
    try:
        return int(value) if 1 <= float(value) < 1e9 else None
    except (TypeError, ValueError):
        return None


def _score(value) -> float:
    """A score in [0, 1]; what is no number counts as not given, as with boxes people drew."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and value == value
    return min(max(float(value), 0.0), 1.0) if known else 1.0


def _is_box(bbox) -> bool:
    """Four finite numbers with an extent; a file's broken boxes are left out as if nobody had drawn them."""
    return (isinstance(bbox, list) and len(bbox) == 4 and all(isinstance(v, int | float) and abs(v) < 1e9 for v in bbox)
            and bbox[2] >= 0 and bbox[3] >= 0)


@dataclass(frozen=True)
class Coco:
    """The photos of a COCO file, with their boxes; a box without a known category has the class "". `broken` boxes were left out."""

    path: Path
    index: sqlite3.Connection
    categories: dict[str, str]
    broken: int = 0

    def __len__(self) -> int:
        return self.index.execute("SELECT count(*) FROM image").fetchone()[0]

    def photos(self, start: int = 0) -> Iterator[Photo]:
        """From the `start`th photo on, in the file's order."""
        images = self.index.execute("SELECT id, name, width, height FROM image ORDER BY rowid LIMIT -1 OFFSET ?", (start,))
        for id, name, width, height in images:
            boxes = self.index.execute("SELECT category, x, y, w, h, score FROM box WHERE image = ? ORDER BY rowid", (id,))
            rows = tuple((self.categories.get(category, ""), *box) for category, *box in boxes)
            size = Size(width, height) if width and height else None
            yield Photo(name, self._file(name), size, rows)

    def _file(self, name: str) -> Path | None:
        """Where the photo is, in one of the folders."""
        for folder in self.folders:
            try:
                if os.path.isfile(path := os.path.join(folder, name)) and Path(path).resolve().is_relative_to(folder.resolve()):
                    return Path(path)
            except (OSError, ValueError):
                return None  # a name no file system would take
        return None

    @cached_property
    def folders(self) -> list[Path]:
        """Where photos may be: beside the file, in photos/ or images/, or above annotations/."""
        here = self.path.parent
        places = (here, here / "photos", here / "images", here.parent, here.parent / "images", here.parent / "images" / "default")
        return [place for place in places if place.is_dir()]


def entries(file: TextIO) -> Iterator[tuple[str, Any]]:
    """(key, element) of every element of every list of a JSON object, one at a time; other values as (key, value)."""
    reader = _Reader(file)
    reader.expect("{")
    while not reader.passed("}"):
        key = reader.value()
        reader.expect(":")
        if not reader.passed("["):
            yield key, reader.value()
        else:
            while not reader.passed("]"):
                yield key, reader.value()
                reader.passed(",")
        reader.passed(",")


class _Reader:
    """Decodes JSON from a file of any length, holding little more than one value."""

    def __init__(self, file: TextIO):
        self.file, self.text, self.at, self.ended = file, "", 0, False
        self.decode = json.JSONDecoder().raw_decode

    def value(self) -> Any:
        """The next value; raises ValueError with the reason where the file is no JSON."""
        self._skip()
        while True:
            try:
                value, end = self.decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if self.ended:
                    raise ValueError(f"it is not valid JSON: {error.msg}") from None
            else:
                if end < len(self.text) or self.ended:  # a number at the very end of the buffer may go on
                    self.at = end
                    return value
            self._more()

    def passed(self, sign: str) -> bool:
        """Steps over a sign if it comes next."""
        self._skip()
        if self.text.startswith(sign, self.at):
            self.at += 1
            return True
        if self.ended and self.at >= len(self.text):
            raise ValueError("it ends in the middle")
        return False

    def expect(self, sign: str) -> None:
        if not self.passed(sign):
            raise ValueError(f"it is not a COCO file: {sign!r} was expected, {self.text[self.at:self.at + 20]!r} came")

    def _skip(self) -> None:
        """To the next sign that is no blank, or to the end of the file."""
        self.at = _BLANKS.match(self.text, self.at).end()
        while self.at == len(self.text) and not self.ended:
            self._more()
            self.at = _BLANKS.match(self.text).end()

    def _more(self) -> None:
        """Drops what was read and fetches more, the more the longer the value at hand is."""
        kept = self.text[self.at:]
        fresh = self.file.read(max(CHUNK, len(kept)))
        self.text, self.at, self.ended = kept + fresh, 0, not fresh
