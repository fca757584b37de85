"""Measures: how good answers are, as plain numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grounding.data import Boxes, iou
from grounding.learning.metrics.chota import Chota, bounded, caption_switches, chota, official_form
from grounding.learning.metrics.tracks import Compared, Hota, Seen, hota, idf1, mota, tracking
from grounding.learning.metrics.tubes import found_share, spatial_iou, temporal_iou, video_iou

__all__ = ["Chota", "Compared", "Hota", "Seen", "accuracy", "auroc", "bounded", "calibration_error", "caption_switches", "chota",
           "found_share", "hota", "idf1", "mota", "official_form", "overlap", "pointing", "recall", "spatial_iou", "temporal_iou",
           "tracking", "video_iou"]


def overlap(answer: Boxes, target: Boxes) -> float:
    """IoU of the first box of an answer with the one target; 0 where the answer is empty."""
    if not len(answer):
        return 0.0
    return float(iou(answer[:1], target).max())


def accuracy(overlaps: Sequence[float], threshold: float = 0.5) -> float:
    """The share of answers that overlap their target by at least `threshold`; 0 of none."""
    return float(np.mean(np.asarray(overlaps) >= threshold)) if len(overlaps) else 0.0


def recall(answers: Sequence[Boxes], targets: Sequence[Boxes], first: int, threshold: float = 0.5) -> float:
    """The share of targets found among the `first` boxes of each answer."""
    found = [bool(len(a)) and float(iou(a[:first], t).max()) >= threshold for a, t in zip(answers, targets)]
    return float(np.mean(found)) if found else 0.0


def pointing(answers: Sequence[Boxes], targets: Sequence[Boxes]) -> float:
    """The share of first boxes whose centre lies inside the target (the pointing game)."""
    inside = [bool(len(a)) and bool(((t.xyxy[:, :2] <= a.centers[:1]) & (a.centers[:1] <= t.xyxy[:, 2:])).all(1).any())
              for a, t in zip(answers, targets)]
    return float(np.mean(inside)) if inside else 0.0


def f1(answer: Boxes, targets: Boxes, threshold: float = 0.5) -> float:
    """Of an answer of several boxes: twice the matched pairs over all boxes of both sides; 1 where both are empty.

    Pairs are matched one to one, best overlap first, from an IoU of `threshold`.
    """
    if not len(answer) or not len(targets):
        return float(len(answer) == len(targets))
    overlaps, matched = iou(answer, targets), 0
    while overlaps.max() >= threshold:
        row, column = np.unravel_index(overlaps.argmax(), overlaps.shape)
        overlaps[row], overlaps[:, column], matched = -1, -1, matched + 1
    return 2 * matched / (len(answer) + len(targets))


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """The chance that a positive scores above a negative, ties counted half; 0.5 where one side is empty."""
    if not len(positive) or not len(negative):
        return 0.5
    order = np.sort(np.asarray(negative, float))
    below = np.searchsorted(order, positive, "left")
    upto = np.searchsorted(order, positive, "right")
    return float((below + upto).mean() / 2 / len(order))


def reliability(scores: Sequence[float], hits: Sequence[bool], bins: int = 10) -> list[dict]:
    """Bins of equal width, empty ones left out: [{"score": mean score, "right": share of hits, "count"}] (a reliability diagram)."""
    scores, hits = np.asarray(scores, float), np.asarray(hits, float)
    rows = np.minimum((scores * bins).astype(int), bins - 1)
    return [{"score": round(float(scores[rows == b].mean()), 4), "right": round(float(hits[rows == b].mean()), 4), "count": int((rows == b).sum())}
            for b in np.unique(rows)]


def calibration_error(scores: Sequence[float], hits: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error: the mean gap between score and share of hits, over bins of equal width (Guo et al. 2017)."""
    scores, hits = np.asarray(scores, float), np.asarray(hits, float)
    if not len(scores):
        return 0.0
    rows = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = [abs(scores[rows == b].mean() - hits[rows == b].mean()) * (rows == b).mean() for b in np.unique(rows)]
    return float(sum(gaps))
