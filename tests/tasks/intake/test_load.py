"""What people drop into a project is there afterwards: whole, once, and with what was said of it."""

import json
import os
import zipfile

import numpy as np
import pytest
from PIL import Image

from grounding.data import Progress, run_to_end
from grounding.data.media import open_image
from grounding.exchange.archive import Limits, UploadTree
from grounding.tasks.intake.imported_annotations import AUTHOR
from grounding.tasks.intake.load import load
from tests import barcode, drawn


@pytest.fixture
def project(store):
    return store.create_project("Street", ["cat"])


def names(store, project):
    return [item.name for item in store.all_items(project.id)]


def nothing_half_written(store):
    """No temporary file is left, and each media file is that of an item."""
    left = [path.name for path in (store.folder / "cache").iterdir()]
    kept = {path.name for path in (store.folder / "media").rglob("*") if path.is_file()}
    items = [item for project in store.projects() for item in store.all_items(project.id)]
    return left == [] and kept == {f"{item.sha256}.{item.ext}" for item in items}


def coco_folder(root, photos, annotations=(), categories=({"id": 3, "name": "dog"},), grefs=None):
    (root / "annotations").mkdir(parents=True)
    body = {"images": photos, "annotations": list(annotations), "categories": list(categories)}
    (root / "annotations/instances_default.json").write_text(json.dumps(body))
    if grefs:
        (root / "annotations/grefs(default).json").write_text(json.dumps(grefs))
    return root


def test_photos_folders_and_archives_come_in_by_their_names(tmp_path, store, project):
    drawn.write_photo(tmp_path / "one.jpg", 1)
    (
        drawn.write_photo(tmp_path / "in/b/10.png", 2),
        drawn.write_photo(tmp_path / "in/b/9.webp", 3),
        drawn.write_photo(tmp_path / "in/.hidden/x.jpg", 9),
    )
    with zipfile.ZipFile(tmp_path / "pack.zip", "w") as archive:
        archive.writestr("été/写真 1%#.bmp", drawn.encode_photo("BMP", 4))
        archive.writestr("été/" + "n" * 251 + ".jpg", drawn.encode_photo("JPEG", 5))
    report = run_to_end(load(store, project.id, [tmp_path / "one.jpg", str(tmp_path / "in"), tmp_path / "pack.zip"]))
    assert (report.added, report.photos, report.skipped, report.notes) == (5, 5, [], [])
    assert names(store, project) == ["b/9.webp", "b/10.png", "one.jpg", "été/" + "n" * 251 + ".jpg", "été/写真 1%#.bmp"]
    assert all(item.size == drawn.SIZE and store.media_path(item).is_file() for item in store.all_items(project.id))
    assert nothing_half_written(store)


def test_photos_come_in_by_whatever_name(tmp_path, store, project):
    odd = ["a:b?.jpg", "aux.jpg", "-rf.jpg", "~ #%41 🐕.jpg", "st*r.jpg", "x" * 251 + ".jpg"]
    changed = {"back\\slash.jpg": "back/slash.jpg", "line\nbreak.jpg": "line_break.jpg", "space.jpg ": "space.jpg"}
    for number, name in enumerate([*odd, *changed]):
        drawn.write_photo(tmp_path / "in/photo.jpg", number).rename(tmp_path / "in" / name)
    report = run_to_end(load(store, project.id, [tmp_path / "in"]))
    assert report.skipped == [] and sorted(names(store, project)) == sorted([*odd, *changed.values()])
    one_by_one = store.create_project("One by one")
    assert run_to_end(load(store, one_by_one.id, [tmp_path / "in" / name for name in odd])).skipped == []
    assert sorted(names(store, one_by_one)) == sorted(odd)


def test_photos_of_more_than_8_bits_are_seen_and_that_is_said_once(tmp_path, store, project):
    for number in range(3):
        values = 7000 + 1000 * number + np.arange(1200, dtype=np.uint16).reshape(30, 40) % 100
        Image.fromarray(values).save(tmp_path / f"thermal {number}.png")
    report = run_to_end(load(store, project.id, [tmp_path]))
    assert report.photos == 3 and report.skipped == []
    assert report.notes == [("thermal 0.png", "thermal 0.png uses the values 7000 to 7099 only, which were stretched from black to white; "
                                              "so were those of 2 more photos, each by its own values")]
    assert all(open_image(store.media_path(item)).pixels.std() > 60 for item in store.all_items(project.id))


@pytest.mark.parametrize(
    "ending, count, told", [("gif", 3, True), ("webp", 3, True), ("png", 3, True), ("gif", 1, False), ("png", 1, False)]
)
def test_of_an_animation_the_first_picture_comes_in_and_that_is_said(tmp_path, store, project, ending, count, told):
    first, *others = (Image.new("RGB", (40, 30), (80 * n, 90, 20)) for n in range(count))
    first.save(tmp_path / f"moving.{ending}", **({"save_all": True, "append_images": others, "duration": 50} if others else {}))
    report = run_to_end(load(store, project.id, [tmp_path / f"moving.{ending}"]))
    assert report.photos == 1 and [note for _, note in report.notes] == [f"moving.{ending} is an animation; its first picture came in: "
                                                                         "save it as a video to have all of it"] * told


