"""Phrases people write: what they mean, what they fit, what is wrong with them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grounding.data import Boxes, Regions, Size
from pseudo_query import Meaning, build_scene, find_fitting_regions, lint
from pseudo_query.colours import COLOURS
from pseudo_query.parse import named_colours, named_location, parse_phrase

DOGS = Regions(
    Boxes([[10, 50, 60, 150], [200, 40, 260, 150], [400, 50, 460, 160], [300, 10, 340, 60]]), [0.9] * 4, ("dog", "dog", "dog", "cat")
)
SCENE = build_scene(DOGS, Size(500, 300))


@pytest.mark.parametrize("text, meaning", [
    ("left dog", Meaning("dog", location="left")),
    ("The second man from the left.", Meaning("man", location="second from the left")),
    ("2nd man from left", Meaning("man", location="second from the left")),
    ("man in a red shirt on the left", Meaning("man", wearing=("red", "shirt"), location="left")),
    ("woman in blue", Meaning("woman", wearing=("blue", ""))),
    ("dog left of the man", Meaning("dog", relation=("left of", Meaning("man")))),
    ("the top left book", Meaning("book", location="top left corner")),
    ("an orange", Meaning("orange")),
    ("orange cup", Meaning("cup", ("orange",))),
    ("the grey car in front of the bus", Meaning("car", ("gray",), relation=("in front of", Meaning("bus")))),
    ("tennis racket", Meaning("tennis racket")),
    ("two dogs", Meaning("dogs", plural=True)),
    ("that's gibberish", None), ("", None), ("left", None)])
def test_what_a_phrase_means(text, meaning):
    assert parse_phrase(text).meaning == meaning


def test_a_projects_own_labels_are_known_and_other_words_are_remembered():
    assert parse_phrase("left grobnik", ["grobnik"]).meaning == Meaning("grobnik", location="left")
    assert parse_phrase("the shaggy dog").unknown_words == ("shaggy",) and parse_phrase("three dogs").count == 3


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200))
def test_any_text_can_be_read_and_linted(text):
    parse_phrase(text, ["dog"])
    assert isinstance(lint(text, [0], SCENE), list)
    assert find_fitting_regions(text, SCENE) is None or set(find_fitting_regions(text, SCENE)) <= set(range(4))


def test_a_phrase_of_ten_thousand_characters_is_read():
    assert parse_phrase("left dog " * 1200).meaning.noun == "dog"


@pytest.mark.parametrize("text, target, message", [
    ("left dog", 2, "you wrote left, the box is the right-most one"),
    ("the right dog", 1, "you wrote right, the box is the middle one"),
    ("second dog from the left", 2, "you wrote second from the left, the box is the right-most one"),
    ("dog", 3, "you wrote dog, the box is labelled cat"),
    ("cat on the left", 3, None),
    ("right dog", 2, None),
    ("the dog", 0, "fits 2 others"),
    ("the shaggy dog", 0, None),  # the word nobody knows may tell them apart
    ("dogs", 1, "you wrote dogs, one box is chosen"),
    ("two dogs", 1, "you wrote 2, one box is chosen"),
    ("dog next to the cat", 0, "you wrote next to cat, the box is not next to one")])
def test_what_does_not_agree(text, target, message):
    assert [remark.message for remark in lint(text, [target], SCENE)] == ([message] if message else [])


def test_several_targets_are_linted_together():
    assert lint("three dogs", [0, 1, 2], SCENE) == [] and lint("dogs", [0, 1, 2], SCENE) == []
    assert [r.kind for r in lint("three dogs", [0, 1], SCENE)] == ["number"]


def test_a_lone_thing_on_the_other_side_of_the_picture_is_told():
    scene = build_scene(Regions(Boxes([[420, 50, 490, 150]]), [1.0], ("cat",)), Size(500, 300))
    assert [r.message for r in lint("cat on the left", [0], scene)] == ["you wrote left, the box is on the right of the picture"]
    assert lint("cat on the right", [0], scene) == []


def test_a_colour_is_told_only_where_the_box_surely_has_another():
    import numpy as np

    pixels = np.full((300, 500, 3), (30, 60, 200), np.uint8)
    red = build_scene(Regions(Boxes([[0, 0, 500, 300]]), [1.0], ("car",)), Size(500, 300), pixels)
    assert lint("red car", [0], red)[0].message == "you wrote red, the box looks blue" and lint("blue car", [0], red) == []
    unknown = build_scene(Regions(Boxes([[0, 0, 500, 300]]), [1.0], ("car",)), Size(500, 300))
    assert lint("red car", [0], unknown) == []


def test_the_others_a_phrase_fits_are_given_for_the_page_to_show():
    assert lint("the dog", [0], SCENE)[0].fitting_regions == (1, 2)
    assert find_fitting_regions("the left animal", SCENE) == (0,) and find_fitting_regions("blorp", SCENE) is None


@pytest.mark.parametrize("phrase, colours", [
    ("a black dog", {"black"}), ("the man in red", {"red"}), ("two men in black and white shirts", {"black", "white"}),
    ("a grey-brown cat", {"gray", "brown"}), ("A Black man", set()), ("the orange", set()),
    ("the orange ball", {"orange"}), ("white", set()), ("", set()),
])
def test_the_colours_a_phrase_names(phrase, colours):
    assert {colour for colour, named in zip(COLOURS, named_colours(phrase)) if named} == colours


@pytest.mark.parametrize("phrase, place", [
    ("the left dog", "left"), ("a man in the background", "behind"), ("the dog behind", "behind"),
    ("the woman on the left holding a blurgle", "left"), ("the dog in the bottom left corner", "bottom left corner"),
    ("the dog behind the fence", ""), ("the man to the left of the car", ""), ("the top of the hill", ""),
    ("a dog", ""), ("his left hand", ""), ("", ""),
])
def test_the_place_a_phrase_names(phrase, place):
    assert named_location(phrase) == place
