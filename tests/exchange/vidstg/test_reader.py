"""VidSTG as people bring it: what is wrong with a box, a thing or a sentence takes nothing else with it."""

import copy
import json
import shutil

import numpy as np
import pytest

from grounding.data import TrackValue, run_to_end
from grounding.exchange import vidstg
from grounding.tasks.intake.load import load
from tests import barcode

COUNT = 10
BOX = {"xmin": 10, "ymin": 40, "xmax": 30, "ymax": 60}
BODY = {"video_id": "film", "video_path": "film.mp4", "frame_count": COUNT, "fps": 30, "width": 320, "height": 192,
        "subject/objects": [{"tid": 0, "category": "dog"}, {"tid": 1, "category": "cat"}],
        "trajectories": [[{"tid": tid, "bbox": BOX, "generated": 0} for tid in (0, 1)] for _ in range(COUNT)]}


def record(text="a dog", target=0, extent=(0, COUNT), vid="film", **more):
    span = {"temporal_gt": {"begin_fid": extent[0], "end_fid": extent[1]}} if isinstance(extent, tuple) else {"temporal_gt": extent}
    return {"vid": vid, **span, "captions": [{"description": text, "target_id": target}], "questions": []} | more


def read(folder, change=lambda body: None, records=(), root=""):
    body = copy.deepcopy(BODY)
    change(body)
    (folder / root / "vidor").mkdir(parents=True, exist_ok=True)
    (folder / root / "vidor/film.json").write_text(body if isinstance(body, str) else json.dumps(body))
    (folder / root / "annotations.json").write_text(records if isinstance(records, str) else json.dumps(list(records)))
    return vidstg.read(folder)


def said(found):
    return [f"{fault.where} {fault.why}" for fault in found.faults]


def seen(found):
    return [{tube.id: tube.track.frames.tolist() for tube in film.tracks} for film in found.videos]


WHOLE = list(range(COUNT))
BAD_ROWS = [
    {"tid": 0, "bbox": BOX | {"xmin": float("nan")}}, {"tid": 0, "bbox": BOX | {"xmax": float("inf")}},
    {"tid": 0, "bbox": BOX | {"xmin": "10"}}, {"tid": 0, "bbox": BOX | {"xmin": 90}}, {"tid": 0, "bbox": {"xmin": 1}},
    {"tid": 0, "bbox": None}, {"tid": 0}, {"tid": 7, "bbox": BOX}, {"tid": None, "bbox": BOX},
    {"tid": 10 ** 300, "bbox": BOX}, {"tid": float("inf"), "bbox": BOX}, {"bbox": BOX}, {"tid": [0], "bbox": BOX}, 3,
    None, [],
]


@pytest.mark.parametrize("row", BAD_ROWS, ids=str)
def test_a_bad_box_takes_only_itself_along(tmp_path, row):
    def change(body):
        body["trajectories"][4][0] = row
    found = read(tmp_path, change)
    assert seen(found) == [{0: WHOLE[:4] + WHOLE[5:], 1: WHOLE}]
    (sentence,) = said(found)
    assert sentence.startswith("vidor/film.json holds a box") and "frame 4" in sentence


@pytest.mark.parametrize("rows", [None, 3, "x", {}])
def test_a_frame_that_is_no_list_takes_only_itself_along(tmp_path, rows):
    found = read(tmp_path, lambda body: body["trajectories"].__setitem__(4, rows))
    assert seen(found) == [{0: WHOLE[:4] + WHOLE[5:], 1: WHOLE[:4] + WHOLE[5:]}]
    assert "no list of boxes in 1 place (the first in frame 4)" in said(found)[0]


def test_two_boxes_of_a_thing_in_a_frame_are_named_and_the_first_is_kept(tmp_path):
    found = read(tmp_path, lambda body: body["trajectories"][4].append({"tid": 1, "bbox": BOX | {"xmax": 99}}))
    assert found.videos[0].tracks[1].track.box_at(4) == (10, 40, 30, 60) and "a second box of thing 1" in said(found)[0]


@pytest.mark.parametrize("thing", [
    {"tid": "x", "category": "dog"}, {"category": "dog"}, {"tid": 2}, {"tid": 2, "category": 3}, None,
    {"tid": -1, "category": "dog"},
])
def test_a_bad_thing_is_named_and_the_others_come_in(tmp_path, thing):
    found = read(tmp_path, lambda body: body["subject/objects"].append(thing))
    assert seen(found) == [{0: WHOLE, 1: WHOLE}] and "number 3" in said(found)[0]


def test_boxes_after_the_told_number_of_frames_are_named_and_the_others_come_in(tmp_path):
    found = read(tmp_path, lambda body: body.update(frame_count=8))
    assert seen(found) == [{0: WHOLE[:8], 1: WHOLE[:8]}] and len(found.videos[0]) == 8
    assert "a box after the end of 8 frames in 4 places" in said(found)[0]
    found = read(tmp_path, lambda body: body.update(frame_count=12))
    assert found.faults == () and len(found.videos[0]) == 12 and seen(found) == [{0: WHOLE, 1: WHOLE}]


