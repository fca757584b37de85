"""Batches: several pictures, and the phrases asked about each, laid side by side as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from grounding.nn.files.features import Features
from grounding.nn.grounding.candidates import candidates


@dataclass(frozen=True)
class Scenes:
    """B pictures: `levels` name to (B, channels, rows, columns); candidates `boxes` (B, C, 4), `names`, `kinds`, `scores`, `real` (B, C),
    `ranks` (B, C, RANKS)."""

    levels: dict[str, Tensor]
    boxes: Tensor
    names: Tensor
    kinds: Tensor
    scores: Tensor
    real: Tensor
    ranks: Tensor


@dataclass(frozen=True)
class Words:
    """The word pieces of all phrases of each picture in one row: `states` (B, T, 384), `phrase` (B, T) whose they are (-1: padding),
    `opening` (B, K) where each phrase begins, `asked` (B, K) bool: False where a picture has fewer than K phrases."""

    states: Tensor
    phrase: Tensor
    opening: Tensor
    asked: Tensor


def scenes(pictures: Sequence[Features], names: int) -> Scenes:
    """`names`: how many names the detector knows."""
    offers = [candidates(picture, names) for picture in pictures]
    levels = {level: torch.from_numpy(np.stack([picture.levels[level] for picture in pictures])).float()
              for level in pictures[0].levels}
    columns = (torch.from_numpy(np.stack([getattr(offer, field) for offer in offers]))
               for field in ("boxes", "names", "kinds", "scores", "real", "ranks"))
    return Scenes(levels, *columns)


def words(phrases: Sequence[Sequence[np.ndarray]]) -> Words:
    """`phrases`: for each picture the states (pieces, 384) of each of its phrases."""
    longest = max([sum(map(len, rows)) for rows in phrases] + [1])
    most = max([len(rows) for rows in phrases] + [1])
    width = next((states.shape[1] for rows in phrases for states in rows), 384)
    table = np.zeros((len(phrases), longest, width), np.float32)
    phrase = np.full((len(phrases), longest), -1)
    opening, asked = np.zeros((len(phrases), most), np.int64), np.zeros((len(phrases), most), bool)
    for picture, rows in enumerate(phrases):
        place = 0
        for index, states in enumerate(rows):
            table[picture, place:place + len(states)] = states
            phrase[picture, place:place + len(states)] = index
            opening[picture, index], asked[picture, index] = place, True
            place += len(states)
    return Words(*map(torch.from_numpy, (table, phrase, opening, asked)))
