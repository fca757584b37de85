"""What people said goes out exactly: every photo, every box, and nothing of the disk's own names."""

import json
import unicodedata
import zipfile

import numpy as np
import pytest
from PIL import Image

from grounding.data import run_to_end
from grounding.exchange.names import portable_name
from grounding.tasks.intake.load import load
from grounding.tasks.publish.publish import publish
from tests import drawn
from tests.tasks.publish.exported import box, out, say
from tests.web.sending import picture

NAMES = [
    "a.jpg", "A.JPG", "one/a.jpg", "two/a.jpg", "été/写真 1%#.jpg", unicodedata.normalize("NFD", "été/写真 1%#.jpg"),
    "n" * 251 + ".jpg", "../../escape.jpg", "/etc/absolute.jpg", "C:\\windows\\a.jpg", "clip.mp4",
    "clip.mp4/frame_000000.png", "no extension", "a\nb.jpg",
]  # fmt: skip


def test_every_photo_goes_out_under_a_name_of_its_own(tmp_path, store, project, add):
    items = [add(name, number) for number, name in enumerate(NAMES)]
    for number, item in enumerate(items):
        box(store, item, x=float(number))
    report, body, _ = out(store, project, tmp_path / "out")
    assert report.images == len(body["images"]) == len(body["annotations"]) == len(NAMES)
    files = [path for path in (tmp_path / "out/images/default").rglob("*") if path.is_file()]
    assert len(files) == len(NAMES)
    keys = {unicodedata.normalize("NFC", image["file_name"]).casefold() for image in body["images"]}
    assert len(keys) == len(NAMES)
    by_id = {image["id"]: image for image in body["images"]}
    for image in body["images"]:
        name = image["file_name"]
        assert not name.startswith("/") and ".." not in name.split("/") and "\\" not in name
        assert all(len(part.encode()) <= 255 for part in name.split("/"))
    seeds = {}  # each file holds the pixels of its own item
    for ann in body["annotations"]:
        pixels = np.asarray(Image.open(tmp_path / "out/images/default" / by_id[ann["image_id"]]["file_name"]).convert("RGB"))
        seeds[ann["bbox"][0]] = int(pixels[0].sum(-1).argmax())
    assert seeds == {float(number): number for number in range(len(NAMES))}


ODD = [
    "aux.jpg",
    "st*r?.jpg",
    "a:b.jpg",
    "CON/nul.tar.jpg",
    "trailing./dot.jpg",
    "n" * 251 + ".jpg",
    "été.jpg",
    unicodedata.normalize("NFD", "ÉTÉ.jpg"),
    "~ #%41 🐕.jpg",
    "-rf.jpg",
    "plain.jpg",
]


def test_an_export_unpacks_on_every_system_and_comes_back_under_the_names_it_had(tmp_path, store, project, add):
    for number, name in enumerate(ODD):
        box(store, add(name, number), x=float(number))
    run_to_end(publish(store, project.id, tmp_path / "out.zip"))
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        packed = archive.namelist()
        images = json.loads(archive.read("annotations/instances_default.json"))["images"]
    assert sorted(f"images/default/{image['file_name']}" for image in images) == sorted(
        name for name in packed if name.startswith("images/")
    )
    assert all(portable_name(name) == name for name in (whole.removeprefix("images/default/") for whole in packed))
    told = {image["file_name"]: image.get("original_name") for image in images}
    assert told["plain.jpg"] is None and told["_aux.jpg"] == "aux.jpg" and told["a_b.jpg"] == "a:b.jpg"
    again = store.create_project("Again")
    report = run_to_end(load(store, again.id, [tmp_path / "out.zip"]))
    assert report.skipped == [] and report.boxes == len(ODD)
    seen = {item.name: [a.value.box[0] for a in store.current(item.id)] for item in store.all_items(again.id)}
    assert seen == {name: [float(number)] for number, name in enumerate(ODD)}


def test_numbers_stay_the_same_in_every_export(tmp_path, store, project, add):
    items = [add(f"{n}.jpg", n) for n in range(3)]
    box(store, items[0], label="cat"), box(store, items[1], label="dog")
    _, before, _ = out(store, project, tmp_path / "one")
    dog, cat = store.project(project.id).labels
    store.set_labels(project.id, ["bird", {"id": cat.id, "name": "kitten"}, dog])
    add("0 first.jpg", 9)
    store.trash_items([items[2].id])
    _, after, _ = out(store, project, tmp_path / "two")
    assert {c["id"]: c["name"] for c in before["categories"]} == {1: "dog", 2: "cat"}
    assert {c["id"]: c["name"] for c in after["categories"]} == {1: "dog", 2: "kitten", 3: "bird"}
    ids = [{image["file_name"]: image["id"] for image in body["images"]} for body in (before, after)]
    assert all(isinstance(id, int) and 0 < id < 2**53 for id in ids[0].values())
    assert all(ids[1][name] == ids[0][name] for name in ("0.jpg", "1.jpg")) and "2.jpg" not in ids[1]
    assert sorted(ann["category_id"] for ann in after["annotations"]) == [1, 2]


def test_a_label_outside_the_list_keeps_its_number_too(tmp_path, store, project, add):
    box(store, add("a.jpg"), label="zebra")
    _, body, _ = out(store, project, tmp_path / "out")
    assert [(c["id"], c["name"]) for c in body["categories"]] == [(1, "dog"), (2, "cat"), (3, "zebra")]


def test_empty_photos_stay_unless_unwanted(tmp_path, store, project, add):
    add("empty.jpg"), box(store, add("full.jpg", 1))
    assert len(out(store, project, tmp_path / "all")[1]["images"]) == 2
    _, body, _ = out(store, project, tmp_path / "full", empty=False)
    assert [image["file_name"] for image in body["images"]] == ["full.jpg"]
    assert sorted(path.name for path in (tmp_path / "full/images/default").iterdir()) == ["full.jpg"]


