"""Caption batches: things to be described and sentences, laid side by side as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from grounding.nn.association.matching import LOOK, Sightings
from grounding.nn.captioning.network import Views
from grounding.nn.captioning.vocabulary import BEGIN, END
from grounding.nn.tokens import AROUND, FINE_WIDTH, Looks


@dataclass(frozen=True)
class Sight:
    """One thing as it is to be described: V views with their `times` (V,) in [0, 1] and `weights` (V,); `picture`: which whole picture
    belongs to it (-1: none); `mix` (K, V) if its views are to be mixed."""

    looks: Looks
    times: np.ndarray
    weights: np.ndarray
    picture: int = -1
    mix: np.ndarray | None = None


@dataclass(frozen=True)
class Clip:
    """The M things detected in the frames of a clip: `look` (M, 1856), `boxes` (M, 4) as fractions, `frames`, `kinds`, `scores` (M,)."""

    look: np.ndarray
    boxes: np.ndarray
    frames: np.ndarray
    kinds: np.ndarray
    scores: np.ndarray

    def __len__(self) -> int:
        return len(self.frames)


def still(seen: Looks, picture: int = 0) -> list[Sight]:
    """Boxes of one photo, each to be described alone."""
    return [Sight(seen.keep([row]), np.float32([0.5]), np.ones(1, np.float32), picture) for row in range(len(seen))]


def views(sights: Sequence[Sight], around: Sequence[np.ndarray] = ()) -> Views:
    """`around`: for each whole picture its (36, 728) cells. All things are mixed or none."""
    most = max(len(sight.looks) for sight in sights)
    columns = [_padded([getattr(sight.looks, name) for sight in sights], most) for name in ("whole", "cells", "boxes")]
    columns += [_padded([getattr(sight, name) for sight in sights], most) for name in ("times", "weights")]
    real = torch.from_numpy(np.stack([np.arange(most) < len(sight.looks) for sight in sights]))
    pictures = torch.from_numpy(np.stack(around)).float() if len(around) else torch.zeros(0, AROUND * AROUND, FINE_WIDTH)
    picture = torch.tensor([sight.picture for sight in sights])
    mixed = sights[0].mix is not None
    mix = torch.from_numpy(np.stack([np.pad(s.mix, ((0, 0), (0, most - s.mix.shape[1]))) for s in sights])).float() if mixed else None
    return Views(*columns, real, pictures, picture, mix)


def sentences(rows: Sequence[Sequence[int]]) -> Tensor:
    """(S, L) ids: BEGIN, the pieces, END, then zeros."""
    longest = max(map(len, rows), default=0) + 2
    table = torch.zeros(len(rows), longest, dtype=torch.long)
    for place, row in enumerate(rows):
        table[place, : len(row) + 2] = torch.tensor([BEGIN, *row, END])
    return table


def sightings(clips: Sequence[Clip]) -> Sightings:
    """Clips side by side."""
    most = max(max(map(len, clips)), 1)
    look, boxes = (_padded([getattr(clip, name) for clip in clips], most) for name in ("look", "boxes"))
    frames, kinds, scores = (_padded([getattr(clip, name) for clip in clips], most) for name in ("frames", "kinds", "scores"))
    real = torch.from_numpy(np.stack([np.arange(most) < len(clip) for clip in clips]))
    return Sightings(look, boxes, frames, kinds.long(), scores, real)


def unknown_look(count: int) -> np.ndarray:
    """What stands for the looks of things of which only boxes are known."""
    return np.zeros((count, LOOK), np.float32)


def _padded(rows: Sequence[np.ndarray], most: int) -> Tensor:
    table = np.zeros((len(rows), most, *rows[0].shape[1:]), np.float32)
    for place, row in enumerate(rows):
        table[place, : len(row)] = row
    return torch.from_numpy(table)
