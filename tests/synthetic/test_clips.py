"""Plays: short films of which every sentence is true, forwards, backwards and in a mirror."""

import numpy as np
import pytest

from grounding.data import Size
from grounding.synthetic.clips import draw_play
from grounding.synthetic.motions import SAYINGS, Move, draw_move


@pytest.fixture(scope="module")
def plays():
    return [draw_play(seed, Size(160, 120), 6) for seed in range(6)]


def test_the_same_seed_plays_the_same(plays):
    again = draw_play(2, Size(160, 120), 6)
    assert np.array_equal(again.frame(3), plays[2].frame(3)) and again.parts == plays[2].parts


def test_each_sentence_of_a_play_is_of_one_track(plays):
    for play in plays:
        texts = [sentence.text for sentence in play.sentences]
        assert len(set(texts)) == len(texts) == len(play.tracks) >= 2
        for sentence in play.sentences:
            assert play.tracks[sentence.track].caption == sentence.text
            assert sentence.needs_time == (play.shown[sentence.track].move.kind != "still")


def test_boxes_lie_in_the_picture_and_hidden_frames_are_missing(plays):
    for play in plays:
        for track in play.tracks:
            assert track.boxes == track.boxes.clip(play.size) and len(track) <= play.count


@pytest.mark.parametrize("kind", [kind for kind in SAYINGS if kind != "change"])
def test_a_move_run_backwards_goes_the_same_way_back(kind):
    rng = np.random.default_rng(0)
    for _ in range(20):
        move = draw_move(rng, kind)
        back = move.reversed()
        assert all(np.allclose(back.at(time), move.at(1 - time)) for time in (0, 0.2, 0.5, 0.8, 1))
        assert back.reversed().says == move.says


@pytest.mark.parametrize("kind", ["straight", "turn", "back", "stop", "wait", "enter", "leave"])
def test_a_move_in_a_mirror_goes_the_mirrored_way(kind):
    rng = np.random.default_rng(1)
    for _ in range(20):
        move = draw_move(rng, kind)
        for time in (0, 0.3, 0.7, 1):
            x, y = move.at(time)
            assert np.allclose(move.mirrored().at(time), (1 - x, y))
        assert ("left" in move.says) == ("right" in move.mirrored().says) or ("left" in move.says and "right" in move.says)


@pytest.mark.parametrize("first, way", [("left", (-1, 0)), ("right", (1, 0)), ("up", (0, -1)), ("down", (0, 1))])
def test_the_words_of_a_move_say_where_it_goes(first, way):
    move = Move("straight", first)
    assert move.says == f"moves {first}"
    assert np.allclose(np.sign(np.subtract(move.at(1), move.at(0))), way)
    assert np.allclose(move.at(0), Move("back", first).at(1))
    assert np.allclose(Move("wait", first).at(0.5), Move("wait", first).at(0)) and np.allclose(Move("stop", first).at(0.5), Move("stop", first).at(1))


def test_colours_change_half_way_and_change_back_in_reverse():
    move = Move("change", "red", "blue")
    assert move.says == "changes from red to blue" and move.reversed().says == "changes from blue to red"
