"""Geometry: boxes as tensors, in fractions of the picture (x0, y0, x1, y1), and what a network needs of them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def pair_iou(a: Tensor, b: Tensor) -> Tensor:
    """(..., N, 4) and (..., M, 4) to (..., N, M) intersection over union."""
    low = torch.maximum(a[..., :, None, :2], b[..., None, :, :2])
    high = torch.minimum(a[..., :, None, 2:], b[..., None, :, 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    area_a, area_b = ((box[..., 2:] - box[..., :2]).clamp(min=0).prod(-1) for box in (a, b))
    return shared / (area_a[..., :, None] + area_b[..., None, :] - shared).clamp(min=1e-9)


def giou(a: Tensor, b: Tensor) -> Tensor:
    """(..., 4) twice to (...,) generalised IoU in [-1, 1] (Rezatofighi et al. 2019)."""
    shared = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0).prod(-1)
    area_a, area_b = ((box[..., 2:] - box[..., :2]).clamp(min=0).prod(-1) for box in (a, b))
    union = (area_a + area_b - shared).clamp(min=1e-9)
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).clamp(min=0).prod(-1).clamp(min=1e-9)
    return shared / union - (hull - union) / hull


def from_center(cxcywh: Tensor) -> Tensor:
    """(..., 4) centre and extent to corners, cut to the picture."""
    half = cxcywh[..., 2:] / 2
    return torch.cat([cxcywh[..., :2] - half, cxcywh[..., :2] + half], -1).clamp(0, 1)


def moved(boxes: Tensor, change: Tensor) -> Tensor:
    """Boxes (..., 4) shifted by a part of their extent and scaled by exp, as detectors refine; cut to the picture."""
    extent = (boxes[..., 2:] - boxes[..., :2]).clamp(min=1e-3)
    center = (boxes[..., :2] + boxes[..., 2:]) / 2 + change[..., :2].clamp(-1, 1) * extent
    return from_center(torch.cat([center, extent * change[..., 2:].clamp(-1.5, 1.5).exp()], -1))


def within(boxes: Tensor, parts) -> Tensor:
    """(..., 4) boxes and P places in them, as fractions of a box, to (..., P, 4)."""
    low, extent = boxes[..., None, :2], (boxes[..., 2:] - boxes[..., :2])[..., None, :]
    places = torch.as_tensor(parts, dtype=boxes.dtype, device=boxes.device)
    return torch.cat([low + places[:, :2] * extent, low + places[:, 2:] * extent], -1)


def cells(rows: int, columns: int) -> Tensor:
    """(rows * columns, 4) the cells of a grid as boxes, row by row."""
    y, x = torch.meshgrid(torch.arange(rows) / rows, torch.arange(columns) / columns, indexing="ij")
    return torch.stack([x, y, x + 1 / columns, y + 1 / rows], -1).flatten(0, 1)


def cover(boxes: Tensor, count: int, axis: int) -> Tensor:
    """(..., N, 4) to (..., N, count): how much of each of `count` strips along an axis (0: x, 1: y) a box covers, in [0, 1]."""
    edges = torch.arange(count + 1, dtype=boxes.dtype) / count
    low = torch.maximum(boxes[..., axis, None], edges[:-1])
    high = torch.minimum(boxes[..., axis + 2, None], edges[1:])
    return (high - low).clamp(min=0) * count


def pool(grid: Tensor, boxes: Tensor) -> Tensor:
    """(B, C, H, W) and (B, N, 4) to (B, N, C): the mean of the features inside each box, cells weighed by how far they lie inside."""
    boxes = torch.cat([boxes[..., :2], torch.maximum(boxes[..., 2:], boxes[..., :2] + 1e-3)], -1)
    across, down = cover(boxes, grid.shape[3], 0), cover(boxes, grid.shape[2], 1)
    weights = (down[..., :, None] * across[..., None, :]).flatten(2)  # (B, N, H * W)
    weights = weights / weights.sum(-1, keepdim=True).clamp(min=1e-6)
    return weights @ grid.flatten(2).mT


def resized(grid: Tensor, side: int) -> Tensor:
    """(B, C, H, W) to (B, side * side, C): a grid brought to another number of cells, as tokens row by row."""
    if grid.shape[-1] % side == 0:
        grid = F.avg_pool2d(grid, grid.shape[-1] // side)
    else:
        grid = F.interpolate(grid, (side, side), mode="bilinear", align_corners=False, antialias=grid.shape[-1] > side)
    return grid.flatten(2).mT


class BoxCode(nn.Module):
    """(..., 4) boxes to (..., width): where a box lies and how large it is, as waves of several lengths."""

    def __init__(self, width: int, waves: int = 6):
        super().__init__()
        self.register_buffer("lengths", torch.pi * 2.0 ** torch.arange(waves), persistent=False)
        self.mix = nn.Sequential(nn.Linear(8 * 2 * waves + 8, width), nn.GELU(), nn.Linear(width, width))

    def forward(self, boxes: Tensor) -> Tensor:
        extent = boxes[..., 2:] - boxes[..., :2]
        plain = torch.cat([boxes, boxes[..., :2] + extent / 2, extent], -1)  # (..., 8)
        waves = (plain[..., None] * self.lengths).flatten(-2)
        return self.mix(torch.cat([plain, waves.sin(), waves.cos()], -1))
