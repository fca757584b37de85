"""Evaluate: how often a grounder finds what people meant, beside what needs no understanding at all."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from grounding.data import Boxes, Progress, Query, Regions, Size
from grounding.data.media_image import Image, open_image
from grounding.learning.examples.flickr30k import FolderError, Photo, Phrase, held_out, read_entities
from grounding.learning.examples.negative_phrases import absent_phrases
from grounding.learning.metrics.grounding import (
    accuracy,
    auroc,
    calibration_error,
    f1,
    overlap,
    pointing,
    recall,
    reliability,
)
from grounding.protocols import BatchGrounder, Detector, Grounder, RankingGrounder
from grounding.tasks.improve import baselines

FIRST = (1, 5, 10)  # recall among so many boxes
SPATIAL = re.compile(r"\b(left|right|top|bottom|front|behind|back|background|foreground|middle|center|upper|lower|far|near|closest|"
                     r"above|below|under|beside|next to)\b")


def evaluate_grounding(folder: Path | str, grounder: Grounder, detector: Detector | None = None, only_held_out: bool = False,
                       limit: int | None = None) -> Iterator[Progress]:
    """The share of one-box phrases whose first box overlaps the person's by half or more (IoU), on photos of `folder`, and more.

    `folder` is in the form of Flickr30k Entities (entities.jsonl.gz, photos_full/, photos_224/). `detector` adds the baselines,
    answered in the same run. `only_held_out`: only photos that training leaves out (their number ends in 0); `limit`: at most so many photos.

    The last progress holds
    - "accuracy", and its parts "by_type", "by_size" {"full", "224"}, "referring" (two words or more, no scene, another thing of that
      type in the photo), "spatial" (a word for a place), with "baselines" and "baselines_by_type";
    - "several_f1": for phrases with several boxes ("two dogs", "several_phrases" of them), the mean F1 of all boxes answered;
    - "recall" {"1", "5", "10"} among the best boxes, "pointing" (the first box's centre lies in the target), "answered";
    - "none_auroc": how well the best score tells phrases that have a box from phrases of other photos whose noun, with its synonyms,
      no caption of the photo says ("none_phrases" of them); "none_refused": the share of these answered with nothing;
    - "ece" and "reliability": whether a score is the share of first boxes that are right;
    - "phrases_per_s" with seeing the photos, "phrases_per_s_encoded" without, "photos_per_s"; "phrases", "photos", "grounder", "split".
    Shares lie in [0, 1]; a share of nothing is None.
    """
    photos = [photo for photo in read_entities(Path(folder)) if not only_held_out or held_out(photo.id)][:limit]
    photos = [photo for photo in photos if any(len(phrase.boxes) == 1 for phrase in photo.phrases)]
    if not photos:
        raise FolderError(f"{folder} has no photo with a one-box phrase to evaluate on")
    rows: list[dict] = []
    nothing: list[dict] = []
    several: list[float] = []
    seconds = np.zeros(2)
    yield Progress(0, len(photos), "grounding phrases")
    for done, (photo, absent) in enumerate(zip(photos, absent_phrases(photos)), 1):
        found, refused, shared, spent = _answers(photo, absent, grounder, detector)
        rows, nothing, several, seconds = rows + found, nothing + refused, several + shared, seconds + spent
        yield Progress(done, len(photos), f"accuracy {accuracy([row['grounder'] for row in rows]):.3f}")
    split = "photos whose number ends in 0, never trained on" if only_held_out else "all photos of the folder"
    report = _report(rows) | _of_nothing(rows, nothing) | {"several_f1": _mean(several), "several_phrases": len(several)}
    report |= _speed(len(rows) + len(nothing) + len(several), len(photos), *seconds)
    yield Progress(len(photos), len(photos), "done", report | {"phrases": len(rows), "photos": len(photos), "grounder": grounder.version, "split": split})


def each(grounder: Grounder, encoded, texts: Sequence[str]) -> list[Regions]:
    """One answer a phrase; in one pass where the grounder can."""
    if isinstance(grounder, BatchGrounder):
        return grounder.ground_each(encoded, texts)
    return [grounder.ground_in(encoded, Query(text)) for text in texts]


def ranked(grounder: Grounder, encoded, texts: Sequence[str]) -> list[Regions]:
    """The ten best boxes of each phrase, also those the grounder would not answer with, where it tells."""
    if isinstance(grounder, RankingGrounder):
        return grounder.rank_each(encoded, texts, FIRST[-1])
    return each(grounder, encoded, texts)


def _answers(photo: Photo, absent: Sequence[str], grounder: Grounder, detector: Detector | None) -> tuple[list[dict], list[dict], list[float], np.ndarray]:
    """A row for each one-box phrase of a photo, one for each absent phrase, the F1 of each phrase with several boxes, and the
    seconds that seeing and asking took."""
    image = open_image(photo.path)
    asked = [phrase for phrase in photo.phrases if len(phrase.boxes) == 1]
    shared = [phrase for phrase in photo.phrases if len(phrase.boxes) > 1]
    texts = [phrase.text for phrase in asked] + list(absent) + [phrase.text for phrase in shared]
    began = time.perf_counter()
    encoded = grounder.encode(image)
    seen_at = time.perf_counter()
    answers = each(grounder, encoded, texts)
    spent = np.array([seen_at - began, time.perf_counter() - seen_at])
    best = ranked(grounder, encoded, texts)
    seen = detector.detect(image) if detector else None
    rows = [_row(photo, phrase, answer, ranks, seen, image) for phrase, answer, ranks in zip(asked, answers, best)]
    middle = slice(len(asked), len(asked) + len(absent))
    refused = [{"answered": len(answer) > 0, "score": _top(ranks)} for answer, ranks in zip(answers[middle], best[middle])]
    found = [f1(answer.boxes, _target(phrase, image)) for phrase, answer in zip(shared, answers[middle.stop:])]
    return rows, refused, found, spent


def _target(phrase: Phrase, image: Image) -> Boxes:
    return Boxes(phrase.boxes * np.tile(np.float32(image.size), 2))


def _row(photo: Photo, phrase: Phrase, answer: Regions, ranks: Regions, seen: Regions | None, image: Image) -> dict:
    target = _target(phrase, image)
    row = {"type": phrase.type, "size": "full" if photo.full else "224", "grounder": overlap(answer.boxes, target),
           "referring": _refers(photo, phrase), "spatial": bool(SPATIAL.search(phrase.text.lower())), "answered": len(answer) > 0,
           "score": _top(ranks), "recall": [recall([ranks.boxes], [target], first) for first in FIRST],
           "pointing": pointing([answer.boxes], [target]), "first": overlap(ranks.boxes, target)}
    if seen is not None:
        row |= {name: overlap(box, target) for name, box in baselines.answers(phrase.text, seen, Size(*image.size)).items()}
    return row


def _top(ranks: Regions) -> float:
    return float(ranks.scores[0]) if len(ranks) else 0.0


def _refers(photo: Photo, phrase: Phrase) -> bool:
    """Two words or more, no scene, and something else of the same coarse type has a box in the photo."""
    others = any(other.type == phrase.type and other.chain != phrase.chain for other in photo.phrases)
    return len(phrase.text.split()) > 1 and phrase.type != "scene" and others


def _report(rows: list[dict]) -> dict:
    names = [name for name in baselines.NAMES if name in rows[0]]
    types = sorted({row["type"] for row in rows})
    hits, scores = [row["first"] >= 0.5 for row in rows], [row["score"] for row in rows]
    return {
        "accuracy": _share(rows), "by_type": {kind: _share([r for r in rows if r["type"] == kind]) for kind in types},
        "by_size": {size: _share([r for r in rows if r["size"] == size]) for size in ("full", "224")},
        "referring": _share([r for r in rows if r["referring"]]), "spatial": _share([r for r in rows if r["spatial"]]),
        "recall": {str(first): _mean([r["recall"][place] for r in rows]) for place, first in enumerate(FIRST)},
        "pointing": _mean([r["pointing"] for r in rows]), "answered": _mean([r["answered"] for r in rows]),
        "ece": round(calibration_error(scores, hits), 4), "reliability": reliability(scores, hits),
        "counts": {kind: sum(r["type"] == kind for r in rows) for kind in types}
        | {name: sum(r[name] for r in rows) for name in ("referring", "spatial")},
        "baselines": {name: _share(rows, name) for name in names},
        "baselines_by_type": {name: {kind: _share([r for r in rows if r["type"] == kind], name) for kind in types} for name in names}}


def _of_nothing(rows: list[dict], nothing: list[dict]) -> dict:
    return {"none_auroc": round(auroc([r["score"] for r in rows], [r["score"] for r in nothing]), 4) if nothing else None,
            "none_refused": _mean([not r["answered"] for r in nothing]), "none_phrases": len(nothing)}


def _speed(phrases: int, photos: int, seeing: float, asking: float) -> dict:
    return {"phrases_per_s": round(phrases / max(seeing + asking, 1e-9), 1), "phrases_per_s_encoded": round(phrases / max(asking, 1e-9), 1),
            "photos_per_s": round(photos / max(seeing + asking, 1e-9), 2)}


def _mean(values: list) -> float | None:
    return round(float(np.mean(values)), 4) if values else None


def _share(rows: list[dict], who: str = "grounder") -> float | None:
    return round(accuracy([row[who] for row in rows]), 4) if rows else None
