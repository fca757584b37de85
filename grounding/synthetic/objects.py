"""Drawn objects: each with a class, the names that fit it and a sprite, ready to be placed on a background."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grounding.synthetic import animals, indoor, outdoor, people
from grounding.synthetic.brush import Sprite

COLOURS = {"red": "#d8433c", "blue": "#2f74c8", "yellow": "#f2c230", "green": "#3b9a58", "orange": "#ee7d2b", "purple": "#8a4db6",
           "pink": "#ee86ad", "white": "#f6f5f1", "black": "#33343b", "gray": "#8f939c", "brown": "#96683f"}
COAT_COLOURS = {"brown": "#b97a43", "white": "#f1ece2", "black": "#423d3c", "gray": "#8d8f98", "orange": "#e09a4a"}
BRIGHT_COLOURS = ("red", "blue", "yellow", "green", "orange", "purple", "pink")


@dataclass(frozen=True)
class DrawnObject:
    """An object and its position: it stands at (`x`, `y`) pixels. `label` is its class; each of `names` is true of it.

    `shadow` is how wide its shadow falls, in its own width; 0 for what flies or floats.
    """

    label: str
    names: tuple[str, ...]
    sprite: Sprite
    x: float
    y: float
    shadow: float = 1.0


def random_appearance(rng: np.random.Generator, colour: str, child: bool = False) -> people.Appearance:
    """A person in this colour, the rest drawn at random."""
    bottoms = ("#34456b", "#4a4b52", "#6b5138", "#2f4a3a", "#7b8296")
    hair = people.HAIR[:4] if child else people.HAIR
    return people.Appearance(COLOURS[colour], str(rng.choice(bottoms)), str(rng.choice(people.SKIN)), str(rng.choice(hair)),
                             str(rng.choice(["short", "long", "bun", "cap", "short", "long"])), dress=bool(rng.random() < 0.3), child=child,
                             bag=str(rng.choice(["", "", "", "#96683f", "#c9553f"])))


def person_names(appearance: people.Appearance, colour: str) -> tuple[str, ...]:
    noun = "child" if appearance.child else "person"
    extra = (f"{noun} in a {colour} dress",) if appearance.dress else ()
    return ("person", *(("child",) if appearance.child else ()), f"{noun} in {colour}", *extra)


def person(x, y, metre, appearance: people.Appearance, colour: str, step=None, flip=False, wave=0.0) -> DrawnObject:
    """`metre` pixels are one metre there."""
    height = metre * (1.2 if appearance.child else 1.75)
    return DrawnObject("person", person_names(appearance, colour), people.person(height, appearance, step, flip, wave), x, y, 0.75)


def dog(x, y, metre, coat: str, step=None, flip=False, collar="red") -> DrawnObject:
    patch = "#6b4a33" if coat == "white" else ""
    sprite = animals.dog(metre * 0.68, COAT_COLOURS[coat], step, flip, COLOURS[collar], patch)
    return DrawnObject("dog", ("dog", f"{coat} dog"), sprite, x, y, 0.72)


def cat(x, y, metre, coat: str, flip=False) -> DrawnObject:
    sprite = animals.cat(metre * 0.46, COAT_COLOURS[coat], flip, stripes=coat in ("orange", "gray"))
    return DrawnObject("cat", ("cat", f"{coat} cat"), sprite, x, y, 0.9)


def bird(x, y, metre, colour: str, flip=False) -> DrawnObject:
    return DrawnObject("bird", ("bird", f"{colour} bird"), animals.bird(metre * 0.3, COLOURS[colour], flip), x, y, 0.6)


def ball(x, y, metre, colour: str, rotation=0.0) -> DrawnObject:
    return DrawnObject("sports ball", ("ball", f"{colour} ball"), outdoor.ball(metre * 0.34, COLOURS[colour], rotation), x, y, 0.95)


def car(x, y, metre, colour: str, flip=False) -> DrawnObject:
    return DrawnObject("car", ("car", f"{colour} car"), outdoor.car(metre * 1.05, COLOURS[colour], flip), x, y, 0.98)


def bicycle(x, y, metre, colour: str, flip=False) -> DrawnObject:
    return DrawnObject("bicycle", ("bicycle", f"{colour} bicycle"), outdoor.bicycle(metre * 1.05, COLOURS[colour], flip), x, y, 0.8)


def bench(x, y, metre) -> DrawnObject:
    return DrawnObject("bench", ("bench", "brown bench"), outdoor.bench(metre * 0.9), x, y, 0.9)


def kite(x, y, height, colour: str, second_colour: str) -> DrawnObject:
    return DrawnObject("kite", ("kite", f"{colour} kite"), outdoor.kite(height, COLOURS[colour], COLOURS[second_colour]), x, y, 0)


def parasol(x, y, metre, colour: str) -> DrawnObject:
    return DrawnObject("umbrella", ("umbrella", f"{colour} umbrella"), outdoor.umbrella(metre * 2.5, COLOURS[colour], "#fff5e6"), x, y, 0.8)


def boat(x, y, height, colour: str) -> DrawnObject:
    return DrawnObject("boat", ("boat", f"{colour} boat"), outdoor.boat(height, COLOURS[colour], "#fbf7ec"), x, y, 0)


TABLETOP_DRAWERS = {
    "cup": lambda m, c, f: indoor.cup(m * 0.105, COLOURS[c], f), "bottle": lambda m, c, f: indoor.bottle(m * 0.30, COLOURS[c]),
    "bowl": lambda m, c, f: indoor.bowl(m * 0.10, COLOURS[c]), "vase": lambda m, c, f: indoor.vase(m * 0.28, COLOURS[c], "#f08aa8"),
    "apple": lambda m, c, f: indoor.apple(m * 0.08, COLOURS[c]), "banana": lambda m, c, f: indoor.banana(m * 0.075, f),
    "book": lambda m, c, f: indoor.book(m * 0.042, COLOURS[c]), "potted plant": lambda m, c, f: indoor.plant(m * 0.30, COLOURS[c])}
LABEL_NOUNS = {"potted plant": "plant"}


def tabletop(label: str, x, y, metre, colour: str, flip=False) -> DrawnObject:
    """Something small, of a class in TABLETOP_DRAWERS."""
    noun = LABEL_NOUNS.get(label, label)
    return DrawnObject(label, (noun, f"{colour} {noun}"), TABLETOP_DRAWERS[label](metre, colour, flip), x, y, 0.85)
