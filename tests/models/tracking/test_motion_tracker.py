"""The motion tracker: crossings, gaps, weak sightings, wrong classes, and few keyframes."""

import numpy as np
import pytest

from grounding.data import Boxes, Regions
from grounding.data.keyframe_simplification import keyframes_of
from grounding.models.tracking.motion_tracker import MotionTracker


def film(count, *things, every=1):
    """Each thing is a function of the frame: None or (x, y, w, h, score, label)."""
    seen = []
    for frame in range(0, count, every):
        rows = [row for thing in things if (row := thing(frame)) is not None]
        seen.append((frame, Regions(Boxes.from_xywh([row[:4] for row in rows]), np.array([row[4] for row in rows]),
                                    tuple(row[5] for row in rows))))
    return seen


def test_look_alikes_that_cross_keep_their_own_tracks():
    tracks = MotionTracker().link(film(60, lambda f: (10 + 5 * f, 100, 40, 60, 0.9, "person"),
                                       lambda f: (305 - 5 * f, 104, 40, 60, 0.8, "person")))
    assert len(tracks) == 2
    for track, step in zip(tracks, (5, -5)):
        assert len(track) == 60 and np.allclose(np.diff(track.boxes.xyxy[:, 0]), step, atol=1.5)


def test_a_thing_that_vanishes_behind_another_comes_back_as_itself():
    def walker(frame):
        return None if 20 <= frame < 32 else (10 + 4 * frame, 50, 40, 80, 0.9, "person")

    (track,) = MotionTracker().link(film(50, walker))
    assert track.frames.tolist() == [*range(20), *range(32, 50)]


def test_one_that_comes_back_after_the_patience_is_over_is_another():
    def guest(frame):
        return None if 10 <= frame < 30 else (100, 50, 40, 80, 0.9, "person")

    assert len(MotionTracker(patience=10).link(film(40, guest))) == 2


def test_weak_sightings_carry_a_track_but_do_not_start_one():
    def fading(frame):
        return (50 + frame, 50, 40, 40, 0.9 if frame < 10 else 0.25, "dog")

    tracks = MotionTracker().link(film(20, fading, lambda f: (200, 50, 40, 40, 0.3, "cat")))
    assert [(track.label, len(track)) for track in tracks] == [("dog", 20)]


def test_one_wrong_class_does_not_break_a_track():
    (track,) = MotionTracker().link(film(20, lambda f: (50 + f, 50, 40, 40, 0.8, "cat" if f in (7, 8) else "dog")))
    assert track.label == "dog" and len(track) == 20


def test_a_thing_seen_as_two_classes_at_once_is_one_track():
    (track,) = MotionTracker().link(film(20, lambda f: (50 + f, 50, 40, 40, 0.8, "dog"),
                                         lambda f: (51 + f, 50, 40, 42, 0.6, "cat") if f != 5 else None))
    assert track.label == "dog" and len(track) == 20


def test_one_that_enters_in_the_middle_is_found():
    tracks = MotionTracker().link(film(30, lambda f: (50, 50, 40, 40, 0.9, "dog"),
                                       lambda f: (f * 6 - 60, 150, 40, 40, 0.9, "cat") if f >= 12 else None))
    assert [(track.label, int(track.frames[0])) for track in tracks] == [("dog", 0), ("cat", 12)]


def test_frames_between_examined_ones_are_filled():
    (track,) = MotionTracker().link(film(41, lambda f: (20 + 3 * f, 40, 60, 60, 0.9, "car"), every=5))
    assert track.frames.tolist() == list(range(41))
    assert np.allclose(track.boxes.xyxy[:, 0], 20 + 3 * np.arange(41), atol=2)


def test_other_settings_are_another_version():
    assert MotionTracker().version == MotionTracker().version != MotionTracker(patience=31).version


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_film_of_few_frames_still_has_tracks(count):
    (track,) = MotionTracker().link(film(count, lambda f: (50, 50, 40, 40, 0.9, "dog")))
    assert len(track) == count


def test_steady_motion_needs_two_keyframes_and_a_turn_one_more():
    frames = np.arange(31)
    x = np.where(frames < 15, 4 * frames, 120 - 4 * frames).astype(float)
    boxes = Boxes.from_xywh(np.stack([x, np.full(31, 20), np.full(31, 50), np.full(31, 50)], 1))
    assert np.flatnonzero(keyframes_of(frames[:16], boxes[:16])).tolist() == [0, 15]
    assert np.flatnonzero(keyframes_of(frames, boxes)).tolist() == [0, 15, 30]


def test_thinned_keyframes_stay_within_tolerance_of_every_box():
    rng = np.random.default_rng(0)
    for _ in range(20):
        frames = np.cumsum(rng.integers(1, 4, 60))
        centre = np.cumsum(rng.normal(0, 1, (60, 2)), 0) + 300
        boxes = Boxes(np.concatenate([centre - 50, centre + 50], 1))
        keys = np.flatnonzero(keyframes_of(frames, boxes))
        straight = np.stack([np.interp(frames, frames[keys], boxes.xyxy[keys, side]) for side in range(4)], 1)
        allowed = np.maximum(2, 0.02 * (boxes.xyxy[:, 2:] - boxes.xyxy[:, :2]).max(1))
        assert (np.abs(straight - boxes.xyxy).max(1) <= allowed + 1e-3).all() and len(keys) < 60


def test_the_smallest_films_of_boxes_thin_to_themselves():
    assert keyframes_of(np.array([], int), Boxes.empty()).tolist() == []
    assert keyframes_of(np.array([4]), Boxes([[0, 0, 1, 1]])).tolist() == [True]


def test_a_trembling_detector_gives_a_steadier_track():
    rng = np.random.default_rng(3)
    truth = np.stack([30 + 3.0 * np.arange(60), np.full(60, 80.0), np.full(60, 80.0), np.full(60, 120.0)], 1)
    shaken = truth + rng.normal(0, 4, truth.shape)
    (track,) = MotionTracker().link(film(60, lambda f: (*shaken[f], 0.9, "person")))
    error = np.abs(track.boxes.to_xywh() - truth).mean()
    assert error < 0.85 * np.abs(shaken - truth).mean() and track.keyframes.sum() < 50
