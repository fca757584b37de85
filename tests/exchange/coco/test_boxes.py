"""The box of an annotation is one that its file tells: by a bbox, by a mask that fills its picture, or around a rotated bbox."""

import numpy as np
import pytest
from pycocotools import mask as masks

from grounding.exchange.coco.boxes import _decode_rle
from tests.coco_sets import annotation, boxes, coco_json, fault_text, image, read

SQUARE = [10, 20, 40, 60]  # x0, y0, x1, y1 in a picture of 100 x 80


def pixels(*squares):
    drawn = np.zeros((80, 100), np.uint8, order="F")
    for x0, y0, x1, y1 in squares:
        drawn[y0:y1, x0:x1] = 1
    return drawn


def packed(*squares):
    return masks.encode(pixels(*squares))["counts"].decode()


def mask(counts, size=(80, 100)):
    return {"size": list(size), "counts": counts}


def test_packed_run_lengths_unpack_to_the_runs_they_were_made_of():
    for seed in range(20):
        drawn = np.asfortranarray(np.random.default_rng(seed).random((80, 100)) < seed / 20, np.uint8)
        flat = drawn.T.reshape(-1)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], flat])) % 2)
        runs = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
        assert _decode_rle(masks.encode(drawn)["counts"].decode()) == runs


@pytest.mark.parametrize("square", [SQUARE, [0, 0, 100, 80], [99, 79, 100, 80], [0, 0, 1, 1], [5, 0, 6, 80], [5, 0, 9, 80]])
def test_a_mask_alone_gives_the_box_around_it_to_the_pixel(tmp_path, square):
    data = read(tmp_path, coco_json(annotations=[annotation(bbox=None, segmentation=mask(packed(square)))]))
    assert boxes(data) == [tuple(square)] and data.faults == ()


def test_a_mask_in_several_pieces_has_one_box_around_all(tmp_path):
    data = read(tmp_path, coco_json(annotations=[annotation(bbox="missing", segmentation=mask(packed([1, 2, 4, 9], [50, 60, 70, 79])))]))
    assert boxes(data) == [(1, 2, 70, 79)]


def test_a_run_that_goes_on_at_the_top_of_the_next_column_is_as_high_as_the_picture(tmp_path):
    data = read(tmp_path, coco_json(annotations=[annotation(bbox="missing", segmentation=mask(packed([3, 70, 4, 80], [4, 0, 5, 10])))]))
    assert boxes(data) == [(3, 0, 5, 80)]


SOUND = packed(SQUARE)


@pytest.mark.parametrize("told_mask", [
    mask("zzzz~~~~"), mask(SOUND[:-1]), mask(SOUND[:-3]), mask(SOUND + "1"), mask(SOUND + "P"), mask(SOUND + SOUND),
    mask(SOUND, (100, 80)), mask(SOUND, (80, 101)), mask(SOUND, (81, 100)),
    mask(""), mask("0"), mask("O" * 40), mask("o" * 400), mask("\u20ac"), mask("a b"), mask([8000]), mask([7000, 999]),
    mask([7000, 1001]), mask([8001, -1]), mask([7000, 1000.0]),
    mask([7000, True, 999]), mask([]), mask(None), mask({}), mask([10**400, 1]), {"counts": SOUND},
    mask(SOUND, (0, 100)), mask(SOUND, ("80", 100)),
])  # fmt: skip
def test_run_lengths_that_do_not_fill_the_picture_draw_no_box(tmp_path, told_mask):
    data = read(tmp_path, coco_json(annotations=[annotation(bbox=None, segmentation=told_mask), annotation(id=5)]))
    assert boxes(data) == [(10, 20, 40, 60)] and "annotation 4 has no bbox" in fault_text(data)


def test_a_mask_of_another_size_than_its_image_draws_no_box_and_tells_the_size_where_there_is_none(tmp_path):
    row = annotation(bbox=None, segmentation=mask(SOUND))
    assert boxes(read(tmp_path / "a", coco_json(images=[image(width=50)], annotations=[row]))) == []
    data = read(tmp_path / "b", coco_json(images=[image(width="missing", height="missing")], annotations=[row]))
    assert boxes(data) == [tuple(SQUARE)] and data.images[0].size == (100, 80)


