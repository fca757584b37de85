"""Pseudo lessons: phrases for a photo from what the detector saw in it, so that a grounder learns without a human word.

Objects are spoken of by the phrase generator; people's clothes, heads and limbs, groups, and the place around them come from
`common_speech`, with colours read from the pixels. No box, phrase, type or caption made by a person is looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from grounding.data import Boxes, Progress, Regions
from grounding.data.media_image import open_image
from grounding.learning.examples import phrase_priors as speech
from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.examples.flickr30k import Photo, Phrase
from grounding.learning.examples.samples import Lesson, heads
from grounding.machine.disk import write_whole
from grounding.machine.workers import pool
from grounding.nn.files.features import Features

WORTH = {"": 1, "front": 4, "behind": 4}  # a place among others (else 2) is the hardest to learn, so it is asked more often
SURE = 0.3  # proposals below this score are not spoken of
VERSION = "5"


def pseudo_lessons(photos: Sequence[Photo], digests: dict[Path, str], cache: FeatureCache, names: Sequence[str], seed: int = 0,
                   workers: int = 2) -> Iterator[Progress]:
    """The last progress holds one Lesson a photo. Kept in the cache's folder, so that a second run is quick."""
    yield Progress(0, len(photos), "phrases for photos")
    jobs = [([(photo.path, digests[photo.path]) for photo in photos[start:start + 32]], cache, tuple(names), seed)
            for start in range(0, len(photos), 32)]
    lessons: list[Lesson] = []
    with pool(workers) as writers:
        for batch in (map(_batch, jobs) if len(jobs) < 2 else writers.map(_batch, jobs)):
            lessons += batch
            yield Progress(len(lessons), len(photos), "phrases for photos")
    yield Progress(len(photos), len(photos), "phrases for photos", lessons)


def _batch(job) -> list[Lesson]:
    rows, cache, names, seed = job
    return [_kept(path, digest, cache, names, seed) for path, digest in rows]


def _kept(path: Path, digest: str, cache: FeatureCache, names, seed: int) -> Lesson:
    import pseudo_query

    file = cache.path(digest).with_suffix(f".{pseudo_query.version.replace('@', '-')}.{VERSION}.{seed}.json")
    if file.exists():
        return _from_rows(digest, json.loads(file.read_text()))
    rng = np.random.default_rng([seed, int(digest[:12], 16)])
    phrases, said = phrases_for(cache.read(digest), open_image(path).pixels, names, rng)
    rows = {"phrases": [[p.text, p.boxes.round(4).tolist(), p.type, p.weight] for p in phrases], "said": sorted(said)}
    write_whole(file, json.dumps(rows).encode())
    return _from_rows(digest, rows)


def _from_rows(digest: str, rows: dict) -> Lesson:
    phrases = (Phrase(text, np.float32(boxes).reshape(-1, 4), kind, weight=weight) for text, boxes, kind, weight in rows["phrases"])
    return Lesson(digest, tuple(phrases), frozenset(rows["said"]))


def phrases_for(features: Features, pixels: np.ndarray, names: Sequence[str], rng) -> tuple[list[Phrase], set[str]]:
    """The phrases, and every word that may be true of the photo (down to doubtful detections)."""
    from pseudo_query import scene_of

    height, width = pixels.shape[:2]
    size = np.float32([width, height, width, height])
    sure = features.scores >= SURE
    regions = Regions(Boxes(features.boxes[sure] * size), features.scores[sure], [names[i] for i in features.classes[sure]])
    scene = scene_of(regions, (width, height), pixels, _settings())
    phrases = [*_generated(scene, size, rng), *_salient(scene, size, rng), *_of_people(scene, pixels, size, rng),
               *_groups(scene, size, rng), *_places(rng)]
    doubtful = {word for i in features.classes[features.scores >= 0.05] for word in heads("x " + names[i])}
    said = doubtful | {word for phrase in phrases for word in heads("x " + phrase.text)}
    return phrases, said


def _generated(scene, size, rng) -> list[Phrase]:
    from pseudo_query import phrases_of

    found = phrases_of(scene, _settings(), int(rng.integers(2 ** 31)))
    kept = [found[i] for i in rng.permutation(len(found))[:10]]
    boxes = {thing.index: np.float32(thing.box) / size for thing in scene.things}
    return [Phrase(c.query, np.stack([boxes[i] for i in c.targets]), "object", weight=WORTH.get(c.meaning.place, 2) * (0.5 + 0.5 * c.score))
            for c in kept if c.targets]


def _settings():
    from pseudo_query import TEACHING

    return replace(TEACHING, ground=False)  # in front is what looks larger, wherever it stands


def _prominent(things, size):
    """Best first: sure and large."""
    def worth(thing):
        box = np.float32(thing.box) / size
        return thing.score * float(np.sqrt((box[2] - box[0]) * (box[3] - box[1])))
    return sorted(things, key=worth, reverse=True)


