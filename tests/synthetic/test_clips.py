"""Synthetic clips: short videos of which every sentence is true, forwards, backwards and in a mirror."""

import numpy as np
import pytest

from grounding.data import Size
from grounding.synthetic.clips import draw_clip
from grounding.synthetic.motions import ACTION_TEMPLATES, Motion, sample_motion


@pytest.fixture(scope="module")
def clips():
    return [draw_clip(seed, Size(160, 120), 6) for seed in range(6)]


def test_the_same_seed_draws_the_same_clip(clips):
    again = draw_clip(2, Size(160, 120), 6)
    assert np.array_equal(again.frame(3), clips[2].frame(3)) and again.objects == clips[2].objects


def test_each_sentence_of_a_clip_is_of_one_track(clips):
    for clip in clips:
        texts = [sentence.text for sentence in clip.sentences]
        assert len(set(texts)) == len(texts) == len(clip.tracks) >= 2
        for sentence in clip.sentences:
            assert clip.tracks[sentence.track].caption == sentence.text
            assert sentence.needs_time == (clip.visible_objects[sentence.track].motion.kind != "still")


def test_boxes_lie_in_the_image_and_hidden_frames_are_missing(clips):
    for clip in clips:
        for track in clip.tracks:
            assert track.boxes == track.boxes.clip(clip.size) and len(track) <= clip.num_frames


@pytest.mark.parametrize("kind", [kind for kind in ACTION_TEMPLATES if kind != "change"])
def test_a_motion_run_backwards_goes_the_same_way_back(kind):
    rng = np.random.default_rng(0)
    for _ in range(20):
        motion = sample_motion(rng, kind)
        back = motion.reversed()
        assert all(np.allclose(back.at(time), motion.at(1 - time)) for time in (0, 0.2, 0.5, 0.8, 1))
        assert back.reversed().action == motion.action


@pytest.mark.parametrize("kind", ["straight", "turn", "back", "stop", "wait", "enter", "leave"])
def test_a_motion_in_a_mirror_goes_the_mirrored_way(kind):
    rng = np.random.default_rng(1)
    for _ in range(20):
        motion = sample_motion(rng, kind)
        for time in (0, 0.3, 0.7, 1):
            x, y = motion.at(time)
            assert np.allclose(motion.mirrored().at(time), (1 - x, y))
        assert ("left" in motion.action) == ("right" in motion.mirrored().action) or ("left" in motion.action and "right" in motion.action)


@pytest.mark.parametrize("first, direction", [("left", (-1, 0)), ("right", (1, 0)), ("up", (0, -1)), ("down", (0, 1))])
def test_the_words_of_a_motion_say_where_it_goes(first, direction):
    motion = Motion("straight", first)
    assert motion.action == f"moves {first}"
    assert np.allclose(np.sign(np.subtract(motion.at(1), motion.at(0))), direction)
    assert np.allclose(motion.at(0), Motion("back", first).at(1))
    assert np.allclose(Motion("wait", first).at(0.5), Motion("wait", first).at(0))
    assert np.allclose(Motion("stop", first).at(0.5), Motion("stop", first).at(1))


def test_colours_change_half_way_and_change_back_in_reverse():
    motion = Motion("change", "red", "blue")
    assert motion.action == "changes from red to blue" and motion.reversed().action == "changes from blue to red"
