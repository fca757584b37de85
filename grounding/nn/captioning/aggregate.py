"""Aggregation: from the detections of an object in many frames to the views that its caption is decoded from.

Zhou et al. 2023 (dense video object captioning), section 3.4. "Hard" takes a few views, spread evenly over the track;
"soft" mixes all detections of the clip by their affinity to the track; "weighted" is hard with views weighted by the
detector's score. The paper encodes no time of the views; we add one, for sentences such as "moves left then up".
"""

from __future__ import annotations

import numpy as np

HARD, SOFT, WEIGHTED = "hard", "soft", "weighted"
MAX_VIEWS = 6  # their section 4.2


def sample_evenly(count: int, max_views: int = MAX_VIEWS) -> np.ndarray:
    """At most `max_views` of `count` indices, evenly spaced, first and last included; increasing, without repeats."""
    if count <= max_views:
        return np.arange(count)
    return np.unique(np.round(np.linspace(0, count - 1, max_views)).astype(int))


def mixing_weights(affinity: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(M, M) affinities in [0, 1] and the rows of one track to (1, M): the weight of each detection of the clip for
    that track; the weights sum to 1.

    Each row mixes by its own affinities (equation 4 of the paper); a track has one caption, so the weights of its
    rows are averaged.
    """
    row_weights = affinity[rows] / (affinity[rows].sum(1, keepdims=True) + 1e-6)
    return row_weights.mean(0, keepdims=True).astype(np.float32)


def normalize_times(frames: np.ndarray, first: float, last: float) -> np.ndarray:
    """Frames to times in [0, 1] in the clip from `first` to `last`; 0.5 where the clip has no length."""
    if last <= first:
        return np.full(len(frames), 0.5, np.float32)
    return np.clip((np.asarray(frames, np.float32) - first) / (last - first), 0, 1).astype(np.float32)
