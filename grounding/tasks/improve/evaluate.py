"""Evaluate: how often a grounder finds what people meant, beside what needs no understanding at all."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from grounding.data import Boxes, Progress, Query, Regions, Size
from grounding.data.media_image import Image, open_image
from grounding.learning.examples.flickr30k import DatasetFormatError, Photo, Phrase, is_held_out, read_entities
from grounding.learning.examples.negative_phrases import sample_negative_phrases
from grounding.learning.metrics.grounding import (
    accuracy_at_iou,
    auroc,
    box_f1,
    expected_calibration_error,
    first_box_iou,
    pointing_game,
    recall_at_k,
    reliability_diagram,
)
from grounding.protocols import BatchGrounder, Detector, Grounder, RankingGrounder
from grounding.tasks.improve import baselines

RECALL_AT = (1, 5, 10)  # recall among so many boxes
SPATIAL = re.compile(r"\b(left|right|top|bottom|front|behind|back|background|foreground|middle|center|upper|lower|far|near|closest|"
                     r"above|below|under|beside|next to)\b")


def evaluate_grounding(folder: Path | str, grounder: Grounder, detector: Detector | None = None, only_held_out: bool = False,
                       limit: int | None = None) -> Iterator[Progress]:
    """The share of one-box phrases whose first box overlaps the person's by half or more (IoU), on photos of `folder`, and more.

    `folder` is in the form of Flickr30k Entities (entities.jsonl.gz, photos_full/, photos_224/). `detector` adds the baselines,
    answered in the same run. `only_held_out`: only photos that training leaves out (their number ends in 0); `limit`:
    at most so many photos.

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
    photos = [photo for photo in read_entities(Path(folder)) if not only_held_out or is_held_out(photo.id)][:limit]
    photos = [photo for photo in photos if any(len(phrase.boxes) == 1 for phrase in photo.phrases)]
    if not photos:
        raise DatasetFormatError(f"{folder} has no photo with a one-box phrase to evaluate on")
    rows: list[dict] = []
    negative_rows: list[dict] = []
    multi_box_f1: list[float] = []
    seconds = np.zeros(2)
    yield Progress(0, len(photos), "grounding phrases")
    for done, (photo, negatives) in enumerate(zip(photos, sample_negative_phrases(photos)), 1):
        new_rows, new_negative_rows, new_f1, spent = _evaluate_photo(photo, negatives, grounder, detector)
        rows, negative_rows, multi_box_f1, seconds = (
            rows + new_rows,
            negative_rows + new_negative_rows,
            multi_box_f1 + new_f1,
            seconds + spent,
        )
        yield Progress(done, len(photos), f"accuracy {accuracy_at_iou([row['grounder'] for row in rows]):.3f}")
    split = "photos whose number ends in 0, never trained on" if only_held_out else "all photos of the folder"
    report = (
        _report(rows) | _negative_metrics(rows, negative_rows) | {"several_f1": _mean(multi_box_f1), "several_phrases": len(multi_box_f1)}
    )
    report |= _speed(len(rows) + len(negative_rows) + len(multi_box_f1), len(photos), *seconds)
    yield Progress(
        len(photos),
        len(photos),
        "done",
        report | {"phrases": len(rows), "photos": len(photos), "grounder": grounder.version, "split": split},
    )


def ground_phrases(grounder: Grounder, encoded, texts: Sequence[str]) -> list[Regions]:
    """One answer a phrase; in one pass where the grounder can."""
    if isinstance(grounder, BatchGrounder):
        return grounder.ground_batch(encoded, texts)
    return [grounder.ground_in(encoded, Query(text)) for text in texts]


def rank_phrases(grounder: Grounder, encoded, texts: Sequence[str]) -> list[Regions]:
    """The ten best boxes of each phrase, also those the grounder would not answer with, where it tells."""
    if isinstance(grounder, RankingGrounder):
        return grounder.rank_batch(encoded, texts, RECALL_AT[-1])
    return ground_phrases(grounder, encoded, texts)


