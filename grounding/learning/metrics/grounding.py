"""Grounding metrics: how good predicted boxes and scores are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grounding.data import Boxes, iou
from grounding.learning.metrics.chota import ChotaScores, caption_switches, chota, make_bounded_scorer, official_scores
from grounding.learning.metrics.tracks import ClipComparison, FrameObjects, HotaCounts, hota, idf1, mota, tracking_metrics
from grounding.learning.metrics.video_grounding import recall_at_iou, spatial_iou, temporal_iou, video_iou

__all__ = ["ChotaScores", "ClipComparison", "FrameObjects", "HotaCounts", "accuracy_at_iou", "auroc", "caption_switches", "chota",
           "expected_calibration_error", "first_box_iou", "hota", "idf1", "make_bounded_scorer", "mota", "official_scores", "pointing_game",
           "recall_at_iou", "recall_at_k", "spatial_iou", "temporal_iou", "tracking_metrics", "video_iou"]


def first_box_iou(predicted: Boxes, target: Boxes) -> float:
    """IoU of the first predicted box with the one target; 0 where nothing is predicted."""
    if not len(predicted):
        return 0.0
    return float(iou(predicted[:1], target).max())


def accuracy_at_iou(overlaps: Sequence[float], threshold: float = 0.5) -> float:
    """The share of predictions that overlap their target by at least `threshold`; 0 of none."""
    return float(np.mean(np.asarray(overlaps) >= threshold)) if len(overlaps) else 0.0


def recall_at_k(predicted: Sequence[Boxes], targets: Sequence[Boxes], k: int, threshold: float = 0.5) -> float:
    """The share of targets found among the first `k` predicted boxes."""
    found = [bool(len(a)) and float(iou(a[:k], t).max()) >= threshold for a, t in zip(predicted, targets)]
    return float(np.mean(found)) if found else 0.0


def pointing_game(predicted: Sequence[Boxes], targets: Sequence[Boxes]) -> float:
    """The share of first boxes whose centre lies inside the target (the pointing game)."""
    inside = [bool(len(a)) and bool(((t.xyxy[:, :2] <= a.centers[:1]) & (a.centers[:1] <= t.xyxy[:, 2:])).all(1).any())
              for a, t in zip(predicted, targets)]
    return float(np.mean(inside)) if inside else 0.0


def box_f1(predicted: Boxes, targets: Boxes, threshold: float = 0.5) -> float:
    """F1 of several boxes: twice the matched pairs over all boxes of both sides; 1 where both are empty.

    Pairs are matched one to one, best overlap first, from an IoU of `threshold`.
    """
    if not len(predicted) or not len(targets):
        return float(len(predicted) == len(targets))
    overlaps, matched = iou(predicted, targets), 0
    while overlaps.max() >= threshold:
        row, column = np.unravel_index(overlaps.argmax(), overlaps.shape)
        overlaps[row], overlaps[:, column], matched = -1, -1, matched + 1
    return 2 * matched / (len(predicted) + len(targets))


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """The chance that a positive scores above a negative, ties counted half; 0.5 where one side is empty."""
    if not len(positive) or not len(negative):
        return 0.5
    order = np.sort(np.asarray(negative, float))
    below = np.searchsorted(order, positive, "left")
    upto = np.searchsorted(order, positive, "right")
    return float((below + upto).mean() / 2 / len(order))


def reliability_diagram(scores: Sequence[float], hits: Sequence[bool], bins: int = 10) -> list[dict]:
    """Bins of equal width, empty ones left out: [{"score": mean score, "right": share of hits, "count"}]."""
    given, right = np.asarray(scores, float), np.asarray(hits, float)
    rows = np.minimum((given * bins).astype(int), bins - 1)
    return [
        {
            "score": round(float(given[rows == b].mean()), 4),
            "right": round(float(right[rows == b].mean()), 4),
            "count": int((rows == b).sum()),
        }
        for b in np.unique(rows)
    ]


def expected_calibration_error(scores: Sequence[float], hits: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error: the mean gap between score and share of hits, over bins of equal width (Guo et al. 2017)."""
    given, right = np.asarray(scores, float), np.asarray(hits, float)
    if not len(given):
        return 0.0
    rows = np.minimum((given * bins).astype(int), bins - 1)
    gaps = [abs(given[rows == b].mean() - right[rows == b].mean()) * (rows == b).mean() for b in np.unique(rows)]
    return float(sum(gaps))
