"""Drawn outdoor objects: balls, cars, bicycles, benches, kites, umbrellas, boats, and the trees and bushes between them."""

from __future__ import annotations

import math

import numpy as np

from grounding.synthetic.brush import Sprite, SpriteCanvas, tint


def ball(height: float, color: str, rotation: float = 0.0) -> Sprite:
    """A ball with two pale bands, turned by `rotation` radians."""
    brush = SpriteCanvas(1.1, 1.05, height)
    brush.ellipse(0, 0.5, 0.5, color)
    for angle in (rotation, rotation + math.pi / 2):
        dx, dy = math.cos(angle), math.sin(angle)
        bow = [(0.47 * dx, 0.5 + 0.47 * dy), (0.16 * dy, 0.5 - 0.16 * dx), (-0.47 * dx, 0.5 - 0.47 * dy)]
        brush.stroke(bow, 0.07, tint(color, 0.62))
    brush.ellipse(-0.18, 0.70, 0.11, tint(color, 0.5), 0.08)
    return brush.sprite(light=0.45)


def car(height: float, color: str, flip: bool = False) -> Sprite:
    """Seen from its right side, driving right (left if `flip`)."""
    brush = SpriteCanvas(3.3, 1.05, height, flip=flip)
    brush.closed_curve([(-0.98, 0.56), (-0.78, 0.94), (-0.2, 1.0), (0.30, 0.97), (0.78, 0.62), (0.6, 0.5), (-0.9, 0.5)], color)
    brush.closed_curve([
        (-1.5, 0.36), (-1.46, 0.58), (-0.95, 0.64), (0.72, 0.63), (1.36, 0.55), (1.50, 0.40), (1.47, 0.22), (0.9, 0.17),
        (-0.9, 0.17), (-1.45, 0.20),
    ], color)
    glass = "#bfe0ee"
    brush.closed_curve([(-0.80, 0.63), (-0.66, 0.87), (-0.22, 0.91), (-0.20, 0.63)], glass)
    brush.closed_curve([(-0.10, 0.63), (-0.10, 0.91), (0.24, 0.89), (0.58, 0.64)], glass)
    brush.polygon([(-0.66, 0.66), (-0.52, 0.86), (-0.42, 0.87), (-0.56, 0.66)], tint(glass, 0.6))
    brush.stroke([(-1.42, 0.27), (1.42, 0.27)], 0.03, tint(color, -0.35))
    for x in (-0.15, 0.62):
        brush.stroke([(x, 0.60), (x, 0.30)], 0.014, tint(color, -0.3))
    for x in (-0.28, 0.44):
        brush.stroke([(x, 0.52), (x + 0.12, 0.52)], 0.03, tint(color, -0.4))
    brush.ellipse(1.40, 0.44, 0.075, "#fff2b0", 0.06)
    brush.ellipse(-1.44, 0.46, 0.05, "#c8312d", 0.07)
    for x in (-0.92, 0.94):
        brush.ellipse(x, 0.235, 0.29, tint(color, -0.5))
        for radius, shade in ((0.235, "#2c2d33"), (0.135, "#c9ccd2"), (0.05, "#7d818a")):
            brush.ellipse(x, 0.235, radius, shade)
    return brush.sprite()


def bicycle(height: float, color: str, flip: bool = False) -> Sprite:
    brush = SpriteCanvas(1.9, 1.05, height, flip=flip)
    rear, front, crank = (-0.52, 0.31), (0.52, 0.31), (-0.06, 0.31)
    for wheel in (rear, front):
        ring = [(wheel[0] + 0.285 * math.cos(a), wheel[1] + 0.285 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 60)]
        for a, b in zip(ring, ring[1:]):
            brush.stroke([a, b], 0.042, "#2d2e35")
        for a in np.linspace(0, math.pi, 6, endpoint=False):
            dx, dy = 0.27 * math.cos(a), 0.27 * math.sin(a)
            brush.stroke([(wheel[0] - dx, wheel[1] - dy), (wheel[0] + dx, wheel[1] + dy)], 0.01, "#9a9ea8")
    seat, head = (-0.24, 0.74), (0.36, 0.78)
    for a, b in ((rear, crank), (crank, seat), (rear, (-0.2, 0.66)), (crank, (0.38, 0.66)), ((-0.2, 0.66), (0.37, 0.72)), (front, head)):
        brush.stroke([a, b], 0.05, color)
    brush.stroke([(-0.36, 0.80), (-0.12, 0.79)], 0.075, "#2d2e35", 0.05)
    brush.stroke([head, (0.34, 0.92), (0.46, 0.95)], 0.04, "#2d2e35")
    brush.ellipse(*crank, 0.075, "#6d717b")
    return brush.sprite()


