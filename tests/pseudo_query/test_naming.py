"""Naming: the label of a project that a phrase names by its head noun, and none where none surely holds."""

import pytest

from pseudo_query.naming import find_label

LABELS = ["person", "dog", "car", "wine glass", "cup", "Bicycle", "sproket"]


@pytest.mark.parametrize("text, label", [
    ("the dog", "dog"), ("two dogs", "dog"), ("the puppy", "dog"), ("the man next to the car", "person"), ("two people", "person"),
    ("the wine glass on the table", "wine glass"), ("a bike", "Bicycle"), ("the suv", "car"), ("three sprokets", "sproket"),
])  # fmt: skip
def test_a_phrase_names_the_label_of_its_head_noun(text, label):
    assert find_label(text, LABELS) == label


@pytest.mark.parametrize("text", [
    "the tree", "the green grass", "the tail of the dog", "the dog's tail", "the car's door", "the red one", "the animal", "the vehicle",
    "\u0441\u043e\u0431\u0430\u043a\u0430", "",
])  # fmt: skip
def test_a_phrase_about_something_else_or_wider_names_no_label(text):
    assert find_label(text, LABELS) == ""


def test_the_nearest_wider_label_is_taken():
    assert find_label("the puppy", ["animal", "person"]) == "animal"
    assert find_label("the puppy", ["animal", "dog"]) == "dog"
