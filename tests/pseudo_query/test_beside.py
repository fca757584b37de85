"""Relations between two things, each on one pair where it holds and one where it does not."""

import numpy as np
import pytest

from pseudo_query.beside import POSSIBLE, RELATIONS, BoxPairs
from pseudo_query.facts import bit_indices
from pseudo_query.lexicon import english_lexicon

MAN = ("man", 400, 100, 500, 400)


def related(*rows):
    """(name, other) of the first thing."""
    pairs = BoxPairs([english_lexicon().find(row[0]) for row in rows], np.array([row[1:] for row in rows], float))
    return {(name, other) for name, others in pairs.certain_relations[0] for other in bit_indices(others)}


@pytest.mark.parametrize("subject, other, name", [
    (MAN, ("bicycle", 510, 200, 640, 400), "next to"),
    (MAN, ("bicycle", 380, 250, 520, 420), "riding"),
    (MAN, ("skateboard", 390, 385, 510, 420), "standing on"),
    (MAN, ("umbrella", 380, 60, 540, 180), "holding"),
    (MAN, ("umbrella", 350, 20, 560, 130), "under"),
    (MAN, ("backpack", 410, 150, 470, 250), "wearing"),
    (MAN, ("bottle", 480, 220, 510, 280), "with"),
    (MAN, ("car", 520, 200, 760, 380), "left of"),
    (MAN, ("car", 150, 200, 390, 380), "right of"),
    (MAN, ("car", 420, 60, 720, 300), "in front of"),
    (("man", 400, 100, 500, 300), ("car", 420, 160, 600, 380), "behind"),
    (("cup", 420, 150, 460, 210), ("table", 300, 180, 700, 400), "on"),
    (("orange", 420, 200, 460, 240), ("bowl", 380, 180, 520, 280), "in"),
    (("man", 420, 200, 480, 300), ("bus", 100, 100, 900, 400), "inside"),
    (("clock", 400, 50, 500, 150), ("television", 380, 180, 520, 280), "above"),
    (("television", 380, 180, 520, 280), ("clock", 400, 50, 500, 150), "below"),
])
def test_it_holds(subject, other, name):
    assert (name, 1) in related(subject, other)


@pytest.mark.parametrize("subject, other, name", [
    (MAN, ("bicycle", 700, 200, 830, 400), "next to"),  # too far
    (MAN, ("bicycle", 510, 200, 640, 400), "riding"),  # beside it
    (MAN, ("umbrella", 440, 380, 560, 420), "holding"),  # at the feet
    (MAN, ("car", 480, 150, 540, 250), "holding"),  # nobody holds a car
    (("dog", 400, 300, 500, 400), ("backpack", 410, 310, 470, 380), "wearing"),  # only people wear
    (("cup", 420, 390, 460, 450), ("table", 300, 180, 700, 400), "on"),  # below it
    (MAN, ("car", 410, 90, 500, 405), "left of"),
    (("clock", 400, 50, 500, 150), ("cup", 470, 160, 475, 165), "above"),  # a speck is no landmark
])
def test_it_does_not(subject, other, name):
    assert (name, 1) not in related(subject, other)


@pytest.mark.parametrize("name, mirror", [("left of", "right of"), ("above", "below"), ("in front of", "behind")])
def test_mirrored_relations_are_each_others_converse(name, mirror):
    boxes = np.random.default_rng(1).uniform(0, 400, (12, 4))
    boxes = np.concatenate([np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])], 1)
    pairs = BoxPairs([english_lexicon().find("chair")] * 12, boxes)
    there, back = pairs.related_sets(name), pairs.related_sets(mirror)
    assert any(there) and all((there[a] >> b & 1) == (back[b] >> a & 1) for a in range(12) for b in range(12))


@pytest.mark.parametrize("name", RELATIONS)
def test_what_is_said_is_also_possible_and_nothing_stands_beside_itself(name):
    rng = np.random.default_rng(2)
    corners = rng.uniform(0, 400, (30, 2, 2))
    boxes = np.concatenate([corners.min(1), corners.max(1)], 1)
    labels = rng.choice(["person", "bicycle", "umbrella", "cup", "table", "bowl", "bus", "backpack", "skateboard"], 30)
    pairs = BoxPairs([english_lexicon().find(label) for label in labels], boxes)
    sure, perhaps = pairs.related_sets(name), pairs.related_sets(name, POSSIBLE)
    assert all(a & ~b == 0 for a, b in zip(sure, perhaps)) and not any(row >> i & 1 for i, row in enumerate(perhaps))


def test_no_things_no_pairs():
    assert BoxPairs([], np.zeros((0, 4))).certain_relations == []
