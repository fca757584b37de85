"""Pseudo examples: phrases for a photo from its detections, so that a grounder trains without human phrases.

Objects are described by the phrase generator; people's clothes, heads and limbs, groups, and the place around them come from
`phrase_priors`, with colours read from the pixels. No box, phrase, type or caption made by a person is used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from grounding.data import Boxes, Progress, Regions
from grounding.data.media_image import open_image
from grounding.learning.examples import phrase_priors as priors
from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.examples.flickr30k import Photo, Phrase
from grounding.learning.examples.samples import Example, head_words
from grounding.machine.disk import write_atomic
from grounding.machine.workers import worker_pool
from grounding.nn.files.features import ImageFeatures

RELATION_WEIGHTS = {"": 1, "front": 4, "behind": 4}  # a location among others (else 2) is the hardest to learn, so it is sampled more often
MIN_SCORE = 0.3  # proposals below this score are not described
VERSION = "5"


def generate_pseudo_examples(photos: Sequence[Photo], digests: dict[Path, str], cache: FeatureCache, class_names: Sequence[str],
                             seed: int = 0, workers: int = 2) -> Iterator[Progress]:
    """The last progress holds one Example a photo. Kept in the cache's folder, so that a second run is quick."""
    yield Progress(0, len(photos), "phrases for photos")
    jobs = [([(photo.path, digests[photo.path]) for photo in photos[start:start + 32]], cache, tuple(class_names), seed)
            for start in range(0, len(photos), 32)]
    examples: list[Example] = []
    with worker_pool(workers) as workers_pool:
        for batch in (map(_generate_batch, jobs) if len(jobs) < 2 else workers_pool.map(_generate_batch, jobs)):
            examples += batch
            yield Progress(len(examples), len(photos), "phrases for photos")
    yield Progress(len(photos), len(photos), "phrases for photos", examples)


def _generate_batch(job) -> list[Example]:
    rows, cache, names, seed = job
    return [_load_or_generate(path, digest, cache, names, seed) for path, digest in rows]


def _load_or_generate(path: Path, digest: str, cache: FeatureCache, class_names, seed: int) -> Example:
    import pseudo_query

    file = cache.path(digest).with_suffix(f".{pseudo_query.version.replace('@', '-')}.{VERSION}.{seed}.json")
    if file.exists():
        return _from_rows(digest, json.loads(file.read_text()))
    rng = np.random.default_rng([seed, int(digest[:12], 16)])
    phrases, mentioned_words = generate_photo_phrases(cache.read(digest), open_image(path).pixels, class_names, rng)
    rows = {"phrases": [[p.text, p.boxes.round(4).tolist(), p.category, p.weight] for p in phrases], "said": sorted(mentioned_words)}
    write_atomic(file, json.dumps(rows).encode())
    return _from_rows(digest, rows)


def _from_rows(digest: str, rows: dict) -> Example:
    phrases = (Phrase(text, np.float32(boxes).reshape(-1, 4), kind, weight=weight) for text, boxes, kind, weight in rows["phrases"])
    return Example(digest, tuple(phrases), frozenset(rows["said"]))


def generate_photo_phrases(features: ImageFeatures, pixels: np.ndarray, class_names: Sequence[str], rng) -> tuple[list[Phrase], set[str]]:
    """The phrases, and every word that may be true of the photo (down to doubtful detections)."""
    from pseudo_query import build_scene

    height, width = pixels.shape[:2]
    size = np.float32([width, height, width, height])
    confident = features.scores >= MIN_SCORE
    labels = [class_names[i] for i in features.classes[confident]]
    regions = Regions(Boxes(features.boxes[confident] * size), features.scores[confident], labels)
    scene = build_scene(regions, (width, height), pixels, _settings())
    phrases = [*_object_phrases(scene, size, rng), *_salient_phrases(scene, size, rng), *_people_phrases(scene, pixels, size, rng),
               *_group_phrases(scene, size, rng), *_scene_phrases(rng)]
    doubtful = {word for i in features.classes[features.scores >= 0.05] for word in head_words("x " + class_names[i])}
    mentioned_words = doubtful | {word for phrase in phrases for word in head_words("x " + phrase.text)}
    return phrases, mentioned_words


def _object_phrases(scene, size, rng) -> list[Phrase]:
    from pseudo_query import generate_phrases

    candidates = generate_phrases(scene, _settings(), int(rng.integers(2 ** 31)))
    sampled = [candidates[i] for i in rng.permutation(len(candidates))[:10]]
    boxes = {obj.region_index: np.float32(obj.box) / size for obj in scene.objects}
    return [Phrase(c.query, np.stack([boxes[i] for i in c.targets]), "object",
                   weight=RELATION_WEIGHTS.get(c.meaning.location, 2) * (0.5 + 0.5 * c.score))
            for c in sampled if c.targets]


def _settings():
    from pseudo_query import TRAINING

    return replace(TRAINING, front_must_be_lower=False)  # in front is what looks larger, wherever it stands


def _sort_by_prominence(objects, size):
    """Most prominent first: by score and size."""
    def prominence(obj):
        box = np.float32(obj.box) / size
        return obj.score * float(np.sqrt((box[2] - box[0]) * (box[3] - box[1])))
    return sorted(objects, key=prominence, reverse=True)


