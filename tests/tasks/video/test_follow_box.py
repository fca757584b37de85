"""A box drawn on one frame follows the thing, forwards and backwards, and a correction bends a track."""

from itertools import islice

import numpy as np
import pytest

from grounding.data import Boxes, Keyframe, Regions, Track, run_to_end
from grounding.learning.metrics.grounding import spatial_iou
from grounding.models.tracking.box_follower import BoxFollower
from grounding.tasks.video.follow_box import correct_drift, follow_box, follow_from, nearest_track, splice_tracks
from tests import reels


@pytest.fixture(scope="module")
def reel(tmp_path_factory):
    return reels.draw_video(tmp_path_factory.mktemp("reel"))


@pytest.fixture(scope="module")
def followed(reel):
    video, truth = reel
    return list(follow_box(video, BoxFollower(), None, 0, truth.box_at(0), label="toy"))


def test_the_box_stays_on_the_thing(reel, followed):
    track = followed[-1].result
    assert spatial_iou(reel[1], track) > 0.7 and track.label == "toy"
    assert track.box_at(0) == pytest.approx(reel[1].box_at(0)) and track.frames[-1] == 39


def test_the_track_appears_while_it_is_made_and_what_was_told_stays(reel, followed):
    told = [step.result for step in followed if step.result is not None]
    assert [step.done for step in followed] == [*range(2, 41), 40] and len(told) >= 2
    assert told[0].frames.tolist() == list(range(20))
    steps = follow_box(reel[0], BoxFollower(), None, 0, reel[1].box_at(0))
    assert [step.result for step in islice(steps, 19)][-1] is not None
    steps.close()


def test_it_is_followed_backwards_too(reel):
    video, truth = reel
    track = run_to_end(follow_box(video, BoxFollower(), None, 30, truth.box_at(30), until=0))
    assert (
        track.frames.tolist() == list(range(31))
        and spatial_iou(Track(truth.frames[:31], truth.boxes[:31], truth.keyframes[:31]), track) > 0.7
    )


def test_out_of_sight_is_a_gap_and_no_garbage(tmp_path):
    video, truth = reels.draw_video(tmp_path, 24, hidden=range(12, 24))
    track = run_to_end(follow_box(video, BoxFollower(), None, 0, truth.box_at(0)))
    assert set(range(10)) <= set(track.frames.tolist()) and len(set(track.frames.tolist()) & set(range(13, 24))) <= 1


class Told:
    """A detector that knows the reel."""

    version = "told@1"

    def __init__(self, truth, label="toy"):
        self.truth, self.label, self.asked = truth, label, []

    def detect(self, image) -> Regions:
        index = int(image.name.split(".")[0].removeprefix("frame ")) if image.name.startswith("frame ") else None
        self.asked.append(index)
        box = self.truth.box_at(index)
        return Regions.empty() if box is None else Regions(Boxes([box]), [0.9], (self.label,))


def test_the_detectors_class_names_it_and_every_kth_frame_asks_less(reel):
    video, truth = reel
    every, seldom = Told(truth), Told(truth)
    assert run_to_end(follow_box(video, BoxFollower(), every, 0, truth.box_at(0), until=12)).label == "toy"
    track = run_to_end(follow_box(video, BoxFollower(), seldom, 0, truth.box_at(0), until=12, every=4))
    assert (
        len(every.asked) == 13
        and len(seldom.asked) == 4
        and spatial_iou(Track(truth.frames[:13], truth.boxes[:13], [True] * 13), track) > 0.7
    )


@pytest.mark.parametrize(
    "wrong", [{"frame": 40}, {"frame": -1}, {"until": 99}, {"box": (500, 5, 600, 50)}, {"box": (5, 5, 5, 50)}, {"every": 0}]
)
def test_what_cannot_be_followed_is_said_in_a_sentence(reel, wrong):
    asked = {"frame": 0, "box": (1, 1, 50, 50)} | wrong
    with pytest.raises(ValueError, match="frames|box|1 or more"):
        next(follow_box(reel[0], BoxFollower(), None, **asked))


def keyed(*frames, shift=0.0) -> Track:
    return Track.from_keyframes([Keyframe(frame, (shift + frame, 0.0, shift + frame + 30, 30.0)) for frame in frames], "toy", "a toy")


def test_a_correction_is_followed_to_the_next_keyframe_and_bent_to_meet_it(reel):
    video, truth = reel
    wrong = Track.from_keyframes(
        [Keyframe(0, truth.box_at(0)), Keyframe(8, truth.box_at(8)), Keyframe(25, truth.box_at(25)), Keyframe(39, (1, 1, 31, 31))],
        "toy",
        "a toy",
    )
    right = run_to_end(follow_from(video, BoxFollower(), None, wrong, 8))
    assert right.box_at(25) == pytest.approx(truth.box_at(25), abs=0.1) and right.box_at(39) == (1, 1, 31, 31) and right.caption == "a toy"
    middle = slice(9, 25)
    assert spatial_iou(Track(truth.frames[middle], truth.boxes[middle], truth.keyframes[middle]), right) > 0.75
    only = run_to_end(follow_from(video, BoxFollower(), None, wrong, 8, fixed_frames={0}))
    assert spatial_iou(truth, only) > 0.7  # the later keyframes were a model's


def test_bending_moves_the_end_all_the_way_and_the_beginning_not_at_all():
    moved = correct_drift(keyed(0, 10), (13, 0, 43, 30), 10)
    assert moved.box_at(0) == (0, 0, 30, 30) and moved.box_at(10) == pytest.approx((13, 0, 43, 30))
    assert correct_drift(keyed(0, 10), (200, 0, 230, 30), 10) is None and correct_drift(keyed(0, 5), (13, 0, 43, 30), 10) is None


def test_splicing_keeps_what_lies_outside():
    whole = splice_tracks(keyed(0, 10, 20), keyed(5, 12, shift=100), 5, 12)
    assert whole.box_at(0) == (0, 0, 30, 30) and whole.box_at(5) == (105, 0, 135, 30) and whole.box_at(20) == (20, 0, 50, 30)
    gone = splice_tracks(keyed(0, 10, 20), keyed(5, 7, shift=100), 5, 12)
    assert gone.box_at(7) is not None and gone.box_at(9) is None and gone.box_at(20) is not None


def test_the_nearest_track_is_the_one_that_overlaps_most():
    far, near = keyed(0, 10, shift=100), keyed(0, 10)
    assert nearest_track([far, near], 5, (4, 0, 34, 30)) is near and nearest_track([far], 5, (0, 0, 9, 9)) is None
    assert np.isclose(nearest_track([near], 5, (4, 0, 34, 30)).score, 1)
