"""Drawn indoor objects: cups, bowls, bottles, fruit, plants, books, and what stands around a table."""

from __future__ import annotations

import numpy as np

from grounding.synthetic.brush import Sprite, SpriteCanvas, tint


def cup(height: float, color: str, flip: bool = False) -> Sprite:
    brush = SpriteCanvas(1.7, 1.05, height, flip=flip)
    ring = [(0.42 + 0.24 * np.cos(a), 0.52 + 0.25 * np.sin(a)) for a in np.linspace(-1.5, 1.5, 30)]
    brush.stroke(ring, 0.1, tint(color, -0.15))
    brush.closed_curve([(-0.46, 0.92), (-0.43, 0.30), (-0.33, 0.04), (0.33, 0.04), (0.43, 0.30), (0.46, 0.92)], color)
    brush.polygon([(-0.46, 0.92), (0.46, 0.92), (0.45, 0.6), (-0.45, 0.6)], color)
    brush.ellipse(0, 0.91, 0.46, tint(color, 0.25), 0.085)
    brush.ellipse(0, 0.90, 0.40, "#5b3a26", 0.06)
    brush.stroke([(-0.33, 0.75), (-0.31, 0.3)], 0.07, tint(color, 0.35), 0.04)
    return brush.sprite(light=0.25)


def bowl(height: float, color: str, fruit: bool = True) -> Sprite:
    brush = SpriteCanvas(2.8, 1.5, height)
    if fruit:
        for x, y, r, shade in ((-0.55, 0.98, 0.32, "#e8a22f"), (0.5, 0.98, 0.34, "#d63e35"), (0.0, 1.08, 0.34, "#86b83c")):
            brush.ellipse(x, y, r, shade)
            brush.ellipse(x - 0.1, y + 0.12, 0.07, tint(shade, 0.5))
        brush.stroke([(0.02, 1.36), (0.06, 1.46)], 0.04, "#6a4a2d")
    brush.closed_curve([(-1.15, 0.86), (-0.9, 0.36), (-0.42, 0.05), (0.42, 0.05), (0.9, 0.36), (1.15, 0.86)], color)
    brush.polygon([(-1.17, 0.90), (1.17, 0.90), (1.13, 0.75), (-1.13, 0.75)], tint(color, 0.2))
    brush.stroke([(-0.88, 0.6), (-0.55, 0.24)], 0.08, tint(color, 0.4), 0.04)
    return brush.sprite(light=0.25)


def bottle(height: float, color: str, label: str = "#f4ead2") -> Sprite:
    brush = SpriteCanvas(0.5, 1.05, height)
    brush.closed_curve([
        (-0.14, 0.03), (-0.145, 0.30), (-0.14, 0.58), (-0.055, 0.73), (-0.05, 0.92), (0.05, 0.92), (0.055, 0.73),
        (0.14, 0.58), (0.145, 0.30), (0.14, 0.03), (0, 0.01),
    ], color)
    brush.rounded_box(-0.058, 0.90, 0.058, 0.99, tint(color, -0.45), 0.02)
    brush.rounded_box(-0.142, 0.22, 0.142, 0.46, label, 0.012)
    brush.rounded_box(-0.142, 0.36, 0.142, 0.40, tint(color, -0.1))
    brush.stroke([(-0.095, 0.56), (-0.1, 0.5)], 0.025, tint(color, 0.6))
    brush.stroke([(-0.1, 0.18), (-0.1, 0.08)], 0.025, tint(color, 0.5))
    return brush.sprite(light=0.3)


def apple(height: float, color: str) -> Sprite:
    brush = SpriteCanvas(1.15, 1.1, height)
    brush.closed_curve([
        (0, 0.82), (0.24, 0.88), (0.46, 0.68), (0.42, 0.30), (0.2, 0.02), (0, 0.06), (-0.2, 0.02), (-0.42, 0.30),
        (-0.46, 0.68), (-0.24, 0.88),
    ], color)
    brush.stroke([(0, 0.80), (0.02, 0.92), (0.07, 1.02)], 0.045, "#6a4a2d")
    brush.closed_curve([(0.06, 0.94), (0.22, 1.04), (0.34, 0.98), (0.2, 0.88)], "#6fa53a")
    brush.ellipse(-0.22, 0.62, 0.07, tint(color, 0.55), 0.11)
    return brush.sprite(light=0.4)


def banana(height: float, flip: bool = False) -> Sprite:
    brush = SpriteCanvas(2.3, 1.1, height, flip=flip)
    brush.closed_curve(
        [
            (-0.95, 0.86),
            (-0.6, 0.32),
            (0, 0.04),
            (0.6, 0.20),
            (0.98, 0.66),
            (0.90, 0.76),
            (0.5, 0.50),
            (0, 0.44),
            (-0.45, 0.66),
            (-0.80, 0.98),
        ],
        "#f3cf3b",
    )
    brush.stroke([(-0.86, 0.9), (-0.97, 1.02)], 0.12, "#8a6a2a", 0.09)
    brush.stroke([(0.93, 0.70), (0.99, 0.76)], 0.10, "#6a5228")
    brush.stroke([(-0.62, 0.58), (-0.05, 0.26), (0.55, 0.36), (0.85, 0.62)], 0.03, "#d3a826")
    return brush.sprite(light=0.3)


