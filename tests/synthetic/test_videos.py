"""Synthetic videos: every frame's truth is known, people cross, enter, leave and stop, and sentences say so."""

import numpy as np
import pytest

from grounding.data import Size
from grounding.synthetic import draw_video
from grounding.synthetic.people import Appearance, person


@pytest.fixture(scope="module")
def video():
    return draw_video(3, Size(240, 136), 60)


def test_the_same_seed_draws_the_same_video(video):
    again = draw_video(3, Size(240, 136), 60)
    assert all(np.array_equal(video.frame(index), again.frame(index)) for index in range(0, 60, 9))
    assert [track.boxes for track in video.tracks] == [track.boxes for track in again.tracks]


def test_frames_are_the_same_in_any_order(video):
    assert np.array_equal(video.frame(40), list(video.frames())[40]) and video.frame(0).shape == (136, 240, 3)
    assert not np.array_equal(video.frame(10), video.frame(11))


def test_somebody_enters_somebody_leaves_and_all_stay_inside(video):
    first, last = [int(track.frames[0]) for track in video.tracks], [int(track.frames[-1]) for track in video.tracks]
    assert min(first) == 0 and max(first) > 5 and max(last) == 59 and min(last) < 55
    for track in video.tracks:
        assert track.boxes == track.boxes.clip(video.size)


def test_two_people_cross(video):
    people = [track for track in video.tracks if track.label == "person"]
    orders = set()
    for frame in range(video.num_frames):
        boxes = [track.box_at(frame) for track in people[:2]]
        if all(boxes):
            orders.add(boxes[0][0] < boxes[1][0])
    assert orders == {True, False}


def test_the_box_of_a_frame_is_where_the_thing_is(video):
    ball = next(track for track in video.tracks if track.label == "sports ball")
    colour = video.frame(30)[tuple(int((a + b) / 2) for a, b in zip(ball.box_at(30)[1::-1], ball.box_at(30)[3:1:-1]))]
    assert np.abs(colour.astype(int) - video.frame(30)[5, 5]).max() > 40
    moved = np.abs(video.frame(30).astype(int) - video.frame(34)).max(-1) > 40
    rows, columns = np.nonzero(moved)
    inside = np.zeros(len(rows), bool)
    for track in video.tracks:
        for frame in (30, 34):
            if box := track.box_at(frame):
                inside |= (columns >= box[0] - 4) & (columns <= box[2] + 4) & (rows >= box[1] - 4) & (rows <= box[3] + 4)
    assert inside.mean() > 0.97


def test_sentences_are_distinct_true_of_a_track_and_some_need_time(video):
    texts = [sentence.text for sentence in video.sentences]
    assert len(set(texts)) == len(texts) and any(s.needs_time for s in video.sentences) and not all(s.needs_time for s in video.sentences)
    for sentence in video.sentences:
        track = video.tracks[sentence.track]
        assert track.caption in sentence.text
        assert sentence.span.start_s == track.frames[0] / video.fps and sentence.span.end_s == (track.frames[-1] + 1) / video.fps


@pytest.mark.parametrize("action, sign", [("walks to the right", 1), ("walks to the left", -1), ("runs after the ball", 1)])
def test_who_is_said_to_go_somewhere_goes_there(video, action, sign):
    (sentence,) = (s for s in video.sentences if s.text.endswith(action))
    centers = video.tracks[sentence.track].boxes.centers[:, 0]
    assert sign * (centers[-1] - centers[0]) > video.size.width / 3


def test_people_look_where_they_go(video):
    for frame in (0, 20, 59):
        looks_left = {moving.action: moving.pose_at(frame)[2] for moving in video.moving_objects}
        assert looks_left["walks to the left"] and not looks_left["walks to the right"] and not looks_left["runs after the ball"]
    turner = next(moving for moving in video.moving_objects if moving.action.endswith("turns back"))
    assert [turner.pose_at(frame)[2] for frame in (30, 37, 59)] == [True, True, False]


def test_who_looks_left_is_the_mirror_of_who_looks_right():
    right, left = (person(120, Appearance(), gait_phase=0.3, flip=flip).pixels for flip in (False, True))
    assert (np.abs(right[..., 3].astype(int) - left[:, ::-1, 3]) > 60).mean() < 0.01
    dark = (right[:30, :, 3] > 250) & (right[:30, :, :3].max(-1) < 70)  # hair and eye
    pale = (right[:30, :, 3] > 250) & (right[:30, :, 0] > 200)  # the face
    assert np.nonzero(pale)[1].mean() > np.nonzero(dark)[1].mean()
