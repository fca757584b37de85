"""Regions: boxes with a score and a label each; what detectors and grounders answer with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grounding.data.boxes import Boxes
from grounding.data.masks import Masks


@dataclass(frozen=True, eq=False)
class Regions:
    """`boxes` (N), `scores` (N,) float32 in [0, 1], `labels` N strings, `masks` N or None. A person's score is 1."""

    boxes: Boxes
    scores: np.ndarray
    labels: tuple[str, ...]
    masks: Masks | None = None

    def __post_init__(self):
        scores = np.array(self.scores, np.float32).reshape(-1)
        labels = tuple(str(label) for label in self.labels)
        if not len(self.boxes) == len(scores) == len(labels):
            raise ValueError(f"{len(self.boxes)} boxes need as many scores and labels; got {len(scores)} and {len(labels)}")
        if self.masks is not None and len(self.masks) != len(labels):
            raise ValueError(f"{len(labels)} regions need as many masks; got {len(self.masks)}")
        if scores.size and not ((scores >= 0) & (scores <= 1)).all():
            raise ValueError(f"scores lie in [0, 1]; got {scores.min()} to {scores.max()}")
        scores.setflags(write=False)
        object.__setattr__(self, "scores", scores)
        object.__setattr__(self, "labels", labels)

    @classmethod
    def empty(cls) -> Regions:
        return cls(Boxes.empty(), np.zeros(0), ())

    def keep(self, rows) -> Regions:
        """The regions of an index array, a slice or a (N,) bool mask, in that order."""
        rows = np.arange(len(self))[rows].reshape(-1)
        masks = self.masks.select(rows) if self.masks is not None else None
        return Regions(self.boxes[rows], self.scores[rows], tuple(self.labels[i] for i in rows), masks)

    def best_first(self) -> Regions:
        """Sorted by falling score; equal scores stay in order."""
        return self.keep(np.argsort(-self.scores, kind="stable"))

    def top(self, count: int) -> Regions:
        """The `count` best, best first."""
        return self.best_first().keep(slice(count))

    def above(self, score: float) -> Regions:
        """Those with at least this score, order kept."""
        return self.keep(self.scores >= score)

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        rows = zip(self.labels, self.scores.round(3).tolist(), self.boxes.xyxy.round(1).tolist())
        return f"Regions({list(rows)})"
