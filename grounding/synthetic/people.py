"""People, drawn: grown-ups and children who stand, walk and sit, each in clothes of a known colour."""

from __future__ import annotations

import math
from dataclasses import dataclass

from grounding.synthetic.brush import Brush, Sprite, tint

SKIN = ("#f3c9a5", "#e0ac82", "#c68658", "#8d5a3b", "#6b432c")
HAIR = ("#2b211d", "#5a3a22", "#8a5a2b", "#c9973f", "#9a9a9e", "#b4482a")


@dataclass(frozen=True)
class Looks:
    """What stays the same of a person from picture to picture; colours as "#rrggbb"."""

    top: str = "#d94141"
    bottom: str = "#34456b"
    skin: str = SKIN[1]
    hair: str = HAIR[0]
    style: str = "short"  # short, long, bun, cap or bald
    dress: bool = False
    child: bool = False
    bag: str = ""


def person(height: float, looks: Looks, step: float | None = None, flip: bool = False, wave: float = 0.0) -> Sprite:
    """`height` pixels tall, looking right (left if `flip`). `step` in [0, 1) is the phase of two paces; None stands."""
    brush = Brush(0.9, 1.08, height, flip=flip)
    swing = math.sin(2 * math.pi * step) if step is not None else 0.0
    lift = math.cos(2 * math.pi * step) if step is not None else 0.0
    hip = 0.40 if looks.child else 0.47
    _arm(brush, looks, hip, 0.42 * swing if step is not None else -0.16, back=True)
    _leg(brush, looks, hip, -0.5 * swing if step is not None else -0.07, max(0.0, -lift), back=True)
    _leg(brush, looks, hip, 0.5 * swing if step is not None else 0.07, max(0.0, lift), back=False)
    _torso(brush, looks, hip)
    _head(brush, looks, hip)
    _arm(brush, looks, hip, (-0.42 * swing if step is not None else 0.14) + wave, back=False)
    return brush.sprite()


def _leg(brush, looks: Looks, hip: float, angle: float, bent: float, back: bool):
    bend = 0.75 * bent + 0.06
    upper, lower = hip * 0.52, hip * 0.47
    knee = (0.01 + upper * math.sin(angle), hip - upper * math.cos(angle))
    foot = (knee[0] + lower * math.sin(angle - bend), knee[1] - lower * math.cos(angle - bend))
    color = looks.skin if looks.dress else looks.bottom
    color = tint(color, -0.2) if back else color
    ankle = (foot[0], foot[1] + 0.028)
    brush.limb([(0.01 if not back else -0.012, hip + 0.02), knee, ankle], 0.098 if not looks.child else 0.095, color, 0.056)
    brush.limb([(foot[0] - 0.012, foot[1] + 0.02), (foot[0] + 0.062, foot[1] + 0.016)], 0.05, tint("#3b3a44", -0.2 if back else 0.12))


def _torso(brush, looks: Looks, hip: float):
    top = _shoulder(looks, hip)
    if looks.dress:
        brush.blob([(-0.07, top), (0.07, top + 0.005), (0.085, hip + 0.12), (0.15, hip - 0.16), (0, hip - 0.175), (-0.15, hip - 0.16),
                    (-0.085, hip + 0.12)], looks.top)
        return
    brush.shape([(-0.07, hip - 0.02), (-0.07, hip + 0.05), (0.07, hip + 0.05), (0.07, hip - 0.02), (0, hip - 0.05)], looks.bottom)
    brush.blob([(-0.078, top), (0, top + 0.022), (0.078, top), (0.105, top - 0.06), (0.092, hip + 0.08), (0.094, hip + 0.005),
                (0, hip - 0.012), (-0.094, hip + 0.005), (-0.092, hip + 0.08), (-0.105, top - 0.06)], looks.top)


def _arm(brush, looks: Looks, hip: float, angle: float, back: bool):
    top = _shoulder(looks, hip) - 0.035
    length = (top - hip) * 0.62
    shoulder = (-0.052 if back else 0.03, top)
    elbow = (shoulder[0] + length * math.sin(angle), top - length * math.cos(angle))
    hand = (elbow[0] + length * math.sin(angle + 0.32), elbow[1] - length * math.cos(angle + 0.32))
    sleeve = tint(looks.top, -0.22 if back else -0.1)
    brush.limb([elbow, hand], 0.044, tint(looks.skin, -0.15) if back else looks.skin, 0.038)
    brush.disc(*hand, 0.027, tint(looks.skin, -0.15) if back else looks.skin)
    brush.limb([shoulder, elbow], 0.068, sleeve, 0.056)
    if looks.bag and not back:
        brush.limb([hand, (hand[0], hand[1] - 0.05)], 0.012, tint(looks.bag, -0.3))
        brush.box(hand[0] - 0.065, hand[1] - 0.17, hand[0] + 0.065, hand[1] - 0.05, looks.bag, 0.02)


def _head(brush, looks: Looks, hip: float):
    top = _shoulder(looks, hip)
    y, r = (top + 0.155, 0.098) if looks.child else (top + 0.118, 0.066)
    if looks.style == "long":
        brush.blob([(-r * 1.1, y + r * 0.6), (r * 0.3, y + r * 1.3), (r * 0.7, y + r * 0.5), (r * 0.2, y - r * 1.6), (-r * 1.25, y - r * 2.0),
                    (-r * 1.5, y - r * 0.4)], looks.hair)
    brush.limb([(-0.004, top - 0.02), (-0.002, y - r * 0.6)], r * 0.82, tint(looks.skin, -0.13))
    if looks.style == "bun":
        brush.disc(-r * 1.05, y + r * 0.75, r * 0.55, looks.hair)
    brush.disc(0.006, y, r * 0.93, looks.skin, r * 1.1)
    brush.disc(r * 0.98, y - r * 0.12, r * 0.17, looks.skin)
    if looks.style != "bald":
        brush.blob([(-r * 1.02, y - r * 0.35), (-r * 1.08, y + r * 0.5), (-r * 0.5, y + r * 1.2), (r * 0.5, y + r * 1.2), (r * 0.98, y + r * 0.55),
                    (r * 0.25, y + r * 0.62), (-r * 0.25, y + r * 0.35), (-r * 0.5, y - r * 0.15), (-r * 0.72, y - r * 0.5)], looks.hair)
    if looks.style == "cap":
        brush.blob([(-r * 1.05, y + r * 0.45), (-r * 0.6, y + r * 1.25), (r * 0.5, y + r * 1.25), (r * 1.0, y + r * 0.5)], tint(looks.top, -0.25))
        brush.limb([(r * 0.6, y + r * 0.52), (r * 1.6, y + r * 0.42)], r * 0.22, tint(looks.top, -0.35))
    brush.disc(-r * 0.28, y - r * 0.1, r * 0.19, tint(looks.skin, -0.12), r * 0.25)
    brush.disc(r * 0.52, y + r * 0.08, r * 0.095, "#2a2326", r * 0.13)
    brush.limb([(r * 0.36, y - r * 0.5), (r * 0.56, y - r * 0.58), (r * 0.76, y - r * 0.47)], r * 0.09, tint(looks.skin, -0.45))


def _shoulder(looks: Looks, hip: float) -> float:
    return hip + (0.27 if looks.child else 0.335)
