"""Templates: the patterns phrases are written in, and how places are worded."""

from __future__ import annotations

import re
from typing import NamedTuple

from pseudo_query.relations import ALONE


class Template(NamedTuple):
    """`pattern` with its slots; `weight` is how often it is drawn beside the others; `slots` are those it needs."""

    name: str
    pattern: str
    weight: float = 1.0

    @property
    def slots(self) -> tuple[str, ...]:
        return tuple(re.findall(r"{(\w+)}", self.pattern))


class Wording(NamedTuple):
    """How a place is said before the noun, after it, and around it; () where English has no such form."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    around: tuple[tuple[str, str], ...] = ()
    weight: float = 1.0


def _ordinal(word: str, side: str) -> Wording:
    return Wording((), (), ((word, f"from the {side}"), (word, f"from {side}")), 0.7)


def _corner(side: str) -> Wording:
    high, low = side.split()
    other = {"top": "upper", "bottom": "lower"}[high]
    return Wording((side, f"{other} {low}"), (f"in the {side} corner", f"in the {side}", f"in the {other} {low} corner"), (), 0.6)


PLACES = {
    "left": Wording(("left",), ("on the left", "on the left side", "to the left"), (), 1.5),
    "right": Wording(("right",), ("on the right", "on the right side", "to the right"), (), 1.5),
    "middle": Wording(("middle", "center"), ("in the middle", "in the center")),
    "top": Wording(("top", "upper"), ("at the top",), (), 0.5),
    "bottom": Wording(("bottom", "lower"), ("at the bottom",), (), 0.5),
    "front": Wording(("front", "closest", "nearest"), ("in front", "in the foreground", "closest to the camera")),
    "behind": Wording(("back", "far", "farthest"), ("in the back", "behind", "in the background", "farthest away")),
    "leftmost": Wording(("leftmost", "far left"), ("on the far left",), (), 0.7),
    "rightmost": Wording(("rightmost", "far right"), ("on the far right",), (), 0.7),
    "topmost": Wording(("topmost", "highest"), ("at the very top",), (), 0.25),
    "bottommost": Wording(("bottommost", "lowest"), ("at the very bottom",), (), 0.25),
    "larger": Wording(("larger", "bigger"), (), (), 0.7),
    "smaller": Wording(("smaller",), (), (), 0.7),
    "largest": Wording(("largest", "biggest"), (), (), 0.6),
    "smallest": Wording(("smallest",), (), (), 0.6),
    **{f"{corner} corner": _corner(corner) for corner in ("top left", "top right", "bottom left", "bottom right")},
    **{f"{word} from the {side}": _ordinal(word, side)
       for word in ("second", "third", "fourth", "fifth") for side in ("left", "right")},
}
PLACES |= {name + ALONE: PLACES[name]._replace(before=(), weight=0.5)
           for name in ("left", "right", *(name for name in PLACES if name.endswith("corner")))}

PAPER_PLACES = {"left": ("left",), "right": ("right",), "top": ("top",), "bottom": ("bottom",), "front": ("front",),
                "behind": ("behind",), "middle": ("middle", "center")}
PAPER_PREPOSITIONS = {"left": "on the left", "right": "on the right", "front": "in the front",
                      "behind": "in the behind", "middle": "in the middle", "center": "in the center"}

OURS = (
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
FREE = ("plural", "number of", "nothing")  # written without a pattern, but counted and switched off like the others

PAPER = tuple(Template(name, pattern) for name, pattern in (
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

_FACT = {"noun": "", "before": "place", "after": "place", "first": "place", "last": "place", "place": "place",
         "on": "place", "clothes": "clothes", "wearing": "clothes", "beside": "relation"}


def _by_facts(templates) -> dict[frozenset[str], tuple[Template, ...]]:
    """Templates by the facts they say: all of a meaning's facts are said, and no other."""
    index: dict[frozenset[str], tuple[Template, ...]] = {}
    for template in templates:
        key = frozenset(_FACT[slot] for slot in template.slots) - {""}
        index[key] = (*index.get(key, ()), template)
    return index


OURS_BY_FACTS, PAPER_BY_FACTS = _by_facts(OURS), _by_facts(PAPER)


def template_names() -> tuple[str, ...]:
    """Every name `Candidate.template` can have, for switches and charts."""
    return tuple(dict.fromkeys([t.name for t in OURS] + [t.name for t in PAPER] + list(FREE)))
