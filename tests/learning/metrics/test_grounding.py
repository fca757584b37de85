"""Grounding metrics on predictions small enough to count by hand."""

import numpy as np
import pytest

from grounding.data import Boxes
from grounding.learning.metrics import grounding

UNIT, SHIFTED = Boxes([[0, 0, 10, 10]]), Boxes([[5, 0, 15, 10]])


def test_overlap_is_of_the_first_box_only():
    assert grounding.first_box_iou(Boxes([[5, 0, 15, 10], [0, 0, 10, 10]]), UNIT) == pytest.approx(1 / 3)
    assert grounding.first_box_iou(Boxes.empty(), UNIT) == 0


def test_accuracy_counts_from_the_threshold_on():
    assert grounding.accuracy_at_iou([0.5, 0.49, 1.0, 0.0]) == 0.5
    assert grounding.accuracy_at_iou([]) == 0


def test_recall_looks_at_more_boxes_than_accuracy():
    predicted = [Boxes([[5, 0, 15, 10], [0, 0, 10, 10]])]
    assert grounding.recall_at_k(predicted, [UNIT], 1) == 0 and grounding.recall_at_k(predicted, [UNIT], 2) == 1


def test_pointing_asks_for_the_centre():
    assert grounding.pointing_game([SHIFTED], [UNIT]) == 1 and grounding.pointing_game([Boxes([[20, 0, 30, 10]])], [UNIT]) == 0


def test_auroc_of_separated_mixed_and_equal_scores():
    assert grounding.auroc([0.9, 0.8], [0.1]) == 1 and grounding.auroc([0.1], [0.9]) == 0 and grounding.auroc([0.5], [0.5]) == 0.5


def test_calibration_error_is_the_gap_between_promise_and_truth():
    assert grounding.expected_calibration_error([0.8] * 10, [True] * 8 + [False] * 2) == pytest.approx(0)
    assert grounding.expected_calibration_error([0.95] * 4, [False] * 4) == pytest.approx(0.95)
    assert grounding.expected_calibration_error([], []) == 0
    assert grounding.expected_calibration_error(np.array([1.0]), [True]) == 0


def test_two_boxes_are_a_pair_from_a_half_of_overlap_on():
    half, less = Boxes([[0, 0, 10, 5]]), Boxes([[0, 0, 10, 4.9]])
    assert grounding.box_f1(half, UNIT) == 1 and grounding.box_f1(less, UNIT) == 0
    assert grounding.box_f1(less, UNIT, threshold=0.4) == 1
