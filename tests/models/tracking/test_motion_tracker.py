"""The motion tracker: crossings, gaps, low scores, wrong classes, and few keyframes."""

import numpy as np
import pytest

from grounding.data import Boxes, Regions
from grounding.data.keyframe_simplification import keyframe_mask
from grounding.models.tracking.motion_tracker import MotionTracker


def detect_objects(count, *objects, every=1):
    """The detections of `count` frames. Each object is a function of the frame: None or (x, y, w, h, score, label)."""
    detections = []
    for frame in range(0, count, every):
        rows = [row for box_at in objects if (row := box_at(frame)) is not None]
        detections.append(
            (frame, Regions(Boxes.from_xywh([row[:4] for row in rows]), np.array([row[4] for row in rows]), tuple(row[5] for row in rows)))
        )
    return detections


def test_similar_objects_that_cross_keep_their_own_tracks():
    tracks = MotionTracker().link(
        detect_objects(60, lambda f: (10 + 5 * f, 100, 40, 60, 0.9, "person"), lambda f: (305 - 5 * f, 104, 40, 60, 0.8, "person"))
    )
    assert len(tracks) == 2
    for track, step in zip(tracks, (5, -5)):
        assert len(track) == 60 and np.allclose(np.diff(track.boxes.xyxy[:, 0]), step, atol=1.5)


def test_an_object_keeps_its_track_through_an_occlusion():
    def walker(frame):
        return None if 20 <= frame < 32 else (10 + 4 * frame, 50, 40, 80, 0.9, "person")

    (track,) = MotionTracker().link(detect_objects(50, walker))
    assert track.frames.tolist() == [*range(20), *range(32, 50)]


def test_an_object_that_returns_after_max_age_is_a_new_track():
    def visitor(frame):
        return None if 10 <= frame < 30 else (100, 50, 40, 80, 0.9, "person")

    assert len(MotionTracker(max_age=10).link(detect_objects(40, visitor))) == 2


def test_low_scores_continue_a_track_but_do_not_start_one():
    def fading(frame):
        return (50 + frame, 50, 40, 40, 0.9 if frame < 10 else 0.25, "dog")

    tracks = MotionTracker().link(detect_objects(20, fading, lambda f: (200, 50, 40, 40, 0.3, "cat")))
    assert [(track.label, len(track)) for track in tracks] == [("dog", 20)]


def test_one_wrong_class_does_not_break_a_track():
    (track,) = MotionTracker().link(detect_objects(20, lambda f: (50 + f, 50, 40, 40, 0.8, "cat" if f in (7, 8) else "dog")))
    assert track.label == "dog" and len(track) == 20


def test_an_object_detected_as_two_classes_at_once_is_one_track():
    (track,) = MotionTracker().link(
        detect_objects(20, lambda f: (50 + f, 50, 40, 40, 0.8, "dog"), lambda f: (51 + f, 50, 40, 42, 0.6, "cat") if f != 5 else None)
    )
    assert track.label == "dog" and len(track) == 20


def test_an_object_that_enters_later_is_tracked():
    tracks = MotionTracker().link(
        detect_objects(30, lambda f: (50, 50, 40, 40, 0.9, "dog"), lambda f: (f * 6 - 60, 150, 40, 40, 0.9, "cat") if f >= 12 else None)
    )
    assert [(track.label, int(track.frames[0])) for track in tracks] == [("dog", 0), ("cat", 12)]


def test_frames_between_examined_frames_are_interpolated():
    (track,) = MotionTracker().link(detect_objects(41, lambda f: (20 + 3 * f, 40, 60, 60, 0.9, "car"), every=5))
    assert track.frames.tolist() == list(range(41))
    assert np.allclose(track.boxes.xyxy[:, 0], 20 + 3 * np.arange(41), atol=2)


def test_other_settings_give_another_version():
    assert MotionTracker().version == MotionTracker().version != MotionTracker(max_age=31).version


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_video_of_few_frames_still_has_tracks(count):
    (track,) = MotionTracker().link(detect_objects(count, lambda f: (50, 50, 40, 40, 0.9, "dog")))
    assert len(track) == count


def test_constant_velocity_needs_two_keyframes_and_a_turn_one_more():
    frames = np.arange(31)
    x = np.where(frames < 15, 4 * frames, 120 - 4 * frames).astype(float)
    boxes = Boxes.from_xywh(np.stack([x, np.full(31, 20), np.full(31, 50), np.full(31, 50)], 1))
    assert np.flatnonzero(keyframe_mask(frames[:16], boxes[:16])).tolist() == [0, 15]
    assert np.flatnonzero(keyframe_mask(frames, boxes)).tolist() == [0, 15, 30]


def test_simplified_keyframes_stay_within_tolerance_of_every_box():
    rng = np.random.default_rng(0)
    for _ in range(20):
        frames = np.cumsum(rng.integers(1, 4, 60))
        centre = np.cumsum(rng.normal(0, 1, (60, 2)), 0) + 300
        boxes = Boxes(np.concatenate([centre - 50, centre + 50], 1))
        keyframes = np.flatnonzero(keyframe_mask(frames, boxes))
        interpolated = np.stack([np.interp(frames, frames[keyframes], boxes.xyxy[keyframes, side]) for side in range(4)], 1)
        tolerance = np.maximum(2, 0.02 * (boxes.xyxy[:, 2:] - boxes.xyxy[:, :2]).max(1))
        assert (np.abs(interpolated - boxes.xyxy).max(1) <= tolerance + 1e-3).all() and len(keyframes) < 60


def test_simplifying_keeps_a_track_of_one_frame_or_none():
    assert keyframe_mask(np.array([], int), Boxes.empty()).tolist() == []
    assert keyframe_mask(np.array([4]), Boxes([[0, 0, 1, 1]])).tolist() == [True]


def test_a_track_is_smoother_than_noisy_detections():
    rng = np.random.default_rng(3)
    truth = np.stack([30 + 3.0 * np.arange(60), np.full(60, 80.0), np.full(60, 80.0), np.full(60, 120.0)], 1)
    noisy = truth + rng.normal(0, 4, truth.shape)
    (track,) = MotionTracker().link(detect_objects(60, lambda f: (*noisy[f], 0.9, "person")))
    error = np.abs(track.boxes.to_xywh() - truth).mean()
    assert error < 0.85 * np.abs(noisy - truth).mean() and track.keyframes.sum() < 50
