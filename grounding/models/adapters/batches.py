"""Batching: images of one shape go through a network together, so that none is padded and no output depends on the
others."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any


def run_in_batches(
    items: Sequence[Any], shapes: Sequence[Hashable], max_batch: int, predict: Callable[[list[Any]], Sequence[Any]]
) -> list[Any]:
    """The output of `predict` for each item, in order; it gets at most `max_batch` items at once, all of one shape."""
    rows_by_shape: dict[Hashable, list[int]] = {}
    for row, shape in enumerate(shapes):
        rows_by_shape.setdefault(shape, []).append(row)
    outputs: list[Any] = [None] * len(items)
    for rows in rows_by_shape.values():
        for start in range(0, len(rows), max_batch):
            chosen = rows[start : start + max_batch]
            for row, answer in zip(chosen, predict([items[row] for row in chosen]), strict=True):
                outputs[row] = answer
    return outputs
