"""What can be said of a thing: names, attributes, clothes, places, relations, before it is put into words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, product

from pseudo_query.beside import INTIMATE, RELATIONS
from pseudo_query.lexicon import SEVERAL, english
from pseudo_query.phrases import Meaning
from pseudo_query.scenes import Thing
from pseudo_query.settings import Settings
from pseudo_query.facts import Facts, members, said
from pseudo_query.wording import plural


def nouns_of(row: int, facts: Facts, rng) -> list[str]:
    """Words to call a thing by: its usual name, then others drawn from what the settings allow.

    An unusual word is tried less often: a synonym for half of the things, a wider word for a third.
    """
    thing, settings = facts.scene.things[row], facts.settings
    first = usual_name(thing, settings)
    if settings.nouns < 2 or thing.concept.number == SEVERAL:
        return [first]  # a word for one is none for several
    others = facts.other_names
    if (thing.label, thing.concept.name) not in others:
        others[thing.label, thing.concept.name] = _other_names(thing, first, settings)
    names, chances = others[thing.label, thing.concept.name]
    count = min(settings.nouns - 1, len(names))
    tried = rng.sample(names, count) if count else []
    return [first] + [word for word in tried if rng.random() < chances[word] * settings.other_names]


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
    alike = {first.lower(), *concept.unsaid}
    others = {word: chance for word, chance in others.items() if word.lower() not in alike}
    return list(others), others


def usual_name(thing: Thing, settings: Settings) -> str:
    """The class itself as a project wrote it; for a detector's stiff names what people say ("table")."""
    if settings.exact_classes or thing.label != thing.concept.name:
        return thing.label
    return thing.concept.names[0]


def meanings_of(row: int, noun: str, facts: Facts) -> Iterator[tuple[Meaning, float]]:
    """What may be said of a thing by itself under one name, each with a weight: the noun alone, with an attribute, with a garment.

    The paper joins attribute and garment.
    """
    thing, looks = facts.scene.things[row], [a.word for a in facts.said[row] if a.word not in noun.split()]
    plain = Meaning(noun, tuple(looks[:1]) if facts.settings.paper_templates else ())
    yield plain, 1.0
    for word in () if facts.settings.paper_templates else looks[:3]:
        yield Meaning(noun, (word,)), 1.0 if " " not in word else 0.5
    for wearing in _clothes(thing, facts.settings):
        yield plain._replace(wearing=wearing), 1.0


def _clothes(thing, settings) -> Iterator[tuple[str, str]]:
    """(colour or "", garment or "") of each garment; without a colour and without a name there is nothing to say."""
    for garment in thing.garments:
        words = [a.word for a in said(garment.attributes, settings)]
        for word in words[:1] or [""]:
            if word or garment.name:
                yield word, garment.name


def relations_of(row: int, facts: Facts) -> list[tuple[float, tuple[str, Meaning]]]:
    """(weight, (relation, the other thing)) for what a thing stands beside."""
    if not facts.settings.relations or len(facts.scene.things) < 2:
        return []
    if row not in facts.related:
        facts.related[row] = list(_relations(row, facts))
    return facts.related[row]


def _relations(row, facts) -> Iterator[tuple[float, tuple[str, Meaning]]]:
    """At most two things for each relation; "holding" makes "next to" of the same thing idle."""
    told = 0
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
                yield RELATIONS[name].weight, (name, meaning)


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


def extended(row: int, facts: Facts, limit: int = 2) -> list[Meaning]:
    """The shortest meanings that single a thing out where one fact does not: two or three facts together, with `pointers`."""
    thing = facts.scene.things[row]
    plain = Meaning(usual_name(thing, facts.settings))
    options = {"attributes": [(a.word,) for a in facts.said[row] if a.word not in plain.noun.split()],
               "wearing": list(_clothes(thing, facts.settings)),
               "relation": [relation for _, relation in relations_of(row, facts)]}
    found: list[Meaning] = []
    for names in chain(combinations(options, 1), combinations(options, 2)):
        for values in product(*(options[name] for name in names)):
            meaning = plain._replace(**dict(zip(names, values)))
            if pointers(meaning, row, facts):
                found.append(meaning)
            if len(found) == limit:
                return found
    return found


def pointers(meaning: Meaning, row: int, facts: Facts) -> dict[str, int]:
    """The places ("" for none) with which a meaning may speak of a thing, as the settings want it; and the things it then fits."""
    among, bit = facts.among(meaning), 1 << row
    if facts.only_unique and facts.settings.place_in_description:
        own = facts.own_places(among.fits).get(bit, {})
        return {"": bit} if meaning.relation and "" in own else own
    places = {} if meaning.relation and among.fits == bit else facts.places_for(meaning, among)
    found = {"": among} | {place: facts.placed(among, where) for place, where in places.items() if where.says & bit}
    return {place: points.fits for place, points in found.items() if _wanted(points, bit, meaning, facts)}


def _wanted(points, bit, meaning, facts) -> bool:
    """Does what is pointed at include the thing, and may it include others? If all are meant, it must be surely and only them."""
    if not points.fits & bit or points.fits == bit:
        return points.fits == bit
    if facts.settings.ambiguous == "all":
        return points.says == points.fits and plural(meaning.noun) is not None
    return not facts.only_unique
