"""Palette: which colours are a thing's and which are its surroundings', pixel by pixel (Bertinetto et al. 2016, section 4)."""

from __future__ import annotations

import cv2
import numpy as np

from grounding.nn.parts.crops import opponents

BINS = (12, 12, 8)  # red against green, yellow against blue, brightness


class Palette:
    """Shares of colours inside a thing and around it, learned from square views in whose middle it lies."""

    def __init__(self, view: np.ndarray, extent: np.ndarray):
        """`view` (S, S, 3) uint8; `extent` (width, height) of the thing in pixels of the view."""
        self._inside, self._outside = self._shares(view, extent)

    def learn(self, view: np.ndarray, extent: np.ndarray, rate: float) -> None:
        """One more view; older ones fade."""
        inside, outside = self._shares(view, extent)
        self._inside += rate * (inside - self._inside)
        self._outside += rate * (outside - self._outside)

    def map(self, view: np.ndarray) -> np.ndarray:
        """(S, S) float32 in [0, 1]: how likely each pixel is the thing's by its colour alone."""
        share = (self._inside + 1e-4) / (self._inside + self._outside + 2e-4)
        return share[_codes(view)].astype(np.float32)

    def answer(self, view: np.ndarray, extent: np.ndarray) -> np.ndarray:
        """(S, S): the mean likelihood in a box of `extent` around each pixel, in [0, 1]."""
        box = tuple(int(np.clip(round(float(length)), 3, view.shape[0])) for length in extent * 0.8)
        return cv2.blur(self.map(view), box, borderType=cv2.BORDER_REPLICATE)

    def _shares(self, view: np.ndarray, extent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        side, codes = view.shape[0], _codes(view)
        away = np.abs(np.arange(side) + 0.5 - side / 2)
        core = (away[:, None] < extent[1] * 0.4) & (away[None, :] < extent[0] * 0.4)
        rest = (away[:, None] > extent[1] * 0.55) | (away[None, :] > extent[0] * 0.55)
        return _share(codes[core]), _share(codes[rest])


def colours(pixels: np.ndarray, box) -> np.ndarray:
    """(1152,) shares of colours in the middle of a box of (H, W, 3) uint8 pixels; zeros where it lies outside."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = (int(round(float(x))) for x in box)
    dx, dy = (x1 - x0) // 10, (y1 - y0) // 10
    part = pixels[max(y0 + dy, 0) : min(max(y1 - dy, y0 + dy + 1), height), max(x0 + dx, 0) : min(max(x1 - dx, x0 + dx + 1), width)]
    return _share(_codes(cv2.resize(part, (24, 24), interpolation=cv2.INTER_AREA))) if part.size else np.zeros(np.prod(BINS))


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Bhattacharyya coefficient of two shares, in [0, 1]."""
    return float(np.sqrt(a * b).sum())


def _codes(view: np.ndarray) -> np.ndarray:
    """The bin of each pixel; opponent colours are stretched, since most lie near grey."""
    image = view.astype(np.float32) / 255
    first, second = (np.clip((np.sign(axis) * np.sqrt(np.abs(axis)) + 1) / 2 * count, 0, count - 1).astype(np.int64)
                     for axis, count in zip(opponents(image), BINS))
    bright = np.clip(image.mean(-1) * BINS[2], 0, BINS[2] - 1).astype(np.int64)
    return (first * BINS[1] + second) * BINS[2] + bright


def _share(codes: np.ndarray) -> np.ndarray:
    """Shares of the bins, a little blurred by what all have."""
    counts = np.bincount(codes.reshape(-1), minlength=int(np.prod(BINS))).astype(np.float64)
    return counts / max(codes.size, 1)
