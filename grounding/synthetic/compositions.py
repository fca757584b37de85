"""Compositions: which objects are in a scene and where, with phrases in mind: several of one class, in different colours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grounding.data import Size
from grounding.synthetic import objects as a
from grounding.synthetic.backgrounds import Background
from grounding.synthetic.objects import DrawnObject


def park(background: Background, size: Size, rng: np.random.Generator) -> list[DrawnObject]:
    colours, points = _shuffle(rng, a.BRIGHT_COLOURS), _standing_points(rng, size, 8, 0.70, 0.96)
    drawn = [a.bench(size.width * rng.uniform(0.10, 0.24), size.height * 0.63, background.pixels_per_metre(size.height * 0.63))]
    for k in range(int(rng.integers(2, 5))):
        drawn.append(_random_person(background, *points.pop(), colours[k], rng, child=k == 2))
    for coat in _shuffle(rng, ("brown", "white", "black"))[: int(rng.integers(1, 3))]:
        x, y = points.pop()
        drawn.append(a.dog(x, y, background.pixels_per_metre(y), coat, _random_gait_phase(rng), bool(rng.integers(2)),
                           str(rng.choice(["red", "blue"]))))
    x, y = points.pop()
    drawn.append(a.ball(x, y, background.pixels_per_metre(y), colours[5]))
    if rng.random() < 0.5:
        x, y = size.width * rng.uniform(0.72, 0.88), size.height * 0.66
        drawn.append(a.bicycle(x, y, background.pixels_per_metre(y), colours[6], bool(rng.integers(2))))
    x, y = size.width * rng.uniform(0.35, 0.65), size.height * rng.uniform(0.23, 0.27)
    drawn.append(a.kite(x, y, size.height * 0.21, *_shuffle(rng, a.BRIGHT_COLOURS)[:2]))
    return drawn


def street(background: Background, size: Size, rng: np.random.Generator) -> list[DrawnObject]:
    colours, drawn = _shuffle(rng, a.BRIGHT_COLOURS), []
    xs = _spread_positions(rng, 4) * size.width
    for k, x in enumerate(xs[: int(rng.integers(2, 5))]):
        y = size.height * rng.uniform(0.63, 0.70)
        drawn.append(_random_person(background, x, y, colours[k], rng))
    for lane, flip, colour in ((0.81, True, colours[4]), (0.955, False, colours[5])):
        if rng.random() < 0.8 or flip:
            x, y = size.width * (rng.uniform(0.62, 0.8) if flip else rng.uniform(0.25, 0.42)), size.height * lane
            drawn.append(a.car(x, y, background.pixels_per_metre(y), colour, flip))
    y = size.height * 0.69
    drawn.append(a.bicycle(size.width * rng.uniform(0.08, 0.2), y, background.pixels_per_metre(y), colours[6]))
    if rng.random() < 0.7:
        coat = str(rng.choice(["brown", "white", "black"]))
        drawn.append(a.dog(xs[-1] + size.width * 0.05, y, background.pixels_per_metre(y), coat, _random_gait_phase(rng)))
    return drawn


def beach(background: Background, size: Size, rng: np.random.Generator) -> list[DrawnObject]:
    colours, points = _shuffle(rng, a.BRIGHT_COLOURS), _standing_points(rng, size, 7, 0.76, 0.96)
    side = int(rng.integers(2))
    x, y = size.width * (0.2 if side else 0.8), size.height * 0.80
    drawn = [a.parasol(x, y, background.pixels_per_metre(y), colours[0])]
    for k in range(int(rng.integers(2, 4))):
        drawn.append(_random_person(background, *points.pop(), colours[1 + k], rng, child=k == 1))
    x, y = points.pop()
    drawn.append(a.ball(x, y, background.pixels_per_metre(y), colours[5]))
    x, y = points.pop()
    coat = str(rng.choice(["brown", "black", "white"]))
    drawn.append(a.dog(x, y, background.pixels_per_metre(y), coat, _random_gait_phase(rng), bool(rng.integers(2))))
    for k, x in enumerate(_spread_positions(rng, 3)[: int(rng.integers(1, 3))] * size.width):
        y = size.height * rng.uniform(0.44, 0.49)
        drawn.append(a.boat(x, y, size.height * 0.16, ("red", "blue", "green")[k]))
    x, y = points.pop()
    drawn.append(a.bird(x, y, background.pixels_per_metre(y) * 1.3, "white" if rng.random() < 0.5 else "gray", bool(rng.integers(2))))
    return drawn


def kitchen(background: Background, size: Size, rng: np.random.Generator) -> list[DrawnObject]:
    colours, drawn = _shuffle(rng, a.BRIGHT_COLOURS), []
    back = ["potted plant", "bottle", "bottle", "vase"]
    for x, label in zip(_spread_positions(rng, 4), _shuffle(rng, back)):
        y = size.height * rng.uniform(0.68, 0.71)
        bottle = "blue" if "bottle" in {c.label for c in drawn} else "green"
        colour = {"potted plant": "orange", "bottle": bottle, "vase": "blue"}[label]
        drawn.append(a.tabletop(label, x * size.width, y, background.pixels_per_metre(y), colour))
    front = ["cup", "bowl", "cup", "apple", "banana", "book"]
    for k, (x, label) in enumerate(zip(_spread_positions(rng, 6), _shuffle(rng, front))):
        y = size.height * rng.uniform(0.80, 0.95)
        colour = {"banana": "yellow", "bowl": "white", "apple": str(rng.choice(["red", "green"]))}.get(label, colours[k])
        drawn.append(a.tabletop(label, x * size.width, y, background.pixels_per_metre(y), colour, bool(rng.integers(2))))
    above = _shuffle(rng, ["potted plant", "cup", "vase", "bowl"])
    for x, label, colour in zip((0.08, 0.2, 0.79, 0.92), above, ("red", "white", "yellow", "purple")):
        drawn.append(a.tabletop(label, x * size.width, size.height * 0.212, size.height * 0.62, colour))
    if rng.random() < 0.5:
        y = size.height * 0.74
        x = size.width * rng.uniform(0.4, 0.6)
        drawn.append(a.cat(x, y, background.pixels_per_metre(y) * 0.62, str(rng.choice(["orange", "gray", "black"]))))
    return drawn


COMPOSITIONS: dict[str, Callable[[Background, Size, np.random.Generator], list[DrawnObject]]] = {
    "park": park, "street": street, "beach": beach, "kitchen": kitchen}


def _random_person(background: Background, x, y, colour, rng, child=False) -> DrawnObject:
    appearance = a.random_appearance(rng, colour, child)
    gait_phase = _random_gait_phase(rng) if rng.random() < 0.7 else None
    return a.person(x, y, background.pixels_per_metre(y), appearance, colour, gait_phase, bool(rng.integers(2)))


def _random_gait_phase(rng) -> float:
    return float(rng.integers(8) / 8)


def _shuffle(rng, words) -> list[str]:
    return [str(word) for word in rng.permutation(list(words))]


def _spread_positions(rng, count: int) -> np.ndarray:
    """(count,) shares of the width, spread evenly with a little jitter, in random order."""
    return rng.permutation((np.arange(count) + 0.5 + rng.uniform(-0.22, 0.22, count)) / count) * 0.9 + 0.05


def _standing_points(rng, size: Size, count: int, low: float, high: float) -> list[tuple[float, float]]:
    """Standing points (x, y) in pixels, apart from each other."""
    depths = rng.permutation(np.linspace(low, high, count))
    return [(float(x * size.width), float(y * size.height)) for x, y in zip(_spread_positions(rng, count), depths)]
