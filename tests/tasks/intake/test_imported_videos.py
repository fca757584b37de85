"""Files about videos that lie apart from them: in an archive beside the video, in another folder, or named one by one;
and videos that nobody can know."""

import json
import shutil
import zipfile

import pytest

from grounding.data import run_to_end
from grounding.exchange.archive import UploadTree
from grounding.tasks.intake.load import load
from tests import barcode

XML = """<annotations><meta><task><size>20</size><stop_frame>19</stop_frame><source>film.mp4</source></task></meta>
<track id="0" label="dog"><box frame="2" keyframe="1" outside="0" xtl="10" ytl="40" xbr="50" ybr="60"/>
<box frame="9" keyframe="1" outside="1" xtl="10" ytl="40" xbr="50" ybr="60"/></track></annotations>"""
BOXES = [{"tid": 0, "bbox": {"xmin": 10, "ymin": 40, "xmax": 50, "ymax": 60}, "generated": 0, "tracker": "none"}]
VIDOR = json.dumps({
    "version": "VERSION 1.0", "video_id": "7", "video_path": "1025/film.mp4", "frame_count": 20, "fps": 30,
    "width": 320, "height": 192, "subject/objects": [{"tid": 0, "category": "dog"}],
    "trajectories": [BOXES if 2 <= frame < 9 else [] for frame in range(20)],
})
SENTENCES = json.dumps([{"vid": "7", "captions": [{"description": "a dog", "target_id": 0}], "questions": []}])
SEEN = list(range(2, 9))


def mot(left=10):
    return "".join(f"{frame + 1},1,{left},40,40,20,1,1,1\n" for frame in SEEN)


FILES = {
    "cvat": {"annotations.xml": XML},
    "mot": {"gt/gt.txt": mot(), "gt/labels.txt": "dog\n"},
    "vidstg": {"vidor/7.json": VIDOR, "annotations.json": SENTENCES},
    "vidor": {"training/1025/7.json": VIDOR, "train_annotations.json": SENTENCES},
}
everywhere = pytest.mark.parametrize("kind", FILES)


