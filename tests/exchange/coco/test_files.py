"""A COCO set is known by what it holds, whatever it is called and wherever it lies."""

import json

import pytest

from grounding.exchange import coco
from grounding.exchange.archive import FolderTree, UploadTree
from grounding.exchange.coco.files import JsonFiles, base_folder, json_files
from grounding.exchange.json_kinds import COCO, classify_json
from tests.coco_sets import annotation, boxes, coco_json, fault_text, image, read, write


def kind(folder, text):
    (folder / "x.json").write_bytes(text if isinstance(text, bytes) else (text if isinstance(text, str) else json.dumps(text)).encode())
    return classify_json(FolderTree(folder), "x.json")


@pytest.mark.parametrize("value", [
    coco_json(), {"annotations": coco_json()["annotations"], "images": []},
    {"info": {}, "licenses": [{"id": 1}], **coco_json()},
    {key: coco_json()[key] for key in ("categories", "annotations", "images")},
    {"images": [image()], "annotations": [], "categories": []},
    {"images": [image()], "categories": [{"id": 1, "name": "dog"}]},
    {"images": [{"coco_url": "x", "id": 1}], "annotations": []},
    coco_json(images=[], annotations=[]),
])  # fmt: skip
def test_a_set_is_known_by_its_lists(tmp_path, value):
    assert kind(tmp_path, value) == COCO and kind(tmp_path, "\ufeff \n" + json.dumps(value, indent=2)) == COCO


@pytest.mark.parametrize("value, what", [
    ([], "no COCO set"), ({}, "no COCO set"), ({"a": 1}, "no COCO set"), ("", "empty"), (" \n", "empty"),
    ("{", "no COCO set"), ({"version": "5", "shapes": [], "imagePath": "a.jpg"}, "Labelme"),
    ([{"id": 1, "data": {"image": "a"}, "annotations": []}], "Label Studio"),
    ([{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 1}], "detections"),
    ({"images": [image()], "annotations": [{"image_id": 1, "id": 1, "caption": "a dog"}]}, "captions"),
    ({"_via_settings": {}, "_via_img_metadata": {}}, "VGG"),
    (json.dumps(coco_json()).encode("utf-16"), "UTF-16"), ('{"' + "images" * 3, "no COCO set"),
    ({"images": {"annotations": [{"bbox": []}]}}, "no COCO set"),
])  # fmt: skip
def test_json_that_is_no_set_is_called_what_it_is(tmp_path, value, what):
    assert what in kind(tmp_path, value)


@pytest.mark.parametrize("data", [b"\xff\xd8\xff\xe0", b"hello", b"\x89PNG", b"<annotations>"])
def test_a_photo_or_text_that_is_called_json_is_no_json(tmp_path, data):
    assert kind(tmp_path, data) == ""


def test_a_large_file_is_known_by_its_beginning(tmp_path):
    class Watched(FolderTree):
        asked = 0

        def open(self, name):
            source = super().open(name)
            read_all = source.read

            class Source:
                def __enter__(self):
                    return self

                def __exit__(self, *_):
                    source.close()

                def read(inner, size=-1):
                    data = read_all(size)
                    Watched.asked += len(data)
                    return data

            return Source()

    write(tmp_path, {"annotations": [annotation(id=n) for n in range(20_000)], "images": [image()], "categories": []}, name="big.json")
    assert json_files(Watched(tmp_path)).sets == ("big.json",) and (tmp_path / "big.json").stat().st_size > 10 * Watched.asked


@pytest.mark.parametrize(
    "row, what", [({"caption": "a dog"}, "captions"), ({"segments_info": [{"bbox": [1, 2, 3, 4], "category_id": 1}]}, "panoptic")]
)
@pytest.mark.parametrize("indent", [None, 1])
def test_captions_behind_many_images_are_no_boxes_and_harm_none_beside_them(tmp_path, row, what, indent):
    images = [image(), *(image(id=n, file_name=f"{n}.jpg", flickr_url="x" * 200) for n in range(2, 9000))]
    others = {"info": {}, "images": images, "annotations": [{"image_id": 1, "id": 4} | row], "categories": []}
    write(tmp_path, json.dumps(others, indent=indent), name="annotations/captions_val2017.json")
    write(tmp_path, coco_json(), name="annotations/person_keypoints_val2017.json")
    files = json_files(FolderTree(tmp_path))
    assert files.sets == ("annotations/person_keypoints_val2017.json",) and what in files.others[0][1]
    assert boxes(coco.read(tmp_path)) == [(10, 20, 40, 60)]


