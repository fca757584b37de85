"""Relations between two things: "next to the bicycle", "holding the umbrella", each a test on two boxes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np

from pseudo_query.lexicon import english_lexicon


class Relation(NamedTuple):
    """`words` express it; `subject_use` and `object_use` are uses or groups of the lexicon ("" = anything) it makes sense for.

    `test(pairs, TOLERANCE)` (2, N, N) is where "a RELATION b" holds: without doubt, and just possibly.
    `swapped`: the test is that of the inverse relation.
    """

    words: tuple[str, ...]
    subject_use: str
    object_use: str
    test: Callable[[BoxPairs, np.ndarray], np.ndarray]
    weight: float = 1.0
    swapped: bool = False


CERTAIN, POSSIBLE = 0, 1
TOLERANCE = np.array([0.0, 1.0])[:, None, None]  # by which borders are moved outwards


class BoxPairs:
    """All pairs (a, b) of N boxes: a's edges as columns (N, 1), b's as rows (1, N), and what they share as (N, N)."""

    def __init__(self, concepts, boxes: np.ndarray):
        """`boxes` (N, 4) in pixels."""
        x0, y0, x1, y1 = boxes.astype(np.float64).T
        width, height = np.maximum(x1 - x0, 1e-6), np.maximum(y1 - y0, 1e-6)
        self.a = BoxColumns(*(edge[:, None] for edge in (x0, y0, x1, y1, width, height, (x0 + x1) / 2, (y0 + y1) / 2, width * height)))
        self.b = BoxColumns(*(edge.T for edge in self.a))
        self.x_overlap = np.minimum(self.a.x1, self.b.x1) - np.maximum(self.a.x0, self.b.x0)  # negative: the gap between
        self.y_overlap = np.minimum(self.a.y1, self.b.y1) - np.maximum(self.a.y0, self.b.y0)
        self._uses = np.array([english_lexicon().has_uses(concept, USE_NAMES) for concept in concepts], bool).reshape(
            len(boxes), len(USE_NAMES)
        )
        self._empty_sets = [0] * len(boxes)

    @cached_property
    def ioa(self) -> np.ndarray:
        """(N, N) share of a that lies in b, in [0, 1]."""
        return np.maximum(self.x_overlap, 0) * np.maximum(self.y_overlap, 0) / self.a.area

    @cached_property
    def min_width(self) -> np.ndarray:
        """(N, N) the smaller of both widths."""
        return np.minimum(self.a.width, self.b.width)

    @cached_property
    def similar_area(self) -> np.ndarray:
        """(N, N) whether neither is ten times as large as the other: a speck is no landmark."""
        return (self.a.area < 10 * self.b.area) & (self.b.area < 10 * self.a.area)

    @cached_property
    def min_height(self) -> np.ndarray:
        """(N, N) the smaller of both heights."""
        return np.minimum(self.a.height, self.b.height)

    @cached_property
    def _related_sets(self) -> dict[str, tuple]:
        """Relation -> for each thing a the set of things b, as bits, for which "a RELATION b" holds, [0] surely, [1] perhaps;
        and the same for each b, the sets of a."""
        used = self._uses.any(0).tolist()
        names = [name for name, (subjects, objects) in _ARGUMENT_USES.items() if used[subjects] and used[objects]]
        if not names:
            return {}
        tests = {test: test(self, TOLERANCE) for test in dict.fromkeys(RELATIONS[name].test for name in names)}
        holds = np.stack([tests[RELATIONS[name].test].swapaxes(1, 2) if RELATIONS[name].swapped else tests[RELATIONS[name].test]
                          for name in names])  # (R, 2, N, N)
        subjects, objects = self._uses.T[np.array([_ARGUMENT_USES[name] for name in names]).T]  # (R, N) each
        sense = subjects[:, :, None] & objects[:, None, :] & ~np.eye(len(self._uses), dtype=bool)
        holds &= sense[:, None]
        return dict(zip(names, zip(_pack_bits(holds), _pack_bits(holds.swapaxes(2, 3)))))

    def related_sets(self, name: str, certainty: int = CERTAIN, inverse: bool = False) -> list[int]:
        """For each object a the set of objects b, as bits, for which "a NAME b" holds; with `inverse` for each b the set of objects a.

        `certainty` is CERTAIN or POSSIBLE.
        """
        return self._related_sets[name][inverse][certainty] if name in self._related_sets else self._empty_sets

    @cached_property
    def certain_relations(self) -> list[list[tuple[str, int]]]:
        """For each thing the relations that hold without doubt: (name, the others as bits), in the order of RELATIONS."""
        found: list[list[tuple[str, int]]] = [[] for _ in self._empty_sets]
        for name, ((sure, _), _) in self._related_sets.items():
            for a, others in enumerate(sure):
                if others:
                    found[a].append((name, others))
        return found

    def possibly_related_sets(self, name: str, inverse: bool = False) -> list[int]:
        """`related_sets` for everything that might be meant by the words of a relation."""
        first, *others = (self.related_sets(other, POSSIBLE, inverse) for other in relations_sharing_words(name))
        for rows in others:
            first = [a | b for a, b in zip(first, rows)]
        return first


_BIT_VALUES = 1 << np.arange(62)  # as many bits as a sum of an int64 has room for


def _pack_bits(holds) -> list:
    """A bool array of any shape as lists, its last axis as the bits of integers."""
    count = holds.shape[-1]
    powers = _BIT_VALUES[:count] if count <= len(_BIT_VALUES) else np.array([1 << k for k in range(count)], object)
    return (holds @ powers).tolist()


class BoxColumns(NamedTuple):
    """Edges, extent, centre and area of many boxes, as arrays that broadcast against each other."""

    x0: np.ndarray
    y0: np.ndarray
    x1: np.ndarray
    y1: np.ndarray
    width: np.ndarray
    height: np.ndarray
    cx: np.ndarray
    cy: np.ndarray
    area: np.ndarray


def next_to(pairs: BoxPairs, tolerance: np.ndarray) -> np.ndarray:
    """Side by side: hardly overlapping, of comparable height, on one level, less than a third of a width apart."""
    a, b = pairs.a, pairs.b
    low, high = pairs.min_height, np.maximum(a.height, b.height)
    return ((np.maximum(pairs.ioa, pairs.ioa.T) < 0.25 + 0.25 * tolerance) & (low > (0.35 - 0.2 * tolerance) * high)
            & (pairs.y_overlap > (0.6 - 0.3 * tolerance) * low)
            & (-pairs.x_overlap < (0.35 + 0.5 * tolerance) * pairs.min_width))


def left_of(pairs: BoxPairs, tolerance: np.ndarray) -> np.ndarray:
    """Its right edge is left of the other's left edge, on about the same level, and not far away."""
    a, b = pairs.a, pairs.b
    return (pairs.similar_area & (a.x1 < b.x0 + (0.1 + 0.4 * tolerance) * pairs.min_width) & (a.cx < b.cx)
            & (pairs.y_overlap > (0.5 - 0.5 * tolerance) * pairs.min_height)
            & (-pairs.x_overlap < (0.5 + tolerance) * np.maximum(a.width, b.width)))


