"""Boxes: where things are in a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Size(NamedTuple):
    """Width and height of an upright picture in pixels: the one spelling of a size in this project."""

    width: int
    height: int


@dataclass(frozen=True, eq=False)
class Boxes:
    """`xyxy` (N, 4) float32, pixels of the upright original, top-left origin, x0 <= x1 and y0 <= y1; read-only."""

    xyxy: np.ndarray

    def __post_init__(self):
        array = np.array(self.xyxy, np.float32)
        if array.size == 0:
            array = array.reshape(0, 4)
        if array.ndim != 2 or array.shape[1] != 4:
            raise ValueError(f"boxes are rows of (x0, y0, x1, y1); got an array of shape {array.shape}")
        if not np.isfinite(array).all():
            raise ValueError(f"box {_first(~np.isfinite(array).all(1))} has a coordinate that is not a number")
        backwards = (array[:, 2] < array[:, 0]) | (array[:, 3] < array[:, 1])
        if backwards.any():
            row = _first(backwards)
            raise ValueError(f"box {row} ends before it starts: {array[row].tolist()}")
        array.setflags(write=False)
        object.__setattr__(self, "xyxy", array)

    @classmethod
    def empty(cls) -> Boxes:
        return cls(np.zeros((0, 4), np.float32))

    @classmethod
    def from_xywh(cls, xywh) -> Boxes:
        """From (N, 4) rows of left, top, width, height in pixels."""
        xywh = np.asarray(xywh, np.float64).reshape(-1, 4)
        return cls(np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], 1))

    @classmethod
    def from_unit_cxcywh(cls, cxcywh, size: Size) -> Boxes:
        """From (N, 4) rows of centre and extent, as fractions of `size`."""
        cxcywh = np.asarray(cxcywh, np.float64).reshape(-1, 4)
        half = cxcywh[:, 2:] / 2
        corners = np.concatenate([cxcywh[:, :2] - half, cxcywh[:, :2] + half], 1)
        return cls(corners * np.tile(np.asarray(size, np.float64), 2))

    def to_xywh(self) -> np.ndarray:
        """(N, 4) float32 left, top, width, height in pixels."""
        return np.concatenate([self.xyxy[:, :2], self.xyxy[:, 2:] - self.xyxy[:, :2]], 1)

    def to_unit_cxcywh(self, size: Size) -> np.ndarray:
        """(N, 4) float32 centre and extent as fractions of `size`."""
        extent = self.xyxy[:, 2:] - self.xyxy[:, :2]
        rows = np.concatenate([self.xyxy[:, :2] + extent / 2, extent], 1)
        return rows / np.tile(np.asarray(size, np.float32), 2)

    def clip(self, size: Size) -> Boxes:
        """The part of each box inside a picture of `size`; a box wholly outside becomes empty at the border."""
        limit = np.tile(np.asarray(size, np.float32), 2)
        return Boxes(np.clip(self.xyxy, 0, limit))

    @property
    def area(self) -> np.ndarray:
        """(N,) square pixels."""
        return (self.xyxy[:, 2] - self.xyxy[:, 0]) * (self.xyxy[:, 3] - self.xyxy[:, 1])

    @property
    def centers(self) -> np.ndarray:
        """(N, 2) x and y in pixels."""
        return (self.xyxy[:, :2] + self.xyxy[:, 2:]) / 2

    def __len__(self) -> int:
        return len(self.xyxy)

    def __getitem__(self, rows) -> Boxes:
        """The boxes of a slice, an index array or a (N,) bool mask; one integer gives one box, still as `Boxes`."""
        return Boxes(np.atleast_2d(self.xyxy[rows]))

    def __eq__(self, other) -> bool:
        return isinstance(other, Boxes) and np.array_equal(self.xyxy, other.xyxy)

    def __repr__(self) -> str:
        return f"Boxes({self.xyxy.tolist()})"


def axis_aligned_bounds(box: tuple[float, float, float, float], degrees: float) -> tuple[float, float, float, float]:
    """The upright box around a box (x0, y0, x1, y1) that is rotated by `degrees` about its centre; the direction makes
    no difference."""
    x0, y0, x1, y1 = box
    if degrees % 180 == 0:
        return box
    turn = math.radians(degrees)
    cosine, sine = (0.0, 1.0) if degrees % 90 == 0 else (abs(math.cos(turn)), abs(math.sin(turn)))
    across, down = ((x1 - x0) * cosine + (y1 - y0) * sine) / 2, ((x1 - x0) * sine + (y1 - y0) * cosine) / 2
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return x - across, y - down, x + across, y + down


def clip_box(
    box: tuple[float, float, float, float], size: Size
) -> tuple[tuple[float, float, float, float] | None, float]:
    """The part of a box (x0, y0, x1, y1) inside a picture of `size`, (0, 0) if unknown, and by how many pixels it reaches over the
    edge; None, 0 where nothing of it is inside."""
    x0, y0, x1, y1 = box
    right, bottom = (float(size.width), float(size.height)) if all(size) else (math.inf, math.inf)
    kept = (max(x0, 0.0), max(y0, 0.0), min(x1, right), min(y1, bottom))
    if kept[0] >= kept[2] or kept[1] >= kept[3]:
        return None, 0.0
    return kept, max(-x0, -y0, x1 - right, y1 - bottom, 0.0)


def intersection(a: Boxes, b: Boxes) -> np.ndarray:
    """(len(a), len(b)) shared area in square pixels."""
    low = np.maximum(a.xyxy[:, None, :2], b.xyxy[None, :, :2])
    high = np.minimum(a.xyxy[:, None, 2:], b.xyxy[None, :, 2:])
    return np.clip(high - low, 0, None).prod(-1)


def iou(a: Boxes, b: Boxes) -> np.ndarray:
    """(len(a), len(b)) intersection over union, in [0, 1]; 0 where both areas are 0."""
    shared = intersection(a, b)
    union = a.area[:, None] + b.area[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def ioa(a: Boxes, b: Boxes) -> np.ndarray:
    """(len(a), len(b)) share of each box of `a` that lies inside each box of `b`, in [0, 1]; 0 where `a` is empty."""
    shared = intersection(a, b)
    area = np.broadcast_to(a.area[:, None], shared.shape)
    return np.divide(shared, area, out=np.zeros_like(shared), where=area > 0)


def greedy_nms(overlaps: np.ndarray) -> list[int]:
    """The rows, in order, that overlap no earlier kept row; `overlaps` (N, N) bool (greedy suppression, best first)."""
    kept: list[int] = []
    for row in range(len(overlaps)):
        if not overlaps[row, kept].any():
            kept.append(row)
    return kept


def containment_nms(boxes: Boxes, max_overlap: float = 0.6) -> list[int]:
    """The rows, in order, of boxes not contained in an earlier kept one: at most `max_overlap` of the smaller of two boxes may lie
    in the other. A part of an object is no second object."""
    smaller = np.minimum(boxes.area[:, None], boxes.area[None, :])
    return greedy_nms(intersection(boxes, boxes) > max_overlap * smaller)


def _first(mask: np.ndarray) -> int:
    return int(np.flatnonzero(mask)[0])