def test_what_people_made_or_accepted_goes_out(tmp_path, store, project, mixed):
    report, body, grefs = out(store, project, tmp_path / "out")
    [ann] = body["annotations"]
    assert ann["bbox"] == [1, 2, 10.25, 18.5] and ann["attributes"] == {
        "score": 1.0,
        "author": "person:ann",
        "state": "accepted",
        "occluded": False,
    }
    assert [(ref["sentences"][0]["raw"], ref["ann_id"]) for ref in grefs] == [("mine", [ann["id"]]), ("none", [-1])]
    assert (report.images, report.boxes, report.phrases) == (1, 1, 2)
    assert [("lost" in why, "gone" in why) for _, why in sorted(report.skipped)].count((False, False)) == 0 and len(report.skipped) == 2


def test_proposals_go_out_when_asked_for(tmp_path, store, project, mixed):
    _, body, grefs = out(store, project, tmp_path / "out", include="proposals")
    assert [ann["attributes"]["state"] for ann in body["annotations"]] == ["accepted", "proposed"]
    assert body["annotations"][1]["attributes"] == {"score": 0.5, "author": "model:eye@1", "state": "proposed", "occluded": False}
    assert [ref["sentences"][0]["raw"] for ref in grefs] == ["mine", "none", "theirs"]


def test_an_accepted_phrase_brings_the_box_it_points_at(tmp_path, store, project, mixed):
    *_, proposed, phrase = mixed
    phrase("the right one", proposed)
    _, body, grefs = out(store, project, tmp_path / "out")
    assert len(body["annotations"]) == 2 and grefs[-1]["ann_id"] == [body["annotations"][1]["id"]]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["jpg", "png"])
def test_every_reader_sees_a_turned_photo_upright(tmp_path, store, project, orientation, form):
    photo = drawn.write_photo(tmp_path / f"a.{form}", orientation=orientation)
    run_to_end(load(store, project.id, [photo]))
    [item] = store.items(project.id)
    say(store, item, "box", box=list(map(float, drawn.SQUARE)), label="dog")
    _, body, _ = out(store, project, tmp_path / "out")
    written = tmp_path / "out/images/default" / body["images"][0]["file_name"]
    naive = Image.open(written)
    assert naive.size == drawn.SIZE == (body["images"][0]["width"], body["images"][0]["height"]) and naive.getexif().get(0x0112, 1) == 1
    x, y, w, h = body["annotations"][0]["bbox"]
    assert drawn.red_square(np.asarray(naive.convert("RGB"))) == drawn.SQUARE == (x, y, x + w, y + h)
    assert (written.read_bytes() == photo.read_bytes()) == (orientation == 1)
    other = store.create_project("Back")
    run_to_end(load(store, other.id, [tmp_path / "out"]))
    [back] = store.current(store.items(other.id)[0].id)
    assert tuple(back.value.box) == drawn.SQUARE


def test_out_and_in_again_changes_no_box(tmp_path, store, project, add):
    item = add("a.jpg")
    spots = np.random.default_rng(0).uniform(0, 40, (50, 4))
    for x, y, w, h in spots:
        say(store, item, "box", box=[x, y, x + w / 2 + 0.01, min(y + h / 5 + 0.01, 48)], label="dog")
    run_to_end(publish(store, project.id, tmp_path / "out.zip"))
    other = store.create_project("Back")
    run_to_end(load(store, other.id, [tmp_path / "out.zip"]))
    back = store.current(store.items(other.id)[0].id)
    first = store.current(item.id)
    assert len(back) == 50
    assert max(abs(p - q) for a, b in zip(first, back) for p, q in zip(a.value.box, b.value.box)) <= 0.01


def test_a_lost_file_is_named_and_the_others_go_out(tmp_path, store, project, add):
    add("good.jpg", 1)
    store.media_path(add("lost.jpg", 2)).unlink()
    report, body, _ = out(store, project, tmp_path / "out")
    assert [image["file_name"] for image in body["images"]] == ["good.jpg"]
    assert "lost.jpg is gone from the data folder" in report.skipped[0][1]


def test_an_export_that_is_stopped_leaves_nothing(tmp_path, store, project, add):
    for number in range(3):
        add(f"{number}.jpg", number)
    steps = publish(store, project.id, tmp_path / "exports/out")
    assert next(steps).total == 3
    next(steps)
    steps.close()
    assert list((tmp_path / "exports").iterdir()) == []


@pytest.mark.parametrize("wrong", [{"format": "yolo"}, {"include": "all"}, {"frames": "some"}, {"frame_format": "gif"}])
def test_a_choice_that_does_not_exist_is_named_with_those_that_do(tmp_path, store, project, wrong):
    with pytest.raises(ValueError, match="|".join(wrong.values())):
        run_to_end(publish(store, project.id, tmp_path / "out", **wrong))


def test_a_photo_whose_file_was_damaged_on_the_disk_is_named_and_the_others_go_out(store, tmp_path):
    project, told = store.create_project("P"), {}
    for name, content in (("a.jpg", b"no photo any more" * 100), ("b.jpg", picture())):
        (tmp_path / name).write_bytes(content)
        sha = store.add_file(tmp_path / name, "jpg")
        told[name] = store.add_item(project.id, name=name, kind="photo", sha256=sha, ext="jpg", size=(64, 48))
    report = run_to_end(publish(store, project.id, tmp_path / "out.zip"))
    assert report.images == 1 and [name for name, _ in report.skipped] == ["a.jpg"] and "load a.jpg again" in report.skipped[0][1]
