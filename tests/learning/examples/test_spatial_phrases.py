"""Human boxes become phrases about locations."""

import numpy as np

from grounding.learning.examples.flickr30k import Photo, Phrase
from grounding.learning.examples.spatial_phrases import generate_spatial_phrases


def photo(*rows):
    return Photo("1", None, tuple(Phrase(text, np.float32(boxes), "animals") for text, boxes in rows))


LEFT, RIGHT = [0, 0.2, 0.3, 0.6], [0.6, 0.2, 0.95, 0.6]


def test_two_dogs_are_told_apart_by_their_places():
    [found] = generate_spatial_phrases([photo(("two dogs", [LEFT, RIGHT]), ("a brown dog", [LEFT]))], 0)
    assert found
    for phrase in found:
        words = phrase.text.split()
        assert phrase.boxes.tolist() in ([np.float32(LEFT).tolist()], [np.float32(RIGHT).tolist()])
        if "left" in words or "right" in words:
            assert ("left" in words) == (phrase.boxes[0, 0] == 0)


def test_one_thing_alone_has_no_place():
    assert generate_spatial_phrases([photo(("a dog", [LEFT])), photo(("a dog", [LEFT]), ("the puppy", [LEFT]))], 0) == [[], []]
