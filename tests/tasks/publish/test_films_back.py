"""What went out about videos comes back: where a thing is covered, captions of stretches, tracks of MOT, CVAT and VidSTG files."""

import json
import re
import shutil
import zipfile

import pytest

from grounding.data import TrackValue, new_id, run_to_end
from grounding.exchange import cvat, vidstg
from grounding.exchange.names import portable_name
from grounding.tasks.intake.load import load
from grounding.tasks.publish.publish import publish
from tests import barcode
from tests.annotated import annotation

BOX, MOVED = [10.0, 20.5, 40.25, 60.0], [20.0, 20.5, 50.25, 60.0]
TRACK = {
    "label": "dog",
    "caption": "a dog",
    "state": "accepted",
    "score": 1.0,
    "keyframes": [
        {"frame": 2, "box": BOX, "outside": False, "occluded": True},
        {"frame": 4, "box": MOVED, "outside": False},
        {"frame": 7, "box": MOVED, "outside": False, "occluded": True},
        {"frame": 9, "box": MOVED, "outside": True},
        {"frame": 11, "box": BOX, "outside": False},
        {"frame": 14, "box": MOVED, "outside": False},
    ],
    "captions": [
        {"start": 2, "end": 5, "text": "it waits & <looks>"},
        {"start": 5, "end": 12, "text": 'it "runs"'},
        {"start": 13, "end": 13, "text": "it sits"},
    ],
}
COVERED, SEEN = {2, 3, 7, 8}, [2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14]
formats = pytest.mark.parametrize("format", ["coco", "cvat", "vidstg", "mot"])


@pytest.fixture
def project(tmp_path, store):
    made = store.create_project("Films", ["cat", "dog"])
    run_to_end(load(store, made.id, [barcode.write_video(tmp_path / "film.mp4", count=20)]))
    (item,) = store.items(made.id)
    store.append(item.id, [annotation(item.id, "track", TRACK, "person:ann")], edit=new_id())
    return made


def out(store, project, folder, format, **options):
    run_to_end(publish(store, project.id, folder, format=format, **options))
    return folder


def back(store, *paths):
    """(the report, the values of the tracks that came in)."""
    project = store.create_project(f"Again {new_id()}")
    report = run_to_end(load(store, project.id, paths))
    return report, [a.value for item in store.items(project.id) for a in store.current(item.id) if a.kind == "track"]


@formats
@pytest.mark.parametrize("zipped", [False, True])
def test_a_video_comes_back_with_its_tracks_covers_and_captions(tmp_path, store, project, format, zipped):
    report, (value,) = back(store, out(store, project, tmp_path / ("out.zip" if zipped else "out"), format))
    assert (report.videos, report.tracks, report.skipped, report.labels) == (1, 1, [], ["cat", "dog"] if format != "vidstg" else ["dog"])
    assert value.to_track().frames.tolist() == SEEN
    assert value.to_track().box_at(5) == pytest.approx(TrackValue.from_json(TRACK).to_track().box_at(5), abs=0.01)
    assert (value.label, value.state) == ("dog", "accepted")
    assert value.occluded_frames() == (set() if format == "vidstg" else COVERED)
    assert value.caption == ("" if format == "mot" else "a dog")
    assert value.to_json().get("captions", []) == ([] if format == "mot" else TRACK["captions"])


@formats
@pytest.mark.parametrize("name", ["aux.mp4", "what? *now*.mp4"])
def test_a_video_that_some_system_would_not_take_is_unpacked_there_and_comes_back_under_its_name(tmp_path, store, format, name):
    made = store.create_project("Odd", ["dog"])
    run_to_end(load(store, made.id, [barcode.write_video(tmp_path / "film.mp4", count=20).rename(tmp_path / name)]))
    (item,) = store.items(made.id)
    store.append(item.id, [annotation(item.id, "track", TRACK, "person:ann")], edit=new_id())
    out(store, made, tmp_path / "out.zip", format)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert all(portable_name(packed) == packed for packed in archive.namelist())
    again = store.create_project("Again")
    report = run_to_end(load(store, again.id, [tmp_path / "out.zip"]))
    assert (report.videos, report.tracks, report.skipped) == (1, 1, []) and [item.name for item in store.items(again.id)] == [name]


def test_covered_is_said_of_each_box(tmp_path, store, project):
    body = json.loads((out(store, project, tmp_path / "coco", "coco") / "annotations/instances_default.json").read_text())
    index = {image["id"]: image["frame_index"] for image in body["images"]}
    assert {index[a["image_id"]] for a in body["annotations"] if a["attributes"]["occluded"]} == COVERED
    lines = (out(store, project, tmp_path / "mot", "mot") / "film.mp4/gt/gt.txt").read_text().splitlines()
    assert {int(line.split(",")[0]) - 1 for line in lines if line.endswith(",0")} == COVERED
    text = (out(store, project, tmp_path / "cvat", "cvat") / "film.mp4/annotations.xml").read_text()
    assert {int(frame) for frame in re.findall(r'<box frame="(\d+)" outside="0" occluded="1"', text)} == COVERED


