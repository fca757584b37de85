"""Templates: the patterns phrases are written in, and the wording of places."""

from __future__ import annotations

from typing import NamedTuple


class Template(NamedTuple):
    """`pattern` with its slots; `weight` is how often it is drawn beside the others."""

    name: str
    pattern: str
    weight: float = 1.0


class Wording(NamedTuple):
    """How a place is said before the noun, and after it; "" where English has no such form."""

    before: tuple[str, ...]
    after: tuple[str, ...]


PLACES = {
    "left": Wording(("left",), ("on the left", "on the left side", "to the left")),
    "right": Wording(("right",), ("on the right", "on the right side", "to the right")),
    "leftmost": Wording(("leftmost", "far left"), ("on the far left",)),
    "rightmost": Wording(("rightmost", "far right"), ("on the far right",)),
    "top": Wording(("top", "upper"), ("at the top",)),
    "bottom": Wording(("bottom", "lower"), ("at the bottom",)),
    "topmost": Wording(("topmost",), ("at the very top",)),
    "bottommost": Wording(("bottommost", "lowest"), ("at the very bottom",)),
    "middle": Wording(("middle", "center"), ("in the middle", "in the center")),
}

OURS = {template.name: template for template in (
    Template("noun", "{noun}", 1.0),
    Template("place noun", "{before} {noun}", 1.0),
    Template("noun place", "{noun} {after}", 1.0),
    Template("noun clothes", "{noun} {wearing}", 1.0),
    Template("place noun clothes", "{before} {noun} {wearing}", 0.5),
    Template("noun clothes place", "{noun} {wearing} {after}", 0.5),
    Template("plural", "{noun}", 0.5),
)}
