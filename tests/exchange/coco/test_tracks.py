"""Tracks in COCO: what cannot be of the video or of a thing is named, and the rest comes in."""

import json

import numpy as np
import pytest

from grounding.data import new_id, run_to_end
from grounding.tasks.intake.load import load
from grounding.tasks.publish.publish import publish
from tests import barcode
from tests.annotated import annotation

TRACK = {"label": "dog", "caption": "a dog", "state": "accepted", "score": 1.0, "keyframes": [
    {"frame": 2, "box": [10.0, 20.0, 40.0, 60.0], "outside": False}, {"frame": 8, "box": [40.0, 20.0, 70.0, 60.0], "outside": False}],
    "captions": [{"start": 2, "end": 4, "text": "it waits"}]}


@pytest.fixture
def exported(tmp_path, store):
    project = store.create_project("Films", ["dog"])
    run_to_end(load(store, project.id, [barcode.write_video(tmp_path / "film.mp4", count=12)]))
    (item,) = store.items(project.id)
    store.append(item.id, [annotation(item.id, "track", TRACK, "person:ann")], edit=new_id())
    run_to_end(publish(store, project.id, tmp_path / "out"))
    return tmp_path / "out"


def back(store, folder, change):
    path = folder / "annotations/instances_default.json"
    body = json.loads(path.read_text())
    change(body)
    path.write_text(json.dumps(body))
    project = store.create_project("Again")
    report = run_to_end(load(store, project.id, [folder]))
    tracks = [a.value.to_track() for item in store.items(project.id) for a in store.current(item.id) if a.kind == "track"]
    return tracks, " ".join(sentence for _, sentence in report.skipped + report.notes)


def row(body, frame):
    """The box in a frame."""
    (image,) = [image for image in body["images"] if int(image.get("frame_index", -1)) == frame]
    return next(row for row in body["annotations"] if row["image_id"] == image["id"])


@pytest.mark.parametrize(
    "change, words, lost",
    [
        (lambda body: row(body, 5)["attributes"].pop("track_id"), "1 boxes without a track_id", [5]),
        (lambda body: row(body, 5).update(attributes={"track_id": 1.5}), "1 boxes without a track_id", [5]),
        (
            lambda body: body["annotations"].append(row(body, 5) | {"id": 99, "bbox": [1, 1, 5, 5]}),
            "1 boxes of a track_id that the same frame holds",
            [],
        ),
        (
            lambda body: body["videos"][0]["captions"].append({"track_id": 9, "start": 1, "end": 2, "text": "it flies"}),
            "1 captions of a track_id that no box has",
            [],
        ),
        (lambda body: body["images"][3].update(frame_index=-1), "1 images whose frame_index is none of its 12 frames", [5]),
        (lambda body: body["images"][3].update(frame_index=12), "1 images whose frame_index is none of its 12 frames", [5]),
        (lambda body: body["images"][3].update(frame_index=4), "1 images of a frame that an earlier image is of", [5]),
        (lambda body: body["images"][3].update(width=160, height=96), "1 images of another size than 320 x 192", [5]),
    ],
)
def test_what_is_wrong_in_one_frame_is_named_and_the_others_come_in(exported, store, change, words, lost):
    (track,), said = back(store, exported, change)
    assert track.frames.tolist() == [frame for frame in range(2, 9) if frame not in lost] and words in said
    assert track.box_at(4) == pytest.approx((20, 20, 50, 60), abs=0.01)


def test_a_box_that_was_moved_between_keyframes_comes_in_where_it_was_put(exported, store):
    def move(body):
        row(body, 5)["bbox"] = [100, 20, 30, 40]
    (track,), said = back(store, exported, move)
    assert track.box_at(5) == (100, 20, 130, 60) and np.diff(track.frames).max() == 1 and said == ""


def test_tracks_for_another_size_of_video_stay_out(exported, store):
    def halve(body):
        for image in body["images"]:
            image.update(width=160, height=96)
    tracks, said = back(store, exported, halve)
    assert tracks == [] and "is 320 x 192, but its tracks are for 160 x 96" in said


@pytest.mark.parametrize("spell", [str, float])
def test_frames_and_things_are_the_same_however_their_numbers_are_written(tmp_path, store, exported, spell):
    def change(body):
        for image in body["images"][::2]:
            image["frame_index"] = spell(image["frame_index"])
        row(body, 5)["attributes"]["track_id"] = spell(row(body, 5)["attributes"]["track_id"])
        body["videos"][0]["captions"][0]["track_id"] = spell(body["videos"][0]["captions"][0]["track_id"])
    tracks, said = back(store, exported, change)
    assert [track.frames.tolist() for track in tracks] == [list(range(2, 9))] and said == ""
