"""Phrases are judged by the boxes they stand beside, and each remark names things by their lasting ids."""

import numpy as np

from grounding.data import Size
from grounding.tasks.label.check import CheckRequest, check, downscale

SIZE = Size(320, 160)
THINGS = [{"object": name, "label": "dog", "box": [x, 40, x + 60, 120]} for name, x in (("one", 10), ("two", 130), ("three", 250))]


def judged(*phrases, things=THINGS, pixels=None):
    return check(CheckRequest(things=things, phrases=[{"text": text, "targets": targets} for text, targets in phrases]), SIZE, pixels)


def test_each_phrase_gets_its_own_remarks():
    wrong, right, vague = judged(("the left dog", ["three"]), ("the left dog", ["one"]), ("the dog", ["two"]))
    assert right == []
    assert wrong[0]["message"] == "you wrote left, the box is the right-most one"
    assert wrong[0]["cures"] == [{"text": "the right dog"}, {"targets": ["one"]}]
    assert (vague[0]["kind"], vague[0]["fits"], vague[0]["message"]) == ("ambiguous", ["one", "three"], "fits 2 others")


def test_colours_are_read_from_the_pixels():
    pixels = np.full((160, 320, 3), 90, np.uint8)
    pixels[:, 125:195] = (20, 40, 200)
    assert judged(("the red dog", ["two"]), pixels=lambda: pixels)[0][0]["message"] == "you wrote red, the box looks blue"
    assert judged(("the red dog", ["two"]))[0] == []


def test_what_is_not_seen_here_or_not_understood_is_not_judged():
    assert judged(("the left dog", ["elsewhere"]), ("anything", []), ("the dog that barks", ["one"])) == [None, None, None]
    assert judged(("the dog", []), things=[]) == [[]]


def test_crooked_and_outlying_boxes_do_no_harm():
    things = [{"object": "a", "label": "dog", "box": [60, 60, 10, 10]}, {"object": "b", "label": "§", "box": [-5, -5, -1, -1]}]
    assert judged(("the left dog", ["b"]), ("the dog", ["a"]), things=things) == [None, []]


def test_a_small_picture_stays_and_a_large_one_shrinks():
    assert downscale(np.zeros((100, 200, 3), np.uint8)).shape == (100, 200, 3)
    assert max(downscale(np.zeros((3000, 4000, 3), np.uint8)).shape) <= 700


def test_a_box_labelled_object_contradicts_no_noun():
    things = [THINGS[0], {**THINGS[2], "object": "what", "label": "object"}]
    assert judged(("the sky", ["what"]), ("the tree", ["what"]), things=things) == [[], []]
    assert judged(("the sky", ["one"]), things=things)[0][0]["message"] == "you wrote sky, the box is labelled dog"