def test_boxes_behind_many_images_are_boxes(tmp_path):
    images = [image(id=n, file_name=f"{n}.jpg", annotations=[{"caption": "own"}]) for n in range(1, 3000)]
    assert kind(tmp_path, {"images": images, "annotations": [annotation()], "categories": []}) == COCO


@pytest.mark.parametrize("name, photo", [
    ("result.json", "images/a.jpg"), ("labels.json", "a.jpg"),
    ("out/er/annotations/instances_val2017.json", "out/er/val2017/a.jpg"),
    ("out/er/annotations/instances_val2017.json", "out/er/images/a.jpg"),
    ("x/result.JSON", "x/a.jpg"), ("x/y/z/result.json", "x/y/z/images/a.jpg"),
    ("train/_annotations.coco.json", "train/a.jpg"), ("labels/set.json", "images/a.jpg"),
])  # fmt: skip
def test_a_set_and_its_photos_are_found_in_any_folder(tmp_path, name, photo):
    data = read(tmp_path, coco_json(), [photo], name=name)
    assert data.images[0].file == photo and boxes(data) == [(10, 20, 40, 60)]


def test_sets_in_folders_of_their_own_are_one_set_with_names_of_their_own(tmp_path):
    read(tmp_path, coco_json(), ["train/a.jpg"], name="train/_annotations.coco.json")
    data = read(tmp_path, coco_json(), ["valid/a.jpg"], name="valid/_annotations.coco.json")
    assert sorted(picture.file for picture in data.images) == ["train/a.jpg", "valid/a.jpg"]
    assert len({picture.name for picture in data.images}) == 2
    assert data.faults == ()


def test_beside_instances_no_other_set_is_read_and_that_is_said(tmp_path):
    write(tmp_path, coco_json(), name="annotations/instances_val.json")
    write(tmp_path, coco_json(annotations=[annotation(bbox=[1, 2, 3, 4])]), name="annotations/person_keypoints_val.json")
    files = json_files(FolderTree(tmp_path))
    assert files.sets == ("annotations/instances_val.json",) and files.others[0][0] == "annotations/person_keypoints_val.json"
    assert boxes(coco.read(tmp_path)) == [(10, 20, 40, 60)]


def test_a_photo_that_two_files_of_a_set_tell_alike_keeps_its_boxes_else_it_has_none(tmp_path):
    write(tmp_path, coco_json(), name="annotations/instances_a.json")
    assert boxes(read(tmp_path, coco_json(), name="annotations/instances_b.json")) == [(10, 20, 40, 60)]
    data = read(tmp_path, coco_json(annotations=[annotation(bbox=[1, 2, 3, 4])]), name="annotations/instances_b.json")
    assert boxes(data) == [] and "a.jpg is the file of 2 images" in fault_text(data)


def test_phrases_are_known_by_what_they_hold(tmp_path):
    write(tmp_path, coco_json())
    (tmp_path / "expressions.json").write_text(json.dumps([{"ref_id": 1, "image_id": 1, "ann_id": [4], "sentences": [{"raw": "the dog"}]}]))
    assert [phrase.text for phrase in coco.read(tmp_path).images[0].phrases] == ["the dog"]


def test_files_of_an_upload_are_known_as_those_of_a_folder(tmp_path):
    write(tmp_path, coco_json())
    tree = UploadTree({"labels.json": tmp_path / "instances.json", "a.jpg": tmp_path / "a.jpg"})
    assert json_files(tree) == JsonFiles(("labels.json",)) and base_folder("x/annotations/b.json") == "x/"
