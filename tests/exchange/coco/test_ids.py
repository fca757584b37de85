"""Where two rows share an id nobody knows which is meant, and nothing of them becomes truth."""

import pytest

from tests.coco_sets import annotation, boxes, coco_json, fault_text, image, read, ref

OTHER = {"bbox": [1, 2, 3, 4]}


@pytest.mark.parametrize("first, second", [(1, 1), (1, "1"), (1.0, 1), ("x", "x")])
def test_of_two_images_with_one_id_neither_gets_a_box_or_phrase_and_both_are_named(tmp_path, first, second):
    images = [image(id=first), image(id=second, file_name="b.jpg"), image(id=2, file_name="c.jpg")]
    rows = [annotation(image_id=first), annotation(id=5, image_id=second, **OTHER), annotation(id=6, image_id=2)]
    data = read(
        tmp_path,
        coco_json(images=images, annotations=rows),
        ["a.jpg", "b.jpg", "c.jpg"],
        grefs=[ref(image_id=first), ref(image_id=2, ann_id=6)],
    )
    assert [(picture.name, len(picture.objects), len(picture.phrases)) for picture in data.images] == [("a.jpg", 0, 0), ("c.jpg", 1, 1)]
    assert "a.jpg shares its id" in fault_text(data) and "b.jpg has the id" in fault_text(data) and "2 boxes and" in fault_text(data)


@pytest.mark.parametrize("second", [image(), image(id=1.0)])
def test_an_image_that_is_listed_twice_alike_keeps_its_boxes(tmp_path, second):
    data = read(tmp_path, coco_json(images=[image(), second]))
    assert boxes(data) == [(10, 20, 40, 60)] and "a.jpg is listed twice alike" in fault_text(data)


@pytest.mark.parametrize(
    "first, second",
    [
        (image(), image(file_name="missing")),
        (image(file_name="missing"), image()),
        (image(), image(file_name="missing", coco_url="x/b.jpg")),
    ],
)
def test_an_image_without_a_name_makes_its_id_doubtful_too(tmp_path, first, second):
    data = read(tmp_path, coco_json(images=[first, second]), ["a.jpg", "b.jpg"])
    assert boxes(data) == [] and ("has no file_name" in fault_text(data) or "b.jpg has the id 1" in fault_text(data))


def test_an_id_that_is_true_is_none(tmp_path):
    data = read(tmp_path, coco_json(images=[image(id=True), image(id=1, file_name="b.jpg")]), ["a.jpg", "b.jpg"])
    assert [(picture.name, len(picture.objects)) for picture in data.images] == [("a.jpg", 0), ("b.jpg", 1)]
    assert "a.jpg has no id" in fault_text(data)


@pytest.mark.parametrize("first, second", [(4, 4), (4, "4"), (4, 4.0)])
@pytest.mark.parametrize("place", [{}, {"image_id": 2}])
def test_of_two_annotations_with_one_id_neither_comes_in_nor_a_phrase_about_them(tmp_path, first, second, place):
    rows = [annotation(id=first), annotation(id=second, **OTHER, **place), annotation(id=9, bbox=[0, 0, 5, 5])]
    data = read(
        tmp_path,
        coco_json(images=[image(), image(id=2, file_name="b.jpg")], annotations=rows),
        ["a.jpg", "b.jpg"],
        grefs=[ref(), ref(ann_id=[9])],
    )
    assert boxes(data) == [(0, 0, 5, 5)] and [phrase.targets for phrase in data.images[0].phrases] == [(0,)]
    assert fault_text(data).count("annotation 4 shares its id") + fault_text(data).count("annotation 4.0 shares its id") == 2
    assert "phrase 1 points at annotation 4, an id that two annotations share" in fault_text(data)


def test_an_annotation_that_is_listed_twice_alike_comes_in_once(tmp_path):
    data = read(tmp_path, coco_json(annotations=[annotation(), annotation()]), grefs=[ref()])
    assert boxes(data) == [(10, 20, 40, 60)] and len(data.images[0].phrases) == 1
    assert "annotation 4 is listed twice alike" in fault_text(data)


