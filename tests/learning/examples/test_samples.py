"""Examples become the same batches every time, and a mirror turns words as well as boxes."""

import numpy as np
import pytest

from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.examples.flickr30k import Phrase
from grounding.learning.examples.samples import (
    BatchLoader,
    Example,
    SamplingConfig,
    all_texts,
    head_words,
    merge_examples,
    mirror_boxes,
    mirror_text,
)
from grounding.nn.files.features import ImageFeatures

BOX = np.float32([[0.1, 0.2, 0.3, 0.6]])


class ToyTextCache(dict):
    def __missing__(self, text):
        return np.full((len(text.split()) + 1, 384), len(text), np.float16)


@pytest.fixture
def cache(tmp_path):
    cache = FeatureCache(tmp_path, "toy@00000000")
    for number in range(6):
        found = ImageFeatures(
            {"eff7": np.full((2, 3, 3), number, np.float16)}, np.float32([[0, 0, 1, 1]]), np.array([0]), np.float32([0.9]), 1.0
        )
        cache.write(f"{number:064d}", found)
        if number < 3:
            cache.write(f"{number:064d}", found, True)
    return cache


def examples():
    return [Example(f"{number:064d}", (Phrase(f"the left thing {number}", BOX, "other"), Phrase("a dog", np.zeros((0, 4), np.float32))),
                   frozenset({"thing"})) for number in range(6)]


@pytest.mark.parametrize("text, mirrored", [
    ("the left dog", "the right dog"), ("Right of the upright man", "Left of the upright man"), ("bright copyright", "bright copyright"),
    ("leftmost, far right.", "rightmost, far left."), ("", "")])
def test_a_mirror_swaps_whole_words(text, mirrored):
    assert mirror_text(text) == mirrored
    assert mirror_text(mirrored) == text


def test_a_box_seen_in_a_mirror_twice_is_itself():
    np.testing.assert_allclose(mirror_boxes(BOX), [[0.7, 0.2, 0.9, 0.6]], atol=1e-6)
    np.testing.assert_allclose(mirror_boxes(mirror_boxes(BOX)), BOX, atol=1e-6)


def test_the_text_cache_needs_both_sides_of_the_mirror():
    assert {"the left thing 0", "the right thing 0", "a dog"} <= all_texts(examples())


def test_the_same_step_gives_the_same_batch_whatever_came_before(cache):
    first, second = (
        BatchLoader(examples(), cache, ToyTextCache(), 80, SamplingConfig(photos_per_batch=2, negatives_per_photo=0)) for _ in range(2)
    )
    assert first.steps_per_epoch == 3
    for step in range(4):
        first(step)
    one, other = first(5), second(5)
    assert np.array_equal(one[0].levels["eff7"], other[0].levels["eff7"])
    assert np.array_equal(one[1].states, other[1].states)
    assert np.array_equal(one[2].boxes, other[2].boxes)


def test_an_epoch_holds_every_photo_once(cache):
    batches = BatchLoader(examples(), cache, ToyTextCache(), 80, SamplingConfig(photos_per_batch=2, mirror_photos=False))
    numbers = sorted(int(value) for step in range(3) for value in batches(step)[0].levels["eff7"][:, 0, 0, 0])
    assert numbers == list(range(6))


def test_a_phrase_of_no_box_is_asked_with_no_truth(cache):
    _, texts, targets = BatchLoader(examples(), cache, ToyTextCache(), 80, SamplingConfig(photos_per_batch=2, negatives_per_photo=0))(0)
    assert texts.valid.all() and targets.valid.sum() == 2 and targets.phrase_weight.sum() == 4


def test_nothing_to_learn_from_is_a_sentence(cache):
    with pytest.raises(ValueError, match="no photo has a phrase"):
        BatchLoader([Example("0" * 64, ())], cache, ToyTextCache(), 80)


def test_merged_examples_keep_both_and_weigh_the_second_less():
    first = [Example("a", (Phrase("dog", BOX),), frozenset({"dog"}))]
    second = [Example("a", (Phrase("cat", BOX),), frozenset({"cat"})), Example("b", (Phrase("bird", BOX),))]
    one, other = merge_examples(first, second, 0.4)
    assert [(p.text, p.weight) for p in one.phrases] == [("dog", 1.0), ("cat", 0.4)]
    assert one.mentioned_words == {"dog", "cat"} and other.digest == "b" and other.phrases[0].weight == 0.4


def test_head_words_are_the_words_that_name():
    assert head_words("The brown dogs") == {"brown", "dogs", "dog"}
    assert head_words("people") == {"people"}