def unpacked(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return [folder / name for name in files]


def packed(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def told(store, paths, called="P"):
    """(the report, for each video its tracks: label, caption, frames, left edge)."""
    project = store.create_project(called)
    report = run_to_end(load(store, project.id, paths))
    tracks = {
        item.name: [
            (track.label, track.caption, track.frames.tolist(), float(track.boxes.xyxy[0, 0]))
            for a in store.current(item.id)
            if a.kind == "track"
            for track in [a.value.to_track()]
        ]
        for item in store.items(project.id)
    }
    return report, tracks


@pytest.fixture
def film(tmp_path):
    return barcode.write_video(tmp_path / "film.mp4", count=20)


@everywhere
@pytest.mark.parametrize("way", ["video first", "archive first", "a folder", "dropped on the page"])
def test_an_archive_finds_the_video_that_comes_with_it(tmp_path, store, film, kind, way):
    archive = packed(tmp_path / "in/task.zip", FILES[kind])
    paths = {"video first": [film, archive], "archive first": [archive, film], "a folder": [tmp_path / "in"],
             "dropped on the page": [UploadTree({"film.mp4": film, "task.zip": archive})]}[way]
    shutil.copy(film, tmp_path / "in")
    report, tracks = told(store, paths)
    caption = "a dog" if kind.startswith("vid") else ""
    assert tracks == {"film.mp4": [("dog", caption, SEEN, 10)]} and (report.videos, report.skipped) == (1, [])


@everywhere
@pytest.mark.parametrize("way", ["files", "folders", "video and folder"])
def test_files_in_one_place_find_the_video_in_another(tmp_path, store, film, kind, way):
    files = [path for path in unpacked(tmp_path / "told", FILES[kind]) if path.name != "labels.txt"]
    (tmp_path / "films").mkdir()
    apart = shutil.copy(film, tmp_path / "films/film.mp4")
    # Where the format tells no name, a video is meant only if it is the only one and was named by hand.
    paths = {"files": [apart, *files], "folders": [tmp_path / "films", tmp_path / "told"], "video and folder": [apart, tmp_path / "told"]}[
        way
    ]
    report, tracks = told(store, paths)
    if (kind, way) == ("mot", "folders"):
        assert tracks == {"film.mp4": []} and "put the video in its folder" in report.skipped[0][1]
    else:
        assert (
            tracks["film.mp4"] == [("dog", "a dog" if kind.startswith("vid") else "", SEEN, 10)]
            or kind == "mot"
            and tracks["film.mp4"][0][2] == SEEN
        )
        assert report.skipped == []


def test_archives_find_each_the_video_of_their_own_name(tmp_path, store, film):
    for name, left in (("a", 10), ("b", 60)):
        packed(tmp_path / f"in/{name}.zip", {"gt/gt.txt": mot(left)})
        shutil.copy(film, tmp_path / f"in/{name}.mp4")
    report, tracks = told(store, [tmp_path / "in"])
    assert {name: [left for *_, left in rows] for name, rows in tracks.items()} == {"a.mp4": [10], "b.mp4": [60]} and report.skipped == []


def test_an_archive_between_two_videos_is_named_with_a_cure_that_can_be_followed(tmp_path, store, film):
    job = XML.replace("task>", "job>").replace("<source>film.mp4</source>", "<id>7</id>")
    archive = packed(tmp_path / "in/task.zip", {"annotations.xml": job})
    shutil.copy(film, tmp_path / "in/a.mp4"), shutil.copy(film, tmp_path / "in/b.mp4")
    report, tracks = told(store, [tmp_path / "in"])
    ((name, sentence),) = report.skipped
    assert tracks == {"a.mp4": [], "b.mp4": []} and name == "task.zip" and "call both alike and load them together" in sentence
    archive.rename(tmp_path / "in/b.zip")
    report, tracks = told(store, [tmp_path / "in"], "Q")
    assert {video: len(rows) for video, rows in tracks.items()} == {"a.mp4": 0, "b.mp4": 1}


def test_an_archive_finds_the_video_in_its_own_folder_first(tmp_path, store, film):
    for name, left in (("a", 10), ("b", 60)):
        packed(tmp_path / f"in/{name}/task.zip", {"annotations.xml": XML.replace('xtl="10"', f'xtl="{left - 20}"')})
        shutil.copy(film, tmp_path / f"in/{name}/film.mp4")
    report, tracks = told(store, [tmp_path / "in"])
    assert {name: [left for *_, left in rows] for name, rows in tracks.items()} == {"a/film.mp4": [0], "b/film.mp4": [40]}


@pytest.mark.parametrize("apart", [True, False])
def test_a_video_that_may_be_that_of_several_sequences_is_given_to_none(tmp_path, store, film, apart):
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        packed(tmp_path / f"in/{name}.zip", {"gt/gt.txt": mot()}) if apart else unpacked(tmp_path / f"in/{name}", {"gt/gt.txt": mot()})
    shutil.copy(film, tmp_path / "in/other.mp4")
    report, tracks = told(store, [tmp_path / "in"])
    ((_, sentence),) = report.skipped
    assert tracks == {"other.mp4": []} and "other.mp4 may be the video of a" in sentence and "call each video like" in sentence


def test_a_video_of_a_folder_is_never_guessed_for_what_lies_in_another(tmp_path, store, film):
    for place in ("films", "more"):
        (tmp_path / place).mkdir()
        shutil.copy(film, tmp_path / place / f"{place}.mp4")
    unpacked(tmp_path / "told", {"gt/gt.txt": mot()})
    report, tracks = told(store, [tmp_path / "films", tmp_path / "told"])
    assert tracks == {"films.mp4": []} and len(report.skipped) == 1
    report, tracks = told(store, [tmp_path / "films/films.mp4", tmp_path / "more/more.mp4", tmp_path / "told"], "Q")
    assert tracks == {"films.mp4": [], "more.mp4": []} and len(report.skipped) == 1


def test_sentences_of_vidstg_without_their_boxes_are_named_with_the_cure(tmp_path, store, film):
    (path,) = unpacked(tmp_path / "told", {"train_annotations.json": SENTENCES})
    report, tracks = told(store, [film, path])
    ((_, sentence),) = report.skipped
    assert tracks == {"film.mp4": []} and "sentences of VidSTG" in sentence and "together with the files of VidOR" in sentence


@pytest.mark.parametrize("way", ["the shell", "the page"])
def test_of_two_videos_that_came_under_one_name_none_gets_the_tracks_and_that_is_said(tmp_path, store, film, way):
    (tmp_path / "b").mkdir()
    archive, other = packed(tmp_path / "task.zip", FILES["cvat"]), barcode.write_video(tmp_path / "b/film.mp4", count=20, size=(160, 96))
    names = {"film.mp4": "film.mp4", "film (2).mp4": "film.mp4", "task.zip": "task.zip"}
    paths = [film, other, archive] if way == "the shell" else [UploadTree(dict(zip(names, (film, other, archive))), original_names=names)]
    report, tracks = told(store, paths)
    assert tracks == {"film.mp4": [], "film (2).mp4": []}
    assert [why for _, why in report.skipped if "film.mp4 and film (2).mp4, which came under the same name" in why]


@pytest.mark.parametrize("source, name", [
    ("my%20film.mp4", "my film.mp4"), ("my film.mp4", "my%20film.mp4"), ("C:\\clips\\FILM.mp4", "film.mp4"),
    ("/home/x/clips/film.avi", "film.mp4"),
    ("cafe\u0301.mp4", "caf\u00e9.MP4"),
])  # fmt: skip
def test_a_video_is_found_however_its_name_and_folder_were_spelt_elsewhere(tmp_path, store, film, source, name):
    archive = packed(tmp_path / "task.zip", {"annotations.xml": XML.replace("film.mp4", source)})
    (tmp_path / "in").mkdir()
    shutil.copy(film, tmp_path / "in" / name), barcode.write_video(tmp_path / "in/other.mp4", count=21)
    report, tracks = told(store, [tmp_path / "in", archive])
    assert tracks == {name: [("dog", "", SEEN, 10)], "other.mp4": []} and report.skipped == []


def test_of_two_names_that_differ_in_case_the_one_that_is_told_is_meant(tmp_path, store, film):
    (
        packed(tmp_path / "in/task.zip", FILES["cvat"]),
        shutil.copy(film, tmp_path / "in"),
        barcode.write_video(tmp_path / "in/FILM.mp4", count=21),
    )
    report, tracks = told(store, [tmp_path / "in"])
    assert tracks == {"film.mp4": [("dog", "", SEEN, 10)], "FILM.mp4": []} and report.skipped == []
