"""Attributes: what a thing looks like. Colour names are read from pixels, in a space made for the eye."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

COLOURS = ("black", "white", "gray", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
SAMPLES = 28  # pixels a side a box is read at


class Attribute(NamedTuple):
    """A word that may be true of a thing, with a confidence in [0, 1]. `kind` is colour, size, or the reader's own."""

    word: str
    kind: str
    confidence: float


def lab_from_rgb(rgb: np.ndarray) -> np.ndarray:
    """(..., 3) uint8 sRGB to (..., 3) float32 CIELAB (D65, 2 degrees): L in [0, 100], a and b about [-110, 110]."""
    unit = np.asarray(rgb, np.float32) / 255
    linear = np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _TO_XYZ_OF_WHITE.T
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


_TO_XYZ_OF_WHITE = np.array([[0.4124564, 0.3575761, 0.1804375],
                             [0.2126729, 0.7151522, 0.0721750],
                             [0.0193339, 0.1191920, 0.9503041]], np.float32) / np.array([[0.95047], [1], [1.08883]], np.float32)


def names_of(lab: np.ndarray) -> np.ndarray:
    """(...) index into COLOURS of each CIELAB colour: lightness for the colourless, hue for the others."""
    light, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    name = np.select(
        [(light < 22) & (chroma < 16) | (light < 10), (chroma < 11) & (light > 78), chroma < 11],
        [0, 1, 2], -1)
    coloured = np.select(
        [(hue < 25) & (light > 55), (hue < 46) & (chroma > 32), (hue < 95) & (light < 62) & (chroma < 48), hue < 46,
         (hue < 75) & (chroma > 40), hue < 110, hue < 190, hue < 300, hue < 330, light > 50],
        [9, 3, 10, 9, 4, 5, 6, 7, 8, 9], 3)
    return np.where(name >= 0, name, coloured)


def colours_of(pixels: np.ndarray, boxes: np.ndarray, around: bool = True) -> list[tuple[Attribute, ...]]:
    """For each box (N, 4) in pixels: its colour names, surest first; () where nothing of it is in the picture.

    `around`: what surrounds the box is background, and its colours count less.
    """
    return [_colours(pixels, box, around) for box in boxes]


def _colours(pixels, box, around) -> tuple[Attribute, ...]:
    height, width = pixels.shape[:2]
    x0, y0 = np.clip(box[:2], 0, (width, height))
    x1, y1 = np.clip(box[2:], 0, (width, height))
    if x1 - x0 < 2 or y1 - y0 < 2:
        return ()
    inside = _histogram(_sample(pixels, x0, y0, x1, y1), _CENTRE)
    share = inside
    if around:
        margin_x, margin_y = (x1 - x0) * 0.15, (y1 - y0) * 0.15
        wider = _sample(pixels, max(x0 - margin_x, 0), max(y0 - margin_y, 0), min(x1 + margin_x, width),
                        min(y1 + margin_y, height))
        share = np.clip(inside - 0.35 * _histogram(wider, _BORDER), 0, None)
    share /= max(share.sum(), 1e-6)
    order = np.argsort(-share)[:3]
    return tuple(Attribute(COLOURS[i], "colour", round(float(share[i]), 3)) for i in order if share[i] > 0.1)


def _sample(pixels, x0, y0, x1, y1) -> np.ndarray:
    """(SAMPLES, SAMPLES, 3) pixels on an even grid over a box that lies in the picture."""
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES
    columns = np.minimum((x0 + steps * (x1 - x0)).astype(int), pixels.shape[1] - 1)
    rows = np.minimum((y0 + steps * (y1 - y0)).astype(int), pixels.shape[0] - 1)
    return pixels[rows[:, None], columns]


def _histogram(sample, weights) -> np.ndarray:
    """(11,) share of each colour name, summing to 1."""
    return np.bincount(names_of(lab_from_rgb(sample)).ravel(), weights.ravel(), len(COLOURS)) / weights.sum()


def _centre_weights() -> np.ndarray:
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES * 2 - 1
    return np.exp(-(steps[:, None] ** 2 + steps ** 2) / (2 * 0.45 ** 2))


def _border_weights() -> np.ndarray:
    steps = np.abs((np.arange(SAMPLES) + 0.5) / SAMPLES * 2 - 1)
    return (np.maximum(steps[:, None], steps) > 1 / 1.3).astype(float)


_CENTRE, _BORDER = _centre_weights(), _border_weights()
