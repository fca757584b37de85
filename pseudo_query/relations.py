"""Locations: where an object is among others of its kind, as geometry that can be tested.

A set of objects is an int, bit i for object i. Each location has two sets: `certain`, the objects it holds for without
doubt, and `possible`, those it may hold for. A phrase is made from the first and called unique by the second.
"""

from __future__ import annotations

from operator import itemgetter
from typing import NamedTuple

from grounding.data import Size
from pseudo_query.settings import Settings

ORDINALS = ("", "first", "second", "third", "fourth", "fifth")


class Extension(NamedTuple):
    """The extension of a predicate: sets of objects as bits; `certain` lies within `possible`."""

    certain: int
    possible: int


NO_OBJECTS = Extension(0, 0)
CORNERS = ("top left corner", "top right corner", "bottom left corner", "bottom right corner")
SOLE_OBJECT_SUFFIX = ", alone"  # ends the name of a place of a thing without rivals: "the cup on the left", but not "the left cup"


class BoxGeometry(NamedTuple):
    """One thing as places see it: its row, centre, bottom edge, height and area, in pixels."""

    row: int
    x: float
    y: float
    bottom: float
    height: float
    area: float


_GET_X, _GET_AREA = itemgetter(BoxGeometry._fields.index("x")), itemgetter(BoxGeometry._fields.index("area"))
_GET_SECOND = itemgetter(1)


def find_locations(indices: list[int], boxes, size: Size, settings: Settings) -> dict[str, Extension]:
    """Every place that holds for some of `indices` (rows of `boxes`): name -> Extension.

    left, right, top, bottom, middle, front and behind are the paper's; with `settings.extended_locations` also leftmost...,
    "second from the left", corners, and largest, smallest.
    """
    rows = box_geometries(boxes)
    return locations_among([rows[i] for i in indices], size, settings)


def box_geometries(boxes) -> list[BoxGeometry]:
    """Boxes as places see them."""
    return [BoxGeometry(i, (a + c) / 2, (b + d) / 2, d, d - b, (c - a) * (d - b)) for i, (a, b, c, d) in enumerate(boxes)]


def locations_among(rows: list[BoxGeometry], size: Size, settings: Settings) -> dict[str, Extension]:
    """`find_locations` for geometries that were made before."""
    locations: dict[str, Extension] = {}
    if len(rows) == 1 and settings.extended_locations:
        _sole_locations(locations, rows[0], size)
        _corner_locations(locations, rows, size)
        return {name + SOLE_OBJECT_SUFFIX: place for name, place in locations.items()}
    if len(rows) > 1:
        gap = settings.min_gap * max(size)
        across, by_area = sorted(rows, key=_GET_X), sorted(rows, key=_GET_AREA)
        _axis_locations(locations, [(row.row, row.x) for row in across], ("left", "right"), size.width, gap, size, settings)
        _axis_locations(
            locations, sorted([(row.row, row.y) for row in rows], key=_GET_SECOND), ("top", "bottom"), size.height, gap, size, settings
        )
        _depth_locations(locations, by_area, gap, settings)
        if settings.extended_locations:
            _size_locations(locations, by_area)
            _ordinal_locations(locations, across, gap)
            _corner_locations(locations, rows, size)
    return {name: place for name, place in locations.items() if place.possible}


def _axis_locations(locations, order, names, extent, gap, size, settings):
    """left, middle and right of things sorted by their centre (top, middle and bottom likewise).

    Said when the centres spread over 8 % of the long side (50 of 640 pixels; the paper: 50 pixels of any picture):
    of the outermost; among more than three (up and down: two) also of those in the outer quarters. Across, the one
    between two others, and among more than three those in the inner half, are the middle.
    """
    if order[-1][1] - order[0][1] <= (settings.min_spread_px or settings.min_spread * max(size)):
        return
    first_quarter = last_quarter = 0
    first, last = _outermost(order, gap), _outermost(order[::-1], gap)
    if len(order) > (3 if names[0] == "left" else 2):
        for i, at in order:
            first_quarter |= (at < extent / 4) << i
            last_quarter |= (at > extent * 3 / 4) << i
    locations[names[0]] = Extension((first.certain | first_quarter) & ~last.possible, first.possible | first_quarter)
    locations[names[1]] = Extension((last.certain | last_quarter) & ~first.possible, last.possible | last_quarter)
    if len(order) > 2 and names[0] == "left":
        between = _pack_bits([i for i, _ in order]) & ~(first.possible | first_quarter | last.possible | last_quarter)
        locations["middle"] = Extension(between, between)
    if settings.extended_locations and len(order) > 2:
        locations[f"{names[0]}most"], locations[f"{names[1]}most"] = first, last


