"""Relations: where a thing is among its like and beside the others, as geometry that can be tested.

A set of things is an int, bit i for thing i. Each place answers two sets: `says`, of which it may be said without
doubt, and `fits`, of which somebody could say it. A phrase is made from the first and called unique by the second.
"""

from __future__ import annotations

from typing import NamedTuple

from pseudo_query.settings import Settings


class Place(NamedTuple):
    """`says` and `fits`: sets of things as bits; `says` lies within `fits`."""

    says: int
    fits: int


NOWHERE = Place(0, 0)


def places_of(members: list[int], boxes, size, settings: Settings) -> dict[str, Place]:
    """Every place word that holds among `members` (rows of `boxes`), with the things it holds for."""
    long_side = max(size)
    spread, gap = settings.spread * long_side, settings.gap * long_side
    if len(members) < 2:
        return {}
    x = {i: (boxes[i][0] + boxes[i][2]) / 2 for i in members}
    y = {i: (boxes[i][1] + boxes[i][3]) / 2 for i in members}
    places: dict[str, Place] = {}
    _sides(places, x, ("left", "right"), size.width, spread, gap)
    _sides(places, y, ("top", "bottom"), size.height, spread, gap)
    return places


def _sides(places, at, names, extent, spread, gap):
    """left and right (or top and bottom): the outermost; with more than three also those in the outer quarters."""
    members = sorted(at, key=at.get)
    if at[members[-1]] - at[members[0]] <= spread:
        return
    for name, order, sign in ((names[0], members, 1), (names[1], members[::-1], -1)):
        first, second = order[0], order[1]
        near = _bits(i for i in order if sign * (at[i] - at[first]) <= gap)
        outer = _bits(i for i in order if (at[i] < extent / 4 if sign > 0 else at[i] > extent * 3 / 4)) if len(at) > 3 else 0
        clear = sign * (at[second] - at[first]) > gap
        places[name] = Place(1 << first if clear else 0, near | outer)
        if len(at) > 2:
            places[f"{name}most"] = Place(1 << first if clear else 0, near)
    if len(at) == 3 and at[members[1]] - at[members[0]] > gap and at[members[2]] - at[members[1]] > gap:
        places["middle"] = Place(1 << members[1], 1 << members[1])


def _bits(members) -> int:
    total = 0
    for i in members:
        total |= 1 << i
    return total
