"""Generation: from the regions of a picture to phrases, each with its targets."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice

import numpy as np

from grounding.data import Regions, Size
from pseudo_query.groups import about_all, about_nothing
from pseudo_query.lexicon import english
from pseudo_query.phrases import Candidate
from pseudo_query.prompt import wrap
from pseudo_query.relations import ALONE
from pseudo_query.scenes import AttributeReader, Dropped, Scene, scene_of
from pseudo_query.settings import DEFAULT, Settings
from pseudo_query.drawing import Form, drawn, drawn_from_all
from pseudo_query.facts import Facts, members
from pseudo_query.wording import write


def generate(regions: Regions, size: Size, pixels: np.ndarray | None = None, settings: Settings = DEFAULT,
             seed: int = 0, attributes: AttributeReader | None = None) -> list[Candidate]:
    """Phrases for the objects of a picture; the same seed gives the same phrases.

    `regions` are boxes in pixels of a picture of `size`; `pixels` (H, W, 3) uint8 RGB gives colours, None none.
    `attributes(pixels, regions)` answers words with confidences for each region, as a CLIP-like model would.
    """
    return phrases_of(scene_of(regions, size, pixels, settings, attributes), settings, seed)


def phrases_of(scene: Scene, settings: Settings = DEFAULT, seed: int = 0) -> list[Candidate]:
    """The phrases of a scene; `Candidate.targets` are rows of the regions the scene was made from."""
    return explained(scene, settings, seed)[0]


def explained(scene: Scene, settings: Settings = DEFAULT, seed: int = 0) -> tuple[list[Candidate], list[Dropped]]:
    """The phrases of a scene, those of one object together, and the regions that got none with the reason."""
    facts, rng = Facts(scene, settings), random.Random(seed)
    silent = list(scene.dropped)
    rows = _targets(scene, settings, silent)
    extra = about_all(facts, rng) + about_nothing(facts, rng)
    if settings.per_photo is not None:
        extra = extra[: settings.per_photo // 4]
    if settings.per_object is None:
        return _from_one_pool(rows, facts, rng) + extra, silent
    room = None if settings.per_photo is None else settings.per_photo - len(extra)
    chosen = _in_turn(rows, room, facts, rng)
    for row in rows:
        if not chosen.get(row):
            reason = "nothing tells it from others like it" if row in chosen else f"{settings.per_photo} phrases are enough"
            silent.append(Dropped(scene.things[row].index, reason))
    return [candidate for row in rows for candidate in chosen.get(row, ())] + extra, silent


def _from_one_pool(rows, facts, rng) -> list[Candidate]:
    """The paper's way: the forms of all objects in one pool, of which `per_photo` are drawn."""
    return list(islice(_worded(drawn_from_all(rows, facts, rng), facts, rng, set()), facts.settings.per_photo))


def _in_turn(rows, room, facts, rng) -> dict[int, list[Candidate]]:
    """Row -> its phrases, at most `per_object`; with little `room` each object gets one before any gets a second.

    Objects that were not asked, because the room was filled before their turn, are missing.
    """
    order = rows if room is None else rng.sample(rows, len(rows))
    written: set[tuple] = set()
    sources = {row: _worded(drawn(row, facts, rng), facts, rng, written) for row in order}
    chosen: dict[int, list[Candidate]] = {}
    left = room if room is not None else len(rows) * facts.settings.per_object
    for _ in range(facts.settings.per_object):
        for row in order:
            if left <= 0:
                return chosen
            phrase = next(sources[row], None)
            chosen.setdefault(row, [])
            if phrase is not None:
                chosen[row].append(phrase)
                left -= 1
    return chosen


def _targets(scene, settings, silent) -> list[int]:
    """Rows of the things to speak of: all, or the surest few, people first."""
    rows = [row for row, thing in enumerate(scene.things) if not thing.silent]
    if not settings.clothes_are_targets:
        rows = [row for row in rows if scene.things[row].group != "clothes"]
    if settings.top_objects is None:
        return rows
    order = sorted(rows, key=lambda row: (scene.things[row].group != "people", -scene.things[row].score))
    for row in order[settings.top_objects:]:
        silent.append(Dropped(scene.things[row].index, f"it is not among the {settings.top_objects} surest objects, people first"))
    return order[: settings.top_objects]


def _worded(forms, facts, rng, written: set[tuple]) -> Iterator[Candidate]:
    """The forms put into words; of equal texts for equal targets only the first."""
    for form in forms:
        candidate = _candidate(form, facts, rng)
        key = candidate.query, candidate.targets
        if key not in written:
            written.add(key)
            yield candidate


def _candidate(form: Form, facts, rng) -> Candidate:
    row, meaning, fits, template, word = form
    settings, unique = facts.settings, fits == 1 << row
    rows = members(fits) if meaning.many else [row]
    other = meaning.relation[1] if meaning.relation else None
    one = other is None or not (there := facts.pointing(other).fits) & (there - 1)
    text = write(template, meaning, word, settings, rng, unique, one)
    return Candidate(wrap(text, settings.prompt), tuple(facts.scene.things[i].index for i in rows), unique,
                     _trust(row, meaning, unique, facts), (template.name, *_said(meaning)), None, meaning)


def _trust(row, meaning, unique, facts) -> float:
    """The detector's score and the confidence of what is said, as a geometric mean; a guessed noun or target halves it."""
    thing = facts.scene.things[row]
    sure, count = thing.score, 1
    for attribute in thing.attributes:
        if attribute.word in meaning.attributes:
            sure, count = sure * attribute.confidence, count + 1
    if meaning.wearing and meaning.wearing[0]:
        colours = [a.confidence for g in thing.garments for a in g.attributes if a.word == meaning.wearing[0]]
        sure, count = sure * max(colours, default=1.0), count + 1
    sure = min(max(sure, 0.0) ** (1 / count), 1.0)
    if not facts.settings.exact_classes and not english().surely(meaning.noun, thing.concept) and meaning.noun != thing.label:
        sure /= 2
    return round(sure if unique or meaning.many else sure / 2, 4)


def _said(meaning) -> tuple[str, ...]:
    """The facts a meaning uses, in words: ("dog", "brown", "wearing red", "left", "next to bicycle")."""
    words = [meaning.noun, *meaning.attributes]
    if meaning.wearing:
        words.append("wearing " + " ".join(filter(None, meaning.wearing)))
    if meaning.place:
        words.append(meaning.place.removesuffix(ALONE))
    if meaning.relation:
        words.append(f"{meaning.relation[0]} {meaning.relation[1].noun}")
    return tuple(words)
