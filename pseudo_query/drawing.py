"""Drawing: what may be said of a thing, in random order, the likelier sooner; nothing is looked up before it is wanted."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pseudo_query.facts import Facts
from pseudo_query.meanings import extended, meanings_of, nouns_of, pointers, relations_of
from pseudo_query.phrases import Meaning
from pseudo_query.templates import Template
from pseudo_query.wording import Way, ways

RELATED = 0.25  # how likely a thing is told by what stands beside it, beside one of its names


class Form(NamedTuple):
    """One way to say something of the thing `row`: the meaning, the things it fits as bits, the template, the paper's place word."""

    row: int
    meaning: Meaning
    fits: int
    template: Template
    word: str


# What may be told of a thing: how likely, the meaning, the places it may have and what it then fits, the ways to say it.
Told = tuple[float, Meaning, dict[str, int], tuple[Way, ...]]


def drawn(row: int, facts: Facts, rng: random.Random) -> Iterator[Form]:
    """All forms for a thing; those first that say something new, for left and leftmost say the same.

    Where one fact does not tell it from the others it is described by more, if the settings ask for that.
    """
    said: set[tuple] = set()
    stale: list[tuple[int, Told]] = []
    for weight, meaning, places, left in _in_turn(_sources(row, facts, rng), rng):
        key = meaning.attributes, meaning.wearing, left[0].place.removesuffix("most"), meaning.relation
        if key not in said:
            said.add(key)
            k = _picked([way.weight for way in left], rng)
            yield _form(row, meaning, places, left[k], facts)
            left = left[:k] + left[k + 1:]
        stale.append((row, (weight, meaning, places, left)))
    yield from _from_one_pool(stale or [(row, told) for told in _extended(row, facts)], facts, rng)


def drawn_from_all(rows: Iterable[int], facts: Facts, rng: random.Random) -> Iterator[Form]:
    """The paper's way: the forms of all things in one pool."""
    told = {row: [told for _, source in _sources(row, facts, rng) for told in source] or _extended(row, facts) for row in rows}
    return _from_one_pool([(row, one) for row in rows for one in told[row]], facts, rng)


def _from_one_pool(pool, facts, rng) -> Iterator[Form]:
    ways = [(way.weight, row, meaning, places, way) for row, (_, meaning, places, left) in pool for way in left]
    for _, row, meaning, places, way in _shuffled(ways, rng):
        yield _form(row, meaning, places, way, facts)


def _sources(row, facts, rng) -> list[tuple[float, Iterator[Told]]]:
    """(weight, what is told) of each name of a thing, and of its relations under one of the names."""
    nouns = nouns_of(row, facts, rng)
    found = [(1.0, _shuffled(_by_itself(row, noun, facts), rng)) for noun in nouns]
    if facts.settings.relations and rng.random() < facts.settings.relation_share:
        found.append((RELATED, _beside_others(row, rng.choice(nouns), facts, rng)))
    return found


def _extended(row, facts) -> list[Told]:
    """What is told of a thing that one fact does not tell from the others, if the settings ask for it."""
    if facts.settings.ambiguous != "extend":
        return []
    return [told for meaning in extended(row, facts) for told in _told(row, meaning, 1.0, facts)]


def _by_itself(row, noun, facts) -> Iterator[Told]:
    for meaning, likely in meanings_of(row, noun, facts):
        yield from _told(row, meaning, likely, facts)


def _beside_others(row, noun, facts, rng) -> Iterator[Told]:
    """By each relation once, then by the same ones with other places."""
    rest: list[Told] = []
    for _, relation in _shuffled(relations_of(row, facts), rng):
        first, *others = [*_shuffled(_told(row, Meaning(noun, relation=relation), 1.0, facts), rng)] or [None]
        if first:
            yield first
        rest += others
    yield from _shuffled(rest, rng)


def _told(row, meaning, likely, facts) -> list[Told]:
    """A meaning with each of the places it may have."""
    places = pointers(meaning, row, facts)
    return [(likely * weight, meaning, places, group) for weight, group in ways(meaning, tuple(places), facts.settings)] if places else []


def _form(row, meaning, places, way: Way, facts) -> Form:
    """If it fits others too and the settings want that, it speaks of them all."""
    fits = places[way.place]
    many = fits != 1 << row and facts.settings.ambiguous == "all"
    return Form(row, meaning._replace(place=way.place, many=many), fits, way.template, way.word)


def _in_turn(sources, rng) -> Iterator:
    """What all sources hold, one by one, the heavier ones asked more often."""
    while sources:
        k = _picked([weight for weight, _ in sources], rng)
        for found in sources[k][1]:
            yield found
            break
        else:
            del sources[k]


def _shuffled(weighted, rng) -> Iterator:
    """Tuples that begin with a weight, the heavier sooner; they are made when the first is wanted."""
    left = list(weighted)
    while left:
        yield left.pop(_picked([one[0] for one in left], rng))


def _picked(weights, rng) -> int:
    """An index, each as likely as its weight says."""
    if len(weights) == 1:
        return 0
    at = rng.random() * sum(weights)
    for k, weight in enumerate(weights):
        at -= weight
        if at < 0:
            return k
    return len(weights) - 1
