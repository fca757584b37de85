"""Caption batches: objects, sentences and detections, stacked into tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from grounding.nn.association.matching import APPEARANCE_WIDTH, DetectionBatch
from grounding.nn.captioning.network import ObjectBatch
from grounding.nn.captioning.vocabulary import BEGIN, END
from grounding.nn.region_features import CELL_FEATURE_WIDTH, CELLS_PER_IMAGE_SIDE, RegionFeatures


@dataclass(frozen=True)
class ObjectFeatures:
    """One object: V views with their `times` (V,) in [0, 1] and `weights` (V,) in (0, 1]; `image_index`: its row
    among the whole images of the batch, -1 for none; `mixing_weights` (K, V), if its views are mixed."""

    views: RegionFeatures
    times: np.ndarray
    weights: np.ndarray
    image_index: int = -1
    mixing_weights: np.ndarray | None = None


@dataclass(frozen=True)
class ClipDetections:
    """The M detections of a clip: `appearance` (M, 1856), zeros where unknown, `boxes` (M, 4) as fractions of the
    image, `frames`, `class_ids`, `scores` (M,)."""

    appearance: np.ndarray
    boxes: np.ndarray
    frames: np.ndarray
    class_ids: np.ndarray
    scores: np.ndarray

    def __len__(self) -> int:
        return len(self.frames)


def objects_of_photo(regions: RegionFeatures, image_index: int = 0) -> list[ObjectFeatures]:
    """The boxes of one photo as objects of one view each."""
    return [ObjectFeatures(regions.keep([row]), np.float32([0.5]), np.ones(1, np.float32), image_index) for row in range(len(regions))]


def batch_objects(objects: Sequence[ObjectFeatures], image_cells: Sequence[np.ndarray] = ()) -> ObjectBatch:
    """`image_cells`: the (36, 728) cells of each whole image. Either all objects have `mixing_weights` or none."""
    max_views = max(len(features.views) for features in objects)
    columns = [
        _padded([getattr(features.views, name) for features in objects], max_views) for name in ("box_features", "cell_features", "boxes")
    ]
    columns += [_padded([getattr(features, name) for features in objects], max_views) for name in ("times", "weights")]
    valid = torch.from_numpy(np.stack([np.arange(max_views) < len(features.views) for features in objects]))
    images = (
        torch.from_numpy(np.stack(image_cells)).float()
        if len(image_cells)
        else torch.zeros(0, CELLS_PER_IMAGE_SIDE * CELLS_PER_IMAGE_SIDE, CELL_FEATURE_WIDTH)
    )
    image_index = torch.tensor([features.image_index for features in objects])
    has_mixing = objects[0].mixing_weights is not None
    mixing_weights = (
        torch.from_numpy(
            np.stack([np.pad(features.mixing_weights, ((0, 0), (0, max_views - features.mixing_weights.shape[1]))) for features in objects])
        ).float()
        if has_mixing
        else None
    )
    return ObjectBatch(*columns, valid, images, image_index, mixing_weights)


def batch_sentences(token_ids: Sequence[Sequence[int]]) -> Tensor:
    """(S, L) ids: BEGIN, the pieces, END, then zeros."""
    max_length = max(map(len, token_ids), default=0) + 2
    table = torch.zeros(len(token_ids), max_length, dtype=torch.long)
    for index, row in enumerate(token_ids):
        table[index, : len(row) + 2] = torch.tensor([BEGIN, *row, END])
    return table


def batch_detections(clips: Sequence[ClipDetections]) -> DetectionBatch:
    """Stacks clips, padded to the longest."""
    max_detections = max(max(map(len, clips)), 1)
    appearance, boxes = (_padded([getattr(clip, name) for clip in clips], max_detections) for name in ("appearance", "boxes"))
    frames, class_ids, scores = (
        _padded([getattr(clip, name) for clip in clips], max_detections) for name in ("frames", "class_ids", "scores")
    )
    valid = torch.from_numpy(np.stack([np.arange(max_detections) < len(clip) for clip in clips]))
    return DetectionBatch(appearance, boxes, frames, class_ids.long(), scores, valid)


def missing_appearance(count: int) -> np.ndarray:
    """(count, 1856) zeros: the appearance of detections without region features."""
    return np.zeros((count, APPEARANCE_WIDTH), np.float32)


def _padded(rows: Sequence[np.ndarray], length: int) -> Tensor:
    table = np.zeros((len(rows), length, *rows[0].shape[1:]), np.float32)
    for index, row in enumerate(rows):
        table[index, : len(row)] = row
    return torch.from_numpy(table)
