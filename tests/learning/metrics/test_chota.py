"""CHOTA and its captions, on answers small enough to count by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grounding.data import Boxes, Track
from grounding.learning.metrics.captions import Rarity, cider, exact, meteor_lite, token_f1, words
from grounding.learning.metrics.grounding import (
    Compared,
    Seen,
    bounded,
    caption_switches,
    chota,
    found_share,
    official_form,
    spatial_iou,
    temporal_iou,
    video_iou,
)

DOG, MAN = "a brown dog runs to the left", "the man in a red coat stands still"
BOXES = {DOG: (0.0, 0.0, 10.0, 10.0), MAN: (50.0, 50.0, 60.0, 60.0)}
sentences = st.lists(st.sampled_from("a the dog dogs runs running left red to coat".split()), max_size=8).map(" ".join)


def film(*frames: dict[str, tuple[int, str]]) -> Seen:
    """Each frame as {who (its box): (id, sentence)}."""
    return Seen(tuple(tuple(i for i, _ in frame.values()) for frame in frames),
                tuple(np.array([BOXES[who] for who in frame]).reshape(-1, 4) for frame in frames),
                tuple(tuple(text for _, text in frame.values()) for frame in frames))


TWO = film(*[{DOG: (1, DOG), MAN: (2, MAN)}] * 4)
ONE = film(*[{DOG: (1, DOG)}] * 4)


def test_a_perfect_answer_is_one_in_the_bounded_form():
    for truth, told in ((TWO, [DOG, MAN]), (ONE, [DOG])):
        result = chota([Compared(truth, truth)], bounded(told))
        assert (result.value, result.detection, result.association, result.captions) == pytest.approx((1, 1, 1, 1))
        assert result.parts == pytest.approx((1, 1, 1))


def test_a_perfect_answer_in_the_official_form_depends_on_the_number_of_sentences():
    assert chota([Compared(TWO, TWO)], official_form).captions == pytest.approx(4.0)
    assert chota([Compared(TWO, TWO)], official_form).value == pytest.approx(1.587, abs=5e-4)
    assert chota([Compared(ONE, ONE)], official_form).value == pytest.approx(0.874, abs=5e-4)


def test_wrong_captions_bring_the_captions_alone_to_nothing():
    said = film(*[{DOG: (1, "xylophone"), MAN: (2, "xylophone")}] * 4)
    result = chota([Compared(TWO, said)], bounded([DOG, MAN]))
    assert result.captions == 0 and result.value == 0 and (result.detection, result.association) == (1, 1)


def test_a_switch_half_way_and_dropped_boxes_touch_their_own_part():
    switched = film({DOG: (1, DOG)}, {DOG: (1, DOG)}, {DOG: (2, DOG)}, {DOG: (2, DOG)})
    dropped = film({DOG: (1, DOG)}, {}, {DOG: (1, DOG)}, {})
    assert chota([Compared(ONE, switched)], bounded([DOG])).association == 0.5
    assert chota([Compared(ONE, dropped)], bounded([DOG])).detection == 0.5


def test_boxes_without_a_sentence_in_the_truth_are_not_asked_for_one():
    silent = film(*[{DOG: (1, ""), MAN: (2, MAN)}] * 2)
    result = chota([Compared(silent, film(*[{DOG: (1, MAN), MAN: (2, MAN)}] * 2))], bounded([MAN]))
    assert result.boxes == 2 and result.captions == pytest.approx(1)


def test_nothing_said_is_nothing_and_no_error():
    assert chota([Compared(ONE, film({}, {}, {}, {}))], bounded([DOG])).value == 0
    assert chota([], bounded([])).value == 0


def test_caption_switches_count_changes_between_neighbouring_frames():
    said = film({DOG: (1, DOG)}, {DOG: (1, MAN)}, {DOG: (1, MAN)}, {DOG: (1, DOG)})
    assert caption_switches([Compared(ONE, said)]) == 0.5
    assert caption_switches([Compared(ONE, ONE)]) == 0


@given(a=sentences, b=sentences)
def test_every_caption_measure_lies_between_0_and_1_and_is_1_for_the_same_words(a, b):
    rarity = Rarity({a, b, DOG})
    for measure in (meteor_lite, token_f1, exact, lambda x, y: cider(x, y, rarity)):
        assert 0 <= measure(a, b) <= 1 + 1e-9
        assert measure(a, a) == pytest.approx(1)


def test_captions_by_hand():
    assert words("The dog's, left!") == ["the", "dog's", "left"]
    assert token_f1("a red dog", "a dog") == pytest.approx(0.8)
    assert meteor_lite("dogs jumping", "dog jumps") == pytest.approx(1 - 0.5 * (1 / 2) ** 3)
    assert meteor_lite("left dog", "dog left") == pytest.approx(0.5)  # all words, but in two chunks


def test_tubes_in_space_and_time():
    truth = Track(np.arange(4), Boxes([BOXES[DOG]] * 4), [True] * 4)
    late = Track(np.arange(2, 6), Boxes([BOXES[DOG]] * 4), [True] * 4)
    assert spatial_iou(truth, late) == 0.5 and temporal_iou(truth, late) == pytest.approx(1 / 3) and video_iou(truth, late) == pytest.approx(1 / 3)
    assert spatial_iou(truth, None) == temporal_iou(truth, None) == video_iou(truth, None) == 0
    assert found_share([0.2, 0.5, 0.7], 0.5) == pytest.approx(2 / 3) and found_share([], 0.5) == 0
