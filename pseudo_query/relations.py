"""Places: where a thing is among its like, as geometry that can be tested.

A set of things is an int, bit i for thing i. Each place answers two sets: `says`, of which it may be said without
doubt, and `fits`, of which somebody could say it. A phrase is made from the first and called unique by the second.
"""

from __future__ import annotations

from operator import itemgetter
from typing import NamedTuple

from grounding.data import Size
from pseudo_query.settings import Settings

ORDINALS = ("", "first", "second", "third", "fourth", "fifth")


class Place(NamedTuple):
    """`says` and `fits`: sets of things as bits; `says` lies within `fits`."""

    says: int
    fits: int


NOWHERE = Place(0, 0)
CORNERS = ("top left corner", "top right corner", "bottom left corner", "bottom right corner")
ALONE = ", alone"  # ends the name of a place of a thing without rivals: "the cup on the left", but not "the left cup"


class Row(NamedTuple):
    """One thing as places see it: its row, centre, bottom edge, height and area, in pixels."""

    i: int
    x: float
    y: float
    foot: float
    height: float
    area: float


_ACROSS, _AREA = itemgetter(Row._fields.index("x")), itemgetter(Row._fields.index("area"))
_SECOND = itemgetter(1)


def places_of(members: list[int], boxes, size: Size, settings: Settings) -> dict[str, Place]:
    """Every place that holds for some of `members` (rows of `boxes`): name -> Place.

    left, right, top, bottom, middle, front and behind are the paper's; with `settings.more_places` also leftmost...,
    "second from the left", corners, and largest, smallest.
    """
    rows = rows_of(boxes)
    return places_among([rows[i] for i in members], size, settings)


def rows_of(boxes) -> list[Row]:
    """Boxes as places see them."""
    return [Row(i, (a + c) / 2, (b + d) / 2, d, d - b, (c - a) * (d - b)) for i, (a, b, c, d) in enumerate(boxes)]


def places_among(rows: list[Row], size: Size, settings: Settings) -> dict[str, Place]:
    """`places_of` for rows that were made before."""
    places: dict[str, Place] = {}
    if len(rows) == 1 and settings.more_places:
        _alone(places, rows[0], size)
        _corners(places, rows, size)
        return {name + ALONE: place for name, place in places.items()}
    if len(rows) > 1:
        gap = settings.gap * max(size)
        across, by_area = sorted(rows, key=_ACROSS), sorted(rows, key=_AREA)
        _along(places, [(row.i, row.x) for row in across], ("left", "right"), size.width, gap, size, settings)
        _along(places, sorted([(row.i, row.y) for row in rows], key=_SECOND), ("top", "bottom"), size.height, gap, size, settings)
        _depth(places, by_area, gap, settings)
        if settings.more_places:
            _sizes(places, by_area)
            _ordinals(places, across, gap)
            _corners(places, rows, size)
    return {name: place for name, place in places.items() if place.fits}


def _along(places, order, names, extent, gap, size, settings):
    """left, middle and right of things sorted by their centre (top, middle and bottom likewise).

    Said when the centres spread over 8 % of the long side (50 of 640 pixels; the paper: 50 pixels of any picture):
    of the outermost; among more than three (up and down: two) also of those in the outer quarters. Across, the one
    between two others, and among more than three those in the inner half, are the middle.
    """
    if order[-1][1] - order[0][1] <= (settings.spread_px or settings.spread * max(size)):
        return
    near = far = 0
    first, last = _outer(order, gap), _outer(order[::-1], gap)
    if len(order) > (3 if names[0] == "left" else 2):
        for i, at in order:
            near |= (at < extent / 4) << i
            far |= (at > extent * 3 / 4) << i
    places[names[0]] = Place((first.says | near) & ~last.fits, first.fits | near)
    places[names[1]] = Place((last.says | far) & ~first.fits, last.fits | far)
    if len(order) > 2 and names[0] == "left":
        between = _bits([i for i, _ in order]) & ~(first.fits | near | last.fits | far)
        places["middle"] = Place(between, between)
    if settings.more_places and len(order) > 2:
        places[f"{names[0]}most"], places[f"{names[1]}most"] = first, last