def _salient_phrases(scene, size, rng) -> list[Phrase]:
    """The bare name of a class refers to its most prominent object."""
    phrases = []
    for label in sorted({obj.label for obj in scene.objects}):
        obj = _sort_by_prominence([t for t in scene.objects if t.label == label], size)[0]
        box = (np.float32(obj.box) / size)[None]
        if obj.group == "people":
            continue
        words = [obj.label, *rng.choice(list(_related_names(obj.concept)) or [obj.label], 2)]
        colours = [a.word for a in obj.attributes if a.kind == "colour" and a.confidence > 0.3][:2]
        texts = {_with_article(word, rng) for word in words} | {
            _with_article(f"{c} {words[rng.integers(len(words))]}", rng) for c in colours
        }
        phrases += [Phrase(text, box, "salient") for text in sorted(texts)]
    return phrases


def _related_names(concept) -> list[str]:
    from pseudo_query.lexicon import english_lexicon

    lexicon = english_lexicon()
    return [*concept.names, *lexicon.hypernyms(concept), *lexicon.hyponyms(concept)]


def _people_phrases(scene, pixels, size, rng) -> list[Phrase]:
    """The most prominent people: their bare names, what they wear, their heads and limbs."""
    people = _sort_by_prominence([t for t in scene.objects if t.group == "people"], size)[:3]
    phrases = []
    for rank, person in enumerate(people):
        box = np.float32(person.box) / size
        shirt = _dominant_colour(pixels, _region_in_box(box, (.15, .2, .85, .5)), size)
        nouns = rng.choice(priors.PEOPLE, 4, replace=False)
        if rank == 0:
            phrases += [Phrase(_with_article(noun, rng), box[None], "person") for noun in nouns]
        if shirt:
            worn = ("in {}", "in a {} shirt", "wearing a {} jacket", "wearing {}")[rng.integers(4)].format(shirt)
            phrases.append(Phrase(_with_article(f"{nouns[0]} {worn}", rng), box[None], "person"))
        phrases += _clothing_phrases(box, pixels, size, rng, 3 if rank == 0 else 1)
    pets = _sort_by_prominence([t for t in scene.objects if t.group == "animals"], size)[:1]
    if pets and not people:
        words, region = priors.PET_PARTS[rng.integers(len(priors.PET_PARTS))]
        box = _region_in_box(np.float32(pets[0].box) / size, region)[None]
        phrases.append(Phrase(_with_article(str(rng.choice(words)), rng), box, "body", weight=0.3))
    return phrases


def _clothing_phrases(box, pixels, size, rng, count) -> list[Phrase]:
    """Clothes and limbs lie at usual places of a person; only a person seen whole enough has shoes."""
    phrases = []
    tall = (box[3] - box[1]) * size[1] > 1.7 * (box[2] - box[0]) * size[0]
    for words, region in (priors.CLOTHING[i] for i in rng.permutation(len(priors.CLOTHING))[:count]):
        if "shoes" in words and not tall:
            continue
        part = _region_in_box(box, region if tall else _upper_body_region(region))
        colour = _dominant_colour(pixels, part, size)
        word = str(rng.choice(words))
        text = f"{colour} {word}" if colour and rng.random() < 0.7 else word
        phrases.append(Phrase(_with_article(text, rng), part[None], "clothes", weight=0.7))
    words, region = priors.BODY_PARTS[rng.integers(len(priors.BODY_PARTS))]
    part = _region_in_box(box, region if tall else _upper_body_region(region))
    phrases.append(Phrase(_with_article(str(rng.choice(words)), rng), part[None], "body", weight=0.4))
    return phrases


def _upper_body_region(region):
    """In the box of a person who is cut off or sits, the upper parts fill more of it."""
    x0, y0, x1, y1 = region
    return x0, min(1.3 * y0, .85), x1, min(1.3 * y1 + .05, 1)


def _group_phrases(scene, size, rng) -> list[Phrase]:
    """Two or more people of like size together: "people", "two men", "a crowd"."""
    people = _sort_by_prominence([t for t in scene.objects if t.group == "people"], size)
    if len(people) < 2:
        return []
    boxes = np.float32([t.box for t in people]) / size
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    boxes = boxes[area > area.max() / 6]
    if len(boxes) < 2:
        return []
    union = np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)])[None]
    return [Phrase(str(text), union, "group", weight=0.7) for text in rng.choice(priors.GROUPS, 2, replace=False)]


def _scene_phrases(rng) -> list[Phrase]:
    phrases = []
    for words, region in (priors.SCENE_PHRASES[i] for i in (0, 0, 1, 2) if i < 2 or rng.random() < 0.2):
        phrases.append(Phrase(_with_article(str(rng.choice(words)), rng), np.float32([region]), "place", weight=0.7))
    return phrases


def _with_article(noun: str, rng) -> str:
    """With an article and sometimes an adjective that changes nothing."""
    from pseudo_query.lexicon import indefinite_article

    if noun.split()[0] in ("a", "an", "the", "his", "her", "its"):
        return noun
    adjective = str(rng.choice(priors.NEUTRAL_ADJECTIVES)) if len(noun.split()) == 1 else ""
    text = f"{adjective} {noun}".strip()
    determiner = rng.choice(("a", "the", "", "A"))
    if determiner in ("a", "A"):
        return f"{determiner}{indefinite_article(text)[1:]} {text}"
    return f"{determiner} {text}".strip()


def _region_in_box(box: np.ndarray, region) -> np.ndarray:
    extent = np.tile(box[2:] - box[:2], 2)
    return np.clip(np.tile(box[:2], 2) + np.float32(region) * extent, 0, 1).astype(np.float32)


def _dominant_colour(pixels, box, size) -> str:
    """The colour most of a part has; "" where no colour is in the majority."""
    from pseudo_query.attributes import extract_colours

    colours = extract_colours(pixels, (box * size)[None], subtract_background=False)[0]
    return colours[0].word if colours and colours[0].confidence > 0.4 else ""
