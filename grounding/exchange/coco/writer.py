"""Writing COCO: rows go to temporary files as they come, so that an export of any size takes little memory."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from grounding.exchange.atomic_writer import Outlet, outlet
from grounding.exchange.coco.box_forms import INFO
from grounding.exchange.coco.rows import CAPTION_KEYS
from grounding.exchange.photos import Category, Dataset, FilmTable, FrameOf, Phrase, Picture, Thing

_HEAD = f'{{"info": {json.dumps(INFO)}, "licenses": [{{"id": 0, "name": "", "url": ""}}],\n"categories": '.encode()
DIGITS = 4  # decimals of a pixel that are written
_WORD = re.compile(r"\w+(?:['’-]\w+)*")


class CocoWriter:
    """Writes one picture at a time, so that an export of any size needs no more memory than its largest photo.

    Use it in a `with`, and end with `finish`, which puts the JSON files together.
    """

    def __init__(self, out: Outlet, subset: str = "default"):
        self._out, self._subset = out, subset
        self._images, self._things, self._refs, self._films = _Rows(), _Rows(), _Rows(), _Rows()
        self._film_ids: dict[str, int] = {}

    def __enter__(self) -> CocoWriter:
        return self

    def __exit__(self, *_) -> None:
        for rows in (self._images, self._things, self._refs, self._films):
            rows.close()

    def add_film(self, film: FilmTable, video: Path | None = None) -> None:
        """The frame table of a video, and the video itself; comes before the first of its frames."""
        self._film_ids[film.name] = len(self._film_ids) + 1
        row = {"id": self._film_ids[film.name], "name": film.name, "frame_count": len(film.pts_s), "pts_s": list(film.pts_s),
               "frames_written": film.written}
        if film.original:
            row["original_name"] = film.original
        if film.captions:
            row["captions"] = [dict(zip(CAPTION_KEYS, caption)) for caption in film.captions]
        if video is not None:
            row["file_name"] = f"videos/{film.name}"
            self._out.copy(row["file_name"], video)
        self._films.add(row)

    def add(self, picture: Picture, photo: Path | Callable[[BinaryIO], None] | None = None) -> None:
        """A picture and its photo: a file to copy, or a function that writes it; None leaves the photo out."""
        if photo is not None:
            self._add_photo(f"images/{self._subset}/{picture.name}", photo)
        self._images.add(_image_row(picture, self._film_ids))
        first = self._things.count + 1
        for thing in picture.things:
            self._things.add(_thing_row(thing, self._things.count + 1, picture.id))
        for phrase in picture.phrases:
            self._refs.add(self._ref_row(phrase, picture, first))

    def _add_photo(self, name: str, photo: Path | Callable[[BinaryIO], None]) -> None:
        if isinstance(photo, Path):
            self._out.copy(name, photo)
            return
        with self._out.open(name) as target:
            photo(target)

    def _ref_row(self, phrase: Phrase, picture: Picture, first: int) -> dict:
        number = self._refs.count + 1
        tokens = _WORD.findall(phrase.text.lower())
        sentence = {"sent_id": number, "raw": phrase.text, "sent": " ".join(tokens), "tokens": tokens}
        return {"ref_id": number, "image_id": picture.id, "file_name": picture.name, "split": self._subset,
                "ann_id": [first + index for index in phrase.targets] or [-1],
                "category_id": [picture.things[index].category for index in phrase.targets] or [-1],
                "sent_ids": [number], "sentences": [sentence], "attributes": dict(phrase.attributes)}

    def finish(self, categories: Iterable[Category]) -> None:
        """Writes the JSON files; the categories come last because only now it is known which were used."""
        with self._out.open(f"annotations/instances_{self._subset}.json") as target:
            target.write(_HEAD + _dump([_category_row(category) for category in categories]))
            for title, rows in (("images", self._images), ("annotations", self._things), ("videos", self._films)):
                if rows.count or title != "videos":
                    target.write(f',\n"{title}": '.encode())
                    rows.pour(target)
            target.write(b"}\n")
        with self._out.open(f"annotations/grefs({self._subset}).json") as target:
            self._refs.pour(target)


def write(dataset: Dataset, folder: Path, photos: dict[str, Path] | None = None) -> None:
    """A whole dataset at once, to a folder or a .zip; `photos` maps a picture's name to its file."""
    with outlet(folder) as out, CocoWriter(out) as writer:
        for film in dataset.films:
            writer.add_film(film)
        for picture in dataset.pictures:
            writer.add(picture, (photos or {}).get(picture.name))
        writer.finish(dataset.categories)


class _Rows:
    """A JSON list on its way, kept in a temporary file."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()
        self.count = 0

    def add(self, row: dict) -> None:
        self._file.write(b",\n" if self.count else b"")
        self._file.write(_dump(row))
        self.count += 1

    def pour(self, target: BinaryIO) -> None:
        """Writes the list from its beginning."""
        self._file.seek(0)
        target.write(b"[")
        shutil.copyfileobj(self._file, target, 1 << 20)
        target.write(b"]")

    def close(self) -> None:
        self._file.close()


def _image_row(picture: Picture, film_ids: dict[str, int]) -> dict:
    row = {"id": picture.id, "width": picture.size.width, "height": picture.size.height, "file_name": picture.name,
           "license": 0, "flickr_url": "", "coco_url": "", "date_captured": 0}
    row |= {"original_name": picture.original} if picture.original else {}
    return row | _frame_columns(picture.frame, film_ids) if picture.frame else row


def _frame_columns(frame: FrameOf, film_ids: dict[str, int]) -> dict:
    return {"video_id": film_ids[frame.video], "frame_index": frame.index, "pts_s": frame.pts_s}


def _thing_row(thing: Thing, number: int, image_id: int) -> dict:
    x0, y0, x1, y1 = thing.box
    left, top, width, height = (round(value, DIGITS) for value in (x0, y0, x1 - x0, y1 - y0))
    return {"id": number, "image_id": image_id, "category_id": thing.category, "segmentation": [],
            "area": round(width * height, DIGITS), "bbox": [left, top, width, height], "iscrowd": 0,
            "attributes": dict(thing.attributes)}


def _category_row(category: Category) -> dict:
    return {"id": category.id, "name": category.name, "supercategory": ""}


def _dump(value) -> bytes:
    """UTF-8 JSON; half of a surrogate pair, which UTF-8 cannot spell, becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
