"""Colour names: of plain patches, of things before a background, in dim light."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grounding.data import Boxes, Regions, Size
from pseudo_query import build_scene, generate
from pseudo_query.attributes import extract_colours
from pseudo_query.colours import COLOURS, colour_memberships, lab_from_rgb

FOCAL = {"black": (10, 10, 10), "white": (250, 250, 250), "gray": (128, 128, 128), "red": (210, 20, 30), "orange": (255, 140, 0),
         "yellow": (250, 225, 20), "green": (20, 140, 40), "blue": (30, 70, 200), "purple": (110, 30, 140), "pink": (255, 160, 190),
         "brown": (110, 65, 30)}


def picture(colour, background=(90, 90, 90), side=100):
    pixels = np.full((side, side, 3), background, np.uint8)
    pixels[20:80, 20:80] = colour
    return pixels


def word(pixels, box=(20, 20, 80, 80)):
    found = extract_colours(pixels, np.array([box]))[0]
    return found[0].word if found else None


@pytest.mark.parametrize("name, rgb", FOCAL.items())
def test_the_eleven_basic_colours_are_named(name, rgb):
    assert word(picture(rgb, FOCAL["white"] if name in ("gray", "black") else (90, 90, 90))) == name


def test_lab_of_known_colours():
    lab = lab_from_rgb(np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 0, 255]]))
    assert np.allclose(lab, [[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.2], [32.3, 79.19, -107.86]], atol=0.1)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=20))
def test_degrees_are_shares(colours):
    degrees = colour_memberships(lab_from_rgb(np.array(colours)))
    assert degrees.shape == (len(colours), len(COLOURS)) and (degrees >= 0).all() and np.allclose(degrees.sum(-1), 1, atol=1e-3)


def test_the_object_counts_and_not_its_background():
    pixels = picture(FOCAL["red"], FOCAL["green"])
    assert word(pixels, (10, 10, 90, 90)) == "red"


def test_a_white_thing_in_a_dim_photo_is_white():
    assert word(picture((165, 165, 165), (40, 40, 40))) == "white"


def test_light_and_dark_are_told_apart():
    shades = [{a.word for a in extract_colours(picture(rgb), np.array([[20, 20, 80, 80]]))[0] if a.kind == "shade"}
              for rgb in ((150, 200, 245), (15, 25, 90), (30, 80, 210))]
    assert shades[:2] == [{"light blue"}, {"dark blue"}] and "light blue" not in shades[2]


def test_a_box_outside_the_picture_has_no_colour():
    assert extract_colours(picture(FOCAL["red"]), np.array([[200, 200, 300, 300], [-50, -50, 1, 1]])) == [(), ()]


def test_pixels_may_be_of_another_scale_than_the_boxes():
    regions = Regions(Boxes([[200, 200, 800, 800]]), [0.9], ("cup",))
    scene = build_scene(regions, Size(1000, 1000), picture(FOCAL["yellow"]))
    assert scene.objects[0].attributes[0].word == "yellow"
    assert "the yellow cup" in [c.query for c in generate(regions, Size(1000, 1000), picture(FOCAL["yellow"]))]


def test_a_colour_that_is_half_the_truth_is_not_said():
    pixels = picture(FOCAL["red"])
    pixels[20:80, 50:80] = FOCAL["blue"]
    regions = Regions(Boxes([[20, 20, 80, 80]]), [0.9], ("cup",))
    assert {c.query for c in generate(regions, Size(100, 100), pixels)} <= {"the cup", "the mug"}


def test_people_are_spoken_of_by_what_they_wear_not_by_their_colour():
    pixels = np.full((100, 100, 3), 128, np.uint8)
    pixels[10:90, 30:70] = (200, 160, 130)
    pixels[25:50, 30:70] = FOCAL["red"]
    regions = Regions(Boxes([[30, 10, 70, 90]]), [0.9], ("person",))
    texts = {c.query for c in generate(regions, Size(100, 100), pixels)}
    assert texts & {"the person in red", "the person wearing red"} and not [text for text in texts if "red person" in text]