def test_the_original_bytes_are_kept(tmp_path, store, project):
    photo = drawn.write_photo(tmp_path / "a.jpg", orientation=6)
    run_to_end(load(store, project.id, [photo]))
    [item] = store.items(project.id)
    assert store.media_path(item).read_bytes() == photo.read_bytes() and item.size == drawn.SIZE


def test_the_same_photo_is_not_added_twice(tmp_path, store, project):
    photo, other = drawn.write_photo(tmp_path / "a.jpg", 1), drawn.write_photo(tmp_path / "b/a.jpg", 2)
    run_to_end(load(store, project.id, [photo]))
    report = run_to_end(load(store, project.id, [photo, other]))
    assert report.added == 1 and report.known == 1 and "already" in report.skipped[0][1]
    item = store.items(project.id)[0]
    store.trash_items([each.id for each in store.items(project.id)])
    assert run_to_end(load(store, project.id, [photo])).added == 1  # what lies in the trash may come again
    assert item.id not in [each.id for each in store.items(project.id)]


def test_uploaded_files_are_known_by_the_names_people_see(tmp_path, store, project):
    (tmp_path / "tmp1").write_bytes(drawn.encode_photo("JPEG", 1))
    with zipfile.ZipFile(tmp_path / "tmp2", "w") as archive:
        archive.writestr("in/zip.jpg", drawn.encode_photo("JPEG", 2))
    tree = UploadTree({"holiday/a.jpg": tmp_path / "tmp1", "b.zip": tmp_path / "tmp2", "../../up.jpg": tmp_path / "tmp1"})
    report = run_to_end(load(store, project.id, [tree]))
    assert names(store, project) == ["holiday/a.jpg", "in/zip.jpg"] and report.skipped[0][0] == "../../up.jpg"


def test_a_coco_set_brings_boxes_phrases_and_labels(tmp_path, store, project):
    root = coco_folder(
        tmp_path / "set",
        [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}],
        [
            {"id": 7, "image_id": 1, "category_id": 3, "bbox": [1.25, 2, 10.5, 20], "attributes": {"score": 0.5}},
            {"id": 8, "image_id": 1, "category_id": 3, "bbox": [30, 2, 10, 20]},
        ],
        grefs=[
            {"image_id": 1, "ann_id": [8, 7], "sentences": [{"raw": "both dogs"}], "attributes": {"origin": "template", "unique": True}},
            {"image_id": 1, "ann_id": [-1], "sentences": [{"raw": "a zebra"}]},
        ],
    )
    drawn.write_photo(root / "images/default/a.jpg")
    report = run_to_end(load(store, project.id, [root]))
    assert (report.added, report.boxes, report.phrases, report.labels, report.skipped) == (1, 2, 2, ["dog"], [])
    assert [(label.id, label.name) for label in store.project(project.id).labels] == [(1, "cat"), (2, "dog")]
    first, second, both, none = store.current(store.items(project.id)[0].id)
    assert (
        first.value.to_json() == {"box": [1.25, 2, 11.75, 22], "label": "dog", "score": 0.5, "state": "accepted"} and first.author == AUTHOR
    )
    assert both.value.targets == (second.object, first.object) and both.value.state == "accepted"
    assert (both.value.origin, both.value.unique) == ("template", True)
    assert none.value.targets == () and none.value.origin == "person"


def test_a_coco_set_in_a_zip_and_one_named_by_its_file(tmp_path, store, project):
    root = coco_folder(
        tmp_path / "set", [{"id": 1, "file_name": "a.jpg"}], [{"id": 1, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4]}]
    )
    drawn.write_photo(root / "images/default/a.jpg", 1)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in root.rglob("*.*"):
            archive.write(path, f"outer/{path.relative_to(root)}")
    assert run_to_end(load(store, project.id, [tmp_path / "set.zip"])).boxes == 1
    other = store.create_project("Other")
    assert run_to_end(load(store, other.id, [root / "annotations/instances_default.json"])).boxes == 1


