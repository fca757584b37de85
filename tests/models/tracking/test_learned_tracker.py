"""The learned tracker joins windows, re-identifies objects after a gap, and needs no pixels."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from grounding.data import Boxes, Regions
from grounding.models.tracking.learned_tracker import FrameDetections, LearnedTracker
from grounding.nn.association.matching import APPEARANCE_WIDTH


class MatchByAppearance(nn.Module):
    """Matches detections with the same appearance."""

    def forward(self, detections):
        distance = (detections.appearance[:, :, None] - detections.appearance[:, None]).abs().sum(-1)
        return torch.where(distance < 0.5, 8.0, -8.0), torch.zeros_like(detections.scores)


class MatchByOverlap(nn.Module):
    """Matches detections whose boxes overlap."""

    def forward(self, detections):
        from grounding.nn.parts.geometry import pair_iou
        return torch.where(pair_iou(detections.boxes, detections.boxes) > 0.2, 8.0, -8.0), torch.zeros_like(detections.scores)


def _tracker(net, **settings) -> LearnedTracker:
    return LearnedTracker(Path("none"), _cache={"net": net}, **settings)


def _frame(step: int, objects: dict[int, float]) -> FrameDetections:
    """One detection for each object: its appearance value and the x of its box."""
    appearance = np.zeros((len(objects), APPEARANCE_WIDTH), np.float32)
    appearance[:, 0] = list(objects)
    boxes = np.float32([(x, 10, x + 20, 30) for x in objects.values()]).reshape(-1, 4)
    return FrameDetections.from_regions(step, step, Regions(Boxes(boxes), np.full(len(objects), 0.9), ("dog",) * len(objects)), appearance)


def test_objects_that_cross_keep_their_tracks_over_many_windows():
    detections = [_frame(step, {1: 3.0 * step, 2: 150 - 3.0 * step}) for step in range(50)]
    tracks = _tracker(MatchByAppearance(), window=7).link_detections(detections, (320, 240))
    assert [len(track) for track in tracks] == [50, 50]
    assert tracks[0].boxes.xyxy[-1, 0] == pytest.approx(147, abs=2) and tracks[1].boxes.xyxy[-1, 0] == pytest.approx(3, abs=2)


def test_an_object_is_re_identified_up_to_max_age():
    tracks_by_gap = {15: 1, 60: 2}
    for gap, count in tracks_by_gap.items():
        detections = [_frame(step, {} if 10 <= step < 10 + gap else {1: 20.0 + step}) for step in range(30 + gap)]
        assert len(_tracker(MatchByAppearance(), window=8).link_detections(detections, (320, 240))) == count


def test_an_object_that_enters_later_is_tracked():
    detections = [_frame(step, {1: 20.0, **({2: 100.0} if step >= 13 else {})}) for step in range(30)]
    tracks = _tracker(MatchByAppearance(), window=8).link_detections(detections, (320, 240))
    assert [int(track.frames[0]) for track in tracks] == [0, 13]


def test_boxes_alone_can_be_linked():
    detections = [
        (
            frame,
            Regions(Boxes(np.float32([[frame, 5, frame + 30, 40], [200 - frame, 5, 230 - frame, 40]])), np.full(2, 0.8), ("cat", "dog")),
        )
        for frame in range(0, 60, 2)
    ]
    tracks = _tracker(MatchByOverlap(), window=9).link(detections)
    assert [track.label for track in tracks] == ["cat", "dog"] and all(track.frames[-1] == 58 for track in tracks)


def test_no_detections_and_low_scores_give_no_track():
    tracker = _tracker(MatchByOverlap())
    assert tracker.link([]) == [] and tracker.link([(frame, Regions.empty()) for frame in range(40)]) == []
    low_score = Regions(Boxes(np.float32([[1, 1, 9, 9]])), np.float32([0.3]), ("dog",))
    assert tracker.link([(frame, low_score) for frame in range(9)]) == []


def test_the_carried_detections_do_not_grow_with_the_video():
    tracker, tracklets, carried = _tracker(MatchByAppearance(), window=5), [], None
    for step in range(0, 400, 5):
        carried = tracker._link_window(
            tracklets, carried, [_frame(t, {1: 20.0, 100 + t // 40: 90.0}) for t in range(step, step + 5)], (320, 240)
        )
        assert len(carried) <= 5 * tracker.carried_detections