def above(pairs: BoxPairs, tolerance: np.ndarray) -> np.ndarray:
    """Its bottom edge is above the other's top edge, one stands over the other, and not far away."""
    a, b = pairs.a, pairs.b
    return (pairs.similar_area & (a.y1 < b.y0 + (0.1 + 0.3 * tolerance) * pairs.min_height) & (a.cy < b.cy)
            & (pairs.x_overlap > (0.6 - 0.3 * tolerance) * pairs.min_width)
            & (-pairs.y_overlap < (0.4 + 0.7 * tolerance) * np.maximum(a.height, b.height)))


def in_front_of(pairs: BoxPairs, tolerance: np.ndarray) -> np.ndarray:
    """It overlaps the other across, stands lower in the picture, and neither is a mere part of the other."""
    a, b = pairs.a, pairs.b
    comparable = (a.area > 0.15 * b.area) & (b.area > 0.15 * a.area)
    return (comparable & (pairs.x_overlap > (0.4 - 0.3 * tolerance) * pairs.min_width) & (pairs.y_overlap > 0)
            & (a.y1 - b.y1 > (0.12 - 0.1 * tolerance) * pairs.min_height) & (a.area > (0.3 - 0.1 * tolerance) * b.area))


def on(pairs: BoxPairs, tolerance: np.ndarray) -> np.ndarray:
    """Its foot is on the upper part of the other, within its width, and most of it is higher."""
    a, b = pairs.a, pairs.b
    return ((pairs.x_overlap > (0.8 - 0.3 * tolerance) * a.width) & (a.y1 > b.y0 - 0.05 * b.height)
            & (a.y1 < b.y0 + (0.8 + 0.3 * tolerance) * b.height) & (a.cy < b.cy - (0.05 - 0.05 * tolerance) * b.height))


