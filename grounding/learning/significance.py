"""Significance: whether a network got better on held-out photos, or whether there are too few of them to tell that from
chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# a difference that chance alone makes more often than this tells nothing, nor does a gain on each of four photos (1 / 16)
CHANCE = 0.05


@dataclass(frozen=True)
class Comparison:
    """`kind`: better, worse, unclear or same. `chance`: how often chance alone makes so large a difference, in [0,
    1]."""

    kind: str
    chance: float
    sentence: str


def compared(before: Sequence[Sequence[bool]], after: Sequence[Sequence[bool]]) -> Comparison:
    """Compares right answers, a row of phrases for each held-out photo, by a one-sided sign-flip test over photos.

    Phrases of one photo fail together, so the photo is the unit: were both networks alike, what one photo gains would
    as often be lost (Fisher's randomisation test). Photos without a difference say nothing.
    """
    gains = [sum(new) - sum(old) for old, new in zip(before, after, strict=True)]
    phrases, photos = sum(map(len, before)), len(before)
    told = (
        f"{sum(map(sum, before))} of {_count(phrases, 'phrase')} were right before and {sum(map(sum, after))} after, "
        f"on {_count(photos, 'held-out photo')}"
    )
    chance = chance_of(gains if sum(gains) >= 0 else [-gain for gain in gains])
    if not any(gains):
        return Comparison("same", 1.0, f"No difference: {told}.")
    if chance > CHANCE:
        return Comparison(
            "unclear", chance, f"Too few to tell: {told}, a difference that chance alone makes {_often(chance)}."
        )
    if sum(gains) > 0:
        return Comparison("better", chance, f"Better: {told}, a gain that chance alone makes {_often(chance)}.")
    return Comparison("worse", chance, f"Worse: {told}.")


def chance_of(gains: Sequence[int]) -> float:
    """The share of all choices of signs whose sum is at least that of `gains`, exactly; 1 where there is no
    difference."""
    sizes = [abs(int(gain)) for gain in gains if gain]
    spread = np.ones(1)  # chances of the sums -t, -t + 1, ..., t
    for size in sizes:
        step = np.zeros(2 * size + 1)
        step[0] = step[-1] = 0.5
        spread = np.convolve(spread, step)
    return float(min(1.0, spread[sum(sizes) + int(sum(gains)):].sum()))


def _often(chance: float) -> str:
    if chance < 0.001:
        return "less than once in 1,000 times"
    return f"once in {max(1, round(1 / chance)):,} times" if chance < 0.5 else "every other time or more"


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"
