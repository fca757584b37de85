"""Entities: photos with human phrases and boxes, read from a folder in the form of Flickr30k Entities.

The folder holds `entities.jsonl.gz` (one JSON a photo) and the photos in `photos_full/` or, squashed to a square, in `photos_224/`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


class FolderError(ValueError):
    """A folder of data is not in the form that was expected."""


@dataclass(frozen=True)
class Phrase:
    """One phrase about one photo. `boxes` (T, 4) x0 y0 x1 y1 as fractions of the picture; T = 0: there is none."""

    text: str
    boxes: np.ndarray
    type: str = ""
    chain: str = ""
    weight: float = 1.0


@dataclass(frozen=True)
class Photo:
    """A photo and what is said about it; `captions` are the whole sentences, lower case."""

    id: str
    path: Path
    phrases: tuple[Phrase, ...] = ()
    captions: tuple[str, ...] = ()
    full: bool = True  # at its original size, not squashed to 224 x 224


def held_out(photo_id: str) -> bool:
    """Every tenth photo is never trained on: those whose number ends in 0."""
    return _number(photo_id) % 10 == 0


def validation(photo_id: str) -> bool:
    """Every twentieth photo is for choosing (thresholds, checkpoints, calibration), neither trained on nor reported: their number ends in 01, 21, ..., 81."""
    return _number(photo_id) % 20 == 1


def _number(photo_id: str) -> int:
    digits = "".join(sign for sign in photo_id if sign.isdigit())
    return int(digits or 0)


def read_photos(folder: Path) -> list[Photo]:
    """The photos of a folder, without a look at what people said about them."""
    folder = Path(folder)
    paths = [path for name in ("photos_full", "photos_224") for path in sorted((folder / name).glob("*"))]
    if not paths:
        raise FolderError(f"{folder} has no photos in photos_full/ or photos_224/; give a folder in the form of Flickr30k Entities")
    return [Photo(path.name.split("_")[0], path, full=path.parent.name == "photos_full") for path in paths]


def read_entities(folder: Path) -> list[Photo]:
    """The photos with their distinct phrases (by photo, chain and lower-cased text), one or more boxes each."""
    return each_row(folder, lambda row: _photo(Path(folder), row))


def each_row(folder: Path, make: Callable[[dict], Any]) -> list:
    """`make` of each photo's JSON object. Raises FolderError if the table is missing or not in the form that was expected."""
    table = Path(folder) / "entities.jsonl.gz"
    if not table.is_file():
        raise FolderError(f"{table} is missing; give a folder in the form of Flickr30k Entities")
    try:
        with gzip.open(table, "rt", encoding="utf-8") as lines:
            return [make(json.loads(line)) for line in lines if line.strip()]
    except (OSError, EOFError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise FolderError(f"{table} cannot be read as one JSON object a line ({error})") from error


def _photo(folder: Path, row: dict) -> Photo:
    captions = tuple(sentence["text"].lower() for sentence in row["sentences"])
    return Photo(str(row["id"]), path_of(folder, row), tuple(_phrases(row)), captions, bool(row["fullres"]))


def path_of(folder: Path, row: dict) -> Path:
    """Where the photo of a row lies."""
    return Path(folder) / ("photos_full" if row["fullres"] else "photos_224") / row["file"]


def _phrases(row: dict) -> Iterator[Phrase]:
    size, told = np.tile([row["width"], row["height"]], 2), set()
    for sentence in row["sentences"]:
        for phrase in sentence["phrases"]:
            boxes, key = row["boxes"].get(phrase["chain"]), (phrase["chain"], phrase["phrase"].lower())
            if boxes and key not in told:
                told.add(key)
                unit = np.clip(np.array(boxes, np.float32) / size, 0, 1).astype(np.float32)
                yield Phrase(phrase["phrase"], unit, (phrase["types"] or ["other"])[0], phrase["chain"])
