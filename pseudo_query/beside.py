"""Relations between two things: "next to the bicycle", "holding the umbrella", each a test on two boxes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np

from pseudo_query.lexicon import english


class Relation(NamedTuple):
    """`words` say it; `subjects` and `objects` are uses or groups of the lexicon ("" = anything) it makes sense for.

    `test(pairs, SLACK)` (2, N, N) is where "a RELATION b" holds: without doubt, and just possibly.
    `flip`: the test is that of the other thing.
    """

    words: tuple[str, ...]
    subjects: str
    objects: str
    test: Callable[[Pairs, np.ndarray], np.ndarray]
    weight: float = 1.0
    flip: bool = False


SURE, PERHAPS = 0, 1
SLACK = np.array([0.0, 1.0])[:, None, None]  # by which borders are moved outwards


class Pairs:
    """All pairs (a, b) of N boxes: a's edges as columns (N, 1), b's as rows (1, N), and what they share as (N, N)."""

    def __init__(self, concepts, boxes: np.ndarray):
        """`boxes` (N, 4) in pixels."""
        x0, y0, x1, y1 = boxes.astype(np.float64).T
        width, height = np.maximum(x1 - x0, 1e-6), np.maximum(y1 - y0, 1e-6)
        self.a = Sides(*(edge[:, None] for edge in (x0, y0, x1, y1, width, height, (x0 + x1) / 2, (y0 + y1) / 2, width * height)))
        self.b = Sides(*(edge.T for edge in self.a))
        self.across = np.minimum(self.a.x1, self.b.x1) - np.maximum(self.a.x0, self.b.x0)  # negative: the gap between
        self.down = np.minimum(self.a.y1, self.b.y1) - np.maximum(self.a.y0, self.b.y0)
        self._uses = np.array([english().uses_of(concept, USES) for concept in concepts], bool).reshape(len(boxes), len(USES))
        self._nothing = [0] * len(boxes)

    @cached_property
    def inside(self) -> np.ndarray:
        """(N, N) share of a that lies in b, in [0, 1]."""
        return np.maximum(self.across, 0) * np.maximum(self.down, 0) / self.a.area

    @cached_property
    def narrow(self) -> np.ndarray:
        """(N, N) the smaller of both widths."""
        return np.minimum(self.a.width, self.b.width)

    @cached_property
    def comparable(self) -> np.ndarray:
        """(N, N) whether neither is ten times as large as the other: a speck is no landmark."""
        return (self.a.area < 10 * self.b.area) & (self.b.area < 10 * self.a.area)

    @cached_property
    def low(self) -> np.ndarray:
        """(N, N) the smaller of both heights."""
        return np.minimum(self.a.height, self.b.height)

    @cached_property
    def _held(self) -> dict[str, tuple]:
        """Relation -> for each thing a the set of things b, as bits, for which "a RELATION b" holds, [0] surely, [1] perhaps;
        and the same for each b, the sets of a."""
        used = self._uses.any(0).tolist()
        names = [name for name, (subjects, objects) in _MAKES_SENSE.items() if used[subjects] and used[objects]]
        if not names:
            return {}
        tests = {test: test(self, SLACK) for test in dict.fromkeys(RELATIONS[name].test for name in names)}
        holds = np.stack([tests[RELATIONS[name].test].swapaxes(1, 2) if RELATIONS[name].flip else tests[RELATIONS[name].test]
                          for name in names])  # (R, 2, N, N)
        subjects, objects = self._uses.T[np.array([_MAKES_SENSE[name] for name in names]).T]  # (R, N) each
        sense = subjects[:, :, None] & objects[:, None, :] & ~np.eye(len(self._uses), dtype=bool)
        holds &= sense[:, None]
        return dict(zip(names, zip(_bits(holds), _bits(holds.swapaxes(2, 3)))))

    def holding(self, name: str, how: int = SURE, of: bool = False) -> list[int]:
        """For each thing a the set of things b, as bits, for which "a NAME b" holds; with `of` for each b the set of things a.

        `how` is SURE or PERHAPS.
        """
        return self._held[name][of][how] if name in self._held else self._nothing

    @cached_property
    def found(self) -> list[list[tuple[str, int]]]:
        """For each thing the relations that hold without doubt: (name, the others as bits), in the order of RELATIONS."""
        found: list[list[tuple[str, int]]] = [[] for _ in self._nothing]
        for name, ((sure, _), _) in self._held.items():
            for a, others in enumerate(sure):
                if others:
                    found[a].append((name, others))
        return found

    def perhaps(self, name: str, of: bool = False) -> list[int]:
        """`holding` for everything that might be meant by the words of a relation."""
        first, *others = (self.holding(other, PERHAPS, of) for other in alike(name))
        for rows in others:
            first = [a | b for a, b in zip(first, rows)]
        return first


_POWERS = 1 << np.arange(62)  # as many bits as a sum of an int64 has room for


def _bits(holds) -> list:
    """A bool array of any shape as lists, its last axis as the bits of integers."""
    count = holds.shape[-1]
    powers = _POWERS[:count] if count <= len(_POWERS) else np.array([1 << k for k in range(count)], object)
    return (holds @ powers).tolist()


class Sides(NamedTuple):
    """Edges, extent, centre and area of many boxes, as arrays that broadcast against each other."""

    x0: np.ndarray
    y0: np.ndarray
    x1: np.ndarray
    y1: np.ndarray
    width: np.ndarray
    height: np.ndarray
    x: np.ndarray
    y: np.ndarray
    area: np.ndarray


def next_to(pairs: Pairs, slack: np.ndarray) -> np.ndarray:
    """Side by side: hardly overlapping, of comparable height, on one level, less than a third of a width apart."""
    a, b = pairs.a, pairs.b
    low, high = pairs.low, np.maximum(a.height, b.height)
    return ((np.maximum(pairs.inside, pairs.inside.T) < 0.25 + 0.25 * slack) & (low > (0.35 - 0.2 * slack) * high)
            & (pairs.down > (0.6 - 0.3 * slack) * low)
            & (-pairs.across < (0.35 + 0.5 * slack) * pairs.narrow))


def left_of(pairs: Pairs, slack: np.ndarray) -> np.ndarray:
    """Its right edge is left of the other's left edge, on about the same level, and not far away."""
    a, b = pairs.a, pairs.b
    return (pairs.comparable & (a.x1 < b.x0 + (0.1 + 0.4 * slack) * pairs.narrow) & (a.x < b.x)
            & (pairs.down > (0.5 - 0.5 * slack) * pairs.low)
            & (-pairs.across < (0.5 + slack) * np.maximum(a.width, b.width)))


