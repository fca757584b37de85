"""What can be said of a thing: names, attributes, clothes, places, relations, before it is put into words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from pseudo_query.beside import INTIMATE, RELATIONS
from pseudo_query.lexicon import english
from pseudo_query.phrases import Meaning
from pseudo_query.relations import Place
from pseudo_query.scenes import Thing
from pseudo_query.settings import Settings
from pseudo_query.facts import Facts, members, said


def nouns_of(thing: Thing, facts: Facts, rng) -> list[tuple[str, float]]:
    """(word, weight) to call a thing by: its usual name, then others drawn from what the settings allow.

    An unusual word is tried less often: a synonym for half of the things, a wider word for a third.
    """
    settings = facts.settings
    first = usual_name(thing, settings)
    if settings.nouns < 2:
        return [(first, 1.0)]
    others = facts.other_names
    if (thing.label, thing.concept.name) not in others:
        others[thing.label, thing.concept.name] = _other_names(thing, first, settings)
    names, chances = others[thing.label, thing.concept.name]
    count = min(settings.nouns - 1, len(names))
    drawn = rng.sample(names, count) if count else []
    return [(first, 1.0)] + [(word, 1.0) for word in drawn if rng.random() < chances[word] * settings.other_names]


def _other_names(thing, first, settings) -> tuple[list[str], dict[str, float]]:
    """What else a thing may be called, and how eagerly each is tried."""
    concept, lexicon = thing.concept, english()
    others = {}
    if settings.synonyms:
        others |= dict.fromkeys((thing.label, *concept.names), 0.5)
    if settings.rare:
        others |= dict.fromkeys(concept.understood, 0.2)
    if settings.hypernyms:
        others |= dict.fromkeys(lexicon.hypernyms(concept), 0.3)
    if settings.kinds:
        others |= {kind: 1.0 for kind in lexicon.kinds(concept) if kind in lexicon.uses.get("typical", ())}
    others.pop(first, None)
    return list(others), others


def usual_name(thing: Thing, settings: Settings) -> str:
    """The class itself as a project wrote it; for a detector's stiff names what people say ("table")."""
    if settings.exact_classes or thing.label != thing.concept.name:
        return thing.label
    return thing.concept.names[0]


def meanings_of(row: int, noun: str, relations, facts: Facts) -> Iterator[tuple[Meaning, str, Place, float]]:
    """Everything that may be said of a thing under one name: (meaning, a place to add or "", what both point at, weight).

    At most one attribute, garment or relation, and a place. `relations` are those of `relations_of`.
    """
    for meaning, weight in _bases(row, noun, relations, facts):
        for place, points in _with_places(meaning, row, facts):
            yield meaning, place, points, weight


def _bases(row, noun, relations, facts):
    """The noun alone, with an attribute, with a garment, with a relation; the paper joins attribute and garment."""
    thing, looks = facts.scene.things[row], [a.word for a in facts.said[row] if a.word not in noun.split()]
    if facts.settings.paper_templates:
        plain = Meaning(noun, tuple(looks[:1]))
        yield plain, 1.0
        for wearing in _clothes(thing, facts.settings):
            yield plain._replace(wearing=wearing), 1.0
        return
    plain = Meaning(noun)
    yield plain, 1.0
    for word in looks[:3]:
        yield Meaning(noun, (word,)), 1.0 if " " not in word else 0.5
    for wearing in _clothes(thing, facts.settings):
        yield plain._replace(wearing=wearing), 1.0
    total = sum(RELATIONS[name].weight for name, _ in relations)
    for relation in relations:
        yield plain._replace(relation=relation), RELATIONS[relation[0]].weight / max(total, 1.0)


def _clothes(thing, settings) -> Iterator[tuple[str, str]]:
    """(colour or "", garment or "") of each garment; without a colour and without a name there is nothing to say."""
    for garment in thing.garments:
        words = [a.word for a in said(garment.attributes, settings)]
        for word in words[:1] or [""]:
            if word or garment.name:
                yield word, garment.name


def relations_of(row: int, facts: Facts) -> list[tuple[str, Meaning]]:
    """(relation, the other thing) for what a thing stands beside; "holding" makes "next to" of the same thing idle."""
    if not facts.settings.relations or len(facts.scene.things) < 2:
        return []
    found, told = [], 0
    for name, others in facts.pairs.found[row]:
        if name in INTIMATE:
            told |= others
        else:
            others &= ~told
        for other in members(others)[:2]:
            if other not in facts.mentions:
                facts.mentions[other] = _mention(other, facts)
            meaning, named = facts.mentions[other]
            if not named >> row & 1:  # "the man next to the man" helps nobody
                found.append((name, meaning))
    return found


def _mention(other: int, facts) -> tuple[Meaning, int]:
    """How to speak of the other thing in passing, by its usual name, with its colour if that helps; and what has that name."""
    meaning = Meaning(usual_name(facts.scene.things[other], facts.settings))
    named = facts.named(meaning.noun).fits
    if named & (named - 1):
        for attribute in facts.said[other][:1]:
            coloured = meaning._replace(attributes=(attribute.word,))
            if facts.pointing(coloured).fits == 1 << other:
                return coloured, named
    return meaning, named


def extended(row: int, relations, facts: Facts, limit: int = 4) -> list[tuple[Meaning, str, Place, float]]:
    """The shortest meanings that single a thing out where one fact does not: two or three facts together, as `meanings_of`."""
    thing = facts.scene.things[row]
    plain = Meaning(usual_name(thing, facts.settings))
    options = [{"attributes": (a.word,)} for a in facts.said[row] if a.word not in plain.noun.split()]
    options += [{"wearing": wearing} for wearing in _clothes(thing, facts.settings)]
    options += [{"relation": relation} for relation in relations]
    found: list[tuple[Meaning, Place]] = []
    for size in (1, 2):
        for chosen in combinations(options, size):
            fields = {name: value for option in chosen for name, value in option.items()}
            if len(fields) == size:
                meaning = plain._replace(**fields)
                found += [(meaning, place, p, 1.0) for place, p in _with_places(meaning, row, facts) if p.fits == 1 << row]
            if len(found) >= limit:
                return found[:limit]
    return found


def _with_places(meaning, row, facts):
    """("", what a meaning points at) and so on for each place of the thing; only what fits nothing else, where the rest is of no use."""
    among, bit = facts.among(meaning), 1 << row
    single = among.fits == bit
    if single or not facts.only_unique:
        yield "", among
    if meaning.relation and single:
        return
    if facts.only_unique and facts.settings.place_in_description:
        alone = Place(bit, bit)
        for place in facts.own_places(among.fits).get(bit, ()):
            yield place, alone
        return
    for place, where in facts.places_for(meaning, among).items():
        if where.says & bit:
            yield place, facts.placed(among, where)
