"""Geometry: boxes as tensors (x0, y0, x1, y1), in fractions of the image: IoU, conversions, pooling and encoding."""

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
    enclosing = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).clamp(min=0).prod(-1).clamp(min=1e-9)
    return shared / union - (enclosing - union) / enclosing


def cxcywh_to_xyxy(cxcywh: Tensor) -> Tensor:
    """(..., 4) centre and extent to corners, clipped to the image."""
    half = cxcywh[..., 2:] / 2
    return torch.cat([cxcywh[..., :2] - half, cxcywh[..., :2] + half], -1).clamp(0, 1)


def apply_deltas(boxes: Tensor, deltas: Tensor) -> Tensor:
    """Boxes (..., 4) shifted by a fraction of their extent and scaled by exp (box regression as in Faster R-CNN);
    clipped to the image."""
    extent = (boxes[..., 2:] - boxes[..., :2]).clamp(min=1e-3)
    center = (boxes[..., :2] + boxes[..., 2:]) / 2 + deltas[..., :2].clamp(-1, 1) * extent
    return cxcywh_to_xyxy(torch.cat([center, extent * deltas[..., 2:].clamp(-1.5, 1.5).exp()], -1))


def relative_boxes(boxes: Tensor, parts) -> Tensor:
    """(..., 4) boxes and P sub-boxes `parts`, given as fractions of a box, to (..., P, 4)."""
    low, extent = boxes[..., None, :2], (boxes[..., 2:] - boxes[..., :2])[..., None, :]
    fractions = torch.as_tensor(parts, dtype=boxes.dtype, device=boxes.device)
    return torch.cat([low + fractions[:, :2] * extent, low + fractions[:, 2:] * extent], -1)


def grid_boxes(rows: int, columns: int) -> Tensor:
    """(rows * columns, 4): the cells of a grid as boxes, row by row."""
    y, x = torch.meshgrid(torch.arange(rows) / rows, torch.arange(columns) / columns, indexing="ij")
    return torch.stack([x, y, x + 1 / columns, y + 1 / rows], -1).flatten(0, 1)


def strip_coverage(boxes: Tensor, count: int, axis: int) -> Tensor:
    """(..., N, 4) to (..., N, count): the share of each of `count` strips along `axis` (0: x, 1: y) that a box covers, in [0, 1]."""
    edges = torch.arange(count + 1, dtype=boxes.dtype) / count
    low = torch.maximum(boxes[..., axis, None], edges[:-1])
    high = torch.minimum(boxes[..., axis + 2, None], edges[1:])
    return (high - low).clamp(min=0) * count


def pool_boxes(grid: Tensor, boxes: Tensor) -> Tensor:
    """(B, C, H, W) and (B, N, 4) to (B, N, C): the mean feature inside each box, cells weighted by the share of them inside it."""
    boxes = torch.cat([boxes[..., :2], torch.maximum(boxes[..., 2:], boxes[..., :2] + 1e-3)], -1)
    column_weights, row_weights = strip_coverage(boxes, grid.shape[3], 0), strip_coverage(boxes, grid.shape[2], 1)
    weights = (row_weights[..., :, None] * column_weights[..., None, :]).flatten(2)  # (B, N, H * W)
    weights = weights / weights.sum(-1, keepdim=True).clamp(min=1e-6)
    return weights @ grid.flatten(2).mT


def resize_to_tokens(grid: Tensor, side: int) -> Tensor:
    """(B, C, H, W) to (B, side * side, C): a feature map resized to `side` x `side` cells, as tokens row by row."""
    if grid.shape[-1] % side == 0:
        grid = F.avg_pool2d(grid, grid.shape[-1] // side)
    else:
        grid = F.interpolate(grid, (side, side), mode="bilinear", align_corners=False, antialias=grid.shape[-1] > side)
    return grid.flatten(2).mT


class BoxEncoding(nn.Module):
    """(..., 4) boxes to (..., width): sinusoidal encoding of corners, centre and extent at `frequency_count`
    frequencies, through an MLP."""

    def __init__(self, width: int, frequency_count: int = 6):
        super().__init__()
        self.register_buffer("frequencies", torch.pi * 2.0 ** torch.arange(frequency_count), persistent=False)
        self.mlp = nn.Sequential(nn.Linear(8 * 2 * frequency_count + 8, width), nn.GELU(), nn.Linear(width, width))

    def forward(self, boxes: Tensor) -> Tensor:
        extent = boxes[..., 2:] - boxes[..., :2]
        coordinates = torch.cat([boxes, boxes[..., :2] + extent / 2, extent], -1)  # (..., 8)
        phases = (coordinates[..., None] * self.frequencies).flatten(-2)
        return self.mlp(torch.cat([coordinates, phases.sin(), phases.cos()], -1))
