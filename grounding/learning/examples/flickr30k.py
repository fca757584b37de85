"""Flickr30k Entities: photos with human phrases and boxes, read from a folder in the form of Flickr30k Entities.

The folder holds `entities.jsonl.gz` (one JSON a photo) and the photos in `photos_full/` or, resized to a square, in `photos_224/`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


class DatasetFormatError(ValueError):
    """A folder of data is not in the form that was expected."""


@dataclass(frozen=True)
class Phrase:
    """One phrase about one photo. `boxes` (T, 4) x0 y0 x1 y1 as fractions of the picture; T = 0: there is none."""

    text: str
    boxes: np.ndarray
    category: str = ""
    chain: str = ""
    weight: float = 1.0


@dataclass(frozen=True)
class Photo:
    """A photo and its phrases; `captions` are the whole sentences, lower case."""

    id: str
    path: Path
    phrases: tuple[Phrase, ...] = ()
    captions: tuple[str, ...] = ()
    full_resolution: bool = True  # at its original size, not resized to 224 x 224


def is_held_out(photo_id: str) -> bool:
    """Every tenth photo is never trained on: those whose number ends in 0."""
    return _number(photo_id) % 10 == 0


def is_validation(photo_id: str) -> bool:
    """Every twentieth photo is for choosing (thresholds, checkpoints, calibration), neither trained on nor reported: those whose number
    ends in 01, 21, ..., 81."""
    return _number(photo_id) % 20 == 1


def _number(photo_id: str) -> int:
    digits = "".join(char for char in photo_id if char.isdigit())
    return int(digits or 0)


def read_photos(folder: Path) -> list[Photo]:
    """The photos of a folder, without their human phrases."""
    folder = Path(folder)
    paths = [path for name in ("photos_full", "photos_224") for path in sorted((folder / name).glob("*"))]
    if not paths:
        raise DatasetFormatError(f"{folder} has no photos in photos_full/ or photos_224/; give a folder in the form of Flickr30k Entities")
    return [Photo(path.name.split("_")[0], path, full_resolution=path.parent.name == "photos_full") for path in paths]


def read_entities(folder: Path) -> list[Photo]:
    """The photos with their distinct phrases (by photo, chain and lower-cased text), one or more boxes each."""
    return read_rows(folder, lambda row: _parse_photo(Path(folder), row))


def read_rows(folder: Path, parse: Callable[[dict], Any]) -> list:
    """`parse` of each photo's JSON object. Raises DatasetFormatError if the table is missing or not in the form that was expected."""
    table = Path(folder) / "entities.jsonl.gz"
    if not table.is_file():
        raise DatasetFormatError(f"{table} is missing; give a folder in the form of Flickr30k Entities")
    try:
        with gzip.open(table, "rt", encoding="utf-8") as lines:
            return [parse(json.loads(line)) for line in lines if line.strip()]
    except (OSError, EOFError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise DatasetFormatError(f"{table} cannot be read as one JSON object a line ({error})") from error


def _parse_photo(folder: Path, row: dict) -> Photo:
    captions = tuple(sentence["text"].lower() for sentence in row["sentences"])
    return Photo(str(row["id"]), photo_path(folder, row), tuple(_parse_phrases(row)), captions, bool(row["fullres"]))


def photo_path(folder: Path, row: dict) -> Path:
    """Where the photo of a row lies."""
    return Path(folder) / ("photos_full" if row["fullres"] else "photos_224") / row["file"]


def _parse_phrases(row: dict) -> Iterator[Phrase]:
    size, known_keys = np.tile([row["width"], row["height"]], 2), set()
    for sentence in row["sentences"]:
        for phrase in sentence["phrases"]:
            boxes, key = row["boxes"].get(phrase["chain"]), (phrase["chain"], phrase["phrase"].lower())
            if boxes and key not in known_keys:
                known_keys.add(key)
                normalized = np.clip(np.array(boxes, np.float32) / size, 0, 1).astype(np.float32)
                yield Phrase(phrase["phrase"], normalized, (phrase["types"] or ["other"])[0], phrase["chain"])