def _salient(scene, size, rng) -> list[Phrase]:
    """The bare name of a kind of thing means the one that catches the eye."""
    phrases = []
    for label in sorted({thing.label for thing in scene.things}):
        thing = _prominent([t for t in scene.things if t.label == label], size)[0]
        box = (np.float32(thing.box) / size)[None]
        if thing.group == "people":
            continue
        words = [thing.label, *rng.choice([n for n in _other_names(thing.concept)] or [thing.label], 2)]
        colours = [a.word for a in thing.attributes if a.kind == "colour" and a.confidence > 0.3][:2]
        texts = {_said(word, rng) for word in words} | {_said(f"{c} {words[rng.integers(len(words))]}", rng) for c in colours}
        phrases += [Phrase(text, box, "salient") for text in sorted(texts)]
    return phrases


def _other_names(concept) -> list[str]:
    from pseudo_query.lexicon import english

    lexicon = english()
    return [*concept.names, *lexicon.hypernyms(concept), *lexicon.kinds(concept)]


def _of_people(scene, pixels, size, rng) -> list[Phrase]:
    """The most prominent people: their bare names, what they wear, their heads and limbs."""
    people = _prominent([t for t in scene.things if t.group == "people"], size)[:3]
    phrases = []
    for rank, person in enumerate(people):
        box = np.float32(person.box) / size
        shirt = _colour(pixels, _inside(box, (.15, .2, .85, .5)), size)
        nouns = rng.choice(speech.PEOPLE, 4, replace=False)
        if rank == 0:
            phrases += [Phrase(_said(noun, rng), box[None], "person") for noun in nouns]
        if shirt:
            worn = ("in {}", "in a {} shirt", "wearing a {} jacket", "wearing {}")[rng.integers(4)].format(shirt)
            phrases.append(Phrase(_said(f"{nouns[0]} {worn}", rng), box[None], "person"))
        phrases += _worn(box, pixels, size, rng, 3 if rank == 0 else 1)
    pets = _prominent([t for t in scene.things if t.group == "animals"], size)[:1]
    if pets and not people:
        words, place = speech.PETS[rng.integers(len(speech.PETS))]
        phrases.append(Phrase(_said(str(rng.choice(words)), rng), _inside(np.float32(pets[0].box) / size, place)[None], "body", weight=0.3))
    return phrases


def _worn(box, pixels, size, rng, count) -> list[Phrase]:
    """Clothes and limbs lie at usual places of a person; only a person seen whole enough has shoes."""
    phrases = []
    tall = (box[3] - box[1]) * size[1] > 1.7 * (box[2] - box[0]) * size[0]
    for words, place in (speech.PARTS[i] for i in rng.permutation(len(speech.PARTS))[:count]):
        if "shoes" in words and not tall:
            continue
        part = _inside(box, place if tall else _upper(place))
        colour = _colour(pixels, part, size)
        word = str(rng.choice(words))
        text = f"{colour} {word}" if colour and rng.random() < 0.7 else word
        phrases.append(Phrase(_said(text, rng), part[None], "clothes", weight=0.7))
    words, place = speech.BODY[rng.integers(len(speech.BODY))]
    phrases.append(Phrase(_said(str(rng.choice(words)), rng), _inside(box, place if tall else _upper(place))[None], "body", weight=0.4))
    return phrases


def _upper(place):
    """Of somebody who is cut off or sits, the upper parts fill more of the box."""
    x0, y0, x1, y1 = place
    return x0, min(1.3 * y0, .85), x1, min(1.3 * y1 + .05, 1)


def _groups(scene, size, rng) -> list[Phrase]:
    """Two or more people of like size together: "people", "two men", "a crowd"."""
    people = _prominent([t for t in scene.things if t.group == "people"], size)
    if len(people) < 2:
        return []
    boxes = np.float32([t.box for t in people]) / size
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    boxes = boxes[area > area.max() / 6]
    if len(boxes) < 2:
        return []
    union = np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)])[None]
    return [Phrase(str(text), union, "group", weight=0.7) for text in rng.choice(speech.CROWDS, 2, replace=False)]


def _places(rng) -> list[Phrase]:
    phrases = []
    for words, place in (speech.PLACES[i] for i in (0, 0, 1, 2) if i < 2 or rng.random() < 0.2):
        phrases.append(Phrase(_said(str(rng.choice(words)), rng), np.float32([place]), "place", weight=0.7))
    return phrases


def _said(noun: str, rng) -> str:
    """With an article and sometimes an adjective that changes nothing."""
    from pseudo_query.lexicon import article

    if noun.split()[0] in ("a", "an", "the", "his", "her", "its"):
        return noun
    mood = str(rng.choice(speech.MOODS)) if len(noun.split()) == 1 else ""
    text = f"{mood} {noun}".strip()
    kind = rng.choice(("a", "the", "", "A"))
    if kind in ("a", "A"):
        return f"{kind}{article(text)[1:]} {text}"
    return f"{kind} {text}".strip()


def _inside(box: np.ndarray, place) -> np.ndarray:
    extent = np.tile(box[2:] - box[:2], 2)
    return np.clip(np.tile(box[:2], 2) + np.float32(place) * extent, 0, 1).astype(np.float32)


def _colour(pixels, box, size) -> str:
    """The colour most of a part has; "" where no colour is in the majority."""
    from pseudo_query.attributes import colours_of

    found = colours_of(pixels, (box * size)[None], around=False)[0]
    return found[0].word if found and found[0].confidence > 0.4 else ""
