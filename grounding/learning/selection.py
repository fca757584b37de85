"""Selection: which items of a pool to label next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class RandomSampler:
    """Draws at random without replacement: the baseline of every other sampler."""

    seed: int = 0

    def choose(self, pool: Sequence[Any], count: int) -> list[int]:
        """At most `count` indices into the pool, all of them where it is smaller, none of none."""
        return np.random.default_rng(self.seed).permutation(len(pool))[: max(count, 0)].tolist()
