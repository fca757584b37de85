"""What a person names comes in or is refused by name; what nobody named stays where it is; the page and the shell do the same."""

import json
import os
import zipfile

import pytest

from grounding.data import run_to_end
from grounding.exchange.archive import UploadTree
from grounding.tasks.intake.load import load
from tests import barcode, drawn
from tests.coco_sets import annotation, coco_json, image

SET = coco_json(images=[image(width=64, height=48)], annotations=[annotation(bbox=[10, 10, 20, 20])])


@pytest.fixture
def project(store):
    return store.create_project("Street", ["cat"])


def came(store, project):
    """{name of each item: its boxes}."""
    return {item.name: [list(a.value.box) for a in store.current(item.id) if a.kind == "box"] for item in store.all_items(project.id)}


def folder(root, value=SET, name="result.json", photos=("a.jpg",)):
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(value if isinstance(value, str) else json.dumps(value))
    for number, photo in enumerate(photos):
        drawn.write_photo(root / photo, number)
    return root


def words(report):
    return " | ".join(why for _, why in report.skipped + report.notes)


def as_folder(root):
    return [root]


def as_upload(root):
    """As the page sends a dropped folder."""
    return [UploadTree({f"set/{path.relative_to(root).as_posix()}": path for path in root.rglob("*") if path.is_file()}, "the upload")]


def as_zip(root):
    with zipfile.ZipFile(root.with_suffix(".zip"), "w") as archive:
        for path in root.rglob("*"):
            archive.write(path, path.relative_to(root).as_posix())
    return [root.with_suffix(".zip")]


def as_uploaded_zip(root):
    return [UploadTree({"set.zip": as_zip(root)[0]}, "the upload")]


ways = pytest.mark.parametrize("way", [as_folder, as_upload, as_zip, as_uploaded_zip])


@ways
@pytest.mark.parametrize(
    "name, photo", [("result.json", "images/a.jpg"), ("x/y/annotations/instances_val.json", "x/y/val/a.jpg"), ("instances.json", "a.JPG")]
)
def test_a_set_comes_in_alike_from_a_folder_a_zip_and_the_page(tmp_path, store, project, way, name, photo):
    report = run_to_end(load(store, project.id, way(folder(tmp_path / "set", name=name, photos=[photo]))))
    assert (report.photos, report.boxes, report.skipped) == (1, 1, []) and list(came(store, project).values()) == [[[10, 10, 30, 30]]]


@ways
def test_ids_that_are_shared_bring_no_box_from_anywhere(tmp_path, store, project, way):
    value = coco_json(images=[image(), image(file_name="b.jpg")])
    report = run_to_end(load(store, project.id, way(folder(tmp_path / "set", value, photos=["a.jpg", "b.jpg"]))))
    assert report.boxes == 0 and "a.jpg" in words(report) and "b.jpg" in words(report) and not any(came(store, project).values())


@ways
def test_json_that_is_no_set_is_named_and_the_photos_come_in(tmp_path, store, project, way):
    report = run_to_end(load(store, project.id, way(folder(tmp_path / "set", {"shapes": [], "imagePath": "a.jpg"}, "a.json"))))
    assert report.photos == 1 and "a.json is a file of Labelme" in words(report) and len(report.skipped) == 1


@ways
def test_photos_outside_of_the_folder_of_a_set_come_in_as_they_are(tmp_path, store, project, way):
    report = run_to_end(
        load(store, project.id, way(folder(tmp_path / "set", name="one/set.json", photos=["one/a.jpg", "two/b.jpg", "one/c.jpg"])))
    )
    assert (report.photos, report.boxes) == (2, 1) and "one/c.jpg is not named in the COCO file" in words(report)


def test_a_json_that_is_named_brings_what_it_lists_and_nothing_else(tmp_path, store, project):
    root = folder(tmp_path / "set", photos=["a.jpg", "private/holiday.jpg", "other.jpg"])
    folder(root, coco_json(images=[image(file_name="other.jpg")]), "instances_other.json", photos=[])
    with zipfile.ZipFile(root / "more.zip", "w") as archive:
        archive.writestr("b.jpg", drawn.encode_photo("JPEG", 5))
    report = run_to_end(load(store, project.id, [root / "result.json"]))
    assert came(store, project) == {"a.jpg": [[10, 10, 30, 30]]} and report.skipped == report.notes == []