def _sole_locations(locations, row, size):
    """left or right of a thing without its like: its centre is in the outer third of the picture."""
    if min(row.x, size.width - row.x) < size.width / 3:
        locations["left" if row.x < size.width / 2 else "right"] = Extension(1 << row.row, 1 << row.row)


def _outermost(order, gap) -> Extension:
    """The first of an order, rising or falling: said if the second is farther than `gap`; all nearer than that might be meant."""
    first, possible = order[0][1], 0
    for i, at in order:
        if abs(at - first) > gap:
            break
        possible |= 1 << i
    return Extension(possible if not possible & (possible - 1) else 0, possible)


def _ordinal_locations(locations, order, gap):
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
            bit = 1 << line[rank - 1].row
            sure = all(clear[:rank])
            possible = bit if sure else _pack_bits([row.row for row in line[rank - 2:rank + 1]])
            locations[f"{ORDINALS[rank]} from the {name}"] = Extension(bit if sure else 0, possible)


def _depth_locations(locations, order, gap, settings):
    """front and behind of things sorted by area: the largest and the smallest when they differ by more than 1 to 0.4.

    With `settings.front_must_be_lower` a thing in front must also stand lower in the picture than the one behind.
    """
    small, large = order[0], order[-1]
    if small.area >= settings.max_depth_area_ratio * large.area:
        return
    if settings.front_must_be_lower and large.bottom - small.bottom <= gap:
        return
    behind = front = 0
    for row in order:
        share = row.area / large.area
        lower = large.bottom - row.bottom > gap or not settings.front_must_be_lower
        if row is small or len(order) > 3 and row is not large and share < settings.max_depth_area_ratio and lower:
            behind |= 1 << row.row
        elif row is large or len(order) > 3 and share > 0.8:
            front |= 1 << row.row
    tolerant = settings.min_gap > 0
    possible_front = _pack_bits([row.row for row in order if row.area > 0.6 * large.area]) if tolerant else 0
    possible_behind = _pack_bits([row.row for row in order if row.area < 1.6 * small.area]) if tolerant else 0
    locations["front"] = Extension(front, front | possible_front)
    locations["behind"] = Extension(behind, behind | possible_behind)


def _size_locations(locations, order):
    """larger and smaller of two, largest and smallest of more, sorted by area: half as large again as the next one."""
    names = ("smaller", "larger") if len(order) == 2 else ("smallest", "largest")
    for name, extreme, possible in (
            (names[0], order[0], _pack_bits([row.row for row in order if row.area < 1.5 * order[0].area])),
            (names[1], order[-1], _pack_bits([row.row for row in order if row.area * 1.5 > order[-1].area]))):
        bit = 1 << extreme.row
        locations[name] = Extension(bit if possible == bit else 0, possible)


def _corner_locations(locations, rows, size):
    """top left and so on: the centre in the outer third both ways; one in the outer half both ways might be meant."""
    for row in rows:
        x, y = row.x / size.width, row.y / size.height
        x_margin, y_margin = min(x, 1 - x), min(y, 1 - y)
        if x_margin < 0.45 and y_margin < 0.45:
            name, bit = CORNERS[2 * (y >= 0.5) + (x >= 0.5)], 1 << row.row
            certain, possible = locations.get(name, NO_OBJECTS)
            locations[name] = Extension(certain | bit if x_margin < 1 / 3 and y_margin < 1 / 3 else certain, possible | bit)


def _pack_bits(members) -> int:
    total = 0
    for i in members:
        total |= 1 << i
    return total
