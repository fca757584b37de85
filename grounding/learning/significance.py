"""Significance: whether a network got better on held-out photos, or whether too few of them make the difference
significant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# a difference that chance alone makes more often than this is not significant, nor does a gain on each of four photos (1 / 16)
SIGNIFICANCE_LEVEL = 0.05


@dataclass(frozen=True)
class Comparison:
    """`outcome`: better, worse, unclear or same. `p_value`: how often chance alone makes so large a difference."""

    outcome: str
    p_value: float
    summary: str


def compare_hits(before: Sequence[Sequence[bool]], after: Sequence[Sequence[bool]]) -> Comparison:
    """Compares hits, a row of phrases for each held-out photo, by a one-sided sign-flip test over photos.

    Phrases of one photo fail together, so the photo is the unit: were both networks alike, what one photo gains would
    as often be lost (Fisher's randomisation test). Photos without a difference carry no information.
    """
    gains = [sum(new) - sum(old) for old, new in zip(before, after, strict=True)]
    phrases, photos = sum(map(len, before)), len(before)
    counts = (
        f"{sum(map(sum, before))} of {_pluralize(phrases, 'phrase')} were right before and {sum(map(sum, after))} after, "
        f"on {_pluralize(photos, 'held-out photo')}"
    )
    p_value = sign_flip_p_value(gains if sum(gains) >= 0 else [-gain for gain in gains])
    if not any(gains):
        return Comparison("same", 1.0, f"No difference: {counts}.")
    if p_value > SIGNIFICANCE_LEVEL:
        return Comparison(
            "unclear", p_value, f"Too few to tell: {counts}, a difference that chance alone makes {_describe_frequency(p_value)}."
        )
    if sum(gains) > 0:
        return Comparison("better", p_value, f"Better: {counts}, a gain that chance alone makes {_describe_frequency(p_value)}.")
    return Comparison("worse", p_value, f"Worse: {counts}.")


def sign_flip_p_value(gains: Sequence[int]) -> float:
    """The share of all choices of signs whose sum is at least that of `gains`, exactly; 1 where there is no
    difference."""
    sizes = [abs(int(gain)) for gain in gains if gain]
    distribution = np.ones(1)  # chances of the sums -t, -t + 1, ..., t
    for size in sizes:
        step = np.zeros(2 * size + 1)
        step[0] = step[-1] = 0.5
        distribution = np.convolve(distribution, step)
    return float(min(1.0, distribution[sum(sizes) + int(sum(gains)):].sum()))


def _describe_frequency(p_value: float) -> str:
    if p_value < 0.001:
        return "less than once in 1,000 times"
    return f"once in {max(1, round(1 / p_value)):,} times" if p_value < 0.5 else "every other time or more"


def _pluralize(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"
