"""Sources: the photos of a COCO file or of a folder, one after another, however many there are."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from grounding.data import Boxes, Regions, Size

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".heic")
CHUNK = 1 << 20


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
            boxes = Boxes.from_xywh([row[1:5] for row in self.rows or ()])
            return Regions(boxes, [row[5] for row in self.rows or ()], tuple(row[0] for row in self.rows or ()))
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
        categories: dict[Any, str] = {}
        with open(path, encoding="utf-8") as file:
            for key, value in entries(file):
                _keep(index, categories, key, value)
        if not index.execute("SELECT 1 FROM image LIMIT 1").fetchone():
            raise ValueError("it names no images, so there is nothing to speak of; a COCO file has a list \"images\"")
        index.execute("CREATE INDEX by_image ON box (image)")
        index.commit()
        yield Coco(path, index, categories)


def _keep(index, categories, key, value) -> None:
    if not isinstance(value, dict):
        return
    if key == "images":
        index.execute("INSERT INTO image VALUES (?, ?, ?, ?)",
                      (value.get("id"), str(value.get("file_name", "")), value.get("width"), value.get("height")))
    elif key == "categories":
        categories[value.get("id")] = str(value.get("name", ""))
    elif key == "annotations" and not value.get("iscrowd") and _is_box(value.get("bbox")):
        index.execute("INSERT INTO box VALUES (?, ?, ?, ?, ?, ?, ?)",
                      (value.get("image_id"), value.get("category_id"), *value["bbox"], value.get("score", 1.0)))


def _is_box(bbox) -> bool:
    """Four finite numbers with an extent; a file's broken boxes are left out as if nobody had drawn them."""
    return (isinstance(bbox, list) and len(bbox) == 4 and all(isinstance(v, int | float) and abs(v) < 1e9 for v in bbox)
            and bbox[2] >= 0 and bbox[3] >= 0)


@dataclass(frozen=True)
class Coco:
    """The photos of a COCO file, with their boxes; a box without a known category has the class ""."""

    path: Path
    index: sqlite3.Connection
    categories: dict[Any, str]

    def __len__(self) -> int:
        return self.index.execute("SELECT count(*) FROM image").fetchone()[0]

    def photos(self, start: int = 0) -> Iterator[Photo]:
        """From the `start`th photo on, in the file's order."""
        images = self.index.execute("SELECT id, name, width, height FROM image ORDER BY rowid LIMIT -1 OFFSET ?", (start,))
        for id, name, width, height in images:
            boxes = self.index.execute("SELECT category, x, y, w, h, score FROM box WHERE image = ? ORDER BY rowid", (id,))
            rows = tuple((self.categories.get(category, ""), *box) for category, *box in boxes)
            size = Size(int(width), int(height)) if width and height else None
            yield Photo(name, self._file(name), size, rows)

    def _file(self, name: str) -> Path | None:
        """Where the photo is: beside the file, in photos/ or images/, or above annotations/."""
        here = self.path.parent
        for folder in (here, here / "photos", here / "images", here.parent, here.parent / "images", here.parent / "images" / "default"):
            path = folder / name
            if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                return path
        return None


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
        if self.text[self.at:self.at + 1] == sign:
            self.at += 1
            return True
        if self.ended and self.at >= len(self.text):
            raise ValueError("it ends in the middle")
        return False

    def expect(self, sign: str) -> None:
        if not self.passed(sign):
            raise ValueError(f"it is not a COCO file: {sign!r} was expected, {self.text[self.at:self.at + 20]!r} came")

    def _skip(self) -> None:
        while True:
            rest = self.text[self.at:self.at + 64].lstrip(" \t\r\n")
            if rest:
                self.at += len(self.text[self.at:self.at + 64]) - len(rest)
                return
            self.at = min(self.at + 64, len(self.text))
            if self.at >= len(self.text):
                if self.ended:
                    return
                self._more()

    def _more(self) -> None:
        """Drops what was read and fetches more, the more the longer the value at hand is."""
        kept = self.text[self.at:]
        fresh = self.file.read(max(CHUNK, len(kept)))
        self.text, self.at, self.ended = kept + fresh, 0, not fresh
