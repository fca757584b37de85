"""What can be said of a thing: names, attributes, clothes, places, relations, before it is put into words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, product

from pseudo_query.beside import CONTACT_RELATIONS, RELATIONS
from pseudo_query.facts import Facts, bit_indices, select_attributes
from pseudo_query.lexicon import PLURAL, english_lexicon
from pseudo_query.phrases import Meaning
from pseudo_query.scenes import SceneObject
from pseudo_query.settings import Settings
from pseudo_query.wording import plural


def choose_nouns(row: int, facts: Facts, rng) -> list[str]:
    """Words to call a thing by: its usual name, then others drawn from what the settings allow.

    An unusual word is tried less often: a synonym for half of the things, a wider word for a third.
    """
    obj, settings = facts.scene.objects[row], facts.settings
    first = default_noun(obj, settings)
    if settings.nouns_per_object < 2 or obj.concept.number == PLURAL:
        return [first]  # a word for one is none for several
    others = facts.other_names
    if (obj.label, obj.concept.name) not in others:
        others[obj.label, obj.concept.name] = _other_names(obj, first, settings)
    names, chances = others[obj.label, obj.concept.name]
    count = min(settings.nouns_per_object - 1, len(names))
    tried = rng.sample(names, count) if count else []
    return [first] + [word for word in tried if rng.random() < chances[word] * settings.other_name_rate]


def _other_names(obj, first, settings) -> tuple[list[str], dict[str, float]]:
    """What else a thing may be called, and how eagerly each is tried."""
    concept, lexicon = obj.concept, english_lexicon()
    others = {}
    if settings.synonyms:
        others |= dict.fromkeys((obj.label, *concept.names), 0.5)
    if settings.rare_synonyms:
        others |= dict.fromkeys(concept.recognized_names, 0.2)
    if settings.hypernyms:
        others |= dict.fromkeys(lexicon.hypernyms(concept), 0.3)
    if settings.guess_hyponyms:
        others |= {kind: 1.0 for kind in lexicon.hyponyms(concept) if kind in lexicon.uses.get("typical", ())}
    alike = {first.lower(), *concept.names_without_article}
    others = {word: chance for word, chance in others.items() if word.lower() not in alike}
    return list(others), others


def default_noun(obj: SceneObject, settings: Settings) -> str:
    """The class itself as a project wrote it; for a detector's stiff names what people say ("table")."""
    if settings.exact_classes or obj.label != obj.concept.name:
        return obj.label
    return obj.concept.names[0]


def intrinsic_meanings(row: int, noun: str, facts: Facts) -> Iterator[tuple[Meaning, float]]:
    """What may be said of a thing by itself under one name, each with a weight: the noun alone, with an attribute, with a garment.

    The paper joins attribute and garment.
    """
    obj, visible_attributes = facts.scene.objects[row], [a.word for a in facts.certain_attributes[row] if a.word not in noun.split()]
    plain = Meaning(noun, tuple(visible_attributes[:1]) if facts.settings.paper_templates else ())
    yield plain, 1.0
    for word in () if facts.settings.paper_templates else visible_attributes[:3]:
        yield Meaning(noun, (word,)), 1.0 if " " not in word else 0.5
    for wearing in _garment_options(obj, facts.settings):
        yield plain._replace(wearing=wearing), 1.0


def _garment_options(obj, settings) -> Iterator[tuple[str, str]]:
    """(colour or "", garment or "") of each garment; without a colour and without a name there is nothing to say."""
    for garment in obj.garments:
        words = [a.word for a in select_attributes(garment.attributes, settings)]
        for word in words[:1] or [""]:
            if word or garment.name:
                yield word, garment.name


def list_relations(row: int, facts: Facts) -> list[tuple[float, tuple[str, Meaning]]]:
    """(weight, (relation, the other thing)) for what a thing stands beside."""
    if not facts.settings.relations or len(facts.scene.objects) < 2:
        return []
    if row not in facts.relations_by_row:
        facts.relations_by_row[row] = list(_relations(row, facts))
    return facts.relations_by_row[row]


def _relations(row, facts) -> Iterator[tuple[float, tuple[str, Meaning]]]:
    """At most two things for each relation; "holding" makes "next to" of the same thing idle."""
    in_contact = 0
    for name, others in facts.pairs.certain_relations[row]:
        if name in CONTACT_RELATIONS:
            in_contact |= others
        else:
            others &= ~in_contact
        for other in bit_indices(others)[:2]:
            if other not in facts.mentions_by_row:
                facts.mentions_by_row[other] = _mention(other, facts)
            meaning, named = facts.mentions_by_row[other]
            if not named >> row & 1:  # "the man next to the man" helps nobody
                yield RELATIONS[name].weight, (name, meaning)


def _mention(other: int, facts) -> tuple[Meaning, int]:
    """How to speak of the other thing in passing, by its usual name, with its colour if that helps; and what has that name."""
    meaning = Meaning(default_noun(facts.scene.objects[other], facts.settings))
    named = facts.match_noun(meaning.noun).possible
    if named & (named - 1):
        for attribute in facts.certain_attributes[other][:1]:
            coloured = meaning._replace(attributes=(attribute.word,))
            if facts.referents(coloured).possible == 1 << other:
                return coloured, named
    return meaning, named


def distinguishing_meanings(row: int, facts: Facts, limit: int = 2) -> list[Meaning]:
    """The shortest meanings that single a thing out where one fact does not: two or three facts together, with `valid_locations`."""
    obj = facts.scene.objects[row]
    plain = Meaning(default_noun(obj, facts.settings))
    options = {"attributes": [(a.word,) for a in facts.certain_attributes[row] if a.word not in plain.noun.split()],
               "wearing": list(_garment_options(obj, facts.settings)),
               "relation": [relation for _, relation in list_relations(row, facts)]}
    found: list[Meaning] = []
    for names in chain(combinations(options, 1), combinations(options, 2)):
        for values in product(*(options[name] for name in names)):
            meaning = plain._replace(**dict(zip(names, values)))
            if valid_locations(meaning, row, facts):
                found.append(meaning)
            if len(found) == limit:
                return found
    return found


def valid_locations(meaning: Meaning, row: int, facts: Facts) -> dict[str, int]:
    """The places ("" for none) with which a meaning may speak of a thing, as the settings want it; and the things it then fits."""
    extension, bit = facts.match_except_location(meaning), 1 << row
    if facts.only_unique and facts.settings.locate_among_described:
        unique = facts.unique_locations(extension.possible).get(bit, {})
        return {"": bit} if meaning.relation and "" in unique else unique
    places = {} if meaning.relation and extension.possible == bit else facts.locations_for(meaning, extension)
    found = {"": extension} | {
        place: facts.restrict_to_location(extension, where) for place, where in places.items() if where.certain & bit
    }
    return {place: points.possible for place, points in found.items() if _is_acceptable(points, bit, meaning, facts)}


def _is_acceptable(extension, bit, meaning, facts) -> bool:
    """Does what is pointed at include the thing, and may it include others? If all are meant, it must be surely and only them."""
    if not extension.possible & bit or extension.possible == bit:
        return extension.possible == bit
    if facts.settings.ambiguous == "all":
        return extension.certain == extension.possible and plural(meaning.noun) is not None
    return not facts.only_unique