def _alone(places, row, size):
    """left or right of a thing without its like: its centre is in the outer third of the picture."""
    if min(row.x, size.width - row.x) < size.width / 3:
        places["left" if row.x < size.width / 2 else "right"] = Place(1 << row.i, 1 << row.i)


def _outer(order, gap) -> Place:
    """The first of an order, rising or falling: said if the second is farther than `gap`; all nearer than that might be meant."""
    first, fits = order[0][1], 0
    for i, at in order:
        if abs(at - first) > gap:
            break
        fits |= 1 << i
    return Place(fits if not fits & (fits - 1) else 0, fits)


def _ordinals(places, order, gap):
    """ "second from the left" and so on up to the fifth, from the nearer side, where every step is a clear one.

    Only things that make a row are counted: none more than two and a half times as high as another.
    """
    heights, count = [row.height for row in order], len(order)
    if count < 3 or max(heights) > 2.5 * min(heights):
        return
    steps = [b.x - a.x > gap for a, b in zip(order, order[1:])]
    for name, line, clear in (("left", order, steps), ("right", order[::-1], steps[::-1])):
        for rank in range(2, min(5, (count + 1) // 2 + (count < 4)) + 1):
            if rank == count:
                continue
            bit = 1 << line[rank - 1].i
            sure = all(clear[:rank])
            fits = bit if sure else _bits([row.i for row in line[rank - 2:rank + 1]])
            places[f"{ORDINALS[rank]} from the {name}"] = Place(bit if sure else 0, fits)


def _depth(places, order, gap, settings):
    """front and behind of things sorted by area: the largest and the smallest when they differ by more than 1 to 0.4.

    With `settings.ground` a thing in front must also stand lower in the picture than the one behind.
    """
    small, large = order[0], order[-1]
    if small.area >= settings.depth_ratio * large.area:
        return
    if settings.ground and large.foot - small.foot <= gap:
        return
    behind = front = 0
    for row in order:
        share = row.area / large.area
        lower = large.foot - row.foot > gap or not settings.ground
        if row is small or len(order) > 3 and row is not large and share < settings.depth_ratio and lower:
            behind |= 1 << row.i
        elif row is large or len(order) > 3 and share > 0.8:
            front |= 1 << row.i
    unsure = settings.gap > 0
    may_front = _bits([row.i for row in order if row.area > 0.6 * large.area]) if unsure else 0
    may_behind = _bits([row.i for row in order if row.area < 1.6 * small.area]) if unsure else 0
    places["front"] = Place(front, front | may_front)
    places["behind"] = Place(behind, behind | may_behind)


def _sizes(places, order):
    """larger and smaller of two, largest and smallest of more, sorted by area: half as large again as the next one."""
    names = ("smaller", "larger") if len(order) == 2 else ("smallest", "largest")
    for name, extreme, fits in (
            (names[0], order[0], _bits([row.i for row in order if row.area < 1.5 * order[0].area])),
            (names[1], order[-1], _bits([row.i for row in order if row.area * 1.5 > order[-1].area]))):
        bit = 1 << extreme.i
        places[name] = Place(bit if fits == bit else 0, fits)


def _corners(places, rows, size):
    """top left and so on: the centre in the outer third both ways; one in the outer half both ways might be meant."""
    for row in rows:
        x, y = row.x / size.width, row.y / size.height
        aside, apart = min(x, 1 - x), min(y, 1 - y)
        if aside < 0.45 and apart < 0.45:
            name, bit = CORNERS[2 * (y >= 0.5) + (x >= 0.5)], 1 << row.i
            says, fits = places.get(name, NOWHERE)
            places[name] = Place(says | bit if aside < 1 / 3 and apart < 1 / 3 else says, fits | bit)


def _bits(members) -> int:
    total = 0
    for i in members:
        total |= 1 << i
    return total