@pytest.mark.parametrize("shape", [mask(SOUND), [[10, 20, 40, 20, 40, 60, 10, 60]]])
@pytest.mark.parametrize(
    "bbox, comes",
    [
        ([10, 20, 30, 40], True),
        ([11, 21, 29, 39], True),
        ([60, 20, 30, 40], False),
        ([0, 0, 100, 80], False),
        ([0.1, 0.2, 0.3, 0.4], False),
    ],
)
def test_a_bbox_and_a_mask_that_contradict_each_other_are_named_and_neither_comes_in(tmp_path, shape, bbox, comes):
    data = read(tmp_path, coco_json(annotations=[annotation(bbox=bbox, segmentation=shape)]))
    assert boxes(data) == ([(bbox[0], bbox[1], bbox[0] + bbox[2], bbox[1] + bbox[3])] if comes else [])
    assert ("contradict each other" in fault_text(data)) is not comes


def test_a_mask_that_is_none_does_not_harm_a_bbox(tmp_path):
    data = read(tmp_path, coco_json(annotations=[annotation(segmentation=mask("zzzz~~~~"))]))
    assert boxes(data) == [(10, 20, 40, 60)]


@pytest.mark.parametrize("degrees, box", [
    (90, (5, 25, 45, 55)), (90.0, (5, 25, 45, 55)), ("90", (5, 25, 45, 55)), (270, (5, 25, 45, 55)),
    (180, (10, 20, 40, 60)), (360, (10, 20, 40, 60)), (0.0, (10, 20, 40, 60)),
])
def test_a_rotated_bbox_gives_the_upright_box_around_it_and_that_is_said_once(tmp_path, degrees, box):
    rows = [annotation(id=number, attributes={"rotation": degrees}) for number in (4, 5)]
    data = read(tmp_path, coco_json(annotations=rows))
    assert boxes(data) == [box, box] and fault_text(data).count("rotated") == (box != (10, 20, 40, 60))
    assert not any(fault.skipped for fault in data.faults)


@pytest.mark.parametrize("degrees", ["steep", float("nan"), [90], True, 10**400])
def test_a_rotation_that_is_no_number_is_named_and_its_box_stays_out(tmp_path, degrees):
    data = read(tmp_path, coco_json(annotations=[annotation(attributes={"rotation": degrees})]))
    assert boxes(data) == [] and "annotation 4 has a rotation that is no number" in fault_text(data)


def test_a_rotated_bbox_with_its_mask_gives_the_one_that_the_mask_shows(tmp_path):
    turned, upright = [[5, 25, 45, 25, 45, 55, 5, 55]], [[10, 20, 40, 20, 40, 60, 10, 60]]
    rows = [
        annotation(bbox=[20, 20, 10, 40], attributes={"rotation": 90}, segmentation=[[5, 35, 45, 35, 45, 45, 5, 45]]),
        annotation(id=5, attributes={"rotation": 90}, segmentation=upright),
        annotation(id=6, attributes={"rotation": 90}, segmentation=turned),
    ]
    assert boxes(read(tmp_path, coco_json(annotations=rows))) == [(5, 35, 45, 45), (10, 20, 40, 60), (5, 25, 45, 55)]


@pytest.mark.parametrize("crowd, one", [
    (0, True), ("0", True), (None, True), (False, True), ([], True), (1, False), (True, False), ("1", False),
    (1.0, False), (2, False), ("yes", False),
])
def test_a_crowd_is_no_thing_however_it_is_marked(tmp_path, crowd, one):
    data = read(tmp_path, coco_json(annotations=[annotation(iscrowd=crowd)]))
    assert len(boxes(data)) == one and ("marks a crowd" in fault_text(data)) is not one


@pytest.mark.parametrize("size", [(0, 0), (-5, 80), (float("nan"), 80), ("100", "80"), (10**400, 80), (True, 80), ([100], 80), (1e30, 1)])
def test_a_size_that_is_none_is_named_and_that_of_the_file_is_taken(tmp_path, size):
    data = read(tmp_path, coco_json(images=[image(width=size[0], height=size[1])]))
    assert data.images[0].size == (0, 0) and "a.jpg has a width and height that are no size" in fault_text(data) and len(boxes(data)) == 1
