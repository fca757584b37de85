"""Video grounding metrics: how well a predicted track fits the one a sentence refers to, in space and in time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grounding.data import Boxes, Track, iou


def frame_ious(truth: Track, predicted: Track | None) -> np.ndarray:
    """(len(truth),) IoU in each frame of the truth; 0 where nothing was predicted."""
    boxes = [predicted.box_at(int(frame)) if predicted is not None else None for frame in truth.frames]
    return np.array([0.0 if box is None else float(iou(truth.boxes[[row]], Boxes(np.array([box]))).item())
                     for row, box in enumerate(boxes)])


def spatial_iou(truth: Track, predicted: Track | None) -> float:
    """sVIoU: the mean overlap over the frames of the truth, its extent in time given; 0 of none."""
    return float(frame_ious(truth, predicted).mean()) if len(truth) else 0.0


def video_iou(truth: Track, predicted: Track | None) -> float:
    """vIoU: overlaps summed over the frames both have, divided by the frames either has."""
    either = np.union1d(truth.frames, predicted.frames if predicted is not None else np.zeros(0, int))
    return float(frame_ious(truth, predicted).sum() / max(len(either), 1))


def temporal_iou(truth: Track, predicted: Track | None) -> float:
    """tIoU: the frames both have among those either has; 0 where neither has any."""
    frames = predicted.frames if predicted is not None else np.zeros(0, int)
    return len(np.intersect1d(truth.frames, frames)) / max(len(np.union1d(truth.frames, frames)), 1)


def recall_at_iou(ious: Sequence[float], threshold: float) -> float:
    """R@threshold: the share of values that reach it; 0 of none."""
    return float(np.mean(np.asarray(ious) >= threshold)) if len(ious) else 0.0