@pytest.mark.parametrize("name", [
    "labels/result.json", "annotations/result.json", "Ann/result.json", "images/result.json", ".hidden.json",
    "labels/.hidden.json",
])
def test_a_json_that_is_named_finds_its_photos_in_the_folder_beside_its_own(tmp_path, store, project, name):
    root = folder(tmp_path / "set", name=name, photos=["images/a.jpg", "images/holiday.jpg"])
    report = run_to_end(load(store, project.id, [root / name]))
    assert [*came(store, project).values()] == [[[10, 10, 30, 30]]] and report.skipped == []


@pytest.mark.parametrize("photos", [["images/a.jpg", "images/sub/a.jpg"], ["images/b.jpg"], ["masks/a.jpg"], ["other/a.jpg"]])
def test_a_json_that_is_named_takes_no_photo_where_two_fit_or_none(tmp_path, store, project, photos):
    root = folder(tmp_path / "set", photos=photos, name="labels/result.json")
    (root / "images").mkdir(exist_ok=True)
    report = run_to_end(load(store, project.id, [root / "labels/result.json"]))
    assert came(store, project) == {} and len(report.skipped) == 1 and "1 box left out" in words(report)


@pytest.mark.parametrize("name, value, what", [
    ("list.json", [], "no COCO set"), ("empty.json", "", "empty"),
    ("tasks.json", [{"id": 1, "data": {}, "annotations": []}], "Label Studio"), ("other.xml", "<a/>", "other.xml"),
    ("refs.json", [{"image_id": 1, "ann_id": [1], "sentences": []}], "refs.json"),
    ("broken.json", '{"images": [{"id": 1}], "annotations": [],', "not JSON"),
])  # fmt: skip
def test_a_file_that_is_named_and_tells_of_no_photo_is_refused_by_name_alone(tmp_path, store, project, name, value, what):
    report = run_to_end(load(store, project.id, [folder(tmp_path / "set", value, name) / name]))
    assert came(store, project) == {} and len(report.skipped) == 1 and name in words(report) and what in words(report)


def test_a_gt_txt_that_is_named_brings_its_video_and_nothing_else(tmp_path, store, project):
    barcode.write_video(tmp_path / "set/film.mp4", count=5) if (tmp_path / "set").mkdir() is None else None
    (tmp_path / "set/gt").mkdir()
    (tmp_path / "set/gt/gt.txt").write_text("1,1,10,10,20,20,1,1,1\n2,1,12,10,20,20,1,1,1\n")
    drawn.write_photo(tmp_path / "set/holiday.jpg")
    report = run_to_end(load(store, project.id, [tmp_path / "set/gt/gt.txt"]))
    assert (report.videos, report.photos, report.tracks) == (1, 0, 1)


@pytest.mark.parametrize("name", [".hidden.jpg", "Thumbs.db", "desktop.ini", "notes.txt", ".DS_Store"])
@pytest.mark.parametrize("uploaded", [False, True])
def test_what_is_named_by_hand_is_never_dropped(tmp_path, store, project, name, uploaded):
    (tmp_path / name).write_bytes(drawn.encode_photo() if name.endswith(".jpg") else b"some text")
    report = run_to_end(load(store, project.id, [UploadTree({name: tmp_path / name}) if uploaded else tmp_path / name]))
    assert list(came(store, project)) == [name] if name.endswith(".jpg") else name in words(report)


def test_hidden_files_inside_a_folder_stay_out(tmp_path, store, project):
    folder(tmp_path / "set", photos=["a.jpg", ".b.jpg", ".c/d.jpg", "__MACOSX/e.jpg"])
    for paths in (as_folder(tmp_path / "set"), as_upload(tmp_path / "set")):
        run_to_end(load(store, project.id, paths))
        assert {name.rpartition("/")[2] for name in came(store, project)} == {"a.jpg"}


def test_what_cannot_be_looked_at_is_named(tmp_path, store, project):
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "broken.jpg").symlink_to(tmp_path / "gone")
    drawn.write_photo(tmp_path / "in/a.jpg"), drawn.write_photo(tmp_path / "else/b.jpg", 2)
    (tmp_path / "in/link").symlink_to(tmp_path / "else")
    os.mkfifo(tmp_path / "in/pipe.jpg")
    paths = [tmp_path / name for name in ("empty", "pipe.jpg", "broken.jpg", "gone.jpg", "in", "x" * 300)]
    report = run_to_end(load(store, project.id, paths))
    assert list(came(store, project)) == ["a.jpg"] and len(report.skipped) == 7
    for what in (
        "empty holds no files",
        "pipe.jpg is no file",
        "broken.jpg is not there",
        "gone.jpg is not there",
        "link in in is a link to a folder",
    ):
        assert what in words(report)