def within(pairs: BoxPairs, tolerance: np.ndarray) -> np.ndarray:
    """Nine tenths of it lie inside the other, which is twice as large."""
    a, b = pairs.a, pairs.b
    return (pairs.ioa > 0.9 - 0.3 * tolerance) & (a.area < 0.5 * b.area)


def under(pairs: BoxPairs, tolerance: np.ndarray) -> np.ndarray:
    """The other is over its head and covers half its width."""
    a, b = pairs.a, pairs.b
    return ((b.cy < a.y0 + (0.3 + 0.2 * tolerance) * a.height) & (pairs.x_overlap > (0.5 - 0.2 * tolerance) * a.width)
            & (pairs.y_overlap > -0.3 * a.height) & (b.y1 < a.y1))


def wearing(pairs: BoxPairs, tolerance: np.ndarray) -> np.ndarray:
    """Three quarters of the other lie inside it, and it is much larger."""
    a, b = pairs.a, pairs.b
    return (0.75 - 0.35 * tolerance < pairs.ioa.T) & (b.area < 0.6 * a.area)


def holding(pairs: BoxPairs, tolerance: np.ndarray) -> np.ndarray:
    """The other touches it at hand height: its centre beside the middle part of the body, part of it inside."""
    a, b = pairs.a, pairs.b
    return ((0.35 - 0.3 * tolerance < pairs.ioa.T) & (b.area < 0.8 * a.area) & (b.cy > a.y0 - 0.1 * a.height)
            & (b.cy < a.y0 + (0.75 + 0.25 * tolerance) * a.height)
            & (b.cx > a.x0 - (0.25 + tolerance) * a.width) & (b.cx < a.x1 + (0.25 + tolerance) * a.width))


def riding(pairs: BoxPairs, tolerance: np.ndarray) -> np.ndarray:
    """It sits on the other: over its middle, its foot within it, its head higher."""
    a, b = pairs.a, pairs.b
    return ((pairs.x_overlap > (0.5 - 0.2 * tolerance) * pairs.min_width) & (a.cy < b.cy) & (a.y0 < b.y0)
            & (a.y1 > b.y0 + 0.2 * b.height) & (a.y1 < b.y1 + (0.2 + 0.2 * tolerance) * b.height)
            & (np.abs(a.cx - b.cx) < (0.4 + 0.2 * tolerance) * b.width))


def standing_on(pairs: BoxPairs, tolerance: np.ndarray) -> np.ndarray:
    """A board at its feet."""
    a, b = pairs.a, pairs.b
    return ((pairs.x_overlap > (0.4 - 0.2 * tolerance) * pairs.min_width)
            & (b.cy > a.y1 - (0.3 + 0.1 * tolerance) * a.height) & (b.y0 < a.y1 + 0.05 * a.height))


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
    "behind": Relation(("behind",), "ground", "ground", in_front_of, 0.7, swapped=True),
    "next to": Relation(("next to", "beside", "by"), "", "", next_to, 1.0),
    "left of": Relation(("to the left of", "left of"), "", "", left_of, 0.6),
    "right of": Relation(("to the right of", "right of"), "", "", left_of, 0.6, swapped=True),
    "above": Relation(("above",), "", "", above, 0.4),
    "below": Relation(("below",), "", "", above, 0.4, swapped=True),
}
CONTACT_RELATIONS = ("wearing", "holding", "with", "riding", "standing on", "under", "on", "in", "inside")
USE_NAMES = ("", "people", "wear", "hold", "have", "ride", "board", "shelter", "support", "contain", "enter", "ground")
_ARGUMENT_USES = {
    name: (USE_NAMES.index(relation.subject_use), USE_NAMES.index(relation.object_use)) for name, relation in RELATIONS.items()
}
SHARED_WORD_RELATIONS = (("wearing", "holding", "with"), ("riding", "standing on", "on"), ("in", "inside"))  # one word can say each of them


def relations_sharing_words(name: str) -> tuple[str, ...]:
    """The relations somebody might mean by the words of this one: "with a bag" is holding it or wearing it."""
    return next((family for family in SHARED_WORD_RELATIONS if name in family), (name,))
