"""Wording: from a meaning and a template to the text of a phrase."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from pseudo_query.beside import RELATIONS
from pseudo_query.lexicon import COUNTABLE, MASS, PAIR, PLURAL, english_lexicon, indefinite_article
from pseudo_query.phrases import Meaning
from pseudo_query.settings import Settings
from pseudo_query.templates import (
    DEFAULT_TEMPLATES_BY_FACTS,
    LOCATION_WORDINGS,
    PAPER_LOCATION_PHRASES,
    PAPER_LOCATION_WORDS,
    PAPER_TEMPLATES_BY_FACTS,
    LocationWording,
    Template,
)

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

class TemplateOption(NamedTuple):
    """One way to say a meaning with a place ("" for none): a template and, in the paper's mode, a word for the place."""

    location: str
    template: Template
    location_word: str
    weight: float


OptionGroup = tuple[float, tuple[TemplateOption, ...]]  # ways that say the same, and what they weigh together


def template_options(meaning: Meaning, locations: tuple[str, ...], settings: Settings) -> tuple[OptionGroup, ...]:
    """Every way a meaning can be said in with one of some places, grouped by what it then says.

    In the paper's mode each place word is a way of its own; in ours a template is, and its words are drawn later.
    """
    facts = meaning.wearing is not None, meaning.relation is not None
    if settings.paper_templates:
        return _paper_options(locations, facts, settings.disabled_templates)
    return _default_options(
        locations, facts, settings.disabled_templates, PLURAL if meaning.plural else english_lexicon().find(meaning.noun).number
    )


@lru_cache(maxsize=1 << 14)
def _default_options(locations, facts, off, number) -> tuple[OptionGroup, ...]:
    groups: dict[str, list[TemplateOption]] = {}
    for place in locations:
        wording = LOCATION_WORDINGS.get(place, LocationWording())
        if number in (MASS, PLURAL):
            # "the people on the left", never "the left people" or "the second broccoli"
            wording = wording._replace(before=(), around=())
        elif number == PAIR:
            wording = wording._replace(around=())  # "the left scissors", never "the second scissors"
        groups.setdefault(place.removesuffix("most"), []).extend(
            TemplateOption(place, template, "", template.weight * wording.weight)
            for template in DEFAULT_TEMPLATES_BY_FACTS.get(_fact_names(place, *facts), ())
            if template.name not in off and (not place or _has_wording(template, wording)))
    return tuple((sum(option.weight for option in group), tuple(group)) for group in groups.values() if group)


def _fact_names(place, clothes, relation) -> frozenset[str]:
    return frozenset(name for name, there in (("place", place), ("clothes", clothes), ("relation", relation)) if there)


def _has_wording(template, wording) -> bool:
    if "{before}" in template.pattern:
        return bool(wording.before)
    return bool(wording.around if "{first}" in template.pattern else wording.after)


@lru_cache(maxsize=4096)
def _paper_options(locations, facts, off) -> tuple[OptionGroup, ...]:
    found = tuple(TemplateOption(place, template, word, template.weight)
                  for place in locations for word in (PAPER_LOCATION_WORDS[place] if place else ("",))
                  for template in PAPER_TEMPLATES_BY_FACTS.get(_fact_names(place, *facts), ())
                  if template.name not in off and ("{on}" not in template.pattern or word in PAPER_LOCATION_PHRASES))
    return ((sum(option.weight for option in found), found),) if found else ()


def choose_one(options: Sequence, rng: random.Random):
    """Any of a few, for a third of the price of `rng.choice`."""
    return options[int(rng.random() * len(options))]


def realize_phrase(template: Template, meaning: Meaning, location_word: str, settings: Settings, rng: random.Random, definite: bool = True,
          other_definite: bool = True) -> str:
    """The text. `definite`: exactly one thing fits, so that "the" is right; `other_definite` likewise for the other thing."""
    noun = " ".join((*meaning.attributes, plural(meaning.noun) if meaning.plural else meaning.noun))
    if settings.paper_templates:
        clothes = " ".join(filter(None, meaning.wearing)) if meaning.wearing else ""
        return template.pattern.format(noun=noun, place=location_word, on=PAPER_LOCATION_PHRASES.get(location_word, ""), clothes=clothes)
    slots = {"noun": noun}
    if meaning.location:
        slots |= _location_slots(LOCATION_WORDINGS[meaning.location], rng)
    if meaning.wearing:
        slots["wearing"] = _realize_garment(meaning.wearing, settings, rng)
    if meaning.relation:
        slots["beside"] = _realize_relation(meaning.relation, other_definite, settings, rng)
    text = template.pattern.format_map(slots)
    return _add_determiner(text, meaning, definite, settings, rng)

def _location_slots(wording, rng) -> dict[str, str]:
    slots = {}
    if wording.before:
        slots["before"] = choose_one(wording.before, rng)
    if wording.after:
        slots["after"] = choose_one(wording.after, rng)
    if wording.around:
        slots["first"], slots["last"] = choose_one(wording.around, rng)
    return slots

def _realize_garment(wearing, settings, rng) -> str:
    colour, garment = wearing
    if not garment:
        return f"in {colour}" if rng.random() < 0.7 else f"wearing {colour}"
    concept = english_lexicon().find(garment)
    text = f"{colour} {garment}".strip()
    if concept.number == COUNTABLE and settings.articles != "none":
        text = f"{indefinite_article(text)} {text}"
    verbs = ("with", "wearing") if concept.slot == "hat" else ("in", "wearing")
    return f"{choose_one(verbs, rng)} {text}"

def _realize_relation(relation, definite, settings, rng) -> str:
    name, other = relation
    text = " ".join((*other.attributes, other.noun))
    if other.location:
        text = f"{LOCATION_WORDINGS[other.location].before[0]} {text}"
    if settings.articles != "none":
        text = determiner(other.noun, text, definite) + text
    return f"{choose_one(RELATIONS[name].words, rng)} {text}"

def _add_determiner(text, meaning, definite, settings, rng) -> str:
    kind = settings.articles
    if kind == "mixed":
        kind = choose_one(("the", "a", "none"), rng)
    if kind == "none":
        return text
    if meaning.plural:
        return f"the {text}"
    return determiner(meaning.noun, text, bool(meaning.location) or definite and kind == "the") + text

def determiner(noun: str, text: str, definite: bool) -> str:
    """ "the ", "a ", "an " or "" for a text whose head is `noun`."""
    if definite:
        return "the "
    concept = english_lexicon().find(noun)
    return f"{indefinite_article(text)} " if concept.number == COUNTABLE else ""

@lru_cache(maxsize=4096)
def plural(noun: str) -> str | None:
    """The noun for several: "children", "pairs of scissors"; None for what is not counted (broccoli) or stands for
    several itself (people)."""
    number = english_lexicon().find(noun).number
    if number in (MASS, PLURAL):
        return None
    return f"pairs of {noun}" if number == PAIR and noun.endswith("s") else english_lexicon().plural(noun) or None

def mirror_words(text: str) -> str:
    """The text as it would be for the mirrored picture: left and right change places, as whole words only.

    "leftmost" becomes "rightmost", "Left-hand" "Right-hand"; "bright" and "upright" stay.
    """
    return _SIDE.sub(_swap_side, text)

_SIDE = re.compile(r"(?<![A-Za-z])(left|right)(?=(?:most|hand|side|wards?)?(?![A-Za-z]))", re.IGNORECASE)

def _swap_side(match) -> str:
    word = match[1]
    other = "right" if word.lower() == "left" else "left"
    return other.upper() if word.isupper() else other.capitalize() if word[0].isupper() else other
