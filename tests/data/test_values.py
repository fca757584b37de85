"""The small values keep their promises."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grounding.data import Annotation, Boxes, BoxValue, Masks, Progress, Query, Regions, Size, TimeSpan, current, run_to_end


def two() -> Regions:
    return Regions(Boxes([[0, 0, 1, 1], [2, 2, 3, 3]]), [0.2, 0.9], ("cat", "dog"))


def test_best_first_and_above():
    assert two().best_first().labels == ("dog", "cat")
    assert two().above(0.5).labels == ("dog",)
    assert two().top(1).labels == ("dog",)
    assert len(Regions.empty().best_first()) == 0


def test_regions_refuse_scores_outside_0_1_and_uneven_rows():
    with pytest.raises(ValueError, match="scores lie"):
        Regions(Boxes([[0, 0, 1, 1]]), [1.5], ("cat",))
    with pytest.raises(ValueError, match="as many scores"):
        Regions(Boxes([[0, 0, 1, 1]]), [], ("cat",))


def test_regions_have_as_many_masks_as_boxes_or_none():
    mask = Masks(((3, 1),), Size(2, 2))
    assert len(Regions(Boxes([[0, 0, 1, 1]]), [0.5], ("cat",), mask).masks) == 1
    with pytest.raises(ValueError):
        Regions(Boxes([[0, 0, 1, 1], [0, 0, 2, 2]]), [0.5, 0.5], ("cat", "dog"), mask)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_masks_there_and_back(width, height, count, seed):
    masks = np.random.default_rng(seed).random((count, height, width)) > 0.5
    assert np.array_equal(Masks.from_array(masks).to_array(), masks)


def test_masks_refuse_runs_that_do_not_fill_the_picture():
    with pytest.raises(ValueError, match="covers 3 pixels"):
        Masks(((3,),), Size(2, 2))


def test_a_query_without_phrases_is_one_phrase():
    assert Query("left dog").phrase_texts() == ("left dog",)
    assert Query("a dog and a cat", phrases=((0, 5), (10, 15))).phrase_texts() == ("a dog", "a cat")


def test_a_phrase_outside_its_text_is_refused():
    with pytest.raises(ValueError, match="outside a text"):
        Query("dog", phrases=((0, 9),))


def test_spans_overlap():
    assert TimeSpan(0, 2).iou(TimeSpan(1, 3)) == pytest.approx(1 / 3)
    assert TimeSpan(1, 1).iou(TimeSpan(1, 1)) == 0
    with pytest.raises(ValueError, match="before it starts"):
        TimeSpan(2, 1)


def test_the_log_shows_the_newest_version_and_no_deleted_thing():
    drawn = Annotation("item", "box", BoxValue(box=(0, 0, 1, 1), label="cat"), "person:ann")
    renamed = drawn.edited(replace(drawn.value, label="dog"), "person:ann")
    assert renamed.object == drawn.object == drawn.id
    assert current([drawn, renamed]) == [renamed]
    assert current([drawn, renamed, renamed.edited(None, "person:ann")]) == []


def test_an_author_without_a_version_is_refused():
    with pytest.raises(ValueError, match="author"):
        Annotation("item", "box", None, "model:ssd")


def test_last_gives_the_result():
    assert run_to_end(iter([Progress(0, 1), Progress(1, 1, result=7)])) == 7
    assert run_to_end(iter([])) is None
