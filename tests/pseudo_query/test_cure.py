"""What is offered to mend a phrase does mend it."""

import numpy as np
import pytest

from grounding.data import Boxes, Regions, Size
from pseudo_query import build_scene, lint
from pseudo_query.cure import Fix, suggest_fixes

BOXES = Boxes(np.array([[10, 100, 110, 220], [200, 100, 300, 220], [400, 100, 520, 220], [300, 240, 360, 300]], np.float32))
SCENE = build_scene(Regions(BOXES, np.ones(4, np.float32), ("dog", "dog", "dog", "cat")), Size(640, 320))


def offered(text: str, targets: list[int]) -> list[Fix]:
    return [cure for remark in lint(text, targets, SCENE) for cure in suggest_fixes(remark, text, targets, SCENE)]


@pytest.mark.parametrize(("text", "targets", "words"), [
    ("the right dog", [0], "the left dog"), ("dog on the left", [2], "dog on the right"), ("The Left dog", [1], "The middle dog"),
    ("second dog from the left", [2], "right dog"), ("the dog", [1], "the middle dog"), ("a dog", [0], "the left dog"),
    ("the cats", [3], "the cat"), ("two dogs", [0, 1, 2], "three dogs"), ("the left cat", [0], "the left dog"),
])  # fmt: skip
def test_other_words_are_offered_that_fit_this_box_and_no_other(text, targets, words):
    assert offered(text, targets)[0] == Fix(text=words)
    assert lint(words, targets, SCENE) == []


@pytest.mark.parametrize(("text", "targets", "others"), [
    ("the right dog", [0], (2,)), ("cat", [0], (3,)), ("dogs", [0, 1], (0, 1, 2)), ("dog", [], (0, 1, 2)),
])  # fmt: skip
def test_the_boxes_that_the_words_fit_are_offered(text, targets, others):
    assert Fix(targets=others) in offered(text, targets)


@pytest.mark.parametrize(
    ("text", "targets"), [("the left dog", [0]), ("dog that barks", [0]), ("unicorn", [0]), ("", [0]), ("two dogs", [0, 1])]
)
def test_nothing_is_offered_where_nothing_is_known_to_help(text, targets):
    assert offered(text, targets) == []


def test_a_phrase_for_nothing_is_questioned_where_something_fits():
    assert lint("the dog", [], SCENE)[0].kind == "something"
    assert lint("the horse", [], SCENE) == lint("the blorp dog", [], SCENE) == []


def test_forgotten_ones_are_counted():
    assert [(r.kind, r.fitting_regions) for r in lint("dogs", [0, 1], SCENE)] == [("forgotten", (2,))]
