"""Relations between two things: "next to the bicycle", "holding the umbrella", each a test on two boxes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from pseudo_query.lexicon import Lexicon, english


class Relation(NamedTuple):
    """`words` say it; `subjects` and `objects` are uses or groups of the lexicon ("" = anything) it makes sense for.

    `test(a, b, slack)` with a (N, 1) and b (1, N) is where it holds; `slack` 0 is without doubt, 1 is just possible.
    """

    words: tuple[str, ...]
    subjects: str
    objects: str
    test: Callable[[Sides, Sides, float], np.ndarray]
    weight: float = 1.0


class Sides(NamedTuple):
    """The edges of many boxes, as arrays that broadcast against each other."""

    x0: np.ndarray
    y0: np.ndarray
    x1: np.ndarray
    y1: np.ndarray

    @property
    def width(self):
        return np.maximum(self.x1 - self.x0, 1e-6)

    @property
    def height(self):
        return np.maximum(self.y1 - self.y0, 1e-6)

    @property
    def x(self):
        return (self.x0 + self.x1) / 2

    @property
    def y(self):
        return (self.y0 + self.y1) / 2

    @property
    def area(self):
        return self.width * self.height


def overlap_x(a: Sides, b: Sides):
    """Shared width in pixels; negative: the gap between them."""
    return np.minimum(a.x1, b.x1) - np.maximum(a.x0, b.x0)


def overlap_y(a: Sides, b: Sides):
    """Shared height in pixels; negative: the gap between them."""
    return np.minimum(a.y1, b.y1) - np.maximum(a.y0, b.y0)


def inside(a: Sides, b: Sides):
    """Share of a that lies in b, in [0, 1]."""
    return np.maximum(overlap_x(a, b), 0) * np.maximum(overlap_y(a, b), 0) / a.area


def next_to(a: Sides, b: Sides, slack: float):
    """Side by side: hardly overlapping, of comparable height, on one level, less than a third of a width apart."""
    low, high = np.minimum(a.height, b.height), np.maximum(a.height, b.height)
    return ((np.maximum(inside(a, b), inside(b, a)) < 0.25 + 0.25 * slack) & (low > (0.35 - 0.2 * slack) * high)
            & (overlap_y(a, b) > (0.6 - 0.3 * slack) * low)
            & (-overlap_x(a, b) < (0.35 + 0.5 * slack) * np.minimum(a.width, b.width)))


def left_of(a: Sides, b: Sides, slack: float):
    """Its right edge is left of the other's left edge, on about the same level."""
    return ((a.x1 < b.x0 + (0.1 + 0.4 * slack) * np.minimum(a.width, b.width)) & (a.x < b.x)
            & (overlap_y(a, b) > (0.5 - 0.5 * slack) * np.minimum(a.height, b.height)))


def right_of(a: Sides, b: Sides, slack: float):
    """The mirror of left_of."""
    return left_of(b, a, slack)


def above(a: Sides, b: Sides, slack: float):
    """Its bottom edge is above the other's top edge, and one stands over the other."""
    return ((a.y1 < b.y0 + (0.1 + 0.3 * slack) * np.minimum(a.height, b.height)) & (a.y < b.y)
            & (overlap_x(a, b) > (0.6 - 0.3 * slack) * np.minimum(a.width, b.width)))


def below(a: Sides, b: Sides, slack: float):
    """above, the other way round."""
    return above(b, a, slack)


def in_front_of(a: Sides, b: Sides, slack: float):
    """It overlaps the other across, stands lower in the picture, and neither is a mere part of the other."""
    comparable = (a.area > 0.15 * b.area) & (b.area > 0.15 * a.area)
    return (comparable & (overlap_x(a, b) > (0.4 - 0.3 * slack) * np.minimum(a.width, b.width)) & (overlap_y(a, b) > 0)
            & (a.y1 - b.y1 > (0.12 - 0.1 * slack) * np.minimum(a.height, b.height)) & (a.area > (0.7 - 0.5 * slack) * b.area))


def behind(a: Sides, b: Sides, slack: float):
    """in_front_of, the other way round."""
    return in_front_of(b, a, slack)


def on(a: Sides, b: Sides, slack: float):
    """Its foot is on the upper part of the other, within its width, and most of it is higher."""
    return ((overlap_x(a, b) > (0.8 - 0.3 * slack) * a.width) & (a.y1 > b.y0 - 0.05 * b.height)
            & (a.y1 < b.y0 + (0.8 + 0.3 * slack) * b.height) & (a.y < b.y - (0.05 - 0.05 * slack) * b.height))


