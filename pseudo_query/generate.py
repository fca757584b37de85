"""Generation: from the regions of a picture to phrases, each with its targets."""

from __future__ import annotations

import random

import numpy as np

from grounding.data import Regions, Size
from pseudo_query.lexicon import PAIR, MASS, article, english
from pseudo_query.phrases import Candidate, Meaning
from pseudo_query.prompt import wrap
from pseudo_query.scenes import AttributeReader, Scene, scene_of
from pseudo_query.settings import DEFAULT, Settings
from pseudo_query.templates import OURS, PLACES
from pseudo_query.verify import Facts, members


def generate(regions: Regions, size: Size, pixels: np.ndarray | None = None, settings: Settings = DEFAULT,
             seed: int = 0, attributes: AttributeReader | None = None) -> list[Candidate]:
    """Phrases for the objects of a picture, those of one object together; the same seed gives the same phrases.

    `regions` are boxes in pixels of a picture of `size`; `pixels` (H, W, 3) uint8 RGB gives colours, None none.
    """
    return phrases_of(scene_of(regions, size, pixels, settings, attributes), settings, seed)


def phrases_of(scene: Scene, settings: Settings = DEFAULT, seed: int = 0) -> list[Candidate]:
    """Phrases for a scene; `Candidate.targets` are rows of the regions the scene was made from."""
    facts, rng = Facts(scene, settings), random.Random(seed)
    chosen: list[Candidate] = []
    for row, thing in enumerate(scene.things):
        if thing.concept.group == "clothes" and settings.paper_templates:
            continue
        pool = [c for c in _about(row, facts, settings, rng) if c.query not in {d.query for d in chosen}]
        chosen += _draw(pool, settings.per_object, rng)
    if settings.per_photo is not None:
        chosen = _draw(chosen, settings.per_photo, rng)
    return chosen


def _about(row: int, facts: Facts, settings: Settings, rng) -> list[Candidate]:
    """Every phrase for one thing, each text once."""
    thing, found = facts.scene.things[row], {}
    for noun in _nouns(thing.concept, settings, rng):
        for meaning in _meanings(row, noun, facts):
            for candidate in _written(row, meaning, facts, settings, rng):
                found.setdefault(candidate.query, candidate)
    return list(found.values())


def _nouns(concept, settings, rng) -> list[str]:
    words = list(concept.names) if settings.synonyms else [concept.names[0]]
    if settings.hypernyms:
        words += english().hypernyms(concept)
    if settings.kinds:
        kinds = english().kinds(concept)
        words += rng.sample(kinds, min(4, len(kinds)))
    return words


def _meanings(row, noun, facts):
    """What can be said of a thing under one noun, plainest first."""
    thing, bit = facts.scene.things[row], 1 << row
    settings = facts.settings
    base = [Meaning(noun)]
    said = [a for a in thing.attributes if a.confidence >= settings.say_attribute and a.word != noun]
    base += [Meaning(noun, (a.word,)) for a in said[:2]]
    for garment in thing.garments:
        colours = [a.word for a in garment.attributes if a.confidence >= settings.say_attribute]
        base += [Meaning(noun, (), (colour, garment.name)) for colour in colours or [""] if colour or garment.name]
    for meaning in base:
        yield meaning
        for place, among in facts.places(facts.among(meaning)).items():
            if among.says & bit:
                yield meaning._replace(place=place)


def _written(row, meaning, facts, settings, rng):
    """The wordings of a meaning, if it may be kept."""
    fit = facts.fitting(meaning)
    unique = fit == 1 << row
    if not unique and settings.ambiguous in ("drop", "extend"):
        return
    rows = members(fit) if settings.ambiguous == "all" else [row]
    targets = tuple(facts.scene.things[i].index for i in rows)
    score = _trust(row, meaning, facts) * (1 if unique or len(targets) > 1 else 0.5)
    many = len(targets) > 1
    for name, text in _texts(meaning, settings, rng, many):
        yield Candidate(wrap(text, settings.prompt), targets, unique, round(score, 4),
                        (name, *_facts_of(meaning)), meaning=meaning._replace(many=many))


def _trust(row, meaning, facts) -> float:
    thing = facts.scene.things[row]
    sure = [thing.score] + [a.confidence for a in thing.attributes if a.word in meaning.attributes]
    if meaning.wearing:
        sure += [a.confidence for g in thing.garments for a in g.attributes if a.word == meaning.wearing[0]]
    noun = 1.0 if english().surely(meaning.noun, thing.concept) else 0.5
    return noun * float(np.prod(sure)) ** (1 / len(sure))


def _facts_of(meaning) -> tuple[str, ...]:
    words = [meaning.noun, *meaning.attributes]
    if meaning.wearing:
        words.append("wearing " + " ".join(filter(None, meaning.wearing)))
    if meaning.place:
        words.append(meaning.place)
    return tuple(words)


def _texts(meaning, settings, rng, many):
    """(template name, text) of each template whose slots the meaning fills exactly."""
    noun = " ".join((*meaning.attributes, _counted(meaning.noun, many)))
    wearing = _wearing(meaning.wearing, rng)
    if not meaning.place:
        names = [("noun clothes" if wearing else "plural" if many else "noun", "", "")]
    else:
        wording = PLACES[meaning.place]
        before, after = rng.choice(wording.before), rng.choice(wording.after)
        tail = " clothes" if wearing else ""
        names = [("place noun" + tail, before, ""), ("noun clothes place" if wearing else "noun place", "", after)]
    for name, before, after in names:
        if name in settings.off:
            continue
        text = OURS[name].pattern.format(noun=noun, before=before, after=after, wearing=wearing)
        yield name, _with_article(text, meaning, settings, rng, many)


def _counted(noun, many) -> str:
    concepts = english().concepts_of(noun)
    return concepts[0].plural if many and concepts and noun == concepts[0].name else noun + "s" if many else noun


def _wearing(wearing, rng) -> str:
    if not wearing:
        return ""
    colour, cloth = wearing
    if not cloth:
        return f"in {colour}"
    text = f"{colour} {cloth}".strip()
    number = english().find(cloth).number
    one = text if number in (PAIR, MASS) else f"{article(text)} {text}"
    return rng.choice(("in ", "wearing ")) + one


def _with_article(text, meaning, settings, rng, many) -> str:
    kind = settings.articles if settings.articles != "mixed" else rng.choice(("the", "a", "none"))
    concept = english().find(meaning.noun)
    if kind == "none" or kind == "a" and (many or concept.number != "counted"):
        return text
    return f"the {text}" if kind == "the" or meaning.place else f"{article(text)} {text}"


def _draw(pool, count, rng) -> list[Candidate]:
    """`count` of the pool without replacement, in the pool's order; all of them if there are no more."""
    if count is None or len(pool) <= count:
        return pool
    return [pool[i] for i in sorted(rng.sample(range(len(pool)), count))]
