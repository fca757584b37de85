"""What a phrase may choose among: proposals, parts of people, people together, boxes that fit any picture."""

import numpy as np

from grounding.nn.files.features import Features
from grounding.nn.grounding.candidates import LAYOUT, LAYOUTS, PART, PARTS, PROPOSAL, candidates


def features(boxes, classes, scores):
    return Features({}, np.float32(boxes).reshape(-1, 4), np.array(classes, int), np.float32(scores), 1.0)


def test_an_empty_picture_still_offers_the_layouts():
    found = candidates(features([], [], []), 80)
    assert found.real.sum() == len(LAYOUTS) and set(found.kinds[found.real]) == {LAYOUT}
    assert found.boxes[found.real][0].tolist() == [0, 0, 1, 1]


def test_there_are_always_as_many_candidates():
    one = candidates(features([[0, 0, 1, 1]], [17], [0.4]), 80)
    many = candidates(features([[0, 0, 1, 1]] * 100, [17] * 100, np.linspace(1, 0.1, 100)), 80)
    assert one.boxes.shape == many.boxes.shape and one.real.sum() == len(LAYOUTS) + 1
    assert (many.kinds[many.real] == PROPOSAL).sum() == 60


def test_a_person_offers_clothes_where_they_are_worn():
    found = candidates(features([[0.2, 0.0, 0.6, 1.0]], [0], [0.9]), 80)
    parts = {list(PARTS)[name - 80]: box for name, box, kind, real in zip(found.names, found.boxes, found.kinds, found.real)
             if kind == PART and real}
    assert set(parts) == set(PARTS)
    assert parts["hat"][3] < parts["shirt"][3] < parts["shoes"][3] == 1.0
    assert all(0.2 <= box[0] <= box[2] <= 0.6 + 1e-6 for box in parts.values())


def test_two_people_are_also_offered_together():
    boxes = [[0.1, 0.2, 0.3, 0.8], [0.5, 0.1, 0.7, 0.9], [0.9, 0.0, 0.91, 0.02]]
    found = candidates(features(boxes, [0, 0, 0], [0.9, 0.8, 0.7]), 80)
    group = found.boxes[(found.names == 80 + len(PARTS)) & found.real]
    np.testing.assert_allclose(group, [[0.1, 0.1, 0.7, 0.9]])
    alone = candidates(features(boxes[:1], [0], [0.9]), 80)
    assert not alone.real[alone.names == 80 + len(PARTS)].any()
