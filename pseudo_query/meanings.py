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


def nouns_of(thing: Thing, settings: Settings, rng) -> list[tuple[str, float]]:
    """(word, weight) to call a thing by: its usual name, then others drawn from what the settings allow.

    An unusual word is tried less often: a synonym for half of the things, a wider word for a third.
    """
    first = usual_name(thing, settings)
    if settings.nouns < 2:
        return [(first, 1.0)]
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
    count = min(settings.nouns - 1, len(others))
    drawn = rng.sample(list(others), count) if count else []
    return [(first, 1.0)] + [(word, 1.0) for word in drawn if rng.random() < others[word] * settings.other_names]


def usual_name(thing: Thing, settings: Settings) -> str:
    """The class itself as a project wrote it; for a detector's stiff names what people say ("table")."""
    if settings.exact_classes or thing.label != thing.concept.name:
        return thing.label
    return thing.concept.names[0]


def meanings_of(row: int, noun: str, relations, facts: Facts) -> Iterator[tuple[Meaning, Place, float]]:
    """Everything that may be said of a thing under one name: (meaning, what it points at, weight).

    At most one attribute, garment or relation, and a place. `relations` are those of `relations_of`.
    """
    for meaning, weight in _bases(row, noun, relations, facts):
        for placed, points in _with_places(meaning, row, facts):
            yield placed, points, weight


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
            meaning = _plainly(other, row, facts)
            if meaning is not None:
                found.append((name, meaning))
    return found


def _plainly(other: int, row: int, facts) -> Meaning | None:
    """How to mention the other thing: by its usual name, with its colour if that helps; None if it is of the same name."""
    thing = facts.scene.things[other]
    noun = usual_name(thing, facts.settings)
    named = facts.named(noun).fits
    if named >> row & 1:
        return None
    meaning = Meaning(noun)
    if named & (named - 1):
        for attribute in facts.said[other][:1]:
            coloured = meaning._replace(attributes=(attribute.word,))
            if facts.pointing(coloured).fits == 1 << other:
                return coloured
    return meaning


def extended(row: int, relations, facts: Facts, limit: int = 4) -> list[tuple[Meaning, Place]]:
    """The shortest meanings that single a thing out where one fact does not: two or three facts together."""
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
                found += [(m, p) for m, p in _with_places(plain._replace(**fields), row, facts) if p.fits == 1 << row]
            if len(found) >= limit:
                return found[:limit]
    return found


def _with_places(meaning, row, facts):
    among = facts.among(meaning)
    yield meaning, among
    noun, attributes, wearing, _, relation, _ = meaning
    if relation and among.fits == 1 << row:
        return
    for place, where in facts.places_for(meaning, among).items():
        if where.says >> row & 1:
            yield Meaning(noun, attributes, wearing, place, relation), facts.placed(among, where)