def above(pairs: Pairs, slack: np.ndarray) -> np.ndarray:
    """Its bottom edge is above the other's top edge, one stands over the other, and not far away."""
    a, b = pairs.a, pairs.b
    return (pairs.comparable & (a.y1 < b.y0 + (0.1 + 0.3 * slack) * pairs.low) & (a.y < b.y)
            & (pairs.across > (0.6 - 0.3 * slack) * pairs.narrow)
            & (-pairs.down < (0.4 + 0.7 * slack) * np.maximum(a.height, b.height)))


def in_front_of(pairs: Pairs, slack: np.ndarray) -> np.ndarray:
    """It overlaps the other across, stands lower in the picture, and neither is a mere part of the other."""
    a, b = pairs.a, pairs.b
    comparable = (a.area > 0.15 * b.area) & (b.area > 0.15 * a.area)
    return (comparable & (pairs.across > (0.4 - 0.3 * slack) * pairs.narrow) & (pairs.down > 0)
            & (a.y1 - b.y1 > (0.12 - 0.1 * slack) * pairs.low) & (a.area > (0.3 - 0.1 * slack) * b.area))


def on(pairs: Pairs, slack: np.ndarray) -> np.ndarray:
    """Its foot is on the upper part of the other, within its width, and most of it is higher."""
    a, b = pairs.a, pairs.b
    return ((pairs.across > (0.8 - 0.3 * slack) * a.width) & (a.y1 > b.y0 - 0.05 * b.height)
            & (a.y1 < b.y0 + (0.8 + 0.3 * slack) * b.height) & (a.y < b.y - (0.05 - 0.05 * slack) * b.height))


