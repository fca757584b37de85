"""Templates: the patterns phrases are written in, and how places are worded."""

from __future__ import annotations

import re
from typing import NamedTuple

from pseudo_query.relations import SOLE_OBJECT_SUFFIX


class Template(NamedTuple):
    """`pattern` with its slots; `weight` is how often it is drawn beside the others; `slots` are those it needs."""

    name: str
    pattern: str
    weight: float = 1.0

    @property
    def slots(self) -> tuple[str, ...]:
        return tuple(re.findall(r"{(\w+)}", self.pattern))


class LocationWording(NamedTuple):
    """How a place is said before the noun, after it, and around it; () where English has no such form."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    around: tuple[tuple[str, str], ...] = ()
    weight: float = 1.0


def _ordinal_wording(word: str, side: str) -> LocationWording:
    return LocationWording((), (), ((word, f"from the {side}"), (word, f"from {side}")), 0.7)


def _corner_wording(side: str) -> LocationWording:
    high, low = side.split()
    other = {"top": "upper", "bottom": "lower"}[high]
    return LocationWording((side, f"{other} {low}"), (f"in the {side} corner", f"in the {side}", f"in the {other} {low} corner"), (), 0.6)


LOCATION_WORDINGS = {
    "left": LocationWording(("left",), ("on the left", "on the left side", "to the left"), (), 1.5),
    "right": LocationWording(("right",), ("on the right", "on the right side", "to the right"), (), 1.5),
    "middle": LocationWording(("middle", "center"), ("in the middle", "in the center")),
    "top": LocationWording(("top", "upper"), ("at the top",), (), 0.5),
    "bottom": LocationWording(("bottom", "lower"), ("at the bottom",), (), 0.5),
    "front": LocationWording(("front", "closest", "nearest"), ("in front", "in the foreground", "closest to the camera")),
    "behind": LocationWording(("back", "far", "farthest"), ("in the back", "behind", "in the background", "farthest away")),
    "leftmost": LocationWording(("leftmost", "far left"), ("on the far left",), (), 0.7),
    "rightmost": LocationWording(("rightmost", "far right"), ("on the far right",), (), 0.7),
    "topmost": LocationWording(("topmost", "highest"), ("at the very top",), (), 0.25),
    "bottommost": LocationWording(("bottommost", "lowest"), ("at the very bottom",), (), 0.25),
    "larger": LocationWording(("larger", "bigger"), (), (), 0.7),
    "smaller": LocationWording(("smaller",), (), (), 0.7),
    "largest": LocationWording(("largest", "biggest"), (), (), 0.6),
    "smallest": LocationWording(("smallest",), (), (), 0.6),
    **{f"{corner} corner": _corner_wording(corner) for corner in ("top left", "top right", "bottom left", "bottom right")},
    **{f"{word} from the {side}": _ordinal_wording(word, side)
       for word in ("second", "third", "fourth", "fifth") for side in ("left", "right")},
}
LOCATION_WORDINGS |= {name + SOLE_OBJECT_SUFFIX: LOCATION_WORDINGS[name]._replace(before=(), weight=0.5)
           for name in ("left", "right", *(name for name in LOCATION_WORDINGS if name.endswith("corner")))}

PAPER_LOCATION_WORDS = {"left": ("left",), "right": ("right",), "top": ("top",), "bottom": ("bottom",), "front": ("front",),
                "behind": ("behind",), "middle": ("middle", "center")}
PAPER_LOCATION_PHRASES = {"left": "on the left", "right": "on the right", "front": "in the front",
                      "behind": "in the behind", "middle": "in the middle", "center": "in the center"}

DEFAULT_TEMPLATES = (
    Template("noun", "{noun}", 1.0),
    Template("place noun", "{before} {noun}", 1.0),
    Template("noun place", "{noun} {after}", 1.0),
    Template("ordinal noun", "{first} {noun} {last}", 1.0),
    Template("noun clothes", "{noun} {wearing}", 1.5),
    Template("place noun clothes", "{before} {noun} {wearing}", 0.5),
    Template("noun clothes place", "{noun} {wearing} {after}", 0.5),
    Template("noun relation", "{noun} {beside}", 1.0),
    Template("place noun relation", "{before} {noun} {beside}", 0.4),
    Template("noun clothes relation", "{noun} {wearing} {beside}", 0.4),
    Template("place noun clothes relation", "{before} {noun} {wearing} {beside}", 0.2),
)
NON_TEMPLATE_NAMES = ("plural", "number of", "nothing")  # written without a pattern, but counted and switched off like the others

PAPER_TEMPLATES = tuple(Template(name, pattern) for name, pattern in (
    ("noun", "{noun}"),
    ("noun place", "{noun} {place}"),
    ("place noun", "{place} {noun}"),
    ("noun on-place", "{noun} {on}"),
    ("noun clothes", "{noun} {clothes}"),
    ("clothes noun", "{clothes} {noun}"),
    ("noun clothes place", "{noun} {clothes} {place}"),
    ("noun place clothes", "{noun} {place} {clothes}"),
    ("clothes noun place", "{clothes} {noun} {place}"),
    ("clothes place noun", "{clothes} {place} {noun}"),
    ("place noun clothes", "{place} {noun} {clothes}"),
    ("place clothes noun", "{place} {clothes} {noun}"),
    ("noun clothes on-place", "{noun} {clothes} {on}"),
    ("noun on-place clothes", "{noun} {on} {clothes}"),
    ("clothes noun on-place", "{clothes} {noun} {on}"),
))

_SLOT_FACTS = {"noun": "", "before": "place", "after": "place", "first": "place", "last": "place", "place": "place",
         "on": "place", "clothes": "clothes", "wearing": "clothes", "beside": "relation"}


def _index_by_facts(templates) -> dict[frozenset[str], tuple[Template, ...]]:
    """Templates by the facts they say: all of a meaning's facts are said, and no other."""
    index: dict[frozenset[str], tuple[Template, ...]] = {}
    for template in templates:
        key = frozenset(_SLOT_FACTS[slot] for slot in template.slots) - {""}
        index[key] = (*index.get(key, ()), template)
    return index


DEFAULT_TEMPLATES_BY_FACTS, PAPER_TEMPLATES_BY_FACTS = _index_by_facts(DEFAULT_TEMPLATES), _index_by_facts(PAPER_TEMPLATES)


def template_names() -> tuple[str, ...]:
    """Every name `PseudoQuery.template` can have, for switches and charts."""
    return tuple(dict.fromkeys([t.name for t in DEFAULT_TEMPLATES] + [t.name for t in PAPER_TEMPLATES] + list(NON_TEMPLATE_NAMES)))
