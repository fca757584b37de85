"""Candidates: proposals, body parts of people, groups of people, fixed boxes."""

import numpy as np

from grounding.nn.files.features import ImageFeatures
from grounding.nn.grounding.candidates import BODY_PARTS, FIXED, FIXED_BOXES, PART, PROPOSAL, make_candidates


def features(boxes, classes, scores):
    return ImageFeatures({}, np.float32(boxes).reshape(-1, 4), np.array(classes, int), np.float32(scores), 1.0)


def test_an_image_without_proposals_has_the_fixed_boxes():
    candidates = make_candidates(features([], [], []), 80)
    assert candidates.valid.sum() == len(FIXED_BOXES) and set(candidates.candidate_types[candidates.valid]) == {FIXED}
    assert candidates.boxes[candidates.valid][0].tolist() == [0, 0, 1, 1]


def test_the_number_of_candidates_is_fixed():
    one = make_candidates(features([[0, 0, 1, 1]], [17], [0.4]), 80)
    many = make_candidates(features([[0, 0, 1, 1]] * 100, [17] * 100, np.linspace(1, 0.1, 100)), 80)
    assert one.boxes.shape == many.boxes.shape and one.valid.sum() == len(FIXED_BOXES) + 1
    assert (many.candidate_types[many.valid] == PROPOSAL).sum() == 60


def test_a_person_gives_candidates_for_body_parts_and_clothes():
    candidates = make_candidates(features([[0.2, 0.0, 0.6, 1.0]], [0], [0.9]), 80)
    parts = {
        list(BODY_PARTS)[class_id - 80]: box
        for class_id, box, candidate_type, valid in zip(
            candidates.class_ids, candidates.boxes, candidates.candidate_types, candidates.valid
        )
        if candidate_type == PART and valid
    }
    assert set(parts) == set(BODY_PARTS)
    assert parts["hat"][3] < parts["shirt"][3] < parts["shoes"][3] == 1.0
    assert all(0.2 <= box[0] <= box[2] <= 0.6 + 1e-6 for box in parts.values())


def test_two_people_also_give_a_group_candidate():
    boxes = [[0.1, 0.2, 0.3, 0.8], [0.5, 0.1, 0.7, 0.9], [0.9, 0.0, 0.91, 0.02]]
    candidates = make_candidates(features(boxes, [0, 0, 0], [0.9, 0.8, 0.7]), 80)
    group = candidates.boxes[(candidates.class_ids == 80 + len(BODY_PARTS)) & candidates.valid]
    np.testing.assert_allclose(group, [[0.1, 0.1, 0.7, 0.9]])
    alone = make_candidates(features(boxes[:1], [0], [0.9]), 80)
    assert not alone.valid[alone.class_ids == 80 + len(BODY_PARTS)].any()
