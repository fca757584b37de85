"""Drawn people: adults and children who stand and walk, each in clothes of a known colour."""

from __future__ import annotations

import math
from dataclasses import dataclass

from grounding.synthetic.brush import Sprite, SpriteCanvas, tint

SKIN = ("#f3c9a5", "#e0ac82", "#c68658", "#8d5a3b", "#6b432c")
HAIR = ("#2b211d", "#5a3a22", "#8a5a2b", "#c9973f", "#9a9a9e", "#b4482a")


@dataclass(frozen=True)
class Appearance:
    """What stays the same of a person from frame to frame; colours as "#rrggbb"."""

    top: str = "#d94141"
    bottom: str = "#34456b"
    skin: str = SKIN[1]
    hair: str = HAIR[0]
    hair_style: str = "short"  # short, long, bun, cap or bald
    dress: bool = False
    child: bool = False
    bag: str = ""


def person(height: float, appearance: Appearance, gait_phase: float | None = None, flip: bool = False, wave: float = 0.0) -> Sprite:
    """`height` pixels tall, looking right (left if `flip`). `gait_phase` in [0, 1) is the phase of two paces; None stands."""
    brush = SpriteCanvas(0.9, 1.08, height, flip=flip)
    swing = math.sin(2 * math.pi * gait_phase) if gait_phase is not None else 0.0
    lift = math.cos(2 * math.pi * gait_phase) if gait_phase is not None else 0.0
    hip = 0.40 if appearance.child else 0.47
    _arm(brush, appearance, hip, 0.42 * swing if gait_phase is not None else -0.16, back=True)
    _leg(brush, appearance, hip, -0.5 * swing if gait_phase is not None else -0.07, max(0.0, -lift), back=True)
    _leg(brush, appearance, hip, 0.5 * swing if gait_phase is not None else 0.07, max(0.0, lift), back=False)
    _torso(brush, appearance, hip)
    _head(brush, appearance, hip)
    _arm(brush, appearance, hip, (-0.42 * swing if gait_phase is not None else 0.14) + wave, back=False)
    return brush.sprite()


def _leg(brush: SpriteCanvas, appearance: Appearance, hip: float, angle: float, knee_bend: float, back: bool):
    bend = 0.75 * knee_bend + 0.06
    upper, lower = hip * 0.52, hip * 0.47
    knee = (0.01 + upper * math.sin(angle), hip - upper * math.cos(angle))
    foot = (knee[0] + lower * math.sin(angle - bend), knee[1] - lower * math.cos(angle - bend))
    color = appearance.skin if appearance.dress else appearance.bottom
    color = tint(color, -0.2) if back else color
    ankle = (foot[0], foot[1] + 0.028)
    brush.stroke([(0.01 if not back else -0.012, hip + 0.02), knee, ankle], 0.098 if not appearance.child else 0.095, color, 0.056)
    brush.stroke([(foot[0] - 0.012, foot[1] + 0.02), (foot[0] + 0.062, foot[1] + 0.016)], 0.05, tint("#3b3a44", -0.2 if back else 0.12))


def _torso(brush: SpriteCanvas, appearance: Appearance, hip: float):
    top = _shoulder(appearance, hip)
    if appearance.dress:
        brush.closed_curve([(-0.07, top), (0.07, top + 0.005), (0.085, hip + 0.12), (0.15, hip - 0.16), (0, hip - 0.175),
                            (-0.15, hip - 0.16), (-0.085, hip + 0.12)], appearance.top)
        return
    brush.polygon([(-0.07, hip - 0.02), (-0.07, hip + 0.05), (0.07, hip + 0.05), (0.07, hip - 0.02), (0, hip - 0.05)], appearance.bottom)
    brush.closed_curve([(-0.078, top), (0, top + 0.022), (0.078, top), (0.105, top - 0.06), (0.092, hip + 0.08), (0.094, hip + 0.005),
                        (0, hip - 0.012), (-0.094, hip + 0.005), (-0.092, hip + 0.08), (-0.105, top - 0.06)], appearance.top)