def within(a: Sides, b: Sides, slack: float):
    """Nine tenths of it lie inside the other, which is twice as large."""
    return (inside(a, b) > 0.9 - 0.3 * slack) & (a.area < 0.5 * b.area)


def under(a: Sides, b: Sides, slack: float):
    """The other is over its head and covers half its width."""
    return ((b.y < a.y0 + (0.3 + 0.2 * slack) * a.height) & (overlap_x(a, b) > (0.5 - 0.2 * slack) * a.width)
            & (overlap_y(a, b) > -0.3 * a.height) & (b.y1 < a.y1))


def wearing(a: Sides, b: Sides, slack: float):
    """Three quarters of the other lie inside it, and it is much larger."""
    return (inside(b, a) > 0.75 - 0.35 * slack) & (b.area < 0.6 * a.area)


def holding(a: Sides, b: Sides, slack: float):
    """The other touches it at hand height: its centre beside the middle part of the body, part of it inside."""
    return ((inside(b, a) > 0.35 - 0.3 * slack) & (b.area < 0.5 * a.area) & (b.y > a.y0 - 0.1 * a.height)
            & (b.y < a.y0 + (0.75 + 0.25 * slack) * a.height)
            & (b.x > a.x0 - (0.25 + slack) * a.width) & (b.x < a.x1 + (0.25 + slack) * a.width))


def riding(a: Sides, b: Sides, slack: float):
    """It sits on the other: over its middle, its foot within it, its head higher."""
    return ((overlap_x(a, b) > (0.5 - 0.2 * slack) * np.minimum(a.width, b.width)) & (a.y < b.y) & (a.y0 < b.y0)
            & (a.y1 > b.y0 + 0.2 * b.height) & (a.y1 < b.y1 + (0.2 + 0.2 * slack) * b.height)
            & (np.abs(a.x - b.x) < (0.4 + 0.2 * slack) * b.width))


def standing_on(a: Sides, b: Sides, slack: float):
    """A board at its feet."""
    return ((overlap_x(a, b) > (0.4 - 0.2 * slack) * np.minimum(a.width, b.width))
            & (b.y > a.y1 - (0.3 + 0.1 * slack) * a.height) & (b.y0 < a.y1 + 0.05 * a.height))


RELATIONS = {
    "wearing": Relation(("with", "wearing"), "people", "wear", wearing, 1.5),
    "holding": Relation(("holding", "with"), "people", "hold", holding, 2.0),
    "with": Relation(("with",), "people", "have", holding, 1.0),
    "riding": Relation(("riding", "on"), "people", "ride", riding, 2.0),
    "standing on": Relation(("on", "riding"), "people", "board", standing_on, 2.0),
    "under": Relation(("under", "beneath"), "", "shelter", under),
    "on": Relation(("on",), "", "support", on, 1.5),
    "in": Relation(("in", "inside"), "", "contain", within),
    "inside": Relation(("in", "inside"), "people", "enter", within, 0.5),
    "in front of": Relation(("in front of",), "ground", "ground", in_front_of, 0.7),
    "behind": Relation(("behind",), "ground", "ground", behind, 0.7),
    "next to": Relation(("next to", "beside", "by"), "", "", next_to, 1.0),
    "left of": Relation(("to the left of", "left of"), "", "", left_of, 0.6),
    "right of": Relation(("to the right of", "right of"), "", "", right_of, 0.6),
    "above": Relation(("above",), "", "", above, 0.4),
    "below": Relation(("below",), "", "", below, 0.4),
}
INTIMATE = ("wearing", "holding", "with", "riding", "standing on", "under", "on", "in", "inside")


def pairs(name: str, concepts, boxes: np.ndarray, slack: float = 0.0, lexicon: Lexicon | None = None) -> list[int]:
    """For each thing a (row of `boxes` (N, 4)) the set of things b, as bits, for which "a NAME b" holds."""
    relation, lexicon = RELATIONS[name], lexicon or english()
    subjects = np.array([lexicon.used(relation.subjects, concept) for concept in concepts], bool)
    objects = np.array([lexicon.used(relation.objects, concept) for concept in concepts], bool)
    if not subjects.any() or not objects.any():
        return [0] * len(boxes)
    edges = boxes.T
    holds = relation.test(Sides(*edges[:, :, None]), Sides(*edges[:, None, :]), slack)
    holds &= subjects[:, None] & objects[None, :]
    np.fill_diagonal(holds, False)
    found = [0] * len(boxes)
    for a, b in zip(*map(np.ndarray.tolist, np.nonzero(holds))):
        found[a] |= 1 << b
    return found
