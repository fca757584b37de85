"""Region features: the frozen networks' features inside a box, pooled into a few vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from grounding.nn.files.features import ImageFeatures
from grounding.nn.parts.geometry import grid_boxes as grid_cells
from grounding.nn.parts.geometry import pool_boxes

BOX_LEVELS = ("ssd19", "ssd10", "eff28", "eff14", "eff7")  # levels pooled over the whole box
CELL_LEVELS = ("ssd19", "eff28", "eff14")  # levels with enough resolution for the cells of a box
BOX_FEATURE_WIDTH, CELL_FEATURE_WIDTH = 576 + 1280 + 40 + 112 + 320, 576 + 40 + 112
CELLS_PER_BOX_SIDE = 3  # rows and columns of cells in a box
CELLS_PER_IMAGE_SIDE = 6  # rows and columns of cells in the image


@dataclass(frozen=True)
class RegionFeatures:
    """The features of N boxes: `box_features` (N, 2328), `cell_features` (N, 9, 728) row by row, `boxes` (N, 4) as
    fractions of the image."""

    box_features: np.ndarray
    cell_features: np.ndarray
    boxes: np.ndarray

    def __len__(self) -> int:
        return len(self.boxes)

    def keep(self, rows) -> RegionFeatures:
        return RegionFeatures(self.box_features[rows], self.cell_features[rows], self.boxes[rows])


def extract_regions(features: ImageFeatures, boxes: np.ndarray) -> RegionFeatures:
    """The features of `boxes` (N, 4), given as fractions of the image; float32."""
    boxes = np.asarray(boxes, np.float32).reshape(-1, 4)
    cell_boxes = split_into_cells(torch.from_numpy(boxes), CELLS_PER_BOX_SIDE).flatten(0, 1)  # (N * 9, 4)
    box_features, cell_features = pool_levels(features, BOX_LEVELS, torch.from_numpy(boxes)), pool_levels(features, CELL_LEVELS, cell_boxes)
    return RegionFeatures(box_features, cell_features.reshape(len(boxes), CELLS_PER_BOX_SIDE * CELLS_PER_BOX_SIDE, -1), boxes)


def extract_image_cells(features: ImageFeatures) -> np.ndarray:
    """(36, 728): the features of a 6 x 6 grid over the whole image, row by row."""
    return pool_levels(features, CELL_LEVELS, grid_cells(CELLS_PER_IMAGE_SIDE, CELLS_PER_IMAGE_SIDE))


def pool_levels(features: ImageFeatures, levels: tuple[str, ...], boxes: Tensor) -> np.ndarray:
    """(N, channels of all levels): the mean feature inside each box, levels concatenated."""
    if not len(boxes):
        return np.zeros((0, sum(features.levels[level].shape[0] for level in levels)), np.float32)
    parts = [pool_boxes(torch.from_numpy(features.levels[level]).float()[None], boxes[None])[0] for level in levels]
    return torch.cat(parts, -1).numpy()


def split_into_cells(boxes: Tensor, side: int) -> Tensor:
    """(..., 4) to (..., side * side, 4): each box split into equal cells, row by row."""
    low, extent = boxes[..., None, :2], (boxes[..., 2:] - boxes[..., :2])[..., None, :]
    unit = grid_cells(side, side)
    return torch.cat([low + unit[:, :2] * extent, low + unit[:, 2:] * extent], -1)
