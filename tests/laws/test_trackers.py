"""What every tracker must do, on films of boxes drawn by chance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grounding import model_cache
from grounding.data import Boxes, Regions
from grounding.models.tracking.motion_tracker import MotionTracker
from grounding.protocols import Tracker

TRACKERS = {
    "learned": lambda: model_cache.make("tracker", "learned"),
    "motion": MotionTracker,
    "motion, no bridges": lambda: MotionTracker(max_gap=0, min_hits=1),
}
trackers = pytest.mark.parametrize("make", TRACKERS.values(), ids=list(TRACKERS))

corner = st.integers(0, 300).map(float)
region = st.tuples(corner, corner, st.integers(5, 90), st.integers(5, 90), st.integers(1, 10), st.sampled_from(["dog", "cat"]))
films = st.lists(st.tuples(st.integers(1, 3), st.lists(region, max_size=4)), max_size=12)


def detections(film) -> list[tuple[int, Regions]]:
    """Frames rise by the given steps; each region as (x, y, width, height, score in tenths, label)."""
    frames, steps = [], 0
    for step, rows in film:
        steps += step
        boxes = Boxes.from_xywh([row[:4] for row in rows])
        frames.append((steps, Regions(boxes, np.array([row[4] / 10 for row in rows]), tuple(row[5] for row in rows))))
    return frames


def as_rows(tracks):
    return [(track.label, track.frames.tolist(), track.boxes.xyxy.tolist(), track.keyframes.tolist()) for track in tracks]


@trackers
def test_it_is_a_tracker_with_a_version(make):
    assert isinstance(make(), Tracker) and "@" in make().version


@trackers
def test_nothing_in_gives_nothing_out(make):
    assert make().link([]) == [] and make().link([(frame, Regions.empty()) for frame in range(9)]) == []


@trackers
@settings(max_examples=60, deadline=None)
@given(film=films)
def test_the_same_twice_frames_rise_and_nothing_is_invented(make, film):
    seen = detections(film)
    tracks = make().link(seen)
    assert as_rows(tracks) == as_rows(make().link(seen))
    boxes = np.concatenate([regions.boxes.xyxy for _, regions in seen] or [np.zeros((0, 4))])
    for track in tracks:
        assert len(track) and (np.diff(track.frames) > 0).all() and track.keyframes[0] and track.keyframes[-1]
        assert {track.frames[0], track.frames[-1]} <= {frame for frame, _ in seen}
        assert track.label in {label for _, regions in seen for label in regions.labels} and 0 < track.score <= 1
        assert (track.boxes.xyxy >= boxes.min(0) - 0.01).all() and (track.boxes.xyxy <= boxes.max(0) + 0.01).all()


@trackers
@settings(max_examples=60, deadline=None)
@given(film=films)
def test_no_frame_shows_more_tracks_that_begin_or_end_there_than_it_has_detections(make, film):
    seen = detections(film)
    counts = {frame: len(regions) for frame, regions in seen}
    tracks = make().link(seen)
    for frame, count in counts.items():
        assert sum(frame in (track.frames[0], track.frames[-1]) for track in tracks) <= count


@trackers
def test_each_detection_belongs_to_one_track_at_most(make):
    paths = {"dog": (10, 40, 5), "cat": (300, 120, -4), "cup": (50, 220, 0)}
    seen = [(frame, Regions(Boxes.from_xywh([(x + speed * frame, y, 40, 40) for x, y, speed in paths.values()]),
                            np.full(3, 0.9), tuple(paths))) for frame in range(20)]
    tracks = make().link(seen)
    assert [track.label for track in tracks] == list(paths)
    for track in tracks:
        x, y, speed = paths[track.label]
        assert track.frames.tolist() == list(range(20))
        assert np.allclose(track.boxes.xyxy[:, 0], x + speed * np.arange(20), atol=0.6)


@trackers
def test_a_long_gap_is_missing_frames_of_the_same_track(make):
    there = [frame for frame in range(40) if not 15 <= frame < 27]
    seen = [(frame, Regions(Boxes.from_xywh([(20 + 2 * frame, 50, 60, 60)]), np.ones(1), ("dog",)) if frame in there
             else Regions.empty()) for frame in range(40)]
    (track,) = make().link(seen)
    assert track.frames.tolist() == there
    assert [key.frame for key in track.keyframe_list() if key.outside] == [15]


@trackers
def test_frames_that_do_not_rise_are_refused(make):
    with pytest.raises(ValueError, match="rising"):
        make().link([(3, Regions.empty()), (3, Regions.empty())])


@trackers
def test_a_thousand_things_in_a_frame_are_kept_apart(make):
    grid = np.stack(np.meshgrid(np.arange(40) * 30.0, np.arange(25) * 30.0), -1).reshape(-1, 2)
    boxes = [np.concatenate([grid + 2 * frame, np.full_like(grid, 20)], 1) for frame in range(4)]
    seen = [(frame, Regions(Boxes.from_xywh(rows), np.full(1000, 0.9), ("cup",) * 1000)) for frame, rows in enumerate(boxes)]
    tracks = make().link(seen)
    assert len(tracks) == 1000 and all(len(track) == 4 for track in tracks)
