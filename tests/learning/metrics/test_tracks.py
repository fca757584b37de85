"""Tracking metrics on predictions small enough to count by hand, and beside TrackEval, the benchmark's own scorer."""

import contextlib
import io

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grounding.data import Boxes, Track
from grounding.learning.metrics.grounding import ClipComparison, FrameObjects, HotaCounts, hota, idf1, mota, tracking_metrics

BOX, FAR = (0.0, 0.0, 10.0, 10.0), (50.0, 50.0, 60.0, 60.0)


def objects(*frames) -> FrameObjects:
    """Each frame as {id: box}."""
    return FrameObjects(tuple(tuple(frame) for frame in frames), tuple(np.array(list(frame.values())).reshape(-1, 4) for frame in frames))


def test_a_perfect_answer_is_one_everywhere_whatever_its_ids_are_called():
    truth, predicted = objects(*[{1: BOX, 2: FAR}] * 3), objects(*[{77: FAR, 9: BOX}] * 3)
    assert tracking_metrics([ClipComparison(truth, predicted)]) == {"HOTA": 1, "DetA": 1, "AssA": 1, "IDF1": 1, "MOTA": 1}


def test_a_switch_half_way_halves_the_association_alone():
    clip = ClipComparison(objects(*[{1: BOX}] * 4), objects({1: BOX}, {1: BOX}, {2: BOX}, {2: BOX}))
    counts = hota(clip)
    assert (counts.det_a, counts.ass_a) == (1, 0.5)
    assert mota([clip]) == 0.75 and idf1([clip]) == 0.5


def test_half_of_the_boxes_dropped_is_half_of_the_detection():
    clip = ClipComparison(objects(*[{1: BOX}] * 4), objects({1: BOX}, {}, {1: BOX}, {}))
    assert hota(clip).det_a == 0.5 and mota([clip]) == 0.5


def test_a_doubled_box_is_false():
    clip = ClipComparison(objects({1: BOX}), objects({1: BOX, 2: BOX}))
    assert hota(clip) == HotaCounts(1, 0, 1, 1.0) and mota([clip]) == 0


@pytest.mark.parametrize("truth, predicted", [({1: BOX}, {}), ({}, {1: BOX}), ({}, {})])
def test_nothing_predicted_or_nothing_there_gives_zeros_and_no_error(truth, predicted):
    clip = ClipComparison(objects(truth), objects(predicted))
    assert hota(clip).hota == 0 and idf1([clip]) == 0


def test_an_id_may_not_stand_twice_in_a_frame():
    with pytest.raises(ValueError, match="twice"):
        FrameObjects(((1, 1),), (np.array([BOX, FAR]),))


def test_tracks_become_frames_and_gaps_stay_gaps():
    track = Track([2, 4], Boxes([BOX, FAR]), [True, True], caption="a dog")
    shown = FrameObjects.from_tracks([track], range(5))
    assert shown.ids == ((), (), (0,), (), (0,)) and shown.captions[4] == ("a dog",)


def test_clips_are_added_up_before_dividing():
    good, empty = ClipComparison(objects({1: BOX}), objects({1: BOX})), ClipComparison(objects(*[{1: BOX}] * 3), objects({}, {}, {}))
    assert tracking_metrics([good, empty])["DetA"] == 0.25 and mota([good, empty]) == 0.25 and idf1([good, empty]) == pytest.approx(0.4)


corner = st.integers(0, 40)
frame = st.dictionaries(st.integers(0, 4), st.tuples(corner, corner, st.integers(1, 40), st.integers(1, 40)), max_size=4)


@settings(max_examples=60, deadline=None)
@given(frames=st.lists(st.tuples(frame, frame), min_size=1, max_size=8))
def test_trackeval_says_the_same_of_boxes_drawn_by_chance(frames):
    truth, predicted = ([{k: (x, y, x + w, y + h) for k, (x, y, w, h) in side.items()} for side in sides] for sides in zip(*frames))
    clip = ClipComparison(objects(*truth), objects(*predicted))
    assume(clip.track_sizes[0].sum())  # without a truth TrackEval leaves MOTA out
    assert ours(clip) == pytest.approx(trackeval(clip), abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_trackeval_says_the_same_of_shaken_crossing_tracks(seed):
    rng = np.random.default_rng(seed)
    starts, speeds = rng.uniform(0, 300, (8, 2)), rng.normal(0, 4, (8, 2))
    truth, predicted = [], []
    for turn in range(60):
        corners = starts + turn * speeds
        boxes = {row: (*corner, *(corner + (30, 60))) for row, corner in enumerate(corners) if rng.random() > 0.05}
        truth.append(boxes)
        predicted.append({row + 10 * (turn > 20 + row): tuple(np.array(box) + np.repeat(rng.normal(0, 4, 2), 2)[[0, 2, 1, 3]])
                     for row, box in boxes.items() if rng.random() > 0.15})
    clip = ClipComparison(objects(*truth), objects(*predicted))
    assert ours(clip) == pytest.approx(trackeval(clip), abs=1e-6)


def ours(clip: ClipComparison) -> dict[str, float]:
    """Our numbers under TrackEval's names: over the thresholds of HOTA, and at 0.5."""
    half = hota(clip)
    return {name: tracking_metrics([clip])[name] for name in ("HOTA", "DetA", "AssA", "IDF1", "MOTA")} | {"DetA at 0.5": half.det_a,
                                                                                                    "AssA at 0.5": half.ass_a}


def trackeval(clip: ClipComparison) -> dict[str, float]:
    reason = "pip install --no-deps -r requirements-test-alone.txt"
    with contextlib.redirect_stdout(io.StringIO()):
        metrics = pytest.importorskip("trackeval.metrics", reason=reason)
        from trackeval.datasets._base_dataset import _BaseDataset
        xyxy = [[np.array(boxes) for boxes in side.boxes] for side in (clip.truth, clip.predicted)]
        data = {"num_timesteps": len(clip.truth), "gt_ids": clip.id_rows[0], "tracker_ids": clip.id_rows[1],
                "num_gt_ids": len(clip.track_sizes[0]), "num_tracker_ids": len(clip.track_sizes[1]),
                "num_gt_dets": int(clip.track_sizes[0].sum()), "num_tracker_dets": int(clip.track_sizes[1].sum()),
                "similarity_scores": [_BaseDataset._calculate_box_ious(a, b, box_format="x0y0x1y1") for a, b in zip(*xyxy)]}
        found = metrics.HOTA().eval_sequence(data), metrics.CLEAR({"PRINT_CONFIG": False}).eval_sequence(data), \
            metrics.Identity({"PRINT_CONFIG": False}).eval_sequence(data)
    means = {name: float(np.mean(found[0][name])) for name in ("HOTA", "DetA", "AssA")}
    return means | {
        "MOTA": found[1]["MOTA"],
        "IDF1": found[2]["IDF1"],
        "DetA at 0.5": found[0]["DetA"][9],
        "AssA at 0.5": found[0]["AssA"][9],
    }
