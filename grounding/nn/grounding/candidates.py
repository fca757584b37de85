"""Candidates: the boxes of an image that a phrase can refer to, made before any phrase is known.

Three types: the detector's proposals; body parts and clothes of detected people
(at fixed positions in the person's box) and the group of all people; and fixed boxes that suit any image
(the whole, its halves, its middle), for beaches, streets and skies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grounding.nn.files.features import ImageFeatures

PROPOSAL, PART, FIXED = 0, 1, 2
PERSON = 0  # the class index of "person" in the detector's list
BODY_PARTS = {
    "hat": (0.2, 0, 0.8, 0.17),
    "head": (0.15, 0, 0.85, 0.3),
    "shirt": (0.05, 0.15, 0.95, 0.6),
    "pants": (0.1, 0.48, 0.9, 0.95),
    "shoes": (0.1, 0.85, 0.9, 1),
}  # fractions of the person's box
FIXED_BOXES = (
    (0, 0, 1, 1),
    (0, 0.5, 1, 1),
    (0, 0.3, 1, 1),
    (0, 0.7, 1, 1),
    (0, 0, 1, 0.4),
    (0, 0, 1, 0.67),
    (0, 0, 0.5, 1),
    (0.5, 0, 1, 1),
    (0.3, 0, 1, 1),
    (0, 0, 0.7, 1),
    (0.2, 0.1, 0.8, 0.95),
    (0.3, 0.3, 0.7, 0.7),
)
SPATIAL_RELATIONS = ("left", "right", "above", "below", "smaller", "larger")  # of box j to box i
RELATIVE_POSITION_WIDTH = 26  # relative-position features of a candidate
EXTRA_CLASS_NAMES = (*BODY_PARTS, "people", "picture")  # follow the detector's classes in the table of class names


@dataclass(frozen=True)
class Candidates:
    """`boxes` (C, 4) as fractions of the image; `class_ids` (C,) indices in the table of class names;
    `candidate_types` (C,): PROPOSAL, PART or FIXED; `scores` (C,) in [0, 1]; `valid` (C,) bool, False for padding;
    `relative_positions` (C, RELATIVE_POSITION_WIDTH), computed among candidates of the same class."""

    boxes: np.ndarray
    class_ids: np.ndarray
    candidate_types: np.ndarray
    scores: np.ndarray
    valid: np.ndarray
    relative_positions: np.ndarray


def make_candidates(features: ImageFeatures, num_classes: int, max_proposals: int = 60, max_people: int = 3) -> Candidates:
    """A fixed number of candidates, so that images can be stacked; those that are not `valid` are padding.

    `num_classes`: classes of the detector; `max_people`: number of people for whom body parts are added.
    """
    proposed = _proposal_candidates(features, max_proposals)
    parts = _body_part_candidates(features, num_classes, max_people)
    fixed = (
        np.array(FIXED_BOXES, np.float32),
        np.full(len(FIXED_BOXES), num_classes + len(BODY_PARTS) + 1),
        np.full(len(FIXED_BOXES), FIXED),
        np.ones(len(FIXED_BOXES)),
        np.ones(len(FIXED_BOXES), bool),
    )
    columns = [np.concatenate(rows) for rows in zip(proposed, parts, _group_candidate(features, num_classes), fixed)]
    boxes, scores = columns[0].astype(np.float32), columns[3].astype(np.float32)
    return Candidates(boxes, columns[1].astype(np.int64), columns[2].astype(np.int64), scores, columns[4],
                      relative_position_features(boxes, columns[1], scores * (columns[4] & (columns[2] != FIXED))))


def relative_position_features(boxes: np.ndarray, class_ids: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(C, RELATIVE_POSITION_WIDTH): of the other candidates of the same class, the weighted share and number that are
    left, right, above, below, smaller or larger.

    A box that covers nearly the same area counts as the same object and is left out. The features come twice: with
    every other candidate weighted by its score, and with weight 1 from a score of 0.1 on. "The left dog", for
    example, is the candidate with no other dog to its left.
    """
    distinct, relations = spatial_relations(boxes)
    same_class, features = (class_ids[:, None] == class_ids[None]) & distinct, []
    for weight in (weights, np.clip(10 * weights, 0, 1)):
        weighted = same_class * weight[None]
        counts, total = np.einsum("ij,ijr->ir", weighted, relations), weighted.sum(1, keepdims=True)
        features += [counts / np.maximum(total, 0.05), np.minimum(counts, 4) / 4, np.minimum(total, 4) / 4]
    return np.concatenate(features, 1).astype(np.float32)


def spatial_relations(boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(C, C) bool: whether box j is another object than box i; (C, C, 6) float32 in {0, 1}: the SPATIAL_RELATIONS
    that box j has to box i."""
    low, high = np.maximum(boxes[:, None, :2], boxes[None, :, :2]), np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared, area = np.clip(high - low, 0, None).prod(-1), np.clip(boxes[:, 2:] - boxes[:, :2], 1e-4, None).prod(1)
    x, y, size = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2, np.log(area)
    gaps = np.stack([value[None] - value[:, None] for value in (x, y, size)], -1) / np.float32([0.04, 0.04, 0.2])  # (C, C, 3)
    relations = np.stack([gaps < -1, gaps > 1], -1).reshape(*gaps.shape[:2], 6).astype(np.float32)
    return shared < 0.6 * np.minimum(area[:, None], area[None]), relations


def _proposal_candidates(features: ImageFeatures, count: int) -> tuple:
    present = min(count, len(features.scores))
    boxes = np.tile(np.float32([0, 0, 1, 1]), (count, 1))
    class_ids, scores, valid = np.zeros(count), np.zeros(count), np.arange(count) < present
    boxes[:present], class_ids[:present], scores[:present] = features.boxes[:present], features.classes[:present], features.scores[:present]
    return boxes, class_ids, np.full(count, PROPOSAL), scores, valid


def _body_part_candidates(features: ImageFeatures, num_classes: int, max_people: int) -> tuple:
    person_rows = np.flatnonzero(features.classes == PERSON)[:max_people]
    part_boxes = np.array(list(BODY_PARTS.values()), np.float32)  # (parts, 4)
    boxes = np.tile(np.float32([0, 0, 1, 1]), (max_people, len(part_boxes), 1))
    person = features.boxes[person_rows][:, None]  # (people, 1, 4)
    extent = person[..., 2:] - person[..., :2]
    boxes[: len(person_rows), :, :2] = person[..., :2] + part_boxes[:, :2] * extent
    boxes[: len(person_rows), :, 2:] = person[..., :2] + part_boxes[:, 2:] * extent
    scores = np.zeros((max_people, len(part_boxes)))
    scores[: len(person_rows)] = features.scores[person_rows][:, None]
    valid = np.repeat(np.arange(max_people) < len(person_rows), len(part_boxes))
    labels = np.tile(num_classes + np.arange(len(part_boxes)), max_people)
    return boxes.reshape(-1, 4), labels, np.full(len(labels), PART), scores.reshape(-1), valid


def _group_candidate(features: ImageFeatures, num_classes: int) -> tuple:
    """One box around all people with a score >= 0.3 and an area of at least 1/8 of the largest; valid for two people or more."""
    boxes = features.boxes[(features.classes == PERSON) & (features.scores >= 0.3)]
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    boxes = boxes[area * 8 >= area.max(initial=0)]
    box = np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)]) if len(boxes) else np.float32([0, 0, 1, 1])
    return box[None], np.array([num_classes + len(BODY_PARTS)]), np.array([PART]), np.ones(1), np.array([len(boxes) > 1])