def test_a_file_that_is_named_twice_comes_in_once(tmp_path, store, project):
    photo = drawn.write_photo(tmp_path / "a.jpg")
    assert run_to_end(load(store, project.id, [photo, photo, str(photo)])).photos == 1


def test_what_a_second_set_says_of_a_photo_stays_out_and_that_is_said(tmp_path, store, project):
    root = folder(tmp_path / "set")
    folder(root, coco_json(annotations=[annotation(bbox=[1, 1, 2, 2])], images=[image(width=64, height=48)]), "other.json", photos=[])
    report = run_to_end(load(store, project.id, [root / "result.json", root / "other.json"]))
    assert came(store, project) == {"a.jpg": [[10, 10, 30, 30]]} and "what this set says of it stayed out" in words(report)


def test_photos_that_are_named_beside_a_set_come_in_too(tmp_path, store, project):
    root = folder(tmp_path / "set", photos=["a.jpg", "holiday.jpg"])
    shell = [root / name for name in ("result.json", "a.jpg", "holiday.jpg")]
    page = [UploadTree({path.name: path for path in shell}, "the upload")]
    run_to_end(load(store, project.id, page))
    other = store.create_project("Other")
    run_to_end(load(store, other.id, shell))
    assert came(store, project) == came(store, other) == {"a.jpg": [[10, 10, 30, 30]], "holiday.jpg": []}


def test_names_that_no_text_holds_are_shown_with_marks(tmp_path, store, project):
    (tmp_path / "in").mkdir()
    for name in (b"\xff\xfe.jpg", b"\xff.txt"):
        with open(os.path.join(os.fsencode(tmp_path / "in"), name), "wb") as file:
            file.write(drawn.encode_photo() if name.endswith(b".jpg") else b"text")
    steps = list(load(store, project.id, [tmp_path / "in"]))
    json.dumps([step.note for step in steps] + steps[-1].result.skipped, ensure_ascii=False).encode()
    assert steps[-1].result.photos == 1 and len(steps[-1].result.skipped) == 1


def test_texts_of_a_set_that_no_page_can_show_are_shown_with_marks(tmp_path, store, project):
    value = json.dumps(coco_json(images=[image(file_name="\udcff" + "x" * 9000 + ".jpg")], categories=[{"id": 1, "name": "d\ud800og\n"}]))
    report = run_to_end(load(store, project.id, [folder(tmp_path / "set", value, photos=[])]))
    json.dumps([report.skipped, report.notes, report.labels], ensure_ascii=False).encode()
    assert report.skipped and max(len(why) for _, why in report.skipped) <= 400


def test_a_zip_without_a_code_page_says_that_its_names_may_be_wrong(tmp_path, store, project):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x.jpg", drawn.encode_photo())
    data = (tmp_path / "a.zip").read_bytes().replace(b"x.jpg", b"\x81.jpg")
    (tmp_path / "a.zip").write_bytes(data)
    report = run_to_end(load(store, project.id, [tmp_path / "a.zip"]))
    assert report.photos == 1 and "a.zip does not tell how its names are spelt" in words(report)


def test_long_categories_that_begin_alike_stay_two_labels(tmp_path, store, project):
    names = ["x" * 150 + "a", "x" * 150 + "b", "dog"]
    value = coco_json(
        categories=[{"id": number, "name": name} for number, name in enumerate(names, 1)],
        images=[image(width=64, height=48)],
        annotations=[annotation(id=n, category_id=n, bbox=[n, n, 9, 9]) for n in (1, 2, 3)],
    )
    report = run_to_end(load(store, project.id, [folder(tmp_path / "set", value)]))
    assert len(set(report.labels)) == 3 and "dog" in report.labels and max(map(len, report.labels)) <= 100
    [item] = store.all_items(project.id)
    assert len({a.value.label for a in store.current(item.id)}) == 3 and len(report.notes) == 2


@pytest.mark.parametrize(
    "bbox, kept, said",
    [
        ([50, 10, 40, 10], [[50, 10, 64, 20]], "reached over its edge"),
        ([100, 100, 5, 5], [], "stayed out"),
        ([1, 1, 5, 5], [[1, 1, 6, 6]], ""),
    ],
)
def test_a_box_of_a_photo_whose_size_is_not_told_is_held_against_the_photo(tmp_path, store, project, bbox, kept, said):
    value = coco_json(images=[{"id": 1, "file_name": "a.jpg"}], annotations=[annotation(bbox=bbox)])
    report = run_to_end(load(store, project.id, [folder(tmp_path / "set", value)]))
    assert came(store, project) == {"a.jpg": kept} and (said in words(report) if said else not report.notes)
