"""CHOTA and its captions, on predictions small enough to count by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grounding.data import Boxes, Track
from grounding.learning.metrics.captions import NgramIdf, cider, exact_match, meteor_lite, token_f1, tokenize
from grounding.learning.metrics.grounding import (
    ClipComparison,
    FrameObjects,
    caption_switches,
    chota,
    make_bounded_scorer,
    official_scores,
    recall_at_iou,
    spatial_iou,
    temporal_iou,
    video_iou,
)

DOG, MAN = "a brown dog runs to the left", "the man in a red coat stands still"
BOXES = {DOG: (0.0, 0.0, 10.0, 10.0), MAN: (50.0, 50.0, 60.0, 60.0)}
sentences = st.lists(st.sampled_from("a the dog dogs runs running left red to coat".split()), max_size=8).map(" ".join)


def clip(*frames: dict[str, tuple[int, str]]) -> FrameObjects:
    """Each frame as {who (its box): (id, sentence)}."""
    return FrameObjects(tuple(tuple(i for i, _ in frame.values()) for frame in frames),
                        tuple(np.array([BOXES[who] for who in frame]).reshape(-1, 4) for frame in frames),
                        tuple(tuple(text for _, text in frame.values()) for frame in frames))


TWO = clip(*[{DOG: (1, DOG), MAN: (2, MAN)}] * 4)
ONE = clip(*[{DOG: (1, DOG)}] * 4)


def test_a_perfect_answer_is_one_in_the_bounded_form():
    for truth, captions in ((TWO, [DOG, MAN]), (ONE, [DOG])):
        result = chota([ClipComparison(truth, truth)], make_bounded_scorer(captions))
        assert (result.chota, result.det_a, result.ass_a, result.cap_a) == pytest.approx((1, 1, 1, 1))
        assert result.caption_scores == pytest.approx((1, 1, 1))


def test_a_perfect_answer_in_the_official_form_depends_on_the_number_of_sentences():
    assert chota([ClipComparison(TWO, TWO)], official_scores).cap_a == pytest.approx(4.0)
    assert chota([ClipComparison(TWO, TWO)], official_scores).chota == pytest.approx(1.587, abs=5e-4)
    assert chota([ClipComparison(ONE, ONE)], official_scores).chota == pytest.approx(0.874, abs=5e-4)


def test_wrong_captions_bring_the_captions_alone_to_nothing():
    predicted = clip(*[{DOG: (1, "xylophone"), MAN: (2, "xylophone")}] * 4)
    result = chota([ClipComparison(TWO, predicted)], make_bounded_scorer([DOG, MAN]))
    assert result.cap_a == 0 and result.chota == 0 and (result.det_a, result.ass_a) == (1, 1)


def test_a_switch_half_way_and_dropped_boxes_touch_their_own_part():
    switched = clip({DOG: (1, DOG)}, {DOG: (1, DOG)}, {DOG: (2, DOG)}, {DOG: (2, DOG)})
    dropped = clip({DOG: (1, DOG)}, {}, {DOG: (1, DOG)}, {})
    assert chota([ClipComparison(ONE, switched)], make_bounded_scorer([DOG])).ass_a == 0.5
    assert chota([ClipComparison(ONE, dropped)], make_bounded_scorer([DOG])).det_a == 0.5


def test_boxes_without_a_sentence_in_the_truth_are_not_asked_for_one():
    silent = clip(*[{DOG: (1, ""), MAN: (2, MAN)}] * 2)
    result = chota([ClipComparison(silent, clip(*[{DOG: (1, MAN), MAN: (2, MAN)}] * 2))], make_bounded_scorer([MAN]))
    assert result.captioned_boxes == 2 and result.cap_a == pytest.approx(1)


def test_nothing_said_is_nothing_and_no_error():
    assert chota([ClipComparison(ONE, clip({}, {}, {}, {}))], make_bounded_scorer([DOG])).chota == 0
    assert chota([], make_bounded_scorer([])).chota == 0


def test_caption_switches_count_changes_between_neighbouring_frames():
    predicted = clip({DOG: (1, DOG)}, {DOG: (1, MAN)}, {DOG: (1, MAN)}, {DOG: (1, DOG)})
    assert caption_switches([ClipComparison(ONE, predicted)]) == 0.5
    assert caption_switches([ClipComparison(ONE, ONE)]) == 0


@given(a=sentences, b=sentences)
def test_every_caption_measure_lies_between_0_and_1_and_is_1_for_the_same_words(a, b):
    idf = NgramIdf({a, b, DOG})
    for measure in (meteor_lite, token_f1, exact_match, lambda x, y: cider(x, y, idf)):
        assert 0 <= measure(a, b) <= 1 + 1e-9
        assert measure(a, a) == pytest.approx(1)


def test_captions_by_hand():
    assert tokenize("The dog's, left!") == ["the", "dog's", "left"]
    assert token_f1("a red dog", "a dog") == pytest.approx(0.8)
    assert meteor_lite("dogs jumping", "dog jumps") == pytest.approx(1 - 0.5 * (1 / 2) ** 3)
    assert meteor_lite("left dog", "dog left") == pytest.approx(0.5)  # all words, but in two chunks


def test_tracks_in_space_and_time():
    truth = Track(np.arange(4), Boxes([BOXES[DOG]] * 4), [True] * 4)
    late = Track(np.arange(2, 6), Boxes([BOXES[DOG]] * 4), [True] * 4)
    assert spatial_iou(truth, late) == 0.5 and temporal_iou(truth, late) == pytest.approx(1 / 3)
    assert video_iou(truth, late) == pytest.approx(1 / 3)
    assert spatial_iou(truth, None) == temporal_iou(truth, None) == video_iou(truth, None) == 0
    assert recall_at_iou([0.2, 0.5, 0.7], 0.5) == pytest.approx(2 / 3) and recall_at_iou([], 0.5) == 0
