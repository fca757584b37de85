"""Evaluate: how often a grounder finds what people meant, beside what needs no understanding at all."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from grounding.data import Boxes, Progress, Query, Regions, Size
from grounding.data.media_image import Image, open_image
from grounding.learning.entities import FolderError, Photo, Phrase, held_out, read_entities
from grounding.learning.measures import accuracy, overlap
from grounding.protocols import Detector, Grounder
from grounding.tasks import baselines


def evaluate_grounding(folder: Path | str, grounder: Grounder, detector: Detector | None = None, only_held_out: bool = False,
                       limit: int | None = None) -> Iterator[Progress]:
    """The share of one-box phrases whose first box overlaps the person's by half or more (IoU), on photos of `folder`.

    `folder` is in the form of Flickr30k Entities (entities.jsonl.gz, photos_full/, photos_224/). `detector` adds the baselines,
    answered in the same run. `only_held_out`: only photos that training leaves out (their number ends in 0); `limit`: at most so many photos.

    The last progress holds {"accuracy", "by_type", "by_size": {"full", "224"}, "referring", "answered", "baselines", "baselines_by_type",
    "phrases", "photos", "phrases_per_s", "grounder", "split"}; shares lie in [0, 1], a share of nothing is None.
    """
    photos = [photo for photo in read_entities(Path(folder)) if not only_held_out or held_out(photo.id)][:limit]
    photos = [photo for photo in photos if any(len(phrase.boxes) == 1 for phrase in photo.phrases)]
    if not photos:
        raise FolderError(f"{folder} has no photo with a one-box phrase to evaluate on")
    rows: list[dict] = []
    spent = 0.0
    yield Progress(0, len(photos), "grounding phrases")
    for done, photo in enumerate(photos, 1):
        found, seconds = _answers(photo, grounder, detector)
        rows, spent = rows + found, spent + seconds
        yield Progress(done, len(photos), f"accuracy {accuracy([row['grounder'] for row in rows]):.3f}")
    split = "photos whose number ends in 0, never trained on" if only_held_out else "all photos of the folder"
    result = _report(rows) | {"phrases": len(rows), "photos": len(photos), "phrases_per_s": round(len(rows) / max(spent, 1e-9), 1),
                              "grounder": grounder.version, "split": split}
    yield Progress(len(photos), len(photos), "done", result)


def _answers(photo: Photo, grounder: Grounder, detector: Detector | None) -> tuple[list[dict], float]:
    """A row of overlaps for each one-box phrase of a photo, and the seconds the grounder took."""
    image = open_image(photo.path)
    asked = [phrase for phrase in photo.phrases if len(phrase.boxes) == 1]
    began = time.perf_counter()
    answers = each(grounder, grounder.encode(image), [phrase.text for phrase in asked])
    seconds = time.perf_counter() - began
    seen = detector.detect(image) if detector else None
    return [_row(photo, phrase, answer, seen, image) for phrase, answer in zip(asked, answers)], seconds


def each(grounder: Grounder, encoded, texts: Sequence[str]) -> list[Regions]:
    """One answer a phrase; in one pass where the grounder can."""
    together = getattr(grounder, "ground_each", None)
    return together(encoded, texts) if together else [grounder.ground_in(encoded, Query(text)) for text in texts]


def _row(photo: Photo, phrase: Phrase, answer: Regions, seen: Regions | None, image: Image) -> dict:
    size = image.size
    target = Boxes(phrase.boxes * np.tile(np.float32(size), 2))
    row = {"type": phrase.type, "size": "full" if photo.full else "224", "grounder": overlap(answer.boxes, target),
           "referring": _refers(photo, phrase), "answered": len(answer) > 0}
    if seen is not None:
        row |= {name: overlap(box, target) for name, box in baselines.answers(phrase.text, seen, Size(*size)).items()}
    return row


def _refers(photo: Photo, phrase: Phrase) -> bool:
    """Two words or more, no scene, and something else of the same coarse type has a box in the photo."""
    others = any(other.type == phrase.type and other.chain != phrase.chain for other in photo.phrases)
    return len(phrase.text.split()) > 1 and phrase.type != "scene" and others


def _report(rows: list[dict]) -> dict:
    names = [name for name in baselines.NAMES if name in rows[0]]
    types = sorted({row["type"] for row in rows})
    return {
        "accuracy": _share(rows), "by_type": {kind: _share([r for r in rows if r["type"] == kind]) for kind in types},
        "by_size": {size: _share([r for r in rows if r["size"] == size]) for size in ("full", "224")},
        "referring": _share([r for r in rows if r["referring"]]),
        "answered": round(float(np.mean([r["answered"] for r in rows])), 4),
        "counts": {kind: sum(r["type"] == kind for r in rows) for kind in types},
        "baselines": {name: _share(rows, name) for name in names},
        "baselines_by_type": {name: {kind: _share([r for r in rows if r["type"] == kind], name) for kind in types} for name in names}}


def _share(rows: list[dict], who: str = "grounder") -> float | None:
    return round(accuracy([row[who] for row in rows]), 4) if rows else None
