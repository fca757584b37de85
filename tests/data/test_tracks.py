"""Tracks bend to their keyframes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grounding.data import Boxes, Keyframe, Track, TrackValue


def walk() -> Track:
    return Track.from_keyframes([Keyframe(2, (0, 0, 10, 10)), Keyframe(6, (40, 0, 50, 10))], label="dog")


def test_between_keyframes_the_box_moves_linearly():
    assert walk().frames.tolist() == [2, 3, 4, 5, 6]
    assert walk().box_at(4) == (20, 0, 30, 10)
    assert walk().box_at(7) is None
    assert walk().keyframes.tolist() == [True, False, False, False, True]


def test_an_outside_keyframe_hides_up_to_the_next():
    track = Track.from_keyframes([Keyframe(0, (0, 0, 1, 1)), Keyframe(2, (0, 0, 1, 1), outside=True), Keyframe(5, (5, 5, 6, 6))])
    assert track.frames.tolist() == [0, 1, 5]
    assert track.box_at(3) is None


def test_towards_a_hidden_keyframe_the_box_stays_where_it_was_last_seen():
    track = Track.from_keyframes([Keyframe(0, (0, 0, 10, 10)), Keyframe(4, (40, 40, 50, 50), outside=True), Keyframe(6, (60, 0, 70, 10))])
    assert [track.box_at(frame) for frame in range(4)] == [(0, 0, 10, 10)] * 4
    assert track.box_at(4) is None and track.box_at(5) is None and track.box_at(6) == (60, 0, 70, 10)


def test_a_corrected_frame_bends_its_neighbours_and_keeps_the_label():
    bent = walk().with_box(4, (20, 20, 30, 30))
    assert bent.box_at(3) == (10, 10, 20, 20)
    assert bent.box_at(2) == walk().box_at(2) and bent.box_at(6) == walk().box_at(6)
    assert bent.label == "dog"


def test_hidden_from_a_frame_on_the_track_ends_before():
    assert walk().end_before(4).frames.tolist() == [2, 3]
    assert walk().end_before(4).box_at(3) == walk().box_at(3)
    assert len(walk().end_before(0)) == 0


def test_a_value_holds_boxes_to_a_hundredth_of_a_pixel():
    value = TrackValue.from_track(Track.from_keyframes([Keyframe(0, (0.126, 1.001, 10.5, 10.25))])).to_json()
    assert value["keyframes"][0]["box"] == [0.13, 1.0, 10.5, 10.25]


keyframes = st.lists(
    st.builds(Keyframe, st.integers(0, 40), st.just((1.0, 2.0, 3.0, 4.0)), st.booleans()), max_size=10, unique_by=lambda key: key.frame)


@given(keyframes)
def test_keyframes_there_and_back(keys):
    track = Track.from_keyframes(keys)
    again = Track.from_keyframes(track.keyframe_list())
    assert again.frames.tolist() == track.frames.tolist()
    assert np.allclose(again.boxes.xyxy, track.boxes.xyxy)


def test_two_keyframes_on_one_frame_are_refused():
    with pytest.raises(ValueError, match="same frame"):
        Track.from_keyframes([Keyframe(1, (0, 0, 1, 1)), Keyframe(1, (0, 0, 2, 2))])
    with pytest.raises(ValueError, match="rise"):
        Track([3, 2], Boxes([[0, 0, 1, 1]] * 2), [True, True])
