"""The learned tracker joins windows, knows things again after a gap, and needs no pixels."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from grounding.data import Boxes, Regions
from grounding.models.tracking.learned_tracker import Frames, LearnedTracker
from grounding.nn.association.matching import LOOK


class ByColour(nn.Module):
    """Says that two sightings are the same thing where their looks are."""

    def forward(self, seen):
        apart = (seen.look[:, :, None] - seen.look[:, None]).abs().sum(-1)
        return torch.where(apart < 0.5, 8.0, -8.0), torch.zeros_like(seen.scores)


class ByPlace(nn.Module):
    """Says that two sightings are the same thing where their boxes overlap."""

    def forward(self, seen):
        from grounding.nn.parts.geometry import pair_iou
        return torch.where(pair_iou(seen.boxes, seen.boxes) > 0.2, 8.0, -8.0), torch.zeros_like(seen.scores)


def _tracker(net, **settings) -> LearnedTracker:
    return LearnedTracker(Path("none"), _kept={"net": net}, **settings)


def _frame(turn: int, things: dict[int, float]) -> Frames:
    """Each thing by its colour, at x."""
    look = np.zeros((len(things), LOOK), np.float32)
    look[:, 0] = list(things)
    boxes = np.float32([(x, 10, x + 20, 30) for x in things.values()]).reshape(-1, 4)
    return Frames.of(turn, turn, Regions(Boxes(boxes), np.full(len(things), 0.9), ("dog",) * len(things)), look)


def test_things_that_cross_keep_their_looks_over_many_windows():
    seen = [_frame(turn, {1: 3.0 * turn, 2: 150 - 3.0 * turn}) for turn in range(50)]
    tracks = _tracker(ByColour(), window=7).join(seen, (320, 240))
    assert [len(track) for track in tracks] == [50, 50]
    assert tracks[0].boxes.xyxy[-1, 0] == pytest.approx(147, abs=2) and tracks[1].boxes.xyxy[-1, 0] == pytest.approx(3, abs=2)


def test_one_that_was_hidden_for_a_while_is_known_again_and_one_gone_too_long_is_new():
    gone = {15: 1, 60: 2}
    for gap, count in gone.items():
        seen = [_frame(turn, {} if 10 <= turn < 10 + gap else {1: 20.0 + turn}) for turn in range(30 + gap)]
        assert len(_tracker(ByColour(), window=8).join(seen, (320, 240))) == count


def test_who_comes_in_the_middle_is_found():
    seen = [_frame(turn, {1: 20.0, **({2: 100.0} if turn >= 13 else {})}) for turn in range(30)]
    tracks = _tracker(ByColour(), window=8).join(seen, (320, 240))
    assert [int(track.frames[0]) for track in tracks] == [0, 13]


def test_boxes_alone_are_enough_to_link():
    seen = [(frame, Regions(Boxes(np.float32([[frame, 5, frame + 30, 40], [200 - frame, 5, 230 - frame, 40]])), np.full(2, 0.8), ("cat", "dog")))
            for frame in range(0, 60, 2)]
    tracks = _tracker(ByPlace(), window=9).link(seen)
    assert [track.label for track in tracks] == ["cat", "dog"] and all(track.frames[-1] == 58 for track in tracks)


def test_nothing_gives_nothing_and_unsure_things_make_no_track():
    tracker = _tracker(ByPlace())
    assert tracker.link([]) == [] and tracker.link([(frame, Regions.empty()) for frame in range(40)]) == []
    faint = Regions(Boxes(np.float32([[1, 1, 9, 9]])), np.float32([0.3]), ("dog",))
    assert tracker.link([(frame, faint) for frame in range(9)]) == []


def test_what_is_carried_along_does_not_grow_with_the_film():
    tracker, threads, before = _tracker(ByColour(), window=5), [], None
    for turn in range(0, 400, 5):
        before = tracker._window(threads, before, [_frame(t, {1: 20.0, 100 + t // 40: 90.0}) for t in range(turn, turn + 5)], (320, 240))
        assert len(before) <= 5 * tracker.tail
