"""Tracks are measured on folders as the benchmarks lay them out, and what is no such folder gets a sentence."""

import json

import numpy as np
import pytest

from grounding.data import Boxes, Regions, run_to_end
from grounding.exchange.archive import ArchiveError, FolderTree
from grounding.exchange.mot import read_rows
from grounding.learning.metrics.grounding import ClipComparison, FrameObjects, tracking_metrics
from grounding.models.scripted import ScriptedDetector
from grounding.models.tracking.box_follower import BoxFollower
from grounding.models.tracking.motion_tracker import MotionTracker
from grounding.tasks.improve.evaluate_tracks import evaluate_tracks, read_detections, read_sequences, split_ground_truth, tracks_from_rows
from tests import reels

KEYS = {"HOTA", "DetA", "AssA", "IDF1", "MOTA", "frames_per_s"}
NOTHING = ScriptedDetector(default=Regions.empty())


def lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))


def walking(columns=(1, -1, -1, -1), ids=(1, 2), count=12):
    return [(frame, number, 10 * frame + 200 * number, 50, 40, 90, *columns) for frame in range(1, count + 1) for number in ids]


def test_perfect_detections_without_pixels_are_linked_perfectly(tmp_path):
    lines(tmp_path / "gt.txt", walking())
    lines(tmp_path / "det/det.txt", [(f, -1, x, y, w, h, 0.9, -1, -1, -1) for f, _, x, y, w, h, *_ in walking()])
    result = run_to_end(evaluate_tracks(tmp_path, MotionTracker(), NOTHING))
    assert result.keys() == KEYS and result["IDF1"] == result["MOTA"] == 1 and result["HOTA"] > 0.9


def test_ten_columns_are_places_in_the_world_and_nine_a_class(tmp_path):
    lines(tmp_path / "world.txt", walking((1, 7, 2.5, 0)))
    lines(
        tmp_path / "class.txt",
        [*walking((1, 1, 0.8)), *walking((1, 3, 1), ids=(3,)), *walking((0, 1, 1), ids=(4,)), *walking((1, 7, 1), ids=(5,))],
    )
    world, ignored = split_ground_truth(read_rows(FolderTree(tmp_path), "world.txt"), "x")
    assert len(world) == 2 and ignored == []
    people, ignored = split_ground_truth(read_rows(FolderTree(tmp_path), "class.txt"), "x")
    assert len(people) == 2 and len(ignored) == 1


def test_what_stands_on_a_distractor_is_neither_right_nor_wrong(tmp_path):
    lines(tmp_path / "gt/gt.txt", [*walking((1, 1, 1), ids=(1,)), *walking((0, 7, 1), ids=(2,))])
    lines(tmp_path / "det/det.txt", [(f, -1, x, y, w, h, 0.9) for f, _, x, y, w, h, *_ in walking()])
    assert run_to_end(evaluate_tracks(tmp_path, MotionTracker(), NOTHING))["MOTA"] == 1


def test_with_pictures_the_detector_looks_unless_told_to_link_what_is_given(tmp_path):
    _, truth = reels.draw_video(tmp_path / "img1", 10)
    rows = [(frame + 1, 1, x0, y0, x1 - x0, y1 - y0, 1, -1, -1, -1) for frame, (x0, y0, x1, y1) in zip(truth.frames, truth.boxes.xyxy)]
    lines(tmp_path / "gt/gt.txt", rows)
    lines(tmp_path / "det/det.txt", [(*row[:6], 1) for row in rows])
    assert run_to_end(evaluate_tracks(tmp_path, MotionTracker(), NOTHING))["HOTA"] == 0
    assert run_to_end(evaluate_tracks(tmp_path, MotionTracker(), NOTHING, use_given_detections=True))["HOTA"] > 0.8


def test_scores_beyond_one_are_spread(tmp_path):
    lines(tmp_path / "det/det.txt", [(1, -1, 0, 0, 5, 5, -3), (1, -1, 9, 0, 5, 5, 7), (2, -1, 0, 0, 5, 5, 2)])
    seen = read_detections(FolderTree(tmp_path), 3)
    assert [frame for frame, _ in seen] == [0, 1, 2] and seen[0][1].scores.tolist() == [0, 1] and seen[1][1].scores.tolist() == [0.5]


