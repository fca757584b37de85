"""Tube measures: how well one track in a video is the one a sentence meant, in space and in time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grounding.data import Boxes, Track, iou


def frame_overlaps(truth: Track, said: Track | None) -> np.ndarray:
    """(len(truth),) IoU in each frame of the truth; 0 where nothing was said."""
    boxes = [said.at(int(frame)) if said is not None else None for frame in truth.frames]
    return np.array([0.0 if box is None else float(iou(truth.boxes[[row]], Boxes(np.array([box]))).item())
                     for row, box in enumerate(boxes)])


def spatial_iou(truth: Track, said: Track | None) -> float:
    """sVIoU: the mean overlap over the frames of the truth, its extent in time given; 0 of none."""
    return float(frame_overlaps(truth, said).mean()) if len(truth) else 0.0


def video_iou(truth: Track, said: Track | None) -> float:
    """vIoU: overlaps summed over the frames both have, divided by the frames either has."""
    either = np.union1d(truth.frames, said.frames if said is not None else np.zeros(0, int))
    return float(frame_overlaps(truth, said).sum() / max(len(either), 1))


def temporal_iou(truth: Track, said: Track | None) -> float:
    """tIoU: the frames both have among those either has; 0 where neither has any."""
    frames = said.frames if said is not None else np.zeros(0, int)
    return len(np.intersect1d(truth.frames, frames)) / max(len(np.union1d(truth.frames, frames)), 1)


def found_share(overlaps: Sequence[float], least: float) -> float:
    """R@least: the share of values that reach it; 0 of none."""
    return float(np.mean(np.asarray(overlaps) >= least)) if len(overlaps) else 0.0
