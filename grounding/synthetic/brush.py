"""Sprite canvas: draws smooth coloured shapes in units of the object drawn, with an exact bounding box."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image as Pillow
from PIL import ImageColor, ImageDraw, ImageFilter

SUPERSAMPLING = 4  # shapes are drawn this much larger and scaled down: smooth edges, boxes to a quarter of a pixel


@dataclass(frozen=True)
class Sprite:
    """A drawn object: `pixels` (H, W, 4) uint8, whose top-left corner lies at (`left`, `top`) from the point where the object stands.

    `box` (x0, y0, x1, y1) floats from that same point: the tight extent of what is visible.
    """

    pixels: np.ndarray
    left: int
    top: int
    box: tuple[float, float, float, float]


class SpriteCanvas:
    """A transparent sheet of `width` x `height` units, one unit being `scale` pixels; (0, 0) is where the object stands.

    x grows to the right, y grows upwards; the sheet reaches from -width / 2 to width / 2 and from `below` to height.
    """

    def __init__(self, width: float, height: float, scale: float, below: float = 0.06, flip: bool = False):
        self._scale, self._flip = scale * SUPERSAMPLING, flip
        self._left, self._top = int(np.ceil(width / 2 * scale)) + 1, int(np.ceil(height * scale)) + 1
        height_px = self._top + int(np.ceil(below * scale)) + 1
        self._sheet = Pillow.new("RGBA", (2 * self._left * SUPERSAMPLING, height_px * SUPERSAMPLING))
        self._draw = ImageDraw.Draw(self._sheet)

    def ellipse(self, x: float, y: float, rx: float, color, ry: float | None = None):
        """An ellipse around (x, y)."""
        ry = rx if ry is None else ry
        (ax, ay), (bx, by) = self._at(x - rx, y + ry), self._at(x + rx, y - ry)
        self._draw.ellipse((min(ax, bx), ay, max(ax, bx), by), fill=rgba(color))

    def polygon(self, points, color):
        """A polygon with sharp corners."""
        self._draw.polygon([self._at(x, y) for x, y in points], fill=rgba(color))

    def closed_curve(self, points, color):
        """A closed curve through the points."""
        self.polygon(curve(points, closed=True), color)

    def stroke(self, points, width: float, color, end: float | None = None):
        """A rounded stroke through the points, `width` at its start and `end` (else the same) at its end."""
        length = float(np.hypot(*np.diff(np.asarray(points, np.float64), axis=0).T).sum())
        steps = int(np.clip(length / (0.18 * max(min(width, end or width), 1e-3)), 6, 400))
        path = curve(points, steps=-(-steps // (len(points) - 1))) if len(points) > 2 else interpolate(*points, steps=steps)
        for (x, y), w in zip(path, np.linspace(width, width if end is None else end, len(path))):
            self.ellipse(x, y, w / 2, color)

    def rounded_box(self, x0, y0, x1, y1, color, round: float = 0.0):
        """A rectangle with rounded corners."""
        (ax, ay), (bx, by) = self._at(x0, y1), self._at(x1, y0)
        self._draw.rounded_rectangle((min(ax, bx), ay, max(ax, bx), by), round * self._scale, fill=rgba(color))

    def sprite(self, light: float = 0.16) -> Sprite:
        """What was drawn, lit from the upper left by `light`."""
        alpha = np.asarray(self._sheet.getchannel("A"))
        rows, columns = np.flatnonzero(alpha.max(1) > 127), np.flatnonzero(alpha.max(0) > 127)
        size = (self._sheet.width // SUPERSAMPLING, self._sheet.height // SUPERSAMPLING)
        small = np.array(self._sheet.resize(size, Pillow.Resampling.BOX))
        box = (columns[0] / SUPERSAMPLING - self._left, rows[0] / SUPERSAMPLING - self._top,
               (columns[-1] + 1) / SUPERSAMPLING - self._left, (rows[-1] + 1) / SUPERSAMPLING - self._top)
        x0, y0, x1, y1 = map(float, box)
        return Sprite(_add_lighting(small, light), -self._left, -self._top, (x0, y0, x1, y1))

    def _at(self, x: float, y: float) -> tuple[float, float]:
        x = -x if self._flip else x
        return self._left * SUPERSAMPLING + x * self._scale, self._top * SUPERSAMPLING - y * self._scale


def curve(points, closed: bool = False, steps: int = 10) -> list[tuple[float, float]]:
    """A smooth curve through the points (Catmull-Rom)."""
    p = np.asarray(points, np.float64)
    p = np.concatenate([p[-1:], p, p[:2]]) if closed else np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = [0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t ** 2 + (3 * b - a - 3 * c + d) * t ** 3)
              for a, b, c, d in zip(p, p[1:], p[2:], p[3:])]
    return [tuple(point) for point in np.concatenate([*pieces, p[-2:-1]])]


def interpolate(a, b, steps: int) -> list[tuple[float, float]]:
    return [tuple(point) for point in np.linspace(a, b, steps)]


def rgba(color) -> tuple[int, int, int, int]:
    """From "#rrggbb", a name, or three numbers."""
    color = ImageColor.getrgb(color) if isinstance(color, str) else tuple(int(c) for c in color)
    red, green, blue = color[:3]
    return (red, green, blue, 255)


def tint(color, amount: float) -> tuple[int, int, int]:
    """Lighter towards white for amounts up to 1, darker towards a cool black down to -1."""
    target = np.array((255, 252, 244) if amount > 0 else (20, 24, 44))
    red, green, blue = np.array(rgba(color)[:3]) * (1 - abs(amount)) + target * abs(amount)
    return (int(red), int(green), int(blue))


def blur(layer: Pillow.Image, radius: float) -> Pillow.Image:
    return layer.filter(ImageFilter.GaussianBlur(radius))


def _add_lighting(pixels: np.ndarray, light: float) -> np.ndarray:
    """Brighter at the upper left, darker at the lower right; edges fade to the colour inside, not to black."""
    height, width = pixels.shape[:2]
    ramp = 1 + light * (0.55 - np.linspace(0, 1, height)[:, None] * 0.7 - np.linspace(0, 1, width)[None, :] * 0.4)
    lit = pixels.astype(np.float32)
    lit[..., :3] *= ramp[..., None]
    return np.clip(lit, 0, 255).astype(np.uint8)
