"""Drawing: what may be said of a thing, in random order, the likelier sooner; nothing is looked up before it is wanted."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pseudo_query.facts import Facts
from pseudo_query.meanings import choose_nouns, distinguishing_meanings, intrinsic_meanings, list_relations, valid_locations
from pseudo_query.phrases import Meaning
from pseudo_query.templates import Template
from pseudo_query.wording import TemplateOption, template_options

RELATION_WEIGHT = 0.25  # how likely a thing is told by what stands beside it, beside one of its names


class PhraseSpec(NamedTuple):
    """One way to say something of the thing `row`: the meaning, the things it fits as bits, the template, the paper's place word."""

    row: int
    meaning: Meaning
    referents: int
    template: Template
    location_word: str


# What may be told of a thing: how likely, the meaning, the places it may have and what it then fits, the ways to say it.
MeaningOptions = tuple[float, Meaning, dict[str, int], tuple[TemplateOption, ...]]


def sample_specs(row: int, facts: Facts, rng: random.Random) -> Iterator[PhraseSpec]:
    """All forms for a thing; those first that say something new, for left and leftmost say the same.

    Where one fact does not tell it from the others it is described by more, if the settings ask for that.
    """
    used_facts: set[tuple] = set()
    deferred: list[tuple[int, MeaningOptions]] = []
    for weight, meaning, places, options in _interleave_weighted(_meaning_sources(row, facts, rng), rng):
        key = meaning.attributes, meaning.wearing, options[0].location.removesuffix("most"), meaning.relation
        if key not in used_facts:
            used_facts.add(key)
            k = _weighted_index([option.weight for option in options], rng)
            yield _make_spec(row, meaning, places, options[k], facts)
            options = options[:k] + options[k + 1:]
        deferred.append((row, (weight, meaning, places, options)))
    yield from _sample_from_pool(deferred or [(row, options) for options in _distinguishing_options(row, facts)], facts, rng)


def sample_specs_from_pool(rows: Iterable[int], facts: Facts, rng: random.Random) -> Iterator[PhraseSpec]:
    """The paper's way: the forms of all things in one pool."""
    options = {
        row: [one for _, source in _meaning_sources(row, facts, rng) for one in source] or _distinguishing_options(row, facts)
        for row in rows
    }
    return _sample_from_pool([(row, one) for row in rows for one in options[row]], facts, rng)


def _sample_from_pool(pool, facts, rng) -> Iterator[PhraseSpec]:
    options = [(option.weight, row, meaning, places, option) for row, (_, meaning, places, left) in pool for option in left]
    for _, row, meaning, places, option in _weighted_shuffle(options, rng):
        yield _make_spec(row, meaning, places, option, facts)


def _meaning_sources(row, facts, rng) -> list[tuple[float, Iterator[MeaningOptions]]]:
    """(weight, what is told) of each name of a thing, and of its relations under one of the names."""
    nouns = choose_nouns(row, facts, rng)
    found = [(1.0, _weighted_shuffle(_intrinsic_options(row, noun, facts), rng)) for noun in nouns]
    if facts.settings.relations and rng.random() < facts.settings.relation_share:
        found.append((RELATION_WEIGHT, _relational_options(row, rng.choice(nouns), facts, rng)))
    return found


def _distinguishing_options(row, facts) -> list[MeaningOptions]:
    """What is told of a thing that one fact does not tell from the others, if the settings ask for it."""
    if facts.settings.ambiguous != "extend":
        return []
    return [one for meaning in distinguishing_meanings(row, facts) for one in _location_options(row, meaning, 1.0, facts)]


def _intrinsic_options(row, noun, facts) -> Iterator[MeaningOptions]:
    for meaning, weight in intrinsic_meanings(row, noun, facts):
        yield from _location_options(row, meaning, weight, facts)


def _relational_options(row, noun, facts, rng) -> Iterator[MeaningOptions]:
    """By each relation once, then by the same ones with other places."""
    rest: list[MeaningOptions] = []
    for _, relation in _weighted_shuffle(list_relations(row, facts), rng):
        first, *others = [*_weighted_shuffle(_location_options(row, Meaning(noun, relation=relation), 1.0, facts), rng)] or [None]
        if first:
            yield first
        rest += others
    yield from _weighted_shuffle(rest, rng)


def _location_options(row, meaning, weight_factor, facts) -> list[MeaningOptions]:
    """A meaning with each of the places it may have."""
    places = valid_locations(meaning, row, facts)
    return (
        [(weight_factor * weight, meaning, places, group) for weight, group in template_options(meaning, tuple(places), facts.settings)]
        if places
        else []
    )


def _make_spec(row, meaning, places, option: TemplateOption, facts) -> PhraseSpec:
    """If it fits others too and the settings want that, it speaks of them all."""
    referents = places[option.location]
    plural = referents != 1 << row and facts.settings.ambiguous == "all"
    return PhraseSpec(row, meaning._replace(location=option.location, plural=plural), referents, option.template, option.location_word)


def _interleave_weighted(sources, rng) -> Iterator:
    """What all sources hold, one by one, the heavier ones asked more often."""
    while sources:
        k = _weighted_index([weight for weight, _ in sources], rng)
        for found in sources[k][1]:
            yield found
            break
        else:
            del sources[k]


def _weighted_shuffle(weighted, rng) -> Iterator:
    """Tuples that begin with a weight, the heavier sooner; they are made when the first is wanted."""
    left = list(weighted)
    while left:
        yield left.pop(_weighted_index([one[0] for one in left], rng))


def _weighted_index(weights, rng) -> int:
    """An index, each as likely as its weight says."""
    if len(weights) == 1:
        return 0
    at = rng.random() * sum(weights)
    for k, weight in enumerate(weights):
        at -= weight
        if at < 0:
            return k
    return len(weights) - 1
