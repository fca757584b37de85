"""Scenes: the things of a picture that phrases can be about, made from what a detector saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from grounding.data import Regions, Size
from pseudo_query.attributes import Attribute, colours_of
from pseudo_query.lexicon import Concept, english
from pseudo_query.settings import Settings

AttributeReader = Callable[[np.ndarray | None, Regions], Sequence[Sequence[tuple[str, float]]]]


class Garment(NamedTuple):
    """Something a person wears: its concept's name ("" where only a colour is known), its colours, its region or -1."""

    name: str
    attributes: tuple[Attribute, ...]
    index: int


class Thing(NamedTuple):
    """One object: `index` is its row in the regions, `box` four floats in pixels, clipped to the picture."""

    index: int
    concept: Concept
    box: tuple[float, float, float, float]
    score: float
    attributes: tuple[Attribute, ...] = ()
    garments: tuple[Garment, ...] = ()


class Dropped(NamedTuple):
    """A region nobody will speak of, and why."""

    index: int
    reason: str


@dataclass(frozen=True)
class Scene:
    """The things of one picture, in the order of the regions, and what was left out."""

    size: Size
    things: tuple[Thing, ...]
    dropped: tuple[Dropped, ...] = ()


def scene_of(regions: Regions, size: Size, pixels: np.ndarray | None = None, settings: Settings = Settings(),
             attributes: AttributeReader | None = None) -> Scene:
    """The scene of a picture of `size`; `pixels` (H, W, 3) uint8 RGB of any scale, or None for no colours."""
    size = Size(*size)
    kept, dropped = _usable(regions, size, settings)
    clothes = [i for i in kept if kept[i].group == "clothes"]
    people = [i for i in kept if kept[i].group == "people"]
    boxes = regions.boxes.clip(size).xyxy.tolist()
    seen = _attributes(regions, size, pixels, settings, attributes, kept)
    things = []
    for i, concept in kept.items():
        worn = _garments(i, boxes, clothes, kept, seen, settings) if i in people else ()
        things.append(Thing(i, concept, tuple(boxes[i]), float(regions.scores[i]), seen.get(i, ()), worn))
    return Scene(size, tuple(things), tuple(dropped))


def _usable(regions, size, settings) -> tuple[dict[int, Concept], list[Dropped]]:
    """Index -> concept of the regions worth a phrase, in their order, and the others with a reason."""
    dropped, found = [], {}
    areas = regions.boxes.clip(size).area.tolist()
    floor = settings.min_area * size.width * size.height
    for i, label in enumerate(regions.labels):
        concept = english().find(label)
        if concept is None:
            dropped.append(Dropped(i, f"its class {label!r} is no word"))
        elif areas[i] <= 0:
            dropped.append(Dropped(i, "its box lies outside the picture or has no area"))
        elif regions.scores[i] < settings.min_score:
            dropped.append(Dropped(i, f"its score {regions.scores[i]:.2f} is below {settings.min_score:g}"))
        elif areas[i] < floor and concept.group != "clothes":
            dropped.append(Dropped(i, f"it covers less than {settings.min_area:.2%} of the picture"))
        else:
            found[i] = concept
    best = sorted(found, key=lambda i: (-regions.scores[i], i))
    for i in best[settings.max_objects:]:
        dropped.append(Dropped(i, f"the picture has more than {settings.max_objects} objects"))
        del found[i]
    for i, winner in _overlapping(best[: settings.max_objects], regions, found, settings):
        dropped.append(Dropped(i, f"it overlaps region {winner} of the same kind, which is surer"))
        del found[i]
    return found, sorted(dropped)


def _overlapping(best, regions, concepts, settings):
    """(loser, winner) pairs among regions sorted best first: same concept, IoU above the limit; greedy."""
    boxes = regions.boxes.xyxy.tolist()
    gone, kept = [], []
    for i in best:
        rival = next((j for j in kept if concepts[j].name == concepts[i].name
                      and _iou(boxes[i], boxes[j]) > settings.overlap), None)
        if rival is None:
            kept.append(i)
        else:
            gone.append((i, rival))
    return gone


def _attributes(regions, size, pixels, settings, reader, kept) -> dict[int, tuple[Attribute, ...]]:
    """Index -> attributes from the reader and the pixels, those nobody would ever say left out."""
    seen: dict[int, tuple[Attribute, ...]] = {}
    if reader is not None:
        for i, words in enumerate(reader(pixels, regions)):
            seen[i] = tuple(Attribute(str(word), "seen", float(sure)) for word, sure in words)
    if pixels is not None and settings.colours and kept:
        rows = [i for i, concept in kept.items() if concept.group != "people"]
        scale = np.array([pixels.shape[1] / size.width, pixels.shape[0] / size.height] * 2)
        for i, colours in zip(rows, colours_of(pixels, regions.boxes.xyxy[rows] * scale)):
            seen[i] = seen.get(i, ()) + colours
    return seen


def _garments(person, boxes, clothes, concepts, seen, settings) -> tuple[Garment, ...]:
    """The clothes worn by a person: inside its box, and where that kind of garment is worn."""
    x0, y0, x1, y1 = boxes[person]
    worn = []
    for i in clothes:
        a, b, c, d = boxes[i]
        shared = max(0, min(c, x1) - max(a, x0)) * max(0, min(d, y1) - max(b, y0))
        height = (y1 - (b + d) / 2) / max(y1 - y0, 1e-6)  # 1 at the top of the person, 0 at the feet
        inside = shared > settings.garment_inside * (c - a) * (d - b)
        if inside and {"hat": height > 0.75, "pants": height < 0.5}.get(concepts[i].slot, True):
            worn.append(Garment(concepts[i].name, seen.get(i, ()), i))
    return tuple(worn)


def _iou(a, b) -> float:
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    shared = wide * high
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)
