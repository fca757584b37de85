"""Colour histogram: foreground and background colour histograms of an object (Bertinetto et al. 2016, Staple, section 4)."""

from __future__ import annotations

import cv2
import numpy as np

from grounding.nn.parts.crops import opponent_colours

BINS = (12, 12, 8)  # bins of red-green, yellow-blue, brightness


class ColourHistogramModel:
    """Foreground and background histograms, learned from square views centred on the object."""

    def __init__(self, view: np.ndarray, extent: np.ndarray):
        """`view` (S, S, 3) uint8; `extent` (width, height) of the object in pixels of the view."""
        self._foreground, self._background = self._histograms(view, extent)

    def update(self, view: np.ndarray, extent: np.ndarray, rate: float) -> None:
        """Updates both histograms with a view, by a running mean with weight `rate`."""
        inside, outside = self._histograms(view, extent)
        self._foreground += rate * (inside - self._foreground)
        self._background += rate * (outside - self._background)

    def foreground_probability(self, view: np.ndarray) -> np.ndarray:
        """(S, S) float32 in [0, 1]: the probability of each pixel to be foreground, from its colour alone."""
        share = (self._foreground + 1e-4) / (self._foreground + self._background + 2e-4)
        return share[_bin_indices(view)].astype(np.float32)

    def respond(self, view: np.ndarray, extent: np.ndarray) -> np.ndarray:
        """(S, S): the mean foreground probability in a box of 0.8 * `extent` around each pixel, in [0, 1]."""
        box = tuple(int(np.clip(round(float(length)), 3, view.shape[0])) for length in extent * 0.8)
        return cv2.blur(self.foreground_probability(view), box, borderType=cv2.BORDER_REPLICATE)

    def _histograms(self, view: np.ndarray, extent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        side, codes = view.shape[0], _bin_indices(view)
        distance = np.abs(np.arange(side) + 0.5 - side / 2)
        foreground = (distance[:, None] < extent[1] * 0.4) & (distance[None, :] < extent[0] * 0.4)
        background = (distance[:, None] > extent[1] * 0.55) | (distance[None, :] > extent[0] * 0.55)
        return _histogram(codes[foreground]), _histogram(codes[background])


def colour_histogram(pixels: np.ndarray, box) -> np.ndarray:
    """(1152,) colour histogram of the middle of a box in (H, W, 3) uint8 pixels, sums to 1; zeros where the box lies outside."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = (int(round(float(x))) for x in box)
    dx, dy = (x1 - x0) // 10, (y1 - y0) // 10
    part = pixels[max(y0 + dy, 0) : min(max(y1 - dy, y0 + dy + 1), height), max(x0 + dx, 0) : min(max(x1 - dx, x0 + dx + 1), width)]
    return _histogram(_bin_indices(cv2.resize(part, (24, 24), interpolation=cv2.INTER_AREA))) if part.size else np.zeros(np.prod(BINS))


def bhattacharyya_coefficient(a: np.ndarray, b: np.ndarray) -> float:
    """Bhattacharyya coefficient of two histograms, in [0, 1]."""
    return float(np.sqrt(a * b).sum())


def _bin_indices(view: np.ndarray) -> np.ndarray:
    """The bin of each pixel; opponent colours are stretched by a square root, since most are near grey."""
    image = view.astype(np.float32) / 255
    first, second = (np.clip((np.sign(axis) * np.sqrt(np.abs(axis)) + 1) / 2 * count, 0, count - 1).astype(np.int64)
                     for axis, count in zip(opponent_colours(image), BINS))
    brightness = np.clip(image.mean(-1) * BINS[2], 0, BINS[2] - 1).astype(np.int64)
    return (first * BINS[1] + second) * BINS[2] + brightness


def _histogram(codes: np.ndarray) -> np.ndarray:
    """The normalised histogram of bin indices."""
    counts = np.bincount(codes.reshape(-1), minlength=int(np.prod(BINS))).astype(np.float64)
    return counts / max(codes.size, 1)
