"""Generation: from the regions of a picture to phrases, each with its targets."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice

import numpy as np

from grounding.data import Regions, Size
from pseudo_query.drawing import PhraseSpec, sample_specs, sample_specs_from_pool
from pseudo_query.facts import Facts, bit_indices
from pseudo_query.groups import generate_negatives, generate_plurals
from pseudo_query.lexicon import english_lexicon
from pseudo_query.phrases import PseudoQuery
from pseudo_query.prompt import apply_prompt
from pseudo_query.relations import SOLE_OBJECT_SUFFIX
from pseudo_query.scenes import AttributePredictor, Scene, SkippedRegion, build_scene
from pseudo_query.settings import DEFAULT, Settings
from pseudo_query.wording import realize_phrase


def generate(regions: Regions, size: Size, pixels: np.ndarray | None = None, settings: Settings = DEFAULT,
             seed: int = 0, predict_attributes: AttributePredictor | None = None) -> list[PseudoQuery]:
    """Phrases for the objects of a picture; the same seed gives the same phrases.

    `regions` are boxes in pixels of a picture of `size`; `pixels` (H, W, 3) uint8 RGB gives colours, None none.
    `predict_attributes(pixels, regions)` returns words with confidences for each region, as a CLIP-like model would.
    """
    return generate_phrases(build_scene(regions, size, pixels, settings, predict_attributes), settings, seed)


def generate_phrases(scene: Scene, settings: Settings = DEFAULT, seed: int = 0) -> list[PseudoQuery]:
    """The phrases of a scene; `PseudoQuery.targets` are rows of the regions the scene was made from."""
    return generate_with_skipped(scene, settings, seed)[0]


def generate_with_skipped(scene: Scene, settings: Settings = DEFAULT, seed: int = 0) -> tuple[list[PseudoQuery], list[SkippedRegion]]:
    """The phrases of a scene, those of one object together, and the regions that got none with the reason."""
    facts, rng = Facts(scene, settings), random.Random(seed)
    skipped = list(scene.skipped)
    rows = _select_targets(scene, settings, skipped)
    extra = generate_plurals(facts, rng) + generate_negatives(facts, rng)
    if settings.max_per_photo is not None:
        extra = extra[: settings.max_per_photo // 4]
    if settings.max_per_object is None:
        return _generate_from_pool(rows, facts, rng) + extra, skipped
    budget = None if settings.max_per_photo is None else settings.max_per_photo - len(extra)
    chosen = _generate_round_robin(rows, budget, facts, rng)
    for row in rows:
        if not chosen.get(row):
            reason = "nothing tells it from others like it" if row in chosen else f"{settings.max_per_photo} phrases are enough"
            skipped.append(SkippedRegion(scene.objects[row].region_index, reason))
    return [candidate for row in rows for candidate in chosen.get(row, ())] + extra, skipped


def _generate_from_pool(rows, facts, rng) -> list[PseudoQuery]:
    """The paper's method: the specs of all objects in one pool, of which `max_per_photo` are sampled."""
    return list(islice(_realize_specs(sample_specs_from_pool(rows, facts, rng), facts, rng, set()), facts.settings.max_per_photo))


def _generate_round_robin(rows, budget, facts, rng) -> dict[int, list[PseudoQuery]]:
    """Row -> its phrases, at most `max_per_object`; with a small `budget` each object gets one before any gets a second.

    Objects whose turn did not come before the budget was used up are missing.
    """
    order = rows if budget is None else rng.sample(rows, len(rows))
    written: set[tuple] = set()
    sources = {row: _realize_specs(sample_specs(row, facts, rng), facts, rng, written) for row in order}
    chosen: dict[int, list[PseudoQuery]] = {}
    remaining = budget if budget is not None else len(rows) * facts.settings.max_per_object
    for _ in range(facts.settings.max_per_object):
        for row in order:
            if remaining <= 0:
                return chosen
            phrase = next(sources[row], None)
            chosen.setdefault(row, [])
            if phrase is not None:
                chosen[row].append(phrase)
                remaining -= 1
    return chosen


def _select_targets(scene, settings, skipped) -> list[int]:
    """Rows of the things to speak of: all, or the surest few, people first."""
    rows = [row for row, obj in enumerate(scene.objects) if not obj.distractor_only]
    if not settings.clothes_are_targets:
        rows = [row for row in rows if scene.objects[row].group != "clothes"]
    if settings.max_targets is None:
        return rows
    order = sorted(rows, key=lambda row: (scene.objects[row].group != "people", -scene.objects[row].score))
    for row in order[settings.max_targets:]:
        skipped.append(
            SkippedRegion(scene.objects[row].region_index, f"it is not among the {settings.max_targets} surest objects, people first")
        )
    return order[: settings.max_targets]


def _realize_specs(specs, facts, rng, written: set[tuple]) -> Iterator[PseudoQuery]:
    """The specs realized as text; of equal texts for equal targets only the first."""
    for spec in specs:
        candidate = _make_query(spec, facts, rng)
        key = candidate.query, candidate.targets
        if key not in written:
            written.add(key)
            yield candidate


def _make_query(spec: PhraseSpec, facts, rng) -> PseudoQuery:
    row, meaning, referents, template, word = spec
    settings, unique = facts.settings, referents == 1 << row
    rows = bit_indices(referents) if meaning.plural else [row]
    other = meaning.relation[1] if meaning.relation else None
    one = other is None or not (there := facts.referents(other).possible) & (there - 1)
    text = realize_phrase(template, meaning, word, settings, rng, unique, one)
    return PseudoQuery(apply_prompt(text, settings.prompt), tuple(facts.scene.objects[i].region_index for i in rows), unique,
                     _confidence(row, meaning, unique, facts), (template.name, *_fact_words(meaning)), None, meaning)


def _confidence(row, meaning, unique, facts) -> float:
    """The detector's score and the confidence of what is said, as a geometric mean; a guessed noun or target halves it."""
    obj = facts.scene.objects[row]
    sure, count = obj.score, 1
    for attribute in obj.attributes:
        if attribute.word in meaning.attributes:
            sure, count = sure * attribute.confidence, count + 1
    if meaning.wearing and meaning.wearing[0]:
        colours = [a.confidence for g in obj.garments for a in g.attributes if a.word == meaning.wearing[0]]
        sure, count = sure * max(colours, default=1.0), count + 1
    sure = min(max(sure, 0.0) ** (1 / count), 1.0)
    if not facts.settings.exact_classes and not english_lexicon().certainly_named(meaning.noun, obj.concept) and meaning.noun != obj.label:
        sure /= 2
    return round(sure if unique or meaning.plural else sure / 2, 4)


def _fact_words(meaning) -> tuple[str, ...]:
    """The facts a meaning uses, in words: ("dog", "brown", "wearing red", "left", "next to bicycle")."""
    words = [meaning.noun, *meaning.attributes]
    if meaning.wearing:
        words.append("wearing " + " ".join(filter(None, meaning.wearing)))
    if meaning.location:
        words.append(meaning.location.removesuffix(SOLE_OBJECT_SUFFIX))
    if meaning.relation:
        words.append(f"{meaning.relation[0]} {meaning.relation[1].noun}")
    return tuple(words)
