"""Videos go out as the page showed them, in every format that is about videos."""

import json
import zipfile

import pytest

from grounding.data import TrackValue, new_id, run_to_end
from grounding.exchange import cvat, mot, vidstg
from grounding.tasks.intake.load import load
from grounding.tasks.publish.publish import FORMATS, publish
from tests import barcode, drawn
from tests.annotated import annotation

READERS = {"mot": mot.read, "cvat": cvat.read, "vidstg": vidstg.read}
formats = pytest.mark.parametrize("format", READERS)
BOX = [10.0, 20.5, 40.25, 60.0]
MOVED = [20.0, 20.5, 50.25, 60.0]
TRACK = {"label": "dog", "caption": "the dog & <its> \"ball\"", "state": "accepted", "score": 1.0, "keyframes": [
    {"frame": 2, "box": BOX, "outside": False}, {"frame": 6, "box": MOVED, "outside": False},
    {"frame": 8, "box": MOVED, "outside": True}, {"frame": 11, "box": BOX, "outside": False}]}
SEEN = [2, 3, 4, 5, 6, 7, 11]


@pytest.fixture
def project(tmp_path, store):
    """A video with an accepted and a proposed track, and a photo."""
    made = store.create_project("Films", ["cat", "dog"])
    film = barcode.write_video(tmp_path / "film.mp4", count=20)
    run_to_end(load(store, made.id, [film, drawn.write_photo(tmp_path / "a.png")]))
    item = next(item for item in store.items(made.id) if item.kind == "video")
    track = annotation(item.id, "track", TRACK, "person:ann")
    store.append(
        item.id,
        [
            track,
            annotation(item.id, "phrase", {"text": "it runs", "targets": [track.object], "state": "accepted"}, "person:ann"),
            annotation(item.id, "track", {**TRACK, "state": "proposed", "label": "cat"}, "model:m@1"),
        ],
        edit=new_id(),
    )
    return made


def out(store, project, folder, **options):
    return run_to_end(publish(store, project.id, folder, **options))


@formats
def test_frames_and_boxes_are_those_of_the_page(tmp_path, store, project, format):
    report = out(store, project, tmp_path / "out", format=format)
    assert (report.videos, report.tracks) == (1, 1) and "1 photo stayed out" in report.skipped[0][1]
    (film,) = READERS[format](tmp_path / "out").videos
    (tube,) = film.tracks
    shown = TrackValue.from_json(TRACK).to_track()
    assert tube.track.frames.tolist() == shown.frames.tolist() == SEEN
    assert abs(tube.track.boxes.xyxy - shown.boxes.xyxy).max() <= 0.01
    assert (film.name, film.size, len(film), tube.track.label) == ("film.mp4", (320, 192), 20, "dog")
    assert format == "mot" or tube.track.caption == TRACK["caption"]


@formats
def test_keyframes_only_where_asked(tmp_path, store, project, format):
    out(store, project, tmp_path / "out", format=format, frames="keyframes")
    (film,) = READERS[format](tmp_path / "out").videos
    assert (
        film.tracks[0].track.frames.tolist() == {"mot": [2, 6, 11], "vidstg": [2, 6, 11], "cvat": SEEN}[format]
    )  # CVAT interpolates as we do


@formats
def test_the_video_goes_along_unless_told_not_to(tmp_path, store, project, format):
    out(store, project, tmp_path / "with.zip", format=format)
    with zipfile.ZipFile(tmp_path / "with.zip") as archive:
        assert archive.read("film.mp4/film.mp4") == (tmp_path / "film.mp4").read_bytes()
    out(store, project, tmp_path / "out", format=format, photos=False)
    assert not (tmp_path / "out/film.mp4/film.mp4").exists()


@formats
def test_proposals_go_only_when_asked_for(tmp_path, store, project, format):
    out(store, project, tmp_path / "out", format=format, include="proposals")
    (film,) = READERS[format](tmp_path / "out").videos
    assert sorted(tube.track.label for tube in film.tracks) == ["cat", "dog"]


def test_classes_are_the_labels_of_the_project_by_number(tmp_path, store, project):
    out(store, project, tmp_path / "out", format="mot")
    assert (tmp_path / "out/film.mp4/gt/labels.txt").read_text() == "cat\ndog\n"
    first = (tmp_path / "out/film.mp4/gt/gt.txt").read_text().splitlines()[0]
    assert first == "3,1,10,20.5,30.25,39.5,1,2,1"  # frames count from 1


def test_sentences_have_their_extent_in_time(tmp_path, store, project):
    out(store, project, tmp_path / "out", format="vidstg")
    records = json.loads((tmp_path / "out/annotations.json").read_text())
    assert [record["captions"][0]["description"] for record in records] == [TRACK["caption"], "it runs"]
    assert records[0]["temporal_gt"] == {"begin_fid": 2, "end_fid": 12} and records[0]["vid"] == "film.mp4"


def test_coco_frames_carry_the_number_of_their_track(tmp_path, store, project):
    out(store, project, tmp_path / "out")
    body = json.loads((tmp_path / "out/annotations/instances_default.json").read_text())
    index = {image["id"]: image.get("frame_index") for image in body["images"]}
    assert [(index[a["image_id"]], a["attributes"]["track_id"]) for a in body["annotations"]] == [(frame, 1) for frame in SEEN]


def test_every_format_is_offered_and_an_unknown_one_is_refused(tmp_path, store, project):
    assert set(FORMATS) == {"coco", *READERS}
    with pytest.raises(ValueError, match="mot"):
        out(store, project, tmp_path / "out", format="avi")


@pytest.mark.parametrize("frames", ["annotated", "keyframes", "all"])
def test_a_video_that_went_out_as_coco_comes_back_as_a_video_with_its_tracks(tmp_path, store, project, frames):
    out(store, project, tmp_path / "coco.zip", frames=frames)
    again = store.create_project("Again")
    report = run_to_end(load(store, again.id, [tmp_path / "coco.zip"]))
    assert (report.videos, report.photos, report.tracks, report.phrases) == (1, 1, 1, 1) and not report.skipped
    item = next(item for item in store.items(again.id) if item.kind == "video")
    track, phrase = sorted(store.current(item.id), key=lambda a: a.kind, reverse=True)
    back = track.value.to_track()
    assert (item.name, back.label, back.caption, list(phrase.value.targets)) == ("film.mp4", "dog", TRACK["caption"], [track.object])
    assert back.box_at(4) == pytest.approx(TrackValue.from_json(TRACK).to_track().box_at(4), abs=0.01)
    if frames != "keyframes":  # keyframes alone do not tell where a thing is hidden
        assert back.frames.tolist() == SEEN


def test_frames_without_their_video_come_in_as_photos(tmp_path, store, project):
    out(store, project, tmp_path / "out")
    (tmp_path / "out/videos/film.mp4").unlink()
    again = store.create_project("Again")
    assert run_to_end(load(store, again.id, [tmp_path / "out"])).photos == 1 + len(SEEN)
