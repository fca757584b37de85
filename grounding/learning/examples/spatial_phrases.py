"""Spatial phrases: phrases like "the left dog" about the boxes people drew, whose captions seldom tell several objects
of one class apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grounding.data import Boxes, Regions, iou
from grounding.learning.examples.flickr30k import Photo, Phrase

ASSUMED_SIZE = (500, 375)  # pixels of the usual photo; what lies left or in front hardly depends on it
MAX_PHRASES = 8  # phrases a photo
RARE_RELATION_WEIGHTS = {"front": 6, "behind": 6}  # locations that hold in few photos are drawn so much more often where they do


def generate_spatial_phrases(photos: Sequence[Photo], seed: int) -> list[list[Phrase]]:
    """For each photo up to MAX_PHRASES phrases that name an object and its location among the others; none where every object
    is the only one of its class."""
    return [_photo_spatial_phrases(photo, np.random.default_rng([seed, row])) for row, photo in enumerate(photos)]


def _photo_spatial_phrases(photo: Photo, rng) -> list[Phrase]:
    from dataclasses import replace

    from pseudo_query import TRAINING, build_scene, generate_phrases

    labels, boxes = _labelled_boxes(photo)
    if len(labels) < 2:
        return []
    pixels = Boxes(boxes * np.tile(np.float32(ASSUMED_SIZE), 2))
    settings = replace(TRAINING, guess_hyponyms=False, front_must_be_lower=False)  # in front is what looks larger, wherever it stands
    scene = build_scene(Regions(pixels, np.ones(len(labels), np.float32), labels), ASSUMED_SIZE, None, settings)
    candidates = [c for c in generate_phrases(scene, settings, int(rng.integers(2 ** 31))) if c.unique and c.meaning.location]
    if not candidates:
        return []
    locations = [c.meaning.location for c in candidates]  # each as likely as "left", except those of RARE_RELATION_WEIGHTS
    weights = np.array([RARE_RELATION_WEIGHTS.get(location, 1) / locations.count(location) for location in locations])
    rows = rng.choice(len(candidates), min(MAX_PHRASES, len(candidates)), False, weights / weights.sum())
    return [Phrase(candidates[row].query, boxes[list(candidates[row].targets)], "placed") for row in rows]


def _labelled_boxes(photo: Photo) -> tuple[list[str], np.ndarray]:
    """A noun for every box of the photo, boxes of the same thing once; one of the "two dogs" is a dog."""
    from pseudo_query.lexicon import english_lexicon
    from pseudo_query.parse import parse_phrase

    labels: list[str] = []
    boxes = np.zeros((0, 4), np.float32)
    for phrase in photo.phrases:
        meaning = parse_phrase(phrase.text).meaning if phrase.category not in ("scene", "bodyparts") else None
        for box in phrase.boxes if meaning else ():
            if not len(boxes) or iou(Boxes(box[None]), Boxes(boxes)).max() < 0.7:
                labels.append(english_lexicon().singular(meaning.noun) if len(phrase.boxes) > 1 else meaning.noun)
                boxes = np.concatenate([boxes, box[None]])
    return labels, boxes