def test_captions_of_stretches_stand_where_each_format_has_room_for_them(tmp_path, store, project):
    body = json.loads((out(store, project, tmp_path / "coco", "coco") / "annotations/instances_default.json").read_text())
    assert body["videos"][0]["captions"] == [{"track_id": 1, **part} for part in TRACK["captions"]]
    records = json.loads((out(store, project, tmp_path / "vidstg", "vidstg") / "annotations.json").read_text())
    assert [(r["captions"][0]["description"], r["temporal_gt"]["begin_fid"], r["temporal_gt"]["end_fid"]) for r in records] == [
        ("a dog", 2, 15), ("it waits & <looks>", 2, 6), ("it \"runs\"", 5, 13), ("it sits", 13, 14)]
    text = (out(store, project, tmp_path / "cvat", "cvat") / "film.mp4/annotations.xml").read_text()
    (fifth,) = re.findall(r'<box frame="5".*?</box>', text, re.DOTALL)
    assert '<attribute name="stretch">it waits &amp; &lt;looks&gt;\nit "runs"</attribute>' in fifth and 'keyframe="1"' in fifth


@pytest.mark.parametrize("format, reader", [("cvat", cvat), ("vidstg", vidstg)])
def test_keyframes_alone_keep_the_captions_of_stretches(tmp_path, store, project, format, reader):
    (film,) = reader.read(out(store, project, tmp_path / "out", format, frames="keyframes", photos=False)).videos
    assert [{"start": span.start, "end": span.end, "text": span.text} for span in film.tracks[0].caption_spans] == TRACK["captions"]


def test_a_file_of_tracks_and_the_video_beside_it_are_enough(tmp_path, store, project):
    film, given = tmp_path / "film.mp4", tmp_path / "given"
    given.mkdir()
    out(store, project, tmp_path / "cvat", "cvat", photos=False), out(store, project, tmp_path / "mot", "mot", photos=False)
    xml = shutil.copy(tmp_path / "cvat/film.mp4/annotations.xml", given / "annotations.xml")
    for told in (xml, tmp_path / "mot/film.mp4/gt/gt.txt"):
        shutil.copy(film, given), shutil.copy(film, tmp_path / "mot/film.mp4")
        report, (value,) = back(store, told)
        assert report.skipped == [] and report.videos == 1 and value.to_track().frames.tolist() == SEEN


@pytest.mark.parametrize(
    "format, file", [("mot", "film.mp4/gt/gt.txt"), ("cvat", "film.mp4/annotations.xml"), ("vidstg", "vidor/film.mp4.json")]
)
def test_tracks_without_their_video_are_named_with_the_cure(tmp_path, store, project, format, file):
    report, values = back(store, out(store, project, tmp_path / "out", format, photos=False))
    ((name, sentence),) = report.skipped
    assert values == [] and name == "film.mp4" and "put the video" in sentence


def test_tracks_of_another_video_stay_out(tmp_path, store, project):
    folder = out(store, project, tmp_path / "out", "cvat")
    (folder / "film.mp4/film.mp4").unlink()
    barcode.write_video(folder / "film.mp4/film.mp4", count=12)
    report, values = back(store, folder)
    assert report.videos == 1 and values == [] and "has not the 20 frames" in report.skipped[0][1]
    barcode.write_video(folder / "film.mp4/film.mp4", count=20, size=(168, 96))
    report, values = back(store, folder)
    assert values == [] and "is 168 x 96, but its tracks are for 320 x 192" in report.skipped[0][1]


@pytest.mark.parametrize(
    "file, text, words",
    [
        ("annotations.xml", "<annotations><image/></annotations>", "CVAT for video 1.1"),
        ("annotations.xml", "<a", "is not XML"),
        ("gt.txt", "1,2,three\n", "gt.txt"),
        ("annotations.xml", "<annotations><track id='0' label='a'><box frame='x'/></track></annotations>", "cannot be read"),
    ],
)
def test_what_is_wrong_in_a_file_of_tracks_is_said_and_the_video_comes_in(tmp_path, store, file, text, words):
    (tmp_path / "in").mkdir()
    barcode.write_video(tmp_path / "in/film.mp4", count=6)
    (tmp_path / "in" / file).write_text(text)
    report, values = back(store, tmp_path / "in")
    assert report.videos == 1 and values == [] and words in " ".join(sentence for _, sentence in report.skipped)
