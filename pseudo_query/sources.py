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

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".heic")
CHUNK_SIZE = 1 << 20
_WHITESPACE = re.compile(r"[ \t\r\n]*")


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


def iter_folder_photos(folder: Path) -> Iterator[Photo]:
    """The pictures in a folder and below, by name."""
    for directory, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if name.lower().endswith(IMAGE_SUFFIXES):
                path = Path(directory, name)
                yield Photo(path.relative_to(folder).as_posix(), path)


@contextmanager
def open_coco(path: Path) -> Iterator[CocoFile]:
    """A COCO file, read once piece by piece into a temporary file on disk, so that memory does not grow with it."""
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder, "index.sqlite"))) as database:
        database.executescript("PRAGMA journal_mode = off; PRAGMA synchronous = off;"
                            "CREATE TABLE image (id, name, width, height);"
                            "CREATE TABLE box (image, category, x, y, w, h, score);")
        categories: dict[str, str] = {}
        with open(path, encoding="utf-8-sig") as file:
            invalid_boxes = sum(_insert_entry(database, categories, key, value) for key, value in iter_json_entries(file))
        if not database.execute("SELECT 1 FROM image LIMIT 1").fetchone():
            raise ValueError("it names no images, so there is nothing to speak of; a COCO file has a list \"images\"")
        database.execute("CREATE INDEX by_image ON box (image)")
        database.commit()
        yield CocoFile(path, database, categories, invalid_boxes)


def _insert_entry(database, categories, key, value) -> bool:
    """Notes one entry of the file; True for a box that is none."""
    if not isinstance(value, dict):
        return key == "annotations"
    if key == "images":
        database.execute("INSERT INTO image VALUES (?, ?, ?, ?)",
                      (_id_key(value.get("id")), _name(value), _dimension(value.get("width")), _dimension(value.get("height"))))
    elif key == "categories":
        categories[_id_key(value.get("id"))] = value["name"] if isinstance(value.get("name"), str) else ""
    elif key == "annotations" and not value.get("iscrowd"):
        if not _is_box(value.get("bbox")):
            return True
        database.execute("INSERT INTO box VALUES (?, ?, ?, ?, ?, ?, ?)",
                      (_id_key(value.get("image_id")), _id_key(value.get("category_id")), *value["bbox"], _score(value.get("score"))))
    return False


def _id_key(id) -> str:
    """An id of any type as text; 7 and 7.0 are the same."""
    if type(id) is int:
        return str(id)
    return json.dumps(int(id) if isinstance(id, float) and id.is_integer() else id, sort_keys=True)


def _name(image) -> str:
    """The file's name as UTF-8 can write it; an image without one is called by its id."""
    name = image.get("file_name")
    return (name if isinstance(name, str) and name else _id_key(image.get("id"))).encode("utf-8", "replace").decode()


def _dimension(value) -> int | None:
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
class CocoFile:
    """The photos of a COCO file, with their boxes; a box without a known category has the class "". `invalid_boxes` boxes were left out."""

    path: Path
    database: sqlite3.Connection
    categories: dict[str, str]
    invalid_boxes: int = 0

    def __len__(self) -> int:
        return self.database.execute("SELECT count(*) FROM image").fetchone()[0]

    def photos(self, start: int = 0) -> Iterator[Photo]:
        """From the `start`th photo on, in the file's order."""
        images = self.database.execute("SELECT id, name, width, height FROM image ORDER BY rowid LIMIT -1 OFFSET ?", (start,))
        for id, name, width, height in images:
            boxes = self.database.execute("SELECT category, x, y, w, h, score FROM box WHERE image = ? ORDER BY rowid", (id,))
            rows = tuple((self.categories.get(category, ""), *box) for category, *box in boxes)
            size = Size(width, height) if width and height else None
            yield Photo(name, self._find_photo(name), size, rows)

    def _find_photo(self, name: str) -> Path | None:
        """Where the photo is, in one of the folders."""
        for folder in self.photo_folders:
            try:
                if os.path.isfile(path := os.path.join(folder, name)) and Path(path).resolve().is_relative_to(folder.resolve()):
                    return Path(path)
            except (OSError, ValueError):
                return None  # a name no file system would take
        return None

    @cached_property
    def photo_folders(self) -> list[Path]:
        """Where photos may be: beside the file, in photos/ or images/, or above annotations/."""
        parent = self.path.parent
        places = (
            parent, parent / "photos", parent / "images", parent.parent, parent.parent / "images",
            parent.parent / "images" / "default",
        )
        return [place for place in places if place.is_dir()]


def iter_json_entries(file: TextIO) -> Iterator[tuple[str, Any]]:
    """(key, element) of every element of every list of a JSON object, one at a time; other values as (key, value)."""
    reader = _JsonReader(file)
    reader.expect("{")
    while not reader.accept("}"):
        key = reader.value()
        reader.expect(":")
        if not reader.accept("["):
            yield key, reader.value()
        else:
            while not reader.accept("]"):
                yield key, reader.value()
                reader.accept(",")
        reader.accept(",")


class _JsonReader:
    """Decodes JSON from a file of any length, holding little more than one value."""

    def __init__(self, file: TextIO):
        self.file, self.text, self.position, self.ended = file, "", 0, False
        self.decode = json.JSONDecoder().raw_decode

    def value(self) -> Any:
        """The next value; raises ValueError with the reason where the file is no JSON."""
        self._skip_whitespace()
        while True:
            try:
                value, end = self.decode(self.text, self.position)
            except json.JSONDecodeError as error:
                if self.ended:
                    raise ValueError(f"it is not valid JSON: {error.msg}") from None
            else:
                if end < len(self.text) or self.ended:  # a number at the very end of the buffer may go on
                    self.position = end
                    return value
            self._read_chunk()

    def accept(self, token: str) -> bool:
        """Steps over a sign if it comes next."""
        self._skip_whitespace()
        if self.text.startswith(token, self.position):
            self.position += 1
            return True
        if self.ended and self.position >= len(self.text):
            raise ValueError("it ends in the middle")
        return False

    def expect(self, token: str) -> None:
        if not self.accept(token):
            raise ValueError(f"it is not a COCO file: {token!r} was expected, {self.text[self.position:self.position + 20]!r} came")

    def _skip_whitespace(self) -> None:
        """To the next sign that is no blank, or to the end of the file."""
        self.position = _WHITESPACE.match(self.text, self.position).end()
        while self.position == len(self.text) and not self.ended:
            self._read_chunk()
            self.position = _WHITESPACE.match(self.text).end()

    def _read_chunk(self) -> None:
        """Drops what was read and fetches more, the more the longer the value at hand is."""
        kept = self.text[self.position:]
        fresh = self.file.read(max(CHUNK_SIZE, len(kept)))
        self.text, self.position, self.ended = kept + fresh, 0, not fresh
