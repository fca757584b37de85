"""Placed: phrases like "the left dog" about the boxes people drew, who seldom say in a caption which of several things they mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grounding.data import Boxes, Regions, iou
from grounding.learning.examples.flickr30k import Photo, Phrase

SIZE = (500, 375)  # pixels of the usual photo; what lies left or in front hardly depends on it
MOST = 8  # phrases a photo
SELDOM = {"front": 6, "behind": 6}  # places that hold for few photos are drawn so much more often where they do


def with_places(photos: Sequence[Photo], seed: int) -> list[list[Phrase]]:
    """For each photo up to MOST phrases that name a thing and its place among the others; none where nothing is one of several."""
    return [_placed(photo, np.random.default_rng([seed, row])) for row, photo in enumerate(photos)]


def _placed(photo: Photo, rng) -> list[Phrase]:
    from dataclasses import replace

    from pseudo_query import TEACHING, phrases_of, scene_of

    labels, boxes = _things(photo)
    if len(labels) < 2:
        return []
    pixels = Boxes(boxes * np.tile(np.float32(SIZE), 2))
    settings = replace(TEACHING, kinds=False, ground=False)  # in front is what looks larger, wherever it stands
    scene = scene_of(Regions(pixels, np.ones(len(labels), np.float32), labels), SIZE, None, settings)
    found = [c for c in phrases_of(scene, settings, int(rng.integers(2 ** 31))) if c.unique and c.meaning.place]
    share = np.array([SELDOM.get(c.meaning.place, 1) / sum(other.meaning.place == c.meaning.place for other in found) for c in found])
    rows = rng.choice(len(found), min(MOST, len(found)), False, share / share.sum()) if found else ()  # each place as likely as "left", but for SELDOM
    return [Phrase(found[row].query, boxes[list(found[row].targets)], "placed") for row in rows]


def _things(photo: Photo) -> tuple[list[str], np.ndarray]:
    """A noun for every box of the photo, boxes of the same thing once; one of the "two dogs" is a dog."""
    from pseudo_query.lexicon import english
    from pseudo_query.parse import read

    labels: list[str] = []
    boxes = np.zeros((0, 4), np.float32)
    for phrase in photo.phrases:
        meaning = read(phrase.text).meaning if phrase.type not in ("scene", "bodyparts") else None
        for box in phrase.boxes if meaning else ():
            if not len(boxes) or iou(Boxes(box[None]), Boxes(boxes)).max() < 0.7:
                labels.append(english().singular(meaning.noun) if len(phrase.boxes) > 1 else meaning.noun)
                boxes = np.concatenate([boxes, box[None]])
    return labels, boxes
