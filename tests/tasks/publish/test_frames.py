"""The frames of a video go out in COCO's layout as they were shown, each with the boxes of its tracks."""

import zipfile

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from grounding.data import Keyframe, Track, run_to_end
from grounding.data.media import open_video
from grounding.tasks.intake.load import load
from grounding.tasks.publish.publish import publish
from tests import barcode
from tests.tasks.publish.exported import out, say


@pytest.fixture
def film(tmp_path, store, project):
    path = barcode.write_video(tmp_path / "été clip.mp4", count=30, times_s=[0.5 + n / 30 + (n > 10) * 0.2 for n in range(30)])
    run_to_end(load(store, project.id, [path]))
    return next(item for item in store.items(project.id) if item.kind == "video")


def key(frame, x, outside=False):
    return {"frame": frame, "box": [x, 10.0, x + 20, 40.0], "outside": outside}


def track(store, item, *keys, **more):
    return say(store, item, "track", label="dog", caption="the dog", keyframes=list(keys), **more)


def test_a_videos_frames_are_those_that_were_shown_without_hidden_ones(tmp_path, store, project, film):
    dog = track(store, film, key(3, 0.0), key(7, 40.0), key(9, 60.0, outside=True), key(20, 80.0), key(21, 90.0))
    track(store, film, key(20, 100.0))
    track(store, film, key(25, 100.0), state="rejected")
    say(store, film, "phrase", text="the first dog", targets=[dog], origin="person")
    report, body, grefs = out(store, project, tmp_path / "out")
    frames = [3, 4, 5, 6, 7, 8, 20, 21]
    assert [image["frame_index"] for image in body["images"]] == frames and report.images == 8 and report.boxes == 9
    assert body["images"][0]["file_name"] == "été clip.mp4/frame_000003.png"
    [table] = body["videos"]
    pts = store.pts(film.id).tolist()
    assert table["pts_s"] == pts and [image["pts_s"] for image in body["images"]] == [pts[frame] for frame in frames]
    with open_video(store.media_path(film)) as video:
        for image in body["images"]:
            pixels = np.asarray(Image.open(tmp_path / "out/images/default" / image["file_name"]))
            assert np.array_equal(pixels, video.frame(image["frame_index"]).pixels) and barcode.read_number(pixels) == image["frame_index"]
    drawn_boxes = Track.from_keyframes([Keyframe(3, (0, 10, 20, 40)), Keyframe(7, (40, 10, 60, 40))])
    by_image = {image["id"]: image["frame_index"] for image in body["images"]}
    first = [ann for ann in body["annotations"] if ann["attributes"]["track_id"] == 1]
    assert [(by_image[ann["image_id"]], ann["attributes"]["keyframe"]) for ann in first] == [
        (3, True), (4, False), (5, False), (6, False), (7, True), (8, False), (20, True), (21, True)]
    assert first[1]["bbox"][0] == drawn_boxes.box_at(4)[0] and first[0]["attributes"]["caption"] == "the dog"
    assert len(grefs) == 8 and all(ref["ann_id"] != [-1] for ref in grefs)


@pytest.mark.parametrize("frames, expected", [("keyframes", [3, 7]), ("annotated", [3, 4, 5, 6, 7]), ("all", list(range(30)))])
def test_keyframes_only_or_all_frames_by_choice(tmp_path, store, project, film, frames, expected):
    track(store, film, key(3, 0.0), key(7, 40.0))
    _, body, _ = out(store, project, tmp_path / "out", frames=frames, frame_format="jpg")
    assert [image["frame_index"] for image in body["images"]] == expected
    shown = np.asarray(Image.open(tmp_path / "out/images/default" / body["images"][-1]["file_name"]))
    assert barcode.read_number(shown) == expected[-1] and body["images"][-1]["file_name"].endswith(".jpg")


def test_two_videos_of_one_name_do_not_mix(tmp_path, store, project, film):
    (tmp_path / "in").mkdir()
    other = barcode.write_video(tmp_path / "in/été clip.mp4", count=5)
    run_to_end(load(store, project.id, [other]))
    for item in store.all_items(project.id):
        track(store, item, key(0, 0.0), key(4, 4.0))
    _, body, _ = out(store, project, tmp_path / "out")
    assert len({image["file_name"] for image in body["images"]}) == 10 and len({image["id"] for image in body["images"]}) == 10
    assert {video["name"] for video in body["videos"]} == {"été clip.mp4", "été clip (2).mp4"}


def test_pycocotools_loads_a_zip_once_unpacked(tmp_path, store, project, mixed, film):
    track(store, film, key(0, 0.0), key(2, 4.0))
    run_to_end(publish(store, project.id, tmp_path / "out.zip"))
    zipfile.ZipFile(tmp_path / "out.zip").extractall(tmp_path / "unpacked")
    loaded = COCO(tmp_path / "unpacked/annotations/instances_default.json")
    assert len(loaded.imgs) == 4 and len(loaded.anns) == 4
    assert all((tmp_path / "unpacked/images/default" / image["file_name"]).is_file() for image in loaded.imgs.values())
