"""Phrases about objects that are not there."""

import numpy as np

from grounding.learning.examples.flickr30k import Photo, Phrase
from grounding.learning.examples.negative_phrases import sample_negative_phrases

BOX = np.float32([[0, 0, 1, 1]])


def photo(number, *texts):
    return Photo(str(number), None, tuple(Phrase(text, BOX, "other") for text in texts), (" and ".join(texts).lower(),))


def test_no_synonym_wider_or_narrower_word_is_asked_for():
    photos = [photo(1, "a puppy", "a ball"), photo(2, "a big dog"), photo(3, "the animal", "a red car")]
    negatives = sample_negative_phrases(photos, per_photo=9)
    assert set(negatives[0]) == {"a red car"}  # "a big dog" could be the puppy, "the animal" too
    assert set(negatives[1]) == {"a ball", "a red car"}
    assert set(negatives[2]) == {"a ball"}


def test_the_same_seed_asks_the_same():
    photos = [photo(n, *(f"a {word}" for word in words)) for n, words in enumerate((("dog", "cup"), ("car", "tree"), ("hat", "horse")))]
    assert sample_negative_phrases(photos, 2, 5) == sample_negative_phrases(photos, 2, 5)
    assert all(len(a) <= 2 for a in sample_negative_phrases(photos, 2, 5))
