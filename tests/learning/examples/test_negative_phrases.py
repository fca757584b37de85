"""Phrases about what is not there."""

import numpy as np

from grounding.learning.examples.flickr30k import Photo, Phrase
from grounding.learning.examples.negative_phrases import absent_phrases

BOX = np.float32([[0, 0, 1, 1]])


def photo(number, *texts):
    return Photo(str(number), None, tuple(Phrase(text, BOX, "other") for text in texts), (" and ".join(texts).lower(),))


def test_no_synonym_wider_or_narrower_word_is_asked_for():
    photos = [photo(1, "a puppy", "a ball"), photo(2, "a big dog"), photo(3, "the animal", "a red car")]
    asked = absent_phrases(photos, each=9)
    assert set(asked[0]) == {"a red car"}  # "a big dog" could be the puppy, "the animal" too
    assert set(asked[1]) == {"a ball", "a red car"}
    assert set(asked[2]) == {"a ball"}


def test_the_same_seed_asks_the_same():
    photos = [photo(n, *(f"a {word}" for word in words)) for n, words in enumerate((("dog", "cup"), ("car", "tree"), ("hat", "horse")))]
    assert absent_phrases(photos, 2, 5) == absent_phrases(photos, 2, 5) and all(len(a) <= 2 for a in absent_phrases(photos, 2, 5))
