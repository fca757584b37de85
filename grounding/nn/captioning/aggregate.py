"""Aggregation: from what was seen of a thing in many frames to what its sentence is said from.

Zhou et al. 2023 (dense video object captioning), section 3.4. "Hard" looks at a few whole views, spread over the track; "soft"
mixes all views by how surely they show the same thing; "weighted" is hard with views that count by the detector's score.
The paper codes no time on the views; we add one, for sentences such as "moves left then up".
"""

from __future__ import annotations

import numpy as np

HARD, SOFT, WEIGHTED = "hard", "soft", "weighted"
VIEWS = 6  # their section 4.2


def spread(count: int, views: int = VIEWS) -> np.ndarray:
    """At most `views` of `count` places, evenly spaced, the first and the last among them; rising, no repeats."""
    if count <= views:
        return np.arange(count)
    return np.unique(np.round(np.linspace(0, count - 1, views)).astype(int))


def mixture(affinity: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(M, M) in [0, 1] and the rows of one track to (1, M): how much each sighting of the clip counts for that track, 1 in sum.

    Each row mixes by its own affinities (their equation 4); a track says one sentence, so its rows are averaged.
    """
    each = affinity[rows] / (affinity[rows].sum(1, keepdims=True) + 1e-6)
    return each.mean(0, keepdims=True).astype(np.float32)


def times(frames: np.ndarray, first: float, last: float) -> np.ndarray:
    """Frames as time in [0, 1] of the clip from `first` to `last`; 0.5 where it has no length."""
    if last <= first:
        return np.full(len(frames), 0.5, np.float32)
    return np.clip((np.asarray(frames, np.float32) - first) / (last - first), 0, 1).astype(np.float32)
