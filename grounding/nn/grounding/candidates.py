"""Candidates: the boxes of a picture among which a phrase may choose, before anything was asked.

Three kinds: what the detector proposes; parts of the people it sees (clothes and heads lie at fixed places of a person) and all
of them together; and a few boxes that fit any picture (all of it, its halves, its middle), for beaches, streets and skies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grounding.nn.files.features import Features

PROPOSAL, PART, LAYOUT = 0, 1, 2
PERSON = 0  # the place of "person" in the detector's list of names
PARTS = {"hat": (.2, 0, .8, .17), "head": (.15, 0, .85, .3), "shirt": (.05, .15, .95, .6), "pants": (.1, .48, .9, .95),
         "shoes": (.1, .85, .9, 1)}  # fractions of the person's box
LAYOUTS = ((0, 0, 1, 1), (0, .5, 1, 1), (0, .3, 1, 1), (0, .7, 1, 1), (0, 0, 1, .4), (0, 0, 1, .67), (0, 0, .5, 1), (.5, 0, 1, 1),
           (.3, 0, 1, 1), (0, 0, .7, 1), (.2, .1, .8, .95), (.3, .3, .7, .7))
LIES = ("left", "right", "above", "below", "smaller", "larger")  # how one box can lie to another
RANKS = 26  # numbers a candidate has about its place among its like
EXTRA_NAMES = (*PARTS, "people", "picture")  # follow the detector's names in the table of names


@dataclass(frozen=True)
class Candidates:
    """`boxes` (C, 4) as fractions; `names` (C,) places in the table of names; `kinds` (C,); `scores` (C,); `real` (C,) bool;
    `ranks` (C, RANKS): the place of each among those of its own name."""

    boxes: np.ndarray
    names: np.ndarray
    kinds: np.ndarray
    scores: np.ndarray
    real: np.ndarray
    ranks: np.ndarray


def candidates(features: Features, names: int, proposals: int = 60, people: int = 3) -> Candidates:
    """Always the same number of them, so that pictures stack; those that are not `real` are to be ignored.

    `names`: how many names the detector knows; `people`: of how many people the parts are offered.
    """
    seen = _padded(features, proposals)
    parts = _parts(features, names, people)
    layout = (np.array(LAYOUTS, np.float32), np.full(len(LAYOUTS), names + len(PARTS) + 1), np.full(len(LAYOUTS), LAYOUT),
              np.ones(len(LAYOUTS)), np.ones(len(LAYOUTS), bool))
    columns = [np.concatenate(rows) for rows in zip(seen, parts, _group(features, names), layout)]
    boxes, scores = columns[0].astype(np.float32), columns[3].astype(np.float32)
    return Candidates(boxes, columns[1].astype(np.int64), columns[2].astype(np.int64), scores, columns[4],
                      ranks(boxes, columns[1], scores * (columns[4] & (columns[2] != LAYOUT))))


def ranks(boxes: np.ndarray, names: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(C, RANKS): of the others of the same name, the weighted share and number that lie left, right, above, below, are larger, smaller.

    A box that covers nearly the same place is the same thing and does not count. Twice: each other weighs its score; all weigh
    alike from a score of 0.1 on. So "the left dog" can be read off a candidate: no other dog lies left of it.
    """
    elsewhere, lies = places(boxes)
    rival, found = (names[:, None] == names[None]) & elsewhere, []
    for weight in (weights, np.clip(10 * weights, 0, 1)):
        heavy = rival * weight[None]
        counts, total = np.einsum("ij,ijr->ir", heavy, lies), heavy.sum(1, keepdims=True)
        found += [counts / np.maximum(total, 0.05), np.minimum(counts, 4) / 4, np.minimum(total, 4) / 4]
    return np.concatenate(found, 1).astype(np.float32)


def places(boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(C, C) bool: whether box j is another thing than box i, and (C, C, 6) float32 in {0, 1}: whether j lies to i as LIES says."""
    low, high = np.maximum(boxes[:, None, :2], boxes[None, :, :2]), np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared, area = np.clip(high - low, 0, None).prod(-1), np.clip(boxes[:, 2:] - boxes[:, :2], 1e-4, None).prod(1)
    x, y, size = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2, np.log(area)
    gaps = np.stack([value[None] - value[:, None] for value in (x, y, size)], -1) / np.float32([0.04, 0.04, 0.2])  # (C, C, 3)
    lies = np.stack([gaps < -1, gaps > 1], -1).reshape(*gaps.shape[:2], 6).astype(np.float32)
    return shared < 0.6 * np.minimum(area[:, None], area[None]), lies


def _padded(features: Features, count: int) -> tuple:
    found = min(count, len(features.scores))
    boxes = np.tile(np.float32([0, 0, 1, 1]), (count, 1))
    names, scores, real = np.zeros(count), np.zeros(count), np.arange(count) < found
    boxes[:found], names[:found], scores[:found] = features.boxes[:found], features.classes[:found], features.scores[:found]
    return boxes, names, np.full(count, PROPOSAL), scores, real


def _parts(features: Features, names: int, people: int) -> tuple:
    seen = np.flatnonzero(features.classes == PERSON)[:people]
    places = np.array(list(PARTS.values()), np.float32)  # (parts, 4)
    boxes = np.tile(np.float32([0, 0, 1, 1]), (people, len(places), 1))
    person = features.boxes[seen][:, None]  # (found, 1, 4)
    extent = person[..., 2:] - person[..., :2]
    boxes[: len(seen), :, :2] = person[..., :2] + places[:, :2] * extent
    boxes[: len(seen), :, 2:] = person[..., :2] + places[:, 2:] * extent
    scores = np.zeros((people, len(places)))
    scores[: len(seen)] = features.scores[seen][:, None]
    real = np.repeat(np.arange(people) < len(seen), len(places))
    labels = np.tile(names + np.arange(len(places)), people)
    return boxes.reshape(-1, 4), labels, np.full(len(labels), PART), scores.reshape(-1), real


def _group(features: Features, names: int) -> tuple:
    """All people seen with some certainty and not far behind, as one box; real from two people on."""
    boxes = features.boxes[(features.classes == PERSON) & (features.scores >= 0.3)]
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    boxes = boxes[area * 8 >= area.max(initial=0)]
    box = np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)]) if len(boxes) else np.float32([0, 0, 1, 1])
    return box[None], np.array([names + len(PARTS)]), np.array([PART]), np.ones(1), np.array([len(boxes) > 1])
