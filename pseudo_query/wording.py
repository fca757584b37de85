"""Wording: from a meaning and a template to the text of a phrase."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from pseudo_query.beside import RELATIONS
from pseudo_query.lexicon import COUNTED, MASS, PAIR, SEVERAL, article, english
from pseudo_query.phrases import Meaning
from pseudo_query.settings import Settings
from pseudo_query.templates import OURS_BY_FACTS, PAPER_BY_FACTS, PAPER_PLACES, PAPER_PREPOSITIONS, PLACES, Template, Wording

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

class Way(NamedTuple):
    """One way to say a meaning with a place ("" for none): a template and, in the paper's mode, a word for the place."""

    place: str
    template: Template
    word: str
    weight: float


Group = tuple[float, tuple[Way, ...]]  # ways that say the same, and what they weigh together


def ways(meaning: Meaning, places: tuple[str, ...], settings: Settings) -> tuple[Group, ...]:
    """Every way a meaning can be said in with one of some places, grouped by what it then says.

    In the paper's mode each place word is a way of its own; in ours a template is, and its words are drawn later.
    """
    facts = meaning.wearing is not None, meaning.relation is not None
    if settings.paper_templates:
        return _paper_ways(places, facts, settings.off)
    return _our_ways(places, facts, settings.off, SEVERAL if meaning.many else english().find(meaning.noun).number)


@lru_cache(maxsize=1 << 14)
def _our_ways(places, facts, off, number) -> tuple[Group, ...]:
    groups: dict[str, list[Way]] = {}
    for place in places:
        wording = PLACES.get(place, Wording())
        if number in (MASS, SEVERAL):
            # "the people on the left", never "the left people" or "the second broccoli"
            wording = wording._replace(before=(), around=())
        elif number == PAIR:
            wording = wording._replace(around=())  # "the left scissors", never "the second scissors"
        groups.setdefault(place.removesuffix("most"), []).extend(
            Way(place, template, "", template.weight * wording.weight)
            for template in OURS_BY_FACTS.get(_names(place, *facts), ())
            if template.name not in off and (not place or _has_form(template, wording)))
    return tuple((sum(way.weight for way in group), tuple(group)) for group in groups.values() if group)


def _names(place, clothes, relation) -> frozenset[str]:
    return frozenset(name for name, there in (("place", place), ("clothes", clothes), ("relation", relation)) if there)


def _has_form(template, wording) -> bool:
    if "{before}" in template.pattern:
        return bool(wording.before)
    return bool(wording.around if "{first}" in template.pattern else wording.after)


@lru_cache(maxsize=4096)
def _paper_ways(places, facts, off) -> tuple[Group, ...]:
    found = tuple(Way(place, template, word, template.weight)
                  for place in places for word in (PAPER_PLACES[place] if place else ("",))
                  for template in PAPER_BY_FACTS.get(_names(place, *facts), ())
                  if template.name not in off and ("{on}" not in template.pattern or word in PAPER_PREPOSITIONS))
    return ((sum(way.weight for way in found), found),) if found else ()


def one_of(options: Sequence, rng: random.Random):
    """Any of a few, for a third of the price of `rng.choice`."""
    return options[int(rng.random() * len(options))]


def write(template: Template, meaning: Meaning, word: str, settings: Settings, rng: random.Random, definite: bool = True,
          other_definite: bool = True) -> str:
    """The text. `definite`: exactly one thing fits, so that "the" is right; `other_definite` likewise for the other thing."""
    noun = " ".join((*meaning.attributes, plural(meaning.noun) if meaning.many else meaning.noun))
    if settings.paper_templates:
        clothes = " ".join(filter(None, meaning.wearing)) if meaning.wearing else ""
        return template.pattern.format(noun=noun, place=word, on=PAPER_PREPOSITIONS.get(word, ""), clothes=clothes)
    slots = {"noun": noun}
    if meaning.place:
        slots |= _place_slots(PLACES[meaning.place], rng)
    if meaning.wearing:
        slots["wearing"] = _wearing(meaning.wearing, settings, rng)
    if meaning.relation:
        slots["beside"] = _beside(meaning.relation, other_definite, settings, rng)
    text = template.pattern.format_map(slots)
    return _determined(text, meaning, definite, settings, rng)

def _place_slots(wording, rng) -> dict[str, str]:
    slots = {}
    if wording.before:
        slots["before"] = one_of(wording.before, rng)
    if wording.after:
        slots["after"] = one_of(wording.after, rng)
    if wording.around:
        slots["first"], slots["last"] = one_of(wording.around, rng)
    return slots

def _wearing(wearing, settings, rng) -> str:
    colour, cloth = wearing
    if not cloth:
        return f"in {colour}" if rng.random() < 0.7 else f"wearing {colour}"
    concept = english().find(cloth)
    text = f"{colour} {cloth}".strip()
    if concept.number == COUNTED and settings.articles != "none":
        text = f"{article(text)} {text}"
    verbs = ("with", "wearing") if concept.slot == "hat" else ("in", "wearing")
    return f"{one_of(verbs, rng)} {text}"

def _beside(relation, definite, settings, rng) -> str:
    name, other = relation
    text = " ".join((*other.attributes, other.noun))
    if other.place:
        text = f"{PLACES[other.place].before[0]} {text}"
    if settings.articles != "none":
        text = determiner(other.noun, text, definite) + text
    return f"{one_of(RELATIONS[name].words, rng)} {text}"

def _determined(text, meaning, definite, settings, rng) -> str:
    kind = settings.articles
    if kind == "mixed":
        kind = one_of(("the", "a", "none"), rng)
    if kind == "none":
        return text
    if meaning.many:
        return f"the {text}"
    return determiner(meaning.noun, text, bool(meaning.place) or definite and kind == "the") + text

def determiner(noun: str, text: str, definite: bool) -> str:
    """ "the ", "a ", "an " or "" for a text whose head is `noun`."""
    if definite:
        return "the "
    concept = english().find(noun)
    return f"{article(text)} " if concept.number == COUNTED else ""

@lru_cache(maxsize=4096)
def plural(noun: str) -> str | None:
    """The noun for several: "children", "pairs of scissors"; None for what is not counted (broccoli) or stands for
    several itself (people)."""
    number = english().find(noun).number
    if number in (MASS, SEVERAL):
        return None
    return f"pairs of {noun}" if number == PAIR and noun.endswith("s") else english().plural(noun) or None

def mirror_words(text: str) -> str:
    """The text as it would be for the mirrored picture: left and right change places, as whole words only.

    "leftmost" becomes "rightmost", "Left-hand" "Right-hand"; "bright" and "upright" stay.
    """
    return _SIDE.sub(_other_side, text)

_SIDE = re.compile(r"(?<![A-Za-z])(left|right)(?=(?:most|hand|side|wards?)?(?![A-Za-z]))", re.IGNORECASE)

def _other_side(match) -> str:
    word = match[1]
    other = "right" if word.lower() == "left" else "left"
    return other.upper() if word.isupper() else other.capitalize() if word[0].isupper() else other
