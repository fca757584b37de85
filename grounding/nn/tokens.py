"""Tokens: what the frozen networks saw inside a box, as a few vectors a small network can read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from grounding.nn.files.features import Features
from grounding.nn.parts.geometry import cells as grid_cells
from grounding.nn.parts.geometry import pool

WHOLE = ("ssd19", "ssd10", "eff28", "eff14", "eff7")  # levels averaged over the box
FINE = ("ssd19", "eff28", "eff14")  # levels fine enough for the cells of a box
WHOLE_WIDTH, FINE_WIDTH = 576 + 1280 + 40 + 112 + 320, 576 + 40 + 112
SIDE = 3  # rows and columns of cells in a box
AROUND = 6  # rows and columns of cells in the picture


@dataclass(frozen=True)
class Looks:
    """N boxes as seen: `whole` (N, 2328), their `cells` (N, 9, 728) row by row, `boxes` (N, 4) as fractions of the picture."""

    whole: np.ndarray
    cells: np.ndarray
    boxes: np.ndarray

    def __len__(self) -> int:
        return len(self.boxes)

    def keep(self, rows) -> Looks:
        return Looks(self.whole[rows], self.cells[rows], self.boxes[rows])


def looks(features: Features, boxes: np.ndarray) -> Looks:
    """`boxes` (N, 4) as fractions of the picture; float32 throughout."""
    boxes = np.asarray(boxes, np.float32).reshape(-1, 4)
    within = parts_of(torch.from_numpy(boxes), SIDE).flatten(0, 1)  # (N * 9, 4)
    whole, cells = pooled(features, WHOLE, torch.from_numpy(boxes)), pooled(features, FINE, within)
    return Looks(whole, cells.reshape(len(boxes), SIDE * SIDE, -1), boxes)


def around(features: Features) -> np.ndarray:
    """(36, 728): the cells of the whole picture, row by row."""
    return pooled(features, FINE, grid_cells(AROUND, AROUND))


def pooled(features: Features, levels: tuple[str, ...], boxes: Tensor) -> np.ndarray:
    """(N, channels of all levels): the mean of the features inside each box."""
    if not len(boxes):
        return np.zeros((0, sum(features.levels[level].shape[0] for level in levels)), np.float32)
    parts = [pool(torch.from_numpy(features.levels[level]).float()[None], boxes[None])[0] for level in levels]
    return torch.cat(parts, -1).numpy()


def parts_of(boxes: Tensor, side: int) -> Tensor:
    """(..., 4) to (..., side * side, 4): each box cut into equal cells, row by row."""
    low, extent = boxes[..., None, :2], (boxes[..., 2:] - boxes[..., :2])[..., None, :]
    unit = grid_cells(side, side)
    return torch.cat([low + unit[:, :2] * extent, low + unit[:, 2:] * extent], -1)