@pytest.mark.parametrize("change", [
    {"frame_count": "ten"}, {"frame_count": 10 ** 12}, {"frame_count": -1}, {"frame_count": float("nan")},
    {"trajectories": {}}, {"subject/objects": None},
])
def test_a_file_that_is_not_in_the_form_of_vidor_is_one_sentence(tmp_path, change):
    found = read(tmp_path, lambda body: body.update(change))
    assert found.videos == () and len(found.faults) == 1 and "is not in the form of VidOR" in said(found)[0]


@pytest.mark.parametrize("change", [{"fps": "fast"}, {"fps": float("inf")}, {"width": None}, {"height": 1.5}, {"width": 10 ** 200}])
def test_a_rate_or_size_that_is_none_counts_as_not_told(tmp_path, change):
    found = read(tmp_path, lambda body: body.update(change))
    assert found.faults == () and seen(found) == [{0: WHOLE, 1: WHOLE}]


@pytest.mark.parametrize("extent", [(5, 5), (7, 3), (-2, 4), ("0", 9), (0.5, 4), (True, 4), "all", {"begin_fid": 1}, [], (0, float("nan"))])
def test_a_sentence_with_an_extent_that_is_none_is_named_and_told_of_nothing_else(tmp_path, extent):
    found = read(tmp_path, records=[record("a bad one", extent=extent), record("a cat", 1)])
    assert [tube.track.caption for tube in found.videos[0].tracks] == ["", "a cat"] and found.videos[0].tracks[0].caption_spans == ()
    assert len(found.faults) == 1 and "record 1 has a temporal_gt that is no stretch of frames" in said(found)[0]
    assert "'a bad one'" in said(found)[0]


@pytest.mark.parametrize(
    "bad, words",
    [
        (record(target=9), "lacks the things that 1 sentences are about"),
        (record(target="0"), "without description and target_id"),
        (record(text=None), "without description"),
        (record(vid="other"), "about videos of which vidor/ tells no boxes (other)"),
        (record(vid=None), "has no vid"),
        ("text", "has no vid"),
        (record(captions=["a dog"]), "without description"),
        (record(questions=[{}], captions=[]), "1 questions, which are not kept"),
    ],
    ids=range(8),
)
def test_what_cannot_be_kept_of_the_sentences_is_named_and_the_others_come_in(tmp_path, bad, words):
    found = read(tmp_path, records=[bad, record("a cat", 1)])
    assert seen(found) == [{0: WHOLE, 1: WHOLE}] and found.videos[0].tracks[1].track.caption == "a cat"
    assert len(found.faults) == 1 and words in said(found)[0]


@pytest.mark.parametrize("text", ["{", "", "{}", "3", "[" * 100_000])
def test_sentences_that_cannot_be_read_leave_the_boxes(tmp_path, text):
    found = read(tmp_path, records=text)
    assert seen(found) == [{0: WHOLE, 1: WHOLE}] and len(found.faults) == 1 and said(found)[0].startswith("annotations.json ")
    (tmp_path / "annotations.json").write_bytes("[]".encode("utf-16"))
    assert seen(vidstg.read(tmp_path)) == [{0: WHOLE, 1: WHOLE}]


def test_boxes_that_a_tracker_made_stay_where_they_are(tmp_path):
    """`generated` boxes of VidOR do not move linearly."""
    lefts = [10, 14, 40, 90, 91, 20, 33, 70, 71, 72]

    def change(body):
        for frame, left in enumerate(lefts):
            body["trajectories"][frame] = [{"tid": 0, "bbox": BOX | {"xmin": left, "xmax": left + 20}, "generated": int(0 < frame < 9)}]
    (tube,) = read(tmp_path, change).videos[0].tracks
    assert np.abs(TrackValue.from_track(tube.track).to_track().boxes.xyxy[:, 0] - lefts).max() <= 0.02


@pytest.mark.parametrize("name, comes", [("film.mp4", True), ("FILM.MOV", True), ("other.mp4", False)])
def test_the_video_is_that_of_the_told_name_below_whatever_folder_and_none_is_guessed(tmp_path, store, name, comes):
    read(tmp_path / "in", root="outer", records=[record()])
    shutil.copy(barcode.write_video(tmp_path / "film.mp4", count=COUNT), tmp_path / "in/outer" / name)
    report = run_to_end(load(store, store.create_project("P").id, [tmp_path / "in"]))
    assert report.videos == 1 and report.tracks == (2 if comes else 0) and (report.skipped == []) == comes
    assert comes or "film.mp4" in report.skipped[0][1]


@pytest.mark.parametrize("vid, tid", [(7, 0), ("7", 0), (7.0, 0.0), ("7", -0.0)])
def test_a_video_and_a_thing_are_the_same_however_their_ids_are_written(tmp_path, vid, tid):
    found = read(
        tmp_path,
        lambda body: body.update(video_id=7, **{"subject/objects": [{"tid": 0, "category": "dog"}, {"tid": 1.0, "category": "cat"}]}),
        [record(vid=vid, target=tid)],
    )
    assert seen(found) == [{0: WHOLE, 1: WHOLE}] and found.videos[0].tracks[0].track.caption == "a dog" and not said(found)
