"""Significance: before and after are told apart only where chance seldom makes such a difference."""

from itertools import product

import numpy as np
import pytest

from grounding.learning.significance import SIGNIFICANCE_LEVEL, compare_hits, sign_flip_p_value


def rows(*rights, of=4):
    return [[n < right for n in range(of)] for right in rights]


def test_one_held_out_photo_is_too_few_however_large_the_gain():
    found = compare_hits(rows(0), rows(4))
    assert found.outcome == "unclear" and found.p_value == 0.5
    assert found.summary.startswith("Too few to tell: 0 of 4 phrases were right before and 4 after, on 1 held-out photo")


@pytest.mark.parametrize("photos, kind", [(4, "unclear"), (5, "better")])
def test_from_five_photos_on_a_gain_on_each_of_them_counts(photos, kind):
    assert compare_hits(rows(*[1] * photos), rows(*[3] * photos)).outcome == kind


def test_gains_that_losses_outweigh_nearly_are_too_few_to_tell():
    assert compare_hits(rows(1, 1, 3, 3, 1, 2), rows(3, 2, 2, 2, 2, 2)).outcome == "unclear"


def test_worse_and_the_same_are_said_too():
    assert compare_hits(rows(*[3] * 6), rows(*[1] * 6)).outcome == "worse"
    assert compare_hits(rows(1, 2), rows(1, 2)).outcome == "same" and compare_hits([], []).outcome == "same"


def test_the_chance_is_that_of_all_signs_counted_one_by_one():
    gains = [2, -1, 3, 0, 1, 1]
    sums = [sum(sign * gain for sign, gain in zip(signs, gains)) for signs in product((1, -1), repeat=6)]
    assert sign_flip_p_value(gains) == pytest.approx(np.mean([total >= sum(gains) for total in sums]))


def test_networks_that_differ_by_chance_alone_seldom_count_as_better():
    rng = np.random.default_rng(0)
    found = [compare_hits(*(rng.random((2, 8, 3)) < 0.5).tolist()).outcome for _ in range(400)]
    assert found.count("better") / 400 <= SIGNIFICANCE_LEVEL
