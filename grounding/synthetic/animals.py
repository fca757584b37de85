"""Drawn animals: dogs that stand and run, cats that sit, birds."""

from __future__ import annotations

import math

from grounding.synthetic.brush import Sprite, SpriteCanvas, tint


def dog(height: float, coat: str, step: float | None = None, flip: bool = False, collar: str = "#d94141", patch: str = "") -> Sprite:
    """`height` pixels to the ears, looking right (left if `flip`); `step` in [0, 1) is the phase of its run, None stands."""
    brush = SpriteCanvas(1.9, 1.12, height, below=0.1, flip=flip)
    stride = math.sin(2 * math.pi * step) if step is not None else 0.0
    bounce = 0.03 * math.cos(4 * math.pi * step) if step is not None else 0.0
    dark = tint(coat, -0.24)
    _paw(brush, (-0.36, 0.42 + bounce), -0.55 * stride, dark)
    _paw(brush, (0.30, 0.42 + bounce), 0.55 * stride, dark)
    wag = 0.12 * math.sin(4 * math.pi * step) if step is not None else 0.0
    brush.stroke([(-0.46, 0.58 + bounce), (-0.62, 0.70), (-0.68, 0.88 + wag)], 0.10, tint(coat, -0.1), 0.05)
    brush.closed_curve([(-0.52, 0.55), (-0.40, 0.70), (0.0, 0.68), (0.30, 0.74), (0.42, 0.62), (0.38, 0.42), (0.10, 0.34), (-0.30, 0.38),
                        (-0.48, 0.42)], coat)
    if patch:
        brush.closed_curve([(-0.28, 0.69), (-0.02, 0.68), (0.02, 0.55), (-0.14, 0.49), (-0.30, 0.56)], patch)
    _paw(brush, (-0.30, 0.42 + bounce), 0.6 * stride, coat)
    _paw(brush, (0.34, 0.42 + bounce), -0.6 * stride, coat)
    brush.stroke([(0.34, 0.62), (0.50, 0.84)], 0.25, coat, 0.2)
    brush.stroke([(0.36, 0.77), (0.53, 0.70)], 0.055, collar)
    brush.ellipse(0.54, 0.90, 0.165, coat, 0.15)
    brush.stroke([(0.60, 0.86), (0.76, 0.835)], 0.15, tint(coat, 0.16), 0.115)
    brush.ellipse(0.80, 0.865, 0.038, "#2a2326", 0.032)
    brush.stroke([(0.66, 0.79), (0.76, 0.79)], 0.014, "#5b3431")
    brush.ellipse(0.60, 0.94, 0.024, "#231d1f")
    brush.closed_curve([(0.47, 1.0), (0.40, 0.99), (0.33, 0.82), (0.38, 0.73), (0.46, 0.80), (0.50, 0.93)], patch or tint(coat, -0.35))
    return brush.sprite()


def _paw(brush: SpriteCanvas, hip, angle: float, color):
    length = hip[1]
    knee = (hip[0] + length * 0.5 * math.sin(angle), hip[1] - length * 0.48 * math.cos(angle))
    foot = (knee[0] + length * 0.45 * math.sin(angle * 0.4), max(0.045, knee[1] - length * 0.42 * math.cos(angle * 0.4)))
    brush.stroke([hip, knee, foot], 0.16, color, 0.085)
    brush.stroke([foot, (foot[0] + 0.05, foot[1] - 0.004)], 0.082, color)


def cat(height: float, coat: str, flip: bool = False, stripes: bool = True) -> Sprite:
    """Sitting, `height` pixels to the tips of its ears, facing us."""
    brush = SpriteCanvas(1.1, 1.06, height, flip=flip)
    dark = tint(coat, -0.28)
    brush.stroke([(-0.18, 0.06), (-0.40, 0.08), (-0.45, 0.26), (-0.38, 0.36)], 0.085, dark, 0.06)
    brush.closed_curve([
        (-0.16, 0.62), (0.16, 0.62), (0.24, 0.35), (0.29, 0.12), (0.18, 0.0), (-0.18, 0.0), (-0.29, 0.12),
        (-0.24, 0.35),
    ], coat)
    brush.closed_curve([(-0.09, 0.56), (0.09, 0.56), (0.10, 0.28), (0, 0.20), (-0.10, 0.28)], tint(coat, 0.55))
    for x in (-0.085, 0.085):
        brush.stroke([(x, 0.30), (x, 0.05)], 0.11, tint(coat, 0.08))
        brush.ellipse(x, 0.035, 0.075, tint(coat, 0.4), 0.042)
    for side in (-1, 1):
        brush.polygon([(side * 0.25, 0.80), (side * 0.24, 1.03), (side * 0.07, 0.92)], coat)
        brush.polygon([(side * 0.215, 0.84), (side * 0.21, 0.97), (side * 0.11, 0.90)], "#eab0a8")
    brush.ellipse(0, 0.76, 0.255, coat, 0.205)
    if stripes:
        for x in (-0.08, 0, 0.08):
            brush.stroke([(x, 0.95), (x * 0.8, 0.87)], 0.03, dark, 0.012)
        for y in (0.45, 0.36, 0.27):
            for side in (-1, 1):
                brush.stroke([(side * 0.225, y), (side * 0.13, y - 0.02)], 0.032, dark, 0.01)
    brush.ellipse(0, 0.69, 0.11, tint(coat, 0.55), 0.075)
    for side in (-1, 1):
        brush.ellipse(side * 0.1, 0.785, 0.042, "#f6f2d8", 0.048)
        brush.ellipse(side * 0.1, 0.785, 0.02, "#1f2420", 0.042)
        brush.stroke([(side * 0.05, 0.69), (side * 0.3, 0.71)], 0.007, tint(coat, 0.7))
    brush.ellipse(0, 0.72, 0.026, "#d98c86", 0.02)
    return brush.sprite()


def bird(height: float, coat: str, flip: bool = False) -> Sprite:
    """Standing on thin legs, looking right (left if `flip`)."""
    brush = SpriteCanvas(1.7, 1.05, height, flip=flip)
    for x in (-0.04, 0.1):
        brush.stroke([(x, 0.30), (x + 0.01, 0.03)], 0.035, "#c2803a")
        brush.stroke([(x - 0.06, 0.02), (x + 0.09, 0.02)], 0.03, "#c2803a")
    brush.closed_curve([
        (-0.75, 0.42), (-0.35, 0.56), (-0.05, 0.70), (0.25, 0.72), (0.34, 0.50), (0.16, 0.30), (-0.15, 0.27),
        (-0.45, 0.36),
    ], coat)
    brush.ellipse(0.30, 0.78, 0.2, coat, 0.19)
    brush.closed_curve([(-0.55, 0.42), (-0.2, 0.58), (0.08, 0.60), (0.06, 0.44), (-0.16, 0.36)], tint(coat, -0.25))
    brush.closed_curve([(0.10, 0.30), (0.34, 0.42), (0.40, 0.62), (0.28, 0.52)], tint(coat, 0.5))
    brush.polygon([(0.47, 0.83), (0.68, 0.76), (0.48, 0.71)], "#e8a13c")
    brush.ellipse(0.37, 0.83, 0.032, "#1e1c22")
    return brush.sprite()