def test_a_box_is_followed_through_a_folder_of_frames(tmp_path):
    _, truth = reels.draw_video(tmp_path / "toy", 25)
    (tmp_path / "boxes_xywh.json").write_text(json.dumps({"toy": truth.boxes.to_xywh().tolist()}))
    result = run_to_end(evaluate_tracks(tmp_path, None, NOTHING, BoxFollower()))
    assert result.keys() == {"mean_iou"} and result["mean_iou"]["toy"] > 0.7
    sees = ScriptedDetector(default=Regions(Boxes(truth.boxes.xyxy[:1]), [0.9], ("toy",)))
    still = run_to_end(evaluate_tracks(tmp_path, MotionTracker(), sees))["mean_iou"]["toy"]
    assert still < 0.3  # a tracker answers with the track nearest to the first box, and this detector is blind to motion


def test_the_folders_at_hand_are_read_as_their_makers_meant(shared_data):
    truth, ignored = split_ground_truth(read_rows(FolderTree(shared_data / "mot/TUD-Campus"), "gt.txt"), "TUD")
    assert len(truth) == 8 and sum(map(len, truth)) == 359 and not ignored
    theirs = tracks_from_rows(read_rows(FolderTree(shared_data / "mot/TUD-Campus"), "test.txt"))
    numbers = tracking_metrics([ClipComparison(FrameObjects.from_tracks(truth, range(71)), FrameObjects.from_tracks(theirs, range(71)))])
    assert numbers["HOTA"] == pytest.approx(0.3914, abs=2e-3) and numbers["IDF1"] == pytest.approx(0.5577, abs=2e-3)
    people, ignored = split_ground_truth(read_rows(FolderTree(shared_data / "mot/MOT17-02-FRCNN"), "gt/gt.txt"), "02")
    assert sum(map(len, people)) == 88 and ignored
    assert {name: len(track) for name, track in read_sequences(shared_data / "davis").items()} == {
        "dog": 60,
        "car-shadow": 40,
        "drift-straight": 50,
    }


@pytest.mark.parametrize(
    "files, said",
    [
        ({}, "neither gt.txt"),
        ({"gt.txt": ""}, "names no box"),
        ({"gt.txt": "a,b,c,d,e,f\n"}, "line 1"),
        ({"gt.txt": "1,1,1,1,5,5,1\n"}, "nothing to link"),
        ({"gt.txt": "99999999,1,1,1,5,5,1\n"}, "line 1"),
        ({"gt.txt": "300000,1,1,1,5,5,1\n"}, "at most"),
        ({"boxes_xywh.json": "[]"}, "maps the name"),
        ({"boxes_xywh.json": '{"../x": [[1,1,5,5]]}'}, "no such folder"),
        ({"boxes_xywh.json": "{"}, "JSON"),
        ({"boxes_xywh.json": '{"a": 3}', "a/1.png": ""}, "correct it"),
        ({"boxes_xywh.json": '{"a": [[1,1,5,5],[1,1,5,5]]}', "a/1.png": "no picture"}, "1.png"),
    ],
)
def test_a_folder_that_is_none_gets_a_sentence(tmp_path, files, said):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with pytest.raises((ValueError, ArchiveError), match=said):
        run_to_end(evaluate_tracks(tmp_path, MotionTracker(), NOTHING, BoxFollower()))


def test_no_folder_and_no_tracker_get_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="no folder"):
        run_to_end(evaluate_tracks(tmp_path / "gone", MotionTracker(), NOTHING))
    lines(tmp_path / "gt.txt", walking())
    with pytest.raises(ValueError, match="name a tracker"):
        run_to_end(evaluate_tracks(tmp_path, None, NOTHING, BoxFollower()))
    assert np.isfinite(read_rows(FolderTree(tmp_path), "gt.txt")).all()