def plant(height: float, pot: str, leaf: str = "#4f9a4a") -> Sprite:
    brush = SpriteCanvas(1.1, 1.05, height)
    for x, y, shade in ((-0.40, 0.72, -0.15), (0.41, 0.70, -0.15), (-0.22, 0.90, 0), (0.24, 0.88, 0), (0.0, 0.97, 0.1), (-0.42, 0.52, 0.05),
                        (0.43, 0.50, 0.05)):
        mid = (x * 0.45, 0.34 + (y - 0.34) * 0.66)
        side = (0.075, 0.03) if abs(x) < 0.3 else (0.03, 0.08)
        brush.closed_curve(
            [(0, 0.34), (mid[0] - side[0], mid[1] + side[1]), (x, y), (mid[0] + side[0], mid[1] - side[1])], tint(leaf, shade)
        )
        brush.stroke([(0, 0.36), (x * 0.9, 0.34 + (y - 0.34) * 0.92)], 0.012, tint(leaf, -0.3))
    brush.polygon([(-0.24, 0.34), (0.24, 0.34), (0.18, 0.0), (-0.18, 0.0)], pot)
    brush.rounded_box(-0.27, 0.29, 0.27, 0.38, tint(pot, 0.15), 0.02)
    return brush.sprite(light=0.25)


def book(height: float, color: str) -> Sprite:
    """Lying flat, seen from its edge a little above."""
    brush = SpriteCanvas(5.4, 1.1, height)
    brush.polygon([(-2.4, 0.35), (2.2, 0.35), (2.5, 1.0), (-2.0, 1.0)], color)
    brush.polygon([(-2.4, 0.30), (2.2, 0.30), (2.2, 0.10), (-2.4, 0.10)], "#f4efe2")
    brush.polygon([(2.2, 0.30), (2.5, 0.95), (2.5, 0.72), (2.2, 0.10)], "#ddd5c2")
    brush.rounded_box(-2.45, 0.28, 2.22, 0.38, tint(color, -0.25))
    brush.rounded_box(-2.45, 0.02, 2.22, 0.12, tint(color, -0.25))
    brush.polygon([(-1.1, 0.58), (1.0, 0.58), (1.14, 0.80), (-0.94, 0.80)], tint(color, 0.5))
    return brush.sprite()


def chair(height: float, wood: str, flip: bool = False) -> Sprite:
    brush = SpriteCanvas(0.8, 1.05, height, flip=flip)
    for x in (-0.17, 0.19):
        brush.stroke([(x + 0.06, 0.02), (x + 0.05, 0.42)], 0.036, tint(wood, -0.3))
    brush.stroke([(-0.23, 0.0), (-0.22, 0.45), (-0.27, 0.99)], 0.045, wood)
    brush.stroke([(0.25, 0.0), (0.24, 0.43)], 0.045, wood)
    for y in (0.92, 0.78, 0.64):
        brush.stroke([(-0.26, y), (-0.12, y + 0.02)], 0.05, tint(wood, 0.12))
    brush.stroke([(-0.12, 0.45), (-0.145, 0.98)], 0.04, tint(wood, -0.18))
    brush.polygon([(-0.26, 0.46), (0.28, 0.46), (0.22, 0.52), (-0.20, 0.52)], tint(wood, 0.18))
    brush.rounded_box(-0.26, 0.41, 0.28, 0.465, wood, 0.015)
    return brush.sprite()


def vase(height: float, color: str, flowers: str) -> Sprite:
    brush = SpriteCanvas(0.9, 1.05, height)
    for x, y in ((-0.22, 0.80), (0.22, 0.82), (0.0, 0.92), (-0.1, 0.74), (0.12, 0.72)):
        brush.stroke([(0, 0.40), (x * 0.5, 0.62), (x, y)], 0.016, "#4b8a45")
        for a in np.linspace(0, 2 * np.pi, 6, endpoint=False):
            brush.ellipse(x + 0.042 * np.cos(a), y + 0.042 * np.sin(a), 0.036, flowers)
        brush.ellipse(x, y, 0.03, "#f6d24a")
    brush.closed_curve([
        (-0.09, 0.48), (-0.07, 0.40), (-0.17, 0.22), (-0.11, 0.02), (0.11, 0.02), (0.17, 0.22), (0.07, 0.40),
        (0.09, 0.48),
    ], color)
    brush.stroke([(-0.1, 0.26), (-0.08, 0.14)], 0.03, tint(color, 0.45))
    return brush.sprite(light=0.3)