def test_boxes_come_to_photos_that_had_none_and_never_to_others(tmp_path, store, project):
    root = coco_folder(
        tmp_path / "set", [{"id": 1, "file_name": "a.jpg"}], [{"id": 1, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4]}]
    )
    photo = drawn.write_photo(root / "images/a.jpg", 1)
    run_to_end(load(store, project.id, [photo]))
    for boxes in (1, 0):
        report = run_to_end(load(store, project.id, [root]))
        assert (report.added, report.boxes) == (0, boxes)
    assert len(store.current(store.items(project.id)[0].id)) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_boxes_agree_with_photos_however_they_are_turned(tmp_path, store, project, orientation):
    """Boxes told for the upright photo stay, those drawn on the unturned one turn with it."""
    width, height = drawn.SIZE if orientation < 5 else drawn.SIZE[::-1]
    x0, y0, x1, y1 = drawn.SQUARE
    images = [{"id": 1, "file_name": "upright.png", "width": drawn.SIZE[0], "height": drawn.SIZE[1]}]
    rows = [{"id": 1, "image_id": 1, "category_id": 3, "bbox": [x0, y0, x1 - x0, y1 - y0]}]
    photos = ["upright.png"]
    if orientation >= 5:  # else the two cannot be told apart by size; upright is taken, and that is said
        from PIL import Image

        raw = drawn.write_photo(tmp_path / "raw.png", 3, orientation)
        a0, b0, a1, b1 = drawn.red_square(np.asarray(Image.open(raw).convert("RGB")))
        images.append({"id": 2, "file_name": "unturned.png", "width": width, "height": height})
        rows.append({"id": 2, "image_id": 2, "category_id": 3, "bbox": [a0, b0, a1 - a0, b1 - b0]})
        photos.append("unturned.png")
    root = coco_folder(tmp_path / "set", images, rows)
    for photo in photos:
        drawn.write_photo(root / "images" / photo, 3, orientation)
    report = run_to_end(load(store, project.id, [root]))
    assert report.added == len(photos) and len(report.notes) == (orientation > 1)
    for item in store.all_items(project.id):
        [box] = store.current(item.id)
        assert tuple(box.value.box) == drawn.SQUARE == drawn.red_square(open_image(store.media_path(item)).pixels)


def test_boxes_of_another_size_stay_out_and_are_named(tmp_path, store, project):
    root = coco_folder(tmp_path / "set", [{"id": 1, "file_name": "a.jpg", "width": 640, "height": 480}],
                       [{"id": 1, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4]}],
                       grefs=[{"image_id": 1, "ann_id": 1, "sentences": [{"raw": "dog"}]}])
    drawn.write_photo(root / "a.jpg")
    report = run_to_end(load(store, project.id, [root]))
    assert (report.added, report.boxes, report.phrases) == (1, 0, 0)
    assert "a.jpg is 64 x 48, but its boxes are for 640 x 480" in report.skipped[0][1]
    assert report.summary() == "1 photo loaded, 2 skipped" and not report.notes


def test_a_video_comes_with_its_frame_table(tmp_path, store, project):
    film = barcode.write_video(tmp_path / "film.mp4", count=12, times_s=[0.5 + n / 10 for n in range(12)])
    report = run_to_end(load(store, project.id, [film]))
    [item] = store.items(project.id)
    assert report.videos == 1 and (item.kind, item.frame_count, item.size) == ("video", 12, (320, 192))
    assert np.allclose(store.pts(item.id), 0.5 + np.arange(12) / 10, atol=1e-3) and store.meta(item.id)["codec"] == "h264"


def test_a_batch_that_is_stopped_keeps_what_is_whole(tmp_path, store, project):
    for number in range(5):
        drawn.write_photo(tmp_path / f"in/{number}.jpg", number)
    steps = load(store, project.id, [tmp_path / "in"])
    for step in steps:
        if step.note == "3.jpg":
            break
    steps.close()
    assert names(store, project) == ["0.jpg", "1.jpg", "2.jpg"] and nothing_half_written(store)


def test_a_photo_whose_boxes_cannot_be_kept_leaves_no_file(tmp_path, store, project, monkeypatch):
    def full(*_, **__):
        raise KeyboardInterrupt
    monkeypatch.setattr(type(store), "add_item", full)
    with pytest.raises(KeyboardInterrupt):
        run_to_end(load(store, project.id, [drawn.write_photo(tmp_path / "a.jpg")]))
    assert nothing_half_written(store)


def test_progress_counts_files_and_ends_with_the_report(tmp_path, store, project):
    for number in range(3):
        drawn.write_photo(tmp_path / f"in/{number}.jpg", number)
    steps = list(load(store, project.id, [tmp_path / "in"]))
    assert all(isinstance(step, Progress) for step in steps) and [step.total for step in steps[1:]] == [3] * 4
    assert steps[-1].done == 3 and steps[-1].result.added == 3 and all(step.result is None for step in steps[:-1])


def test_an_archive_is_capped(tmp_path, store, project):
    with zipfile.ZipFile(tmp_path / "pack.zip", "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.jpg", drawn.encode_photo("JPEG", number))
    report = run_to_end(load(store, project.id, [tmp_path / "pack.zip"], limits=Limits(members=2)))
    assert report.added == 0 and "pack.zip holds 3 files, more than 2" in report.skipped[0][1]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path, store, project):
    drawn.write_photo(tmp_path / "a.jpg").chmod(0)
    assert "a.jpg cannot be read" in run_to_end(load(store, project.id, [tmp_path / "a.jpg"])).skipped[0][1]


def test_real_photos_come_in_with_their_boxes(shared_data, store, project):
    report = run_to_end(load(store, project.id, [shared_data / "coco_train2017_128"]))
    assert (report.added, report.boxes, report.skipped, report.notes) == (128, 929, [], [])
