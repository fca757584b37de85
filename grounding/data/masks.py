"""Masks: which pixels of a picture belong to a thing, kept as run lengths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grounding.data.boxes import Size


@dataclass(frozen=True)
class Masks:
    """`runs`: N tuples of run lengths over the pixels column by column (COCO's order), background first; `size` of the picture."""

    runs: tuple[tuple[int, ...], ...]
    size: Size

    def __post_init__(self):
        pixels = self.size[0] * self.size[1]
        for row, lengths in enumerate(self.runs):
            if sum(lengths) != pixels:
                raise ValueError(f"mask {row} covers {sum(lengths)} pixels; a {self.size[0]} x {self.size[1]} picture has {pixels}")

    @classmethod
    def from_array(cls, masks: np.ndarray) -> Masks:
        """From (N, H, W) bool."""
        masks = np.asarray(masks, bool)
        if masks.ndim != 3:
            raise ValueError(f"masks have shape (N, H, W); got {masks.shape}")
        return cls(tuple(_run_lengths(mask) for mask in masks), Size(masks.shape[2], masks.shape[1]))

    def to_array(self) -> np.ndarray:
        """(N, H, W) bool."""
        width, height = self.size
        flat = [np.repeat(np.arange(len(lengths)) % 2 == 1, lengths) for lengths in self.runs]
        return np.array(flat, bool).reshape(len(self.runs), width, height).transpose(0, 2, 1)

    def select(self, rows) -> Masks:
        return Masks(tuple(self.runs[i] for i in rows), self.size)

    def __len__(self) -> int:
        return len(self.runs)


def _run_lengths(mask: np.ndarray) -> tuple[int, ...]:
    flat = np.concatenate([[False], mask.T.reshape(-1)])
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    return tuple(int(n) for n in np.diff(np.concatenate([[0], edges, [mask.size]])))
