"""Drawn scenes: the same for the same seed, true about every box and phrase, and good to look at in any size."""

import numpy as np
import pytest

from grounding.data import Size, iou
from grounding.synthetic import BACKGROUNDS, draw_scene
from grounding.synthetic.objects import COLOURS, DrawnObject, ball
from grounding.synthetic.scenes import render_objects, unique_name_phrases


@pytest.mark.parametrize("place", BACKGROUNDS)
def test_the_same_seed_draws_the_same_and_another_draws_another(place):
    once, again, other = (draw_scene(seed, Size(240, 160), place) for seed in (1, 1, 2))
    assert np.array_equal(once.image.pixels, again.image.pixels) and once.regions.boxes == again.regions.boxes
    assert once.phrases == again.phrases
    assert not np.array_equal(once.image.pixels, other.image.pixels)


@pytest.mark.parametrize("place", BACKGROUNDS)
@pytest.mark.parametrize("seed", range(3))
def test_every_box_lies_in_the_picture_and_every_phrase_points_at_one(place, seed):
    size = Size(300, 200)
    scene = draw_scene(seed, size, place)
    assert scene.image.size == size and len(scene.regions) >= 4 and (scene.regions.scores == 1).all()
    assert scene.regions.boxes == scene.regions.boxes.clip(size) and (scene.regions.boxes.area >= 16).all()
    assert len(scene.phrases) >= 4 and len({query.text for query in scene.phrases}) == len(scene.phrases)
    for query in scene.phrases:
        ((target,),) = query.targets
        assert 0 <= target < len(scene.regions) and query.origin == "template"


def test_the_seed_chooses_the_place():
    assert len({draw_scene(seed, Size(60, 40)).image.name.split()[1] for seed in range(8)}) >= 3


def test_a_box_is_exactly_where_the_paint_is():
    grey = np.full((200, 300, 3), 128, np.uint8)
    pixels, (box,) = render_objects(grey, [ball(140, 150, 200, "red")])
    red = (pixels[..., 0].astype(int) - pixels[..., 2]) > 60
    rows, columns = np.flatnonzero(red.any(1)), np.flatnonzero(red.any(0))
    assert np.abs(np.array(box) - [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]).max() <= 1.5


def test_what_hides_behind_another_has_a_smaller_box_or_none():
    grey = np.full((200, 300, 3), 128, np.uint8)
    front = ball(150, 180, 400, "blue")
    _, (alone,) = render_objects(grey, [ball(75, 150, 200, "red")])
    _, (partly, _) = render_objects(grey, [ball(75, 150, 200, "red"), front])
    _, (hidden, _) = render_objects(grey, [ball(150, 150, 200, "red"), front])
    assert partly[2] < alone[2] and partly[0] == alone[0] and hidden is None


def test_what_reaches_out_of_the_picture_is_cut_at_its_edge_or_gone():
    grey = np.full((100, 100, 3), 128, np.uint8)
    _, (cut, gone) = render_objects(grey, [ball(0, 60, 100, "red"), ball(-200, 60, 100, "red")])
    assert cut[0] == 0 and 10 < cut[2] < 30 and gone is None


def test_a_name_that_fits_two_is_no_phrase():
    twins = [ball(50, 60, 100, "red"), ball(90, 60, 100, "red"), ball(20, 60, 100, "blue")]
    assert [query.text for query in unique_name_phrases(twins)] == ["the blue ball"]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_ball_of_a_colour_has_that_colour(colour):
    actor: DrawnObject = ball(0, 0, 200, colour)
    inside = actor.sprite.pixels[..., 3] > 250
    wanted = np.array([int(COLOURS[colour][i : i + 2], 16) for i in (1, 3, 5)])
    assert np.abs(np.median(actor.sprite.pixels[inside][:, :3], 0) - wanted).max() < 60


def test_the_generator_of_phrases_can_speak_about_a_drawn_scene():
    import pseudo_query

    scene = draw_scene(5, background="park")
    phrases = pseudo_query.generate(scene.regions, scene.image.size, scene.image.pixels)
    assert len(phrases) >= len(scene.regions) and sum(phrase.unique for phrase in phrases) > len(phrases) / 2


def test_boxes_of_a_scene_are_of_different_things():
    overlap = iou(*(draw_scene(3, Size(300, 200), "kitchen").regions.boxes,) * 2)
    assert overlap[~np.eye(len(overlap), dtype=bool)].max() < 0.9