def bench(height: float, wood: str = "#a9713f") -> Sprite:
    brush = SpriteCanvas(2.6, 1.05, height)
    for x in (-1.05, 1.05):
        brush.stroke([(x, 0.02), (x, 0.5), (x - 0.02, 0.98)], 0.07, "#4b4f59")
        brush.stroke([(x + 0.12, 0.02), (x + 0.12, 0.45)], 0.06, "#3f434c")
    for y in (0.92, 0.76, 0.60):
        brush.rounded_box(-1.22, y - 0.06, 1.22, y + 0.06, tint(wood, 0.1 * (y - 0.7)), 0.03)
    brush.rounded_box(-1.28, 0.36, 1.28, 0.46, tint(wood, 0.12), 0.03)
    brush.rounded_box(-1.28, 0.30, 1.28, 0.36, tint(wood, -0.3), 0.02)
    return brush.sprite()


def kite(height: float, color: str, second_color: str) -> Sprite:
    brush = SpriteCanvas(1.6, 1.05, height, below=0.02)
    brush.stroke([(0, 0.38), (0.12, 0.25), (-0.08, 0.13), (0.05, 0.02)], 0.018, "#6b6f7a")
    for x, y in ((0.11, 0.25), (-0.07, 0.13)):
        brush.polygon([(x - 0.07, y + 0.04), (x + 0.07, y - 0.04), (x + 0.07, y + 0.04), (x - 0.07, y - 0.04)], second_color)
    brush.polygon([(0, 1.0), (0.28, 0.72), (0, 0.36), (-0.28, 0.72)], color)
    brush.polygon([(0, 1.0), (0.28, 0.72), (0, 0.72)], tint(second_color, 0.1))
    brush.polygon([(0, 0.36), (-0.28, 0.72), (0, 0.72)], second_color)
    return brush.sprite()


def umbrella(height: float, color: str, second_color: str) -> Sprite:
    """A parasol that stands in the sand."""
    brush = SpriteCanvas(1.5, 1.05, height)
    brush.stroke([(0.0, 0.0), (0.0, 0.95)], 0.03, "#e9e4d6")
    seams = np.linspace(-0.7, 0.7, 8)
    down = np.linspace(0, math.pi / 2, 16)
    for k, (a, b) in enumerate(zip(seams, seams[1:])):
        left, right = ([(x * math.sin(s), 0.6 + 0.37 * math.cos(s)) for s in down] for x in (a, b))
        brush.polygon([*left, ((a + b) / 2, 0.575), *reversed(right)], color if k % 2 == 0 else second_color)
    brush.ellipse(0, 0.985, 0.02, "#e9e4d6")
    return brush.sprite()


def boat(height: float, hull: str, sail: str) -> Sprite:
    brush = SpriteCanvas(1.3, 1.05, height)
    brush.stroke([(0.02, 0.15), (0.02, 1.0)], 0.022, "#7a5a3c")
    brush.closed_curve([(0.05, 0.97), (0.30, 0.62), (0.44, 0.26), (0.05, 0.25)], sail)
    brush.polygon([(-0.01, 0.88), (-0.32, 0.27), (-0.01, 0.25)], tint(sail, -0.12))
    brush.closed_curve([(-0.52, 0.20), (0, 0.19), (0.56, 0.22), (0.38, 0.02), (-0.36, 0.02)], hull)
    brush.stroke([(-0.48, 0.17), (0.5, 0.18)], 0.03, tint(hull, 0.6))
    return brush.sprite()


def tree(height: float, leaf: str, seed: int = 0) -> Sprite:
    rng = np.random.default_rng(seed)
    brush = SpriteCanvas(1.05, 1.05, height)
    brush.stroke([(0, 0), (0.01, 0.25), (0.0, 0.5)], 0.09, "#7a5537", 0.05)
    brush.stroke([(0.0, 0.34), (0.12, 0.52)], 0.04, "#7a5537", 0.02)
    spots = [(0, 0.62, 0.25), (-0.19, 0.60, 0.18), (0.2, 0.58, 0.18), (0, 0.80, 0.19), (-0.13, 0.74, 0.17), (0.14, 0.73, 0.17)]
    for shade, dx, dy, grow in ((-0.2, 0.015, -0.03, 1.04), (0, 0, 0, 1), (0.12, -0.035, 0.035, 0.72)):
        for x, y, r in spots:
            wobble = rng.normal(0, 0.012, 2)
            brush.ellipse(x + dx + wobble[0], y + dy + wobble[1], r * grow, tint(leaf, shade))
    return brush.sprite(light=0.25)


def bush(height: float, leaf: str, seed: int = 0) -> Sprite:
    rng = np.random.default_rng(seed)
    brush = SpriteCanvas(2.6, 1.05, height)
    for shade, dy, grow in ((-0.22, -0.02, 1.0), (0, 0.03, 0.9), (0.14, 0.10, 0.55)):
        for x, r in ((-0.85, 0.35), (-0.4, 0.46), (0.1, 0.5), (0.55, 0.44), (0.9, 0.32)):
            brush.ellipse(x + rng.normal(0, 0.03), r * 0.9 + dy, r * grow, tint(leaf, shade), r * grow * 0.95)
    return brush.sprite(light=0.25)
