"""Boxes keep their promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grounding.data import Boxes, Size, axis_aligned_bounds, ioa, iou

side = st.floats(0, 4000, width=32)
box = st.tuples(side, side, side, side).map(lambda b: (min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3])))
some_boxes = st.lists(box, max_size=8).map(lambda rows: Boxes(np.array(rows, np.float32)))


@given(some_boxes)
def test_xywh_there_and_back_is_within_a_hundredth_of_a_pixel(boxes):
    assert np.allclose(Boxes.from_xywh(boxes.to_xywh()).xyxy, boxes.xyxy, atol=0.01)


@given(some_boxes)
def test_unit_there_and_back_is_within_a_hundredth_of_a_pixel(boxes):
    size = Size(4000, 3000)
    assert np.allclose(Boxes.from_unit_cxcywh(boxes.to_unit_cxcywh(size), size).xyxy, boxes.xyxy, atol=0.01)


@given(some_boxes, some_boxes)
def test_iou_is_symmetric_and_between_0_and_1(a, b):
    overlap = iou(a, b)
    assert overlap.shape == (len(a), len(b))
    assert ((overlap >= 0) & (overlap <= 1.0001)).all()
    assert np.allclose(overlap, iou(b, a).T)


@given(some_boxes)
def test_clipped_boxes_lie_in_the_picture_and_clipping_twice_is_clipping_once(boxes):
    once = boxes.clip(Size(640, 480))
    assert (once.xyxy >= 0).all() and (once.xyxy[:, [0, 2]] <= 640).all() and (once.xyxy[:, [1, 3]] <= 480).all()
    assert once.clip(Size(640, 480)) == once


def test_iou_of_two_halves_is_a_third():
    assert iou(Boxes([[0, 0, 2, 1]]), Boxes([[1, 0, 3, 1]]))[0, 0] == pytest.approx(1 / 3)


def test_empty_boxes_overlap_nothing():
    assert iou(Boxes([[1, 1, 1, 1]]), Boxes([[1, 1, 1, 1]]))[0, 0] == 0
    assert iou(Boxes.empty(), Boxes([[0, 0, 1, 1]])).shape == (0, 1)


def test_coverage_is_the_share_of_the_first():
    assert ioa(Boxes([[0, 0, 4, 4]]), Boxes([[0, 0, 2, 4]]))[0, 0] == pytest.approx(0.5)


@pytest.mark.parametrize("rows, words", [
    ([[10, 5, 4, 9]], "box 0 ends before it starts"),
    ([[0, 0, 1, 1], [0, 0, float("nan"), 1]], "box 1 has a coordinate that is not a number"),
    ([[1, 2, 3]], "rows of"),
])
def test_bad_boxes_are_refused_with_a_sentence(rows, words):
    with pytest.raises(ValueError, match=words):
        Boxes(rows)


def test_boxes_are_read_only():
    with pytest.raises(ValueError):
        Boxes([[0, 0, 1, 1]]).xyxy[0, 0] = 5


def test_one_row_is_still_boxes():
    boxes = Boxes([[0, 0, 1, 1], [2, 2, 3, 3]])
    assert boxes[1] == Boxes([[2, 2, 3, 3]])
    assert len(boxes[np.array([False, False])]) == 0


@pytest.mark.parametrize(
    "degrees, upright",
    [
        (0, (10, 20, 50, 26)),
        (90, (27, 3, 33, 43)),
        (-270, (27, 3, 33, 43)),
        (180, (10, 20, 50, 26)),
        (30, (11.1795, 10.4019, 48.8205, 35.5981)),
        (150, (11.1795, 10.4019, 48.8205, 35.5981)),
    ],
)
def test_the_box_around_a_rotated_box_holds_its_four_corners_and_no_more(degrees, upright):
    assert axis_aligned_bounds((10, 20, 50, 26), degrees) == pytest.approx(upright, abs=1e-4)