def _arm(brush: SpriteCanvas, appearance: Appearance, hip: float, angle: float, back: bool):
    top = _shoulder(appearance, hip) - 0.035
    length = (top - hip) * 0.62
    shoulder = (-0.052 if back else 0.03, top)
    elbow = (shoulder[0] + length * math.sin(angle), top - length * math.cos(angle))
    hand = (elbow[0] + length * math.sin(angle + 0.32), elbow[1] - length * math.cos(angle + 0.32))
    sleeve = tint(appearance.top, -0.22 if back else -0.1)
    brush.stroke([elbow, hand], 0.044, tint(appearance.skin, -0.15) if back else appearance.skin, 0.038)
    brush.ellipse(*hand, 0.027, tint(appearance.skin, -0.15) if back else appearance.skin)
    brush.stroke([shoulder, elbow], 0.068, sleeve, 0.056)
    if appearance.bag and not back:
        brush.stroke([hand, (hand[0], hand[1] - 0.05)], 0.012, tint(appearance.bag, -0.3))
        brush.rounded_box(hand[0] - 0.065, hand[1] - 0.17, hand[0] + 0.065, hand[1] - 0.05, appearance.bag, 0.02)


def _head(brush: SpriteCanvas, appearance: Appearance, hip: float):
    top = _shoulder(appearance, hip)
    y, r = (top + 0.155, 0.098) if appearance.child else (top + 0.118, 0.066)
    if appearance.hair_style == "long":
        brush.closed_curve([(-r * 1.1, y + r * 0.6), (r * 0.3, y + r * 1.3), (r * 0.7, y + r * 0.5), (r * 0.2, y - r * 1.6),
                            (-r * 1.25, y - r * 2.0), (-r * 1.5, y - r * 0.4)], appearance.hair)
    brush.stroke([(-0.004, top - 0.02), (-0.002, y - r * 0.6)], r * 0.82, tint(appearance.skin, -0.13))
    if appearance.hair_style == "bun":
        brush.ellipse(-r * 1.05, y + r * 0.75, r * 0.55, appearance.hair)
    brush.ellipse(0.006, y, r * 0.93, appearance.skin, r * 1.1)
    brush.ellipse(r * 0.98, y - r * 0.12, r * 0.17, appearance.skin)
    if appearance.hair_style != "bald":
        brush.closed_curve([(-r * 1.02, y - r * 0.35), (-r * 1.08, y + r * 0.5), (-r * 0.5, y + r * 1.2), (r * 0.5, y + r * 1.2),
                            (r * 0.98, y + r * 0.55), (r * 0.25, y + r * 0.62), (-r * 0.25, y + r * 0.35), (-r * 0.5, y - r * 0.15),
                            (-r * 0.72, y - r * 0.5)], appearance.hair)
    if appearance.hair_style == "cap":
        brush.closed_curve([(-r * 1.05, y + r * 0.45), (-r * 0.6, y + r * 1.25), (r * 0.5, y + r * 1.25), (r * 1.0, y + r * 0.5)],
                           tint(appearance.top, -0.25))
        brush.stroke([(r * 0.6, y + r * 0.52), (r * 1.6, y + r * 0.42)], r * 0.22, tint(appearance.top, -0.35))
    brush.ellipse(-r * 0.28, y - r * 0.1, r * 0.19, tint(appearance.skin, -0.12), r * 0.25)
    brush.ellipse(r * 0.52, y + r * 0.08, r * 0.095, "#2a2326", r * 0.13)
    brush.stroke([(r * 0.36, y - r * 0.5), (r * 0.56, y - r * 0.58), (r * 0.76, y - r * 0.47)], r * 0.09, tint(appearance.skin, -0.45))


def _shoulder(appearance: Appearance, hip: float) -> float:
    return hip + (0.27 if appearance.child else 0.335)
