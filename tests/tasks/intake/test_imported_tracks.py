"""Tracks that files tell of a video: what fits it comes in, what does not is named, and the sound rest stays."""

import json
import shutil

import pytest

from grounding.data import new_id, run_to_end
from grounding.tasks.intake.load import load
from tests import barcode
from tests.annotated import annotation

EDGES = 'xtl="10" ytl="40" xbr="50" ybr="60"'


def xml(folder, frames=(1,), kind="task", edges=EDGES, source="film.mp4", **told):
    """An annotations.xml with one track of keyframes."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {"size": 20, "start_frame": 0, "stop_frame": 19, "overlap": 0} | told
    boxes = "".join(f'<box frame="{frame}" outside="0" occluded="0" keyframe="1" {edges}/>' for frame in frames)
    facts = "".join(f"<{name}>{value}</{name}>" for name, value in told.items()) + (f"<source>{source}</source>" if source else "")
    (folder / "annotations.xml").write_text(
        f'<annotations><meta><{kind}>{facts}</{kind}></meta><track id="0" label="dog">{boxes}</track></annotations>'
    )
    return folder


def told(store, project, *paths):
    """(the report, the frames of each track, what was said)."""
    report = run_to_end(load(store, project.id, paths))
    tracks = [
        a.value.to_track().frames.tolist() for item in store.items(project.id) for a in store.current(item.id) if a.kind == "track"
    ]
    return report, tracks, " ".join(sentence for _, sentence in report.skipped + report.notes)


@pytest.fixture
def film(tmp_path):
    return barcode.write_video(tmp_path / "film.mp4", count=20)


@pytest.fixture
def project(store):
    return store.create_project("P")


FIRST, SECOND = (
    {"kind": "job", "size": 12, "stop_frame": 11, "overlap": 3},
    {"kind": "job", "size": 11, "start_frame": 9, "stop_frame": 19, "overlap": 3},
)


def test_two_jobs_of_one_video_in_one_folder_both_come_in(tmp_path, store, project, film):
    xml(tmp_path / "in/job 1", range(2, 12), **FIRST), xml(tmp_path / "in/job 2", range(9, 18), **SECOND)
    shutil.copy(film, tmp_path / "in")
    report, tracks, said = told(store, project, tmp_path / "in")
    assert (report.videos, report.skipped) == (1, []) and tracks == [list(range(2, 12)), list(range(9, 18))]


@pytest.mark.parametrize("at_once", [True, False])
def test_two_jobs_of_one_video_come_in_one_after_the_other_and_none_twice(tmp_path, store, project, film, at_once):
    folders = [xml(tmp_path / "1", range(2, 12), **FIRST), xml(tmp_path / "2", range(9, 18), **SECOND)]
    for folder in folders:
        shutil.copy(film, folder)
    for paths in [folders] if at_once else [[folder] for folder in folders]:
        report, tracks, said = told(store, project, *paths)
        assert report.skipped == []
    assert tracks == [list(range(2, 12)), list(range(9, 18))] and "another part of it" in said
    report, again, said = told(store, project, *folders)
    assert again == tracks and len(report.skipped) == 2


@pytest.mark.parametrize("overlap", [0, 5, 9])
def test_a_job_that_was_exported_anew_does_not_come_in_a_second_time(tmp_path, store, project, film, overlap):
    folder = xml(tmp_path / "1", range(0, 4), kind="job", size=10, stop_frame=9, overlap=overlap)
    shutil.copy(film, folder)
    told(store, project, folder)
    xml(folder, range(1, 4), kind="job", size=10, stop_frame=9, overlap=overlap)
    report, tracks, said = told(store, project, folder)
    assert tracks == [list(range(4))] and "in the project already" in said


def test_a_job_joins_a_video_about_whose_frames_only_a_person_said_nothing(tmp_path, store, project, film):
    told(store, project, film)
    (item,) = store.items(project.id)
    drawn = {
        "label": "cat",
        "caption": "",
        "state": "accepted",
        "score": 1.0,
        "keyframes": [{"frame": 15, "box": [1.0, 2.0, 30.0, 40.0], "outside": False}],
    }
    store.append(item.id, [annotation(item.id, "track", drawn, "person:ann")], edit=new_id())
    for part, expected in (({"size": 10, "start_frame": 10, "stop_frame": 19}, 1), ({"size": 10, "stop_frame": 9}, 2)):
        folder = xml(tmp_path / "in", [part.get("start_frame", 0) + 2], kind="job", **part)
        shutil.copy(film, folder)
        assert len(told(store, project, folder)[1]) == expected


@pytest.mark.parametrize("count, comes", [(18, False), (19, True), (20, True), (21, False)])
def test_a_file_that_tells_of_one_frame_less_comes_in_and_says_so(tmp_path, store, project, film, count, comes):
    folder = xml(tmp_path / "in", size=count, stop_frame=count - 1)
    shutil.copy(film, folder)
    report, tracks, said = told(store, project, folder)
    assert report.videos == 1 and (tracks == [[1]]) == comes
    assert (said == "") if count == 20 else (f"tell of {count}" in said) if comes else (f"has not the {count} frames" in said)


SHORT = "<width>320</width><height>192</height>"


@pytest.mark.parametrize("source", ["film.mp4", ""])
def test_a_task_that_ends_before_its_video_comes_in_and_its_frames_are_said(tmp_path, store, project, film, source):
    folder = xml(tmp_path / "in", (2, 9), size=10, stop_frame=9, original_size=SHORT, source=source)
    shutil.copy(film, folder)
    report, tracks, said = told(store, project, folder)
    assert tracks == [list(range(2, 10))] and "frames 0 to 9; nothing is said of the others" in said
    report, tracks, said = told(store, project, folder)
    assert len(tracks) == 1 and "in the project already" in said


@pytest.mark.parametrize(
    "facts, words",
    [
        ({"size": 10, "stop_frame": 19}, "has not the 10 frames"),
        ({"size": 10, "stop_frame": 9, "original_size": SHORT.replace("320", "640")}, "640 x 192"),
        ({"size": 30, "stop_frame": 29}, "has not the 30 frames"),
        ({"size": 10, "stop_frame": 9, "original_size": ""}, "has not the 10 frames"),
        ({"size": 10, "stop_frame": 9, "source": "other.mp4"}, "other.mp4"),
    ],
)
def test_a_task_whose_file_contradicts_the_video_or_itself_stays_out(tmp_path, store, project, film, facts, words):
    folder = xml(tmp_path / "in", (2, 9), **({"original_size": SHORT} | facts))
    shutil.copy(film, folder)
    report, tracks, said = told(store, project, folder)
    assert (report.videos, tracks) == (1, []) and words in said


def test_two_tasks_of_one_video_both_come_in_and_none_twice(tmp_path, store, project, film):
    first = xml(tmp_path / "in/1", (2, 9), size=10, stop_frame=9, original_size=SHORT)
    xml(tmp_path / "in/2", (12, 15), size=10, start_frame=10, stop_frame=19, original_size=SHORT)
    shutil.copy(film, tmp_path / "in"), shutil.copy(film, first)
    assert told(store, project, first)[1] == [list(range(2, 10))]
    (first / "film.mp4").unlink()
    (first / "annotations.xml").rename(tmp_path / "first.xml")
    assert len(told(store, project, tmp_path / "in")[1]) == 2
    (tmp_path / "first.xml").rename(first / "annotations.xml")
    assert len(told(store, project, tmp_path / "in")[1]) == 2


def test_a_video_of_another_name_is_not_guessed_but_named(tmp_path, store, project, film):
    folder = xml(tmp_path / "in", source="other.mp4")
    shutil.copy(film, folder)
    report, tracks, said = told(store, project, folder)
    assert (report.videos, tracks) == (1, []) and "other.mp4" in said and "under that name" in said


@pytest.mark.parametrize(
    "name, source", [("film.mp4", "FILM.MP4"), ("film.mov", "film.mp4"), ("été.mp4", "e\u0301te\u0301.mp4"), ("film.mp4", "")]
)
def test_a_video_is_found_under_its_name_however_it_is_spelt_or_alone_where_none_is_told(tmp_path, store, project, film, name, source):
    folder = xml(tmp_path / "in", source=source)
    shutil.copy(film, folder / name)
    report, tracks, said = told(store, project, folder)
    assert tracks == [[1]] and said == ""


def test_a_thing_that_leaves_the_picture_is_hidden_there_and_its_track_comes_in(tmp_path, store, project, film):
    folder = xml(tmp_path / "in", [])
    rows = "".join(f'<box frame="{frame}" xtl="{x}" ytl="40" xbr="{x + 40}" ybr="60"/>' for frame, x in ((0, 200), (10, 400), (12, 200)))
    (folder / "annotations.xml").write_text(f'<annotations><track id="0" label="dog">{rows}</track></annotations>')
    shutil.copy(film, folder)
    report, (frames,), said = told(store, project, folder)
    assert frames == [0, 1, 2, 3, 4, 5, 11, 12] and "dog with boxes that cover nothing of the picture in 5 frames from 6 on" in said


def vidstg(folder, *sentences, count=20, boxes=range(20)):
    """A vidor/ folder with one thing, and annotations.json with (text, begin, end, target)."""
    (folder / "vidor").mkdir(parents=True)
    facts = {"frame_count": count, "fps": 30, "width": 320, "height": 192, "subject/objects": [{"tid": 0, "category": "dog"}]}
    row = {"tid": 0, "bbox": {"xmin": 10, "ymin": 40, "xmax": 50, "ymax": 60}, "generated": 0}
    body = {"video_id": "film", **facts, "trajectories": [[row] if frame in boxes else [] for frame in range(count)]}
    (folder / "vidor/film.json").write_text(json.dumps(body))
    records = [
        {"vid": "film", "temporal_gt": {"begin_fid": begin, "end_fid": end}, "captions": [{"description": text, "target_id": target}]}
        for text, begin, end, target in sentences
    ]
    (folder / "annotations.json").write_text(json.dumps(records))


def test_a_sentence_that_ends_after_the_video_is_cut_and_its_track_and_boxes_come_in(tmp_path, store, project, film):
    vidstg(tmp_path / "in", ("it runs", 5, 400, 0), ("it sits", 30, 400, 0), ("it waits", 2, 4, 0))
    shutil.copy(film, tmp_path / "in")
    report, tracks, said = told(store, project, tmp_path / "in")
    (item,) = store.items(project.id)
    (value,) = [a.value for a in store.current(item.id)]
    assert tracks == [list(range(20))]
    assert value.to_json()["captions"] == [{"start": 2, "end": 3, "text": "it waits"}, {"start": 5, "end": 19, "text": "it runs"}]
    assert "'it runs' about frames 5 to 399, which was cut there" in said and "'it sits' about frames 30 to 399, which stayed out" in said
    assert len(report.skipped) == len(report.notes) == 1 and "which stayed out" in report.skipped[0][1]


def test_a_sentence_that_cannot_be_kept_takes_neither_its_track_nor_the_other_sentences_along(tmp_path, store, project, film):
    vidstg(tmp_path / "in", ("x" * 2000, 0, 20, 0), ("y" * 2000, 1, 5, 0), ("it waits", 2, 4, 0))
    shutil.copy(film, tmp_path / "in")
    report, tracks, said = told(store, project, tmp_path / "in")
    (item,) = store.items(project.id)
    (value,) = [a.value for a in store.current(item.id)]
    assert len(tracks) == 1 and value.caption == "" and [part.text for part in value.captions] == ["it waits"]
    assert said.count("stayed out, its track came in") == 2 == len(report.skipped)


def test_tracks_beside_a_coco_set_are_named_with_the_cure(tmp_path, store, project, film):
    shutil.copy(film, xml(tmp_path / "in/film"))
    (tmp_path / "in/instances.json").write_text(json.dumps({"images": [], "annotations": [], "categories": []}))
    report, tracks, said = told(store, project, tmp_path / "in")
    assert tracks == [] and "load the folder of the tracks by itself" in said