@pytest.mark.parametrize("second", [1, "1", 1.0])
def test_a_category_id_with_two_names_is_no_label(tmp_path, second):
    categories = [{"id": 1, "name": "dog"}, {"id": second, "name": "cat"}, {"id": 3, "name": "owl"}, {"id": 3, "name": "owl"}]
    data = read(tmp_path, coco_json(categories=categories, annotations=[annotation(), annotation(id=5, category_id=3, **OTHER)]))
    assert boxes(data) == [(1, 2, 4, 6)] and [category.name for category in data.categories] == ["owl"]
    assert "category id 1 belongs to dog and cat" in fault_text(data)
    assert "annotation 4 names category 1, which is dog and cat" in fault_text(data)


@pytest.mark.parametrize("name", ["a.jpg", "./a.jpg", "images/../a.jpg"])
def test_of_two_images_with_one_file_nobody_knows_which_boxes_are_right(tmp_path, name):
    images = [image(), image(id=2, file_name=name), image(id=3, file_name="b.jpg")]
    rows = [annotation(), annotation(id=5, image_id=2, **OTHER), annotation(id=6, image_id=3)]
    data = read(tmp_path, coco_json(images=images, annotations=rows), ["a.jpg", "b.jpg"])
    assert [(picture.name, len(picture.objects)) for picture in data.images] == [("a.jpg", 0), ("b.jpg", 1)]
    assert "a.jpg is the file of 2 images that tell different boxes" in fault_text(data) and "2 boxes stayed out" in fault_text(data)


def test_ids_that_are_numbers_and_texts_of_the_same_number_belong_together(tmp_path):
    data = read(
        tmp_path,
        coco_json(images=[image(id="1")], annotations=[annotation(image_id=1.0, category_id="1")]),
        grefs=[ref(image_id=1.0, ann_id=["4"])],
    )
    assert boxes(data) == [(10, 20, 40, 60)] and data.images[0].phrases[0].targets == (0,) and data.faults == ()


def test_ids_with_leading_zeros_are_texts_of_their_own(tmp_path):
    images = [image(id="01"), image(id=1, file_name="b.jpg")]
    data = read(tmp_path, coco_json(images=images, annotations=[annotation(image_id="01")]), ["a.jpg", "b.jpg"])
    assert [len(picture.objects) for picture in data.images] == [1, 0]


@pytest.mark.parametrize("ann_id, why", [
    ([4, None], "has no ann_id"), ([True], "has no ann_id"), ([4, -1], "points at annotations and at none"),
    ([], "has no ann_id"), ([4.5], "has no ann_id"), ([[4]], "has no ann_id"),
])
def test_a_phrase_whose_targets_are_not_all_known_is_named_and_says_nothing(tmp_path, ann_id, why):
    data = read(tmp_path, coco_json(), grefs=[ref(ann_id=ann_id)])
    assert data.images[0].phrases == () and f"phrase 1 {why}" in fault_text(data)


@pytest.mark.parametrize("ann_id, targets", [([4.0], (0,)), (4.0, (0,)), (["4"], (0,)), ([-1.0], ()), ("-1", ()), ([4, "4"], (0,))])
def test_a_target_is_known_however_its_number_is_written(tmp_path, ann_id, targets):
    data = read(tmp_path, coco_json(), grefs=[ref(ann_id=ann_id)])
    assert [phrase.targets for phrase in data.images[0].phrases] == [targets] and data.faults == ()


def test_a_phrase_that_two_instances_files_could_mean_is_named(tmp_path):
    read(tmp_path, coco_json(), ["images/train/a.jpg", "images/val/a.jpg"], name="annotations/instances_train.json")
    both = [ref(), ref(image_id=2, ann_id=[7])]
    data = read(
        tmp_path,
        coco_json(images=[image(), image(id=2, file_name="b.jpg")], annotations=[annotation(id=7, image_id=2)]),
        ["images/val/b.jpg"],
        grefs=both,
        name="annotations/instances_val.json",
    )
    assert [(picture.file, len(picture.phrases)) for picture in data.images] == [
        ("images/train/a.jpg", 0),
        ("images/val/a.jpg", 0),
        ("images/val/b.jpg", 1),
    ]
    assert "names image 1, which annotations/instances_train.json and annotations/instances_val.json both have" in fault_text(data)


def test_a_sentence_without_words_is_named(tmp_path):
    data = read(tmp_path, coco_json(), grefs=[ref(sentences=[{"raw": " "}, {"raw": "dog"}, 3])])
    assert [phrase.text for phrase in data.images[0].phrases] == ["dog"] and "phrase 1 has a sentence without words" in fault_text(data)
