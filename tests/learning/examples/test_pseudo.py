"""Pseudo phrases describe what the detector found, and use nothing a person wrote."""

import numpy as np

from grounding.learning.examples.pseudo import generate_photo_phrases
from grounding.nn.files.features import ImageFeatures

NAMES = ("person", "dog", "cat")


def scene(boxes, classes, scores):
    features = ImageFeatures({}, np.float32(boxes), np.array(classes), np.float32(scores), 1.0)
    pixels = np.full((200, 200, 3), 90, np.uint8)
    pixels[60:120, 20:80] = (200, 20, 20)
    return [generate_photo_phrases(features, pixels, NAMES, np.random.default_rng(seed)) for seed in range(8)]


def of(category, runs):
    return [phrase for phrases, _ in runs for phrase in phrases if phrase.category == category]


def test_every_phrase_has_boxes_inside_the_picture_and_words():
    for phrases, _ in scene([[0.1, 0.1, 0.4, 0.9], [0.5, 0.5, 0.9, 0.9]], [0, 1], [0.9, 0.8]):
        for phrase in phrases:
            assert phrase.text.strip() and len(phrase.boxes) and 0 < phrase.weight <= 2
            assert (phrase.boxes >= 0).all() and (phrase.boxes <= 1).all() and (phrase.boxes[:, 2:] > phrase.boxes[:, :2]).all()


def test_a_dog_is_called_by_its_names_and_its_kind():
    texts = {phrase.text.lower().split()[-1] for phrase in of("salient", scene([[0.5, 0.5, 0.9, 0.9]], [1], [0.8]))}
    assert "dog" in texts and texts & {"animal", "pet", "puppy", "doggy"}


def test_clothes_lie_in_the_person_and_groups_hold_everybody():
    boxes = np.float32([[0.1, 0.1, 0.4, 0.9], [0.55, 0.1, 0.85, 0.9]])
    runs = scene(boxes, [0, 0], [0.9, 0.8])
    for phrase in of("clothes", runs):
        assert any((phrase.boxes[0, :2] >= box[:2] - 1e-4).all() and (phrase.boxes[0, 2:] <= box[2:] + 1e-4).all() for box in boxes)
    assert of("group", runs)
    for phrase in of("group", runs):
        np.testing.assert_allclose(phrase.boxes, [[0.1, 0.1, 0.85, 0.9]], atol=1e-5)


def test_a_doubtful_object_is_not_described_but_mentioned():
    for phrases, mentioned_words in scene([[0.1, 0.1, 0.4, 0.9]], [2], [0.1]):
        assert {phrase.category for phrase in phrases} == {"place"}
        assert "cat" in mentioned_words


def test_the_same_seed_says_the_same():
    features = ImageFeatures({}, np.float32([[0.5, 0.5, 0.9, 0.9]]), np.array([1]), np.float32([0.8]), 1.0)
    pixels = np.zeros((50, 50, 3), np.uint8)
    one, two = (generate_photo_phrases(features, pixels, NAMES, np.random.default_rng(3))[0] for _ in range(2))
    assert [phrase.text for phrase in one] == [phrase.text for phrase in two]
