"""Batches: several images, and the phrases of each, stacked into tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from grounding.nn.files.features import ImageFeatures
from grounding.nn.grounding.candidates import make_candidates


@dataclass(frozen=True)
class ImageBatch:
    """B images: `levels` name to (B, channels, rows, columns); the C candidates of each: `boxes` (B, C, 4),
    `class_ids`, `candidate_types`, `scores`, `valid` (B, C), `relative_positions` (B, C, RELATIVE_POSITION_WIDTH)."""

    levels: dict[str, Tensor]
    boxes: Tensor
    class_ids: Tensor
    candidate_types: Tensor
    scores: Tensor
    valid: Tensor
    relative_positions: Tensor


@dataclass(frozen=True)
class TextBatch:
    """The word pieces of all phrases of an image, concatenated: `states` (B, T, 384); `phrase_ids` (B, T) index of
    the phrase of each piece, -1 for padding; `cls_positions` (B, K) position of the [CLS] state of each phrase;
    `valid` (B, K) bool, False where an image has fewer than K phrases."""

    states: Tensor
    phrase_ids: Tensor
    cls_positions: Tensor
    valid: Tensor


def batch_images(images: Sequence[ImageFeatures], num_classes: int) -> ImageBatch:
    """`num_classes`: number of classes of the detector."""
    all_candidates = [make_candidates(features, num_classes) for features in images]
    levels = {level: torch.from_numpy(np.stack([features.levels[level] for features in images])).float() for level in images[0].levels}
    columns = (torch.from_numpy(np.stack([getattr(candidates, field) for candidates in all_candidates]))
               for field in ("boxes", "class_ids", "candidate_types", "scores", "valid", "relative_positions"))
    return ImageBatch(levels, *columns)


def batch_texts(phrases: Sequence[Sequence[np.ndarray]]) -> TextBatch:
    """`phrases`: for each image the states (pieces, 384) of each of its phrases."""
    max_pieces = max([sum(map(len, rows)) for rows in phrases] + [1])
    max_phrases = max([len(rows) for rows in phrases] + [1])
    width = next((states.shape[1] for rows in phrases for states in rows), 384)
    table = np.zeros((len(phrases), max_pieces, width), np.float32)
    phrase_ids = np.full((len(phrases), max_pieces), -1)
    cls_positions, valid = np.zeros((len(phrases), max_phrases), np.int64), np.zeros((len(phrases), max_phrases), bool)
    for image, rows in enumerate(phrases):
        start = 0
        for index, states in enumerate(rows):
            table[image, start:start + len(states)] = states
            phrase_ids[image, start:start + len(states)] = index
            cls_positions[image, index], valid[image, index] = start, True
            start += len(states)
    return TextBatch(*map(torch.from_numpy, (table, phrase_ids, cls_positions, valid)))
