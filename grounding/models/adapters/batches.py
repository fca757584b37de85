"""Batches: pictures of one shape go through a network together, so that none is padded and each is answered as if it
came alone."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any


def in_batches(
    items: Sequence[Any], shapes: Sequence[Hashable], most: int, ask: Callable[[list[Any]], Sequence[Any]]
) -> list[Any]:
    """What `ask` answers for each item, in their order; it gets at most `most` items at once, all of one shape."""
    alike: dict[Hashable, list[int]] = {}
    for row, shape in enumerate(shapes):
        alike.setdefault(shape, []).append(row)
    answers: list[Any] = [None] * len(items)
    for rows in alike.values():
        for start in range(0, len(rows), most):
            chosen = rows[start : start + most]
            for row, answer in zip(chosen, ask([items[row] for row in chosen]), strict=True):
                answers[row] = answer
    return answers