def within(pairs: Pairs, slack: np.ndarray) -> np.ndarray:
    """Nine tenths of it lie inside the other, which is twice as large."""
    a, b = pairs.a, pairs.b
    return (pairs.inside > 0.9 - 0.3 * slack) & (a.area < 0.5 * b.area)


def under(pairs: Pairs, slack: np.ndarray) -> np.ndarray:
    """The other is over its head and covers half its width."""
    a, b = pairs.a, pairs.b
    return ((b.y < a.y0 + (0.3 + 0.2 * slack) * a.height) & (pairs.across > (0.5 - 0.2 * slack) * a.width)
            & (pairs.down > -0.3 * a.height) & (b.y1 < a.y1))


def wearing(pairs: Pairs, slack: np.ndarray) -> np.ndarray:
    """Three quarters of the other lie inside it, and it is much larger."""
    a, b = pairs.a, pairs.b
    return (pairs.inside.T > 0.75 - 0.35 * slack) & (b.area < 0.6 * a.area)


def holding(pairs: Pairs, slack: np.ndarray) -> np.ndarray:
    """The other touches it at hand height: its centre beside the middle part of the body, part of it inside."""
    a, b = pairs.a, pairs.b
    return ((pairs.inside.T > 0.35 - 0.3 * slack) & (b.area < 0.8 * a.area) & (b.y > a.y0 - 0.1 * a.height)
            & (b.y < a.y0 + (0.75 + 0.25 * slack) * a.height)
            & (b.x > a.x0 - (0.25 + slack) * a.width) & (b.x < a.x1 + (0.25 + slack) * a.width))


def riding(pairs: Pairs, slack: np.ndarray) -> np.ndarray:
    """It sits on the other: over its middle, its foot within it, its head higher."""
    a, b = pairs.a, pairs.b
    return ((pairs.across > (0.5 - 0.2 * slack) * pairs.narrow) & (a.y < b.y) & (a.y0 < b.y0)
            & (a.y1 > b.y0 + 0.2 * b.height) & (a.y1 < b.y1 + (0.2 + 0.2 * slack) * b.height)
            & (np.abs(a.x - b.x) < (0.4 + 0.2 * slack) * b.width))


def standing_on(pairs: Pairs, slack: np.ndarray) -> np.ndarray:
    """A board at its feet."""
    a, b = pairs.a, pairs.b
    return ((pairs.across > (0.4 - 0.2 * slack) * pairs.narrow)
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
    "behind": Relation(("behind",), "ground", "ground", in_front_of, 0.7, flip=True),
    "next to": Relation(("next to", "beside", "by"), "", "", next_to, 1.0),
    "left of": Relation(("to the left of", "left of"), "", "", left_of, 0.6),
    "right of": Relation(("to the right of", "right of"), "", "", left_of, 0.6, flip=True),
    "above": Relation(("above",), "", "", above, 0.4),
    "below": Relation(("below",), "", "", above, 0.4, flip=True),
}
INTIMATE = ("wearing", "holding", "with", "riding", "standing on", "under", "on", "in", "inside")
USES = ("", "people", "wear", "hold", "have", "ride", "board", "shelter", "support", "contain", "enter", "ground")
_MAKES_SENSE = {name: (USES.index(relation.subjects), USES.index(relation.objects)) for name, relation in RELATIONS.items()}
FAMILIES = (("wearing", "holding", "with"), ("riding", "standing on", "on"), ("in", "inside"))  # one word can say each of them


def alike(name: str) -> tuple[str, ...]:
    """The relations somebody might mean by the words of this one: "with a bag" is holding it or wearing it."""
    return next((family for family in FAMILIES if name in family), (name,))
