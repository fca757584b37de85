"""COCO as people really write it: every fault is a sentence, and the rest is read."""

import json

import numpy as np
import pytest
from pycocotools import mask as masks

from grounding.data import Size
from grounding.exchange import coco
from grounding.exchange.archive import ArchiveError, FolderTree
from grounding.exchange.coco.reader import has_coco_set


def body(**more):
    return {"images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 80}],
            "annotations": [{"id": 4, "image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40]}],
            "categories": [{"id": 1, "name": "dog"}]} | more


def read(tmp_path, value, photos=("a.jpg",), grefs=None, name="instances.json"):
    place = tmp_path / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(value if isinstance(value, str) else json.dumps(value))
    if grefs is not None:
        place.with_name("grefs(unc).json").write_text(json.dumps(grefs))
    for photo in photos:
        (tmp_path / photo).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / photo).write_bytes(b"photo")
    return coco.read(tmp_path)


def annotation(**values):
    row = {"id": 4, "image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40]} | values
    return {key: value for key, value in row.items() if value != "missing"}


@pytest.mark.parametrize("name", ["instances.json", "annotations/instances_default.json", "annotations/instances_train2017.json"])
@pytest.mark.parametrize("photo", ["{}a.jpg", "photos/a.jpg", "images/a.jpg", "images/default/a.jpg"])
def test_photos_are_found_where_people_put_them(tmp_path, name, photo):
    photo = photo.format("annotations/" if "/" in name else "")
    data = read(tmp_path, body(), [photo], name=name)
    assert data.faults == () and data.images[0].file == photo
    assert data.images[0].objects[0].box == (10, 20, 40, 60)


def test_a_lone_outer_folder_does_not_matter(tmp_path):
    data = read(tmp_path, body(), ["set/images/train/a.jpg"], name="set/annotations/instances_train.json")
    assert data.images[0].file == "set/images/train/a.jpg"


def test_a_folder_of_photos_is_no_coco_set(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"x")
    assert not has_coco_set(FolderTree(tmp_path))
    with pytest.raises(ArchiveError, match="no instances"):
        coco.read(tmp_path)


@pytest.mark.parametrize("values, why", [
    ({"image_id": "missing"}, "annotation 4 has no image_id"),
    ({"image_id": 99}, "image 99 is not in the file, but 1 boxes name it"),
    ({"image_id": [1]}, "annotation 4 has no image_id"),
    ({"category_id": "missing"}, "annotation 4 has no category_id"),
    ({"category_id": 7}, "annotation 4 names category 7"),
    ({"bbox": "missing"}, "annotation 4 has no bbox"),
    ({"bbox": [1, 2, 3]}, "annotation 4 has no bbox of four numbers"),
    ({"bbox": [1, 2, "3", 4]}, "annotation 4 has no bbox of four numbers"),
    ({"bbox": [1, 2, float("nan"), 4]}, "annotation 4 has no bbox of four numbers"),
    ({"bbox": [200, 2, 3, 4]}, "nothing of it inside the photo of 100 x 80"),
    ({"bbox": [10, 10, 0, 5]}, "nothing of it inside"),
    ({"bbox": [10, 10, -4, 5]}, "width or height is not above 0"),
    ({"bbox": [0, 0, 0, 0]}, "width or height is not above 0"),
    ({"iscrowd": 1}, "annotation 4 marks a crowd"),
    ({"id": "missing", "image_id": "missing"}, "annotation number 1 has no image_id"),
])  # fmt: skip
def test_a_faulty_annotation_is_named_and_the_others_are_read(tmp_path, values, why):
    data = read(tmp_path, body(annotations=[annotation(**values), annotation(id=5)]))
    [fault] = data.faults
    assert fault.skipped and why in f"{fault.where} {fault.why}" and "instances.json" in fault.where
    assert [thing.box for thing in data.images[0].objects] == [(10, 20, 40, 60)]


def test_a_box_without_an_id_comes_in_and_that_is_said(tmp_path):
    data = read(tmp_path, body(annotations=[annotation(id="missing")]))
    assert len(data.images[0].objects) == 1
    assert not data.faults[0].skipped and "annotation number 1 has no id" in f"{data.faults[0].where} {data.faults[0].why}"


def test_boxes_with_a_score_of_their_own_keep_it_and_are_said_to_be_looked_at(tmp_path):
    data = read(
        tmp_path, body(annotations=[annotation(score=0.25), annotation(id=5, score="high"), annotation(id=6, attributes={"score": 0.5})])
    )
    assert [thing.attributes.get("score") for thing in data.images[0].objects] == [0.25, None, 0.5]
    assert [(fault.where, fault.skipped) for fault in data.faults] == [("instances.json: 1 box", False)]
    assert "look at them" in data.faults[0].why


def test_a_box_over_the_edge_is_cut_there(tmp_path):
    data = read(tmp_path, body(annotations=[annotation(bbox=[-5, 70, 30, 40]), annotation(id=5, bbox=[99, 0, 1.4, 80.2])]))
    assert [thing.box for thing in data.images[0].objects] == [(0, 70, 25, 80), (99, 0, 100, 80)]
    assert ["reached 30.0 pixels over the edge" in fault.why for fault in data.faults] == [True]  # 0.4 pixels need no word


@pytest.mark.parametrize("image, why, pictures", [
    ({"id": 1, "file_name": "lost.jpg"}, "lost.jpg is not in the folder (1 box left out with it)", 0),
    ({"id": 1}, "image 1 has no file_name", 0),
    ({"file_name": "a.jpg"}, "a.jpg has no id", 1),
    ({"id": 1, "file_name": "../a.jpg"}, "", 1),
    ({"id": 1, "file_name": "/etc/passwd"}, "/etc/passwd is not in the folder", 0),
    ("no object", "image 1 has no file_name", 0),
])  # fmt: skip
def test_a_faulty_image_is_named(tmp_path, image, why, pictures):
    data = read(tmp_path, body(images=[image]))
    assert len(data.images) == pictures
    assert why in " | ".join(f"{fault.where} {fault.why}" for fault in data.faults)


def test_two_images_with_one_id_are_not_mixed(tmp_path):
    images = [{"id": 1, "file_name": "a.jpg"}, {"id": 1, "file_name": "b.jpg"}]
    data = read(tmp_path, body(images=images), ["a.jpg", "b.jpg"])
    assert [picture.name for picture in data.images] == ["a.jpg"] and "id 1 of an earlier image" in data.faults[0].why


def test_categories_without_ids_or_names(tmp_path):
    data = read(tmp_path, body(categories=[{"name": "cat"}, {"id": 0}, {"id": 1, "name": " dog "}, {"id": 3, "name": "dog"}],
                               annotations=[annotation(), annotation(id=5, category_id=0), annotation(id=6, category_id=3)]))
    assert [(c.id, c.name) for c in data.categories] == [(1, "category 0"), (2, "dog")]
    assert [thing.category for thing in data.images[0].objects] == [2, 1, 2]
    assert "category 1 has no id" in f"{data.faults[0].where} {data.faults[0].why}"


@pytest.mark.parametrize("text, why", [
    ('{"images": [', "not JSON from line 1"), ("[]", 'has no list "images"'), ('{"images": {}}', 'has no list "images"'), ("", "not JSON"),
])  # fmt: skip
def test_a_file_that_is_no_coco_is_named(tmp_path, text, why):
    data = read(tmp_path, text)
    assert data.images == () and why in data.faults[0].why and data.faults[0].where.startswith("instances.json")


def test_numbers_as_pandas_writes_them_and_polygons_without_a_box(tmp_path):
    image = {"id": 1.0, "file_name": "a.jpg", "width": 100.0, "height": 80.0}
    data = read(tmp_path, body(images=[image], annotations=[annotation(bbox=[], segmentation=[[10, 20, 40, 20, 40, 60]])]))
    assert data.faults == () and data.images[0].objects[0].box == (10, 20, 40, 60) and data.images[0].size == Size(100, 80)


@pytest.mark.parametrize("packed", [True, False])
def test_run_lengths_without_a_box_give_the_box_around_them(tmp_path, packed):
    pixels = np.zeros((80, 100), np.uint8, order="F")
    pixels[20:60, 10:40] = 1
    runs = masks.encode(pixels)
    plain = [20 + 80 * 10] + [40, 40] * 29 + [40, 80 * 100 - 80 * 39 - 60]
    mask = {"size": [80, 100], "counts": runs["counts"].decode() if packed else plain}
    data = read(tmp_path, body(annotations=[annotation(bbox=None, segmentation=mask)]))
    assert data.faults == () and data.images[0].objects[0].box == (10, 20, 40, 60)


@pytest.mark.parametrize(
    "mask",
    [{}, {"size": [80, 100]}, {"size": [80, 100], "counts": [7]}, {"size": "big", "counts": "x"}, {"size": [80, 100], "counts": "é"}],
)
def test_run_lengths_that_are_none_are_a_named_fault(tmp_path, mask):
    data = read(tmp_path, body(annotations=[annotation(bbox=None, segmentation=mask)]))
    assert data.images[0].objects == () and "has no bbox" in data.faults[0].why


def test_several_files_are_one_set(tmp_path):
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations/instances_val.json").write_text(json.dumps(body(categories=[{"id": 1, "name": "cat"}])))
    data = read(tmp_path, body(), ["images/train/a.jpg", "images/val/a.jpg"], name="annotations/instances_train.json")
    assert [(p.id, p.name, p.file) for p in data.images] == [
        (1, "a.jpg", "images/train/a.jpg"), (2, "instances_val/a.jpg", "images/val/a.jpg")]
    assert [c.name for c in data.categories] == ["dog", "cat"] and data.images[1].objects[0].category == 2


def ref(**values):
    return {"ref_id": 1, "image_id": 1, "ann_id": [4], "sentences": [{"raw": "the dog", "sent": "the dog", "sent_id": 1}]} | values


def test_phrases_point_at_none_one_or_many(tmp_path):
    refs = [ref(), ref(ann_id=4), ref(ann_id=[4, 5]), ref(ann_id=[-1]), ref(ann_id=-1), ref(sentences=[{"sent": "low"}, {"sent": "dog"}])]
    data = read(tmp_path, body(annotations=[annotation(), annotation(id=5)]), grefs=refs)
    assert data.faults == ()
    phrases = [(phrase.text, phrase.targets) for phrase in data.images[0].phrases]
    assert phrases == [
        ("the dog", (0,)), ("the dog", (0,)), ("the dog", (0, 1)), ("the dog", ()), ("the dog", ()), ("low", (0,)),
        ("dog", (0,)),
    ]


@pytest.mark.parametrize("row, why", [
    (ref(image_id=None), "phrase 1 has no image_id"), (ref(ann_id=None), "phrase 1 has no ann_id"),
    (ref(sentences="x"), "phrase 1 has no sentences"),
    (ref(ann_id=[77]), "phrase 1 points at annotation 77"),
    (ref(image_id=5), "image 5 is not in the file, but 1 phrases name it"), (3, "no sentences"),
])  # fmt: skip
def test_a_faulty_phrase_is_named_and_the_others_are_read(tmp_path, row, why):
    data = read(tmp_path, body(), grefs=[row, ref(ref_id=2)])
    assert why in " | ".join(f"{fault.where} {fault.why}" for fault in data.faults)
    assert [phrase.text for phrase in data.images[0].phrases] == ["the dog"]
