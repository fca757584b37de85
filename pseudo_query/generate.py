"""Generation: from the regions of a picture to phrases, each with its targets."""

from __future__ import annotations

import random
from itertools import zip_longest
from math import log

import numpy as np

from grounding.data import Regions, Size
from pseudo_query.groups import about_all, about_nothing
from pseudo_query.lexicon import english
from pseudo_query.meanings import extended, meanings_of, nouns_of
from pseudo_query.phrases import Candidate, Meaning
from pseudo_query.prompt import wrap
from pseudo_query.scenes import AttributeReader, Dropped, Scene, scene_of
from pseudo_query.settings import DEFAULT, Settings
from pseudo_query.verify import Facts, members
from pseudo_query.wording import forms, write


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
    """The phrases of a scene, and the regions that got none with the reason."""
    facts, rng = Facts(scene, settings), random.Random(seed)
    silent = list(scene.dropped)
    chosen: list[list[Candidate]] = []
    rows = _targets(scene, settings, silent)
    pools = [_pool(row, facts, rng) for row in rows]
    if settings.per_object is None:
        pools = [[form for pool in pools for form in pool]]
        pools[0].sort(reverse=True, key=_key)
        chosen.append(_distinct(pools[0], settings.per_photo, facts, rng))
    else:
        for row, pool in zip(rows, pools):
            pool.sort(reverse=True, key=_key)
            chosen.append(_distinct(pool, settings.per_object, facts, rng))
            if not chosen[-1]:
                silent.append(Dropped(scene.things[row].index, "nothing tells it from others like it"))
    everything = [about_all(facts, rng), about_nothing(facts, rng)]
    return _capped(chosen, everything, settings), silent


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


def _pool(row: int, facts: Facts, rng) -> list[tuple]:
    """(key, row, meaning, fitting, template, place word) of every phrase for a thing; the largest keys are drawn."""
    settings, pool = facts.settings, []
    for noun, weight in nouns_of(facts.scene.things[row], settings, rng):
        for meaning, place in meanings_of(row, noun, facts):
            _add(pool, row, meaning, place, weight, settings, rng)
    if not pool and settings.ambiguous == "extend":
        for meaning, place in extended(row, facts):
            _add(pool, row, meaning, place, 1.0, settings, rng)
    return pool


def _add(pool, row, meaning, place, weight, settings, rng):
    """Puts the forms of a meaning into the pool, unless it fits others and may not."""
    says, fits = place
    if not fits >> row & 1:
        return
    if fits != 1 << row:
        if settings.ambiguous in ("drop", "extend") or settings.ambiguous == "all" and says != fits:
            return
    for template, word, share in forms(meaning, settings):
        pool.append((log(1.0 - rng.random()) / (weight * share), row, meaning, fits, template, word))


def _key(form) -> float:
    return form[0]


def _distinct(pool, count, facts, rng) -> list[Candidate]:
    """The first `count` forms of a pool, written; of equal texts with equal targets only one."""
    found: dict[tuple, Candidate] = {}
    for _, row, meaning, fits, template, word in pool:
        if count is not None and len(found) >= count:
            break
        candidate = _candidate(row, meaning, fits, template, word, facts, rng)
        found.setdefault((candidate.query, candidate.targets), candidate)
    return list(found.values())


def _candidate(row, meaning: Meaning, fits, template, word, facts, rng) -> Candidate:
    settings, unique = facts.settings, fits == 1 << row
    rows = members(fits) if settings.ambiguous == "all" else [row]
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
    return round(sure if unique or facts.settings.ambiguous == "all" else sure / 2, 4)


def _said(meaning) -> tuple[str, ...]:
    """The facts a meaning uses, in words: ("dog", "brown", "wearing red", "left", "next to bicycle")."""
    words = [meaning.noun, *meaning.attributes]
    if meaning.wearing:
        words.append("wearing " + " ".join(filter(None, meaning.wearing)))
    if meaning.place:
        words.append(meaning.place)
    if meaning.relation:
        words.append(f"{meaning.relation[0]} {meaning.relation[1].noun}")
    return tuple(words)


def _capped(chosen, everything, settings) -> list[Candidate]:
    """All of it, or `per_photo` phrases: one of each object in turn, so that no object crowds out the others."""
    extra = [candidate for group in everything for candidate in group]
    if settings.per_photo is None or sum(map(len, chosen)) + len(extra) <= settings.per_photo:
        return [candidate for group in chosen for candidate in group] + extra
    keep = min(len(extra), settings.per_photo // 4)
    in_turn = [candidate for turn in zip_longest(*chosen) for candidate in turn if candidate is not None]
    return in_turn[: settings.per_photo - keep] + extra[:keep]
