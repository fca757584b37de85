"""Casts: who and what is in a scene, placed so that it is pleasant to look at and worth talking about."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grounding.data import Size
from grounding.synthetic import objects as a
from grounding.synthetic.backgrounds import Place
from grounding.synthetic.objects import Actor


def park(place: Place, size: Size, rng: np.random.Generator) -> list[Actor]:
    colours, spots = _shuffled(rng, a.BRIGHT), _spots(rng, size, 8, 0.70, 0.96)
    cast = [a.bench(size.width * rng.uniform(0.10, 0.24), size.height * 0.63, place.per_metre(size.height * 0.63))]
    for k in range(int(rng.integers(2, 5))):
        cast.append(_person(place, *spots.pop(), colours[k], rng, child=k == 2))
    for coat in _shuffled(rng, ("brown", "white", "black"))[: int(rng.integers(1, 3))]:
        x, y = spots.pop()
        cast.append(a.dog(x, y, place.per_metre(y), coat, _step(rng), bool(rng.integers(2)), str(rng.choice(["red", "blue"]))))
    x, y = spots.pop()
    cast.append(a.ball(x, y, place.per_metre(y), colours[5]))
    if rng.random() < 0.5:
        x, y = size.width * rng.uniform(0.72, 0.88), size.height * 0.66
        cast.append(a.bicycle(x, y, place.per_metre(y), colours[6], bool(rng.integers(2))))
    x, y = size.width * rng.uniform(0.35, 0.65), size.height * rng.uniform(0.23, 0.27)
    cast.append(a.kite(x, y, size.height * 0.21, *_shuffled(rng, a.BRIGHT)[:2]))
    return cast


def street(place: Place, size: Size, rng: np.random.Generator) -> list[Actor]:
    colours, cast = _shuffled(rng, a.BRIGHT), []
    xs = _spread(rng, 4) * size.width
    for k, x in enumerate(xs[: int(rng.integers(2, 5))]):
        y = size.height * rng.uniform(0.63, 0.70)
        cast.append(_person(place, x, y, colours[k], rng))
    for lane, flip, colour in ((0.81, True, colours[4]), (0.955, False, colours[5])):
        if rng.random() < 0.8 or flip:
            x, y = size.width * (rng.uniform(0.62, 0.8) if flip else rng.uniform(0.25, 0.42)), size.height * lane
            cast.append(a.car(x, y, place.per_metre(y), colour, flip))
    y = size.height * 0.69
    cast.append(a.bicycle(size.width * rng.uniform(0.08, 0.2), y, place.per_metre(y), colours[6]))
    if rng.random() < 0.7:
        cast.append(a.dog(xs[-1] + size.width * 0.05, y, place.per_metre(y), str(rng.choice(["brown", "white", "black"])), _step(rng)))
    return cast


def beach(place: Place, size: Size, rng: np.random.Generator) -> list[Actor]:
    colours, spots = _shuffled(rng, a.BRIGHT), _spots(rng, size, 7, 0.76, 0.96)
    side = int(rng.integers(2))
    x, y = size.width * (0.2 if side else 0.8), size.height * 0.80
    cast = [a.parasol(x, y, place.per_metre(y), colours[0])]
    for k in range(int(rng.integers(2, 4))):
        cast.append(_person(place, *spots.pop(), colours[1 + k], rng, child=k == 1))
    x, y = spots.pop()
    cast.append(a.ball(x, y, place.per_metre(y), colours[5]))
    x, y = spots.pop()
    cast.append(a.dog(x, y, place.per_metre(y), str(rng.choice(["brown", "black", "white"])), _step(rng), bool(rng.integers(2))))
    for k, x in enumerate(_spread(rng, 3)[: int(rng.integers(1, 3))] * size.width):
        y = size.height * rng.uniform(0.44, 0.49)
        cast.append(a.boat(x, y, size.height * 0.16, ("red", "blue", "green")[k]))
    x, y = spots.pop()
    cast.append(a.bird(x, y, place.per_metre(y) * 1.3, "white" if rng.random() < 0.5 else "gray", bool(rng.integers(2))))
    return cast


def kitchen(place: Place, size: Size, rng: np.random.Generator) -> list[Actor]:
    colours, cast = _shuffled(rng, a.BRIGHT), []
    back = ["potted plant", "bottle", "bottle", "vase"]
    for x, label in zip(_spread(rng, 4), _shuffled(rng, back)):
        y = size.height * rng.uniform(0.68, 0.71)
        colour = {"potted plant": "orange", "bottle": "green" if "bottle" not in {c.label for c in cast} else "blue", "vase": "blue"}[label]
        cast.append(a.tabletop(label, x * size.width, y, place.per_metre(y), colour))
    front = ["cup", "bowl", "cup", "apple", "banana", "book"]
    for k, (x, label) in enumerate(zip(_spread(rng, 6), _shuffled(rng, front))):
        y = size.height * rng.uniform(0.80, 0.95)
        colour = {"banana": "yellow", "bowl": "white", "apple": str(rng.choice(["red", "green"]))}.get(label, colours[k])
        cast.append(a.tabletop(label, x * size.width, y, place.per_metre(y), colour, bool(rng.integers(2))))
    above = _shuffled(rng, ["potted plant", "cup", "vase", "bowl"])
    for x, label, colour in zip((0.08, 0.2, 0.79, 0.92), above, ("red", "white", "yellow", "purple")):
        cast.append(a.tabletop(label, x * size.width, size.height * 0.212, size.height * 0.62, colour))
    if rng.random() < 0.5:
        y = size.height * 0.74
        cast.append(a.cat(size.width * rng.uniform(0.4, 0.6), y, place.per_metre(y) * 0.62, str(rng.choice(["orange", "gray", "black"]))))
    return cast


CASTS: dict[str, Callable[[Place, Size, np.random.Generator], list[Actor]]] = {"park": park, "street": street, "beach": beach,
                                                                             "kitchen": kitchen}


def _person(place, x, y, colour, rng, child=False) -> Actor:
    look = a.looks(rng, colour, child)
    return a.person(x, y, place.per_metre(y), look, colour, _step(rng) if rng.random() < 0.7 else None, bool(rng.integers(2)))


def _step(rng) -> float:
    return float(rng.integers(8) / 8)


def _shuffled(rng, words) -> list[str]:
    return [str(word) for word in rng.permutation(list(words))]


def _spread(rng, count: int) -> np.ndarray:
    """(count,) shares of the width, spread evenly with a little chance, in no order."""
    return rng.permutation((np.arange(count) + 0.5 + rng.uniform(-0.22, 0.22, count)) / count) * 0.9 + 0.05


def _spots(rng, size: Size, count: int, low: float, high: float) -> list[tuple[float, float]]:
    """Standing places (x, y) in pixels, apart from each other."""
    depths = rng.permutation(np.linspace(low, high, count))
    return [(float(x * size.width), float(y * size.height)) for x, y in zip(_spread(rng, count), depths)]