def _evaluate_photo(
    photo: Photo, negatives: Sequence[str], grounder: Grounder, detector: Detector | None
) -> tuple[list[dict], list[dict], list[float], np.ndarray]:
    """A row for each one-box phrase of a photo, one for each absent phrase, the F1 of each phrase with several boxes, and the
    seconds that seeing and asking took."""
    image = open_image(photo.path)
    one_box_phrases = [phrase for phrase in photo.phrases if len(phrase.boxes) == 1]
    multi_box_phrases = [phrase for phrase in photo.phrases if len(phrase.boxes) > 1]
    texts = [phrase.text for phrase in one_box_phrases] + list(negatives) + [phrase.text for phrase in multi_box_phrases]
    began = time.perf_counter()
    encoded = grounder.encode(image)
    encoded_at = time.perf_counter()
    answers = ground_phrases(grounder, encoded, texts)
    spent = np.array([encoded_at - began, time.perf_counter() - encoded_at])
    ranked_answers = rank_phrases(grounder, encoded, texts)
    detections = detector.detect(image) if detector else None
    rows = [
        _row(photo, phrase, answer, ranked_regions, detections, image)
        for phrase, answer, ranked_regions in zip(one_box_phrases, answers, ranked_answers)
    ]
    middle = slice(len(one_box_phrases), len(one_box_phrases) + len(negatives))
    negative_rows = [
        {"answered": len(answer) > 0, "score": _top_score(ranks)} for answer, ranks in zip(answers[middle], ranked_answers[middle])
    ]
    f1_values = [box_f1(answer.boxes, _target(phrase, image)) for phrase, answer in zip(multi_box_phrases, answers[middle.stop:])]
    return rows, negative_rows, f1_values, spent


def _target(phrase: Phrase, image: Image) -> Boxes:
    return Boxes(phrase.boxes * np.tile(np.float32(image.size), 2))


def _row(photo: Photo, phrase: Phrase, answer: Regions, ranked_regions: Regions, detections: Regions | None, image: Image) -> dict:
    target = _target(phrase, image)
    row = {"type": phrase.category, "size": "full" if photo.full_resolution else "224", "grounder": first_box_iou(answer.boxes, target),
           "referring": _is_referring(photo, phrase), "spatial": bool(SPATIAL.search(phrase.text.lower())), "answered": len(answer) > 0,
           "score": _top_score(ranked_regions), "recall": [recall_at_k([ranked_regions.boxes], [target], first) for first in RECALL_AT],
           "pointing": pointing_game([answer.boxes], [target]), "first": first_box_iou(ranked_regions.boxes, target)}
    if detections is not None:
        row |= {
            name: first_box_iou(box, target) for name, box in baselines.baseline_boxes(phrase.text, detections, Size(*image.size)).items()
        }
    return row


def _top_score(ranked_regions: Regions) -> float:
    return float(ranked_regions.scores[0]) if len(ranked_regions) else 0.0


def _is_referring(photo: Photo, phrase: Phrase) -> bool:
    """Two words or more, no scene, and something else of the same coarse type has a box in the photo."""
    others = any(other.category == phrase.category and other.chain != phrase.chain for other in photo.phrases)
    return len(phrase.text.split()) > 1 and phrase.category != "scene" and others


def _report(rows: list[dict]) -> dict:
    names = [name for name in baselines.NAMES if name in rows[0]]
    types = sorted({row["type"] for row in rows})
    hits, scores = [row["first"] >= 0.5 for row in rows], [row["score"] for row in rows]
    return {
        "accuracy": _accuracy(rows), "by_type": {kind: _accuracy([r for r in rows if r["type"] == kind]) for kind in types},
        "by_size": {size: _accuracy([r for r in rows if r["size"] == size]) for size in ("full", "224")},
        "referring": _accuracy([r for r in rows if r["referring"]]), "spatial": _accuracy([r for r in rows if r["spatial"]]),
        "recall": {str(first): _mean([r["recall"][column] for r in rows]) for column, first in enumerate(RECALL_AT)},
        "pointing": _mean([r["pointing"] for r in rows]), "answered": _mean([r["answered"] for r in rows]),
        "ece": round(expected_calibration_error(scores, hits), 4), "reliability": reliability_diagram(scores, hits),
        "counts": {kind: sum(r["type"] == kind for r in rows) for kind in types}
        | {name: sum(r[name] for r in rows) for name in ("referring", "spatial")},
        "baselines": {name: _accuracy(rows, name) for name in names},
        "baselines_by_type": {name: {kind: _accuracy([r for r in rows if r["type"] == kind], name) for kind in types} for name in names}}


def _negative_metrics(rows: list[dict], negative_rows: list[dict]) -> dict:
    return {"none_auroc": round(auroc([r["score"] for r in rows], [r["score"] for r in negative_rows]), 4) if negative_rows else None,
            "none_refused": _mean([not r["answered"] for r in negative_rows]), "none_phrases": len(negative_rows)}


def _speed(phrases: int, photos: int, encode_s: float, ground_s: float) -> dict:
    return {
        "phrases_per_s": round(phrases / max(encode_s + ground_s, 1e-9), 1),
        "phrases_per_s_encoded": round(phrases / max(ground_s, 1e-9), 1),
        "photos_per_s": round(photos / max(encode_s + ground_s, 1e-9), 2),
    }


def _mean(values: list) -> float | None:
    return round(float(np.mean(values)), 4) if values else None


def _accuracy(rows: list[dict], column: str = "grounder") -> float | None:
    return round(accuracy_at_iou([row[column] for row in rows]), 4) if rows else None
