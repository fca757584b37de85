"""Boxes of another form than COCO's are named and none of them comes in; boxes that only look so do come in."""

import pytest

from grounding.data import Size
from grounding.exchange import coco
from grounding.exchange.photos import Category, Dataset, ImageAnnotations, ObjectAnnotation
from tests import drawn
from tests.coco_sets import annotation, boxes, coco_json, fault_text, image, read, ref

CORNERS = [[10, 20, 40, 60], [50, 30, 90, 70], [2, 3, 60, 50]]  # of things in a photo of 100 x 80


def rows(*bboxes, **more):
    return [annotation(id=number, bbox=bbox, **more) for number, bbox in enumerate(bboxes, 1)]


@pytest.mark.parametrize("annotations", [
    rows(*CORNERS), rows(CORNERS[1]), rows(*CORNERS, *[[1, 1, 9, 9]] * 10), rows(*CORNERS, area=1600),
    rows(*CORNERS, segmentation=[]), [*rows(*CORNERS * 4), annotation(id=90, bbox=[5, 5, -1, 4])],
    rows([50, 30, 90, 70], segmentation=[[1, 2, 3]]), rows(*[[50, 30, 90, 70]] * 10, area=90 * 70),
])  # fmt: skip
def test_corners_instead_of_a_width_and_height_bring_no_box_and_are_named_once(tmp_path, annotations):
    data = read(tmp_path, coco_json(annotations=annotations))
    assert boxes(data) == [] and fault_text(data).count("[left, top, right, bottom]") == 1
    assert "left, top, width and height" in fault_text(data)
    assert len(data.images) == 1


@pytest.mark.parametrize("annotations, count", [
    (rows([50, 30, 90, 70], area=90 * 70), 1), (rows([-5, 70, 30, 40]), 1),
    (rows([50, 30, 90, 70], *[[60, 50, 20, 20]] * 3), 4), (rows([1, 1, 100, 80]), 1),
    (rows([50, 30, 60, 70], segmentation=[[50, 30, 99, 30, 99, 79, 50, 79]]), 1), (rows([10, 20, 30, 40], [2, 3, 60, 50]), 2),
])  # fmt: skip
def test_boxes_over_the_edge_that_are_borne_out_or_cannot_be_corners_come_in(tmp_path, annotations, count):
    data = read(tmp_path, coco_json(annotations=annotations))
    assert len(boxes(data)) == count and "right, bottom" not in fault_text(data)


@pytest.mark.parametrize("annotations", [
    rows([10, 10, 95, 72]), rows([50, 30, 60, 45]), rows([10, 10, 95, 72], [5, 5, 97, 70]), rows([1, 2, 95, 72], [10, 10, 95, 72]),
    rows(*[[2, 3, 80, 60]] * 12, *[[10, 10, 95, 60]] * 3),
])  # fmt: skip
def test_few_boxes_a_little_over_the_edge_are_cut_there_and_said_though_they_would_fit_as_corners(tmp_path, annotations):
    data = read(tmp_path, coco_json(annotations=annotations))
    assert len(boxes(data)) == len(annotations) and "over the edge" in fault_text(data) and "right, bottom" not in fault_text(data)
    assert all(box[2] <= 100 and box[3] <= 80 for box in boxes(data))


CENTRES = [[70, 30, 50, 40], [80, 60, 30, 36], [60, 50, 70, 50], [30, 30, 20, 20]]


@pytest.mark.parametrize("bboxes", [CENTRES, CENTRES[:3], [*CENTRES, *[[30, 30, 20, 20]] * 20]])
def test_centres_instead_of_corners_bring_no_box_and_are_named_once(tmp_path, bboxes):
    data = read(tmp_path, coco_json(annotations=rows(*bboxes)))
    assert boxes(data) == [] and fault_text(data).count("[centre x, centre y, width, height]") == 1
    assert f"{len(bboxes)} boxes" in fault_text(data)


@pytest.mark.parametrize("annotations", [
    rows(*CENTRES[1:]), rows(*CENTRES, [0, 10, 20, 20]), rows(*CENTRES, *[[30, 30, 20, 20]] * 27), rows(*CENTRES, *[[1, 1, 5, 5]]),
    [*rows(*CENTRES), annotation(id=9, bbox=[40, 40, 40, 36], segmentation=[[40, 40, 80, 40, 80, 76, 40, 76]])],
])  # fmt: skip
def test_boxes_over_the_edge_are_cut_there_where_not_all_fit_around_a_centre_or_few_reach_over(tmp_path, annotations):
    data = read(tmp_path, coco_json(annotations=annotations))
    assert len(boxes(data)) == len(annotations) and "centre" not in fault_text(data)


@pytest.mark.parametrize("annotations", [
    rows([0.1, 0.2, 0.3, 0.4]), rows([0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1]), rows([0.5, 0.5, 1, 1]), rows(None, segmentation=[[
        0.1, 0.2, 0.4, 0.2, 0.4, 0.6,
    ]]),
    rows([0.1, 0.2, 0.3, 0.4], segmentation=[[0.1, 0.2, 0.4, 0.2, 0.4, 0.6, 0.1, 0.6]]),
])  # fmt: skip
@pytest.mark.parametrize("size", [{}, {"width": "missing", "height": "missing"}])
def test_fractions_of_the_photo_bring_no_box_and_are_named_once(tmp_path, annotations, size):
    data = read(tmp_path, coco_json(images=[image(**size)], annotations=annotations))
    assert boxes(data) == [] and fault_text(data).count("fractions of the photo") == 1 and f"{len(annotations)} box" in fault_text(data)


@pytest.mark.parametrize("annotations, size", [
    (rows([0, 0, 1, 1]), {}), (rows([0.5, 0.5, 0.5, 0.5]), {"width": 1, "height": 1}), (rows([0.1, 0.2, 0.3, 0.4], [3, 4, 5, 6]), {}),
])  # fmt: skip
def test_boxes_within_one_pixel_come_in_where_they_can_be_meant(tmp_path, annotations, size):
    data = read(tmp_path, coco_json(images=[image(**size)], annotations=annotations))
    assert len(boxes(data)) == len(annotations) and "fractions" not in fault_text(data)


def test_a_phrase_that_points_at_such_a_box_stays_out_with_it(tmp_path):
    data = read(tmp_path, coco_json(annotations=rows(*CORNERS)), grefs=[ref(ann_id=[2])])
    assert boxes(data) == [] and all(not phrase.targets for picture in data.images for phrase in picture.phrases)
    assert [picture.phrases for picture in data.images] == [()] and "phrase" in fault_text(data)


def test_corners_are_told_by_the_photo_where_the_file_tells_no_size(tmp_path):
    drawn.write_photo(tmp_path / "b.jpg", size=(100, 80), orientation=6)
    data = read(tmp_path, coco_json(images=[{"id": 1, "file_name": "b.jpg"}], annotations=rows(*CORNERS)))
    assert boxes(data) == [] and "3 boxes stayed out" in fault_text(data) and "right, bottom" in fault_text(data)


def test_an_export_of_ours_is_never_taken_for_another_form(tmp_path):
    """A person may draw the only box of a photo smaller than a pixel."""
    things = (ObjectAnnotation((0.25, 0.25, 0.5, 0.75), 1, {"state": "accepted"}),)
    coco.write(Dataset((Category(1, "dog"),), (ImageAnnotations(1, "a.jpg", Size(64, 48), things),)), tmp_path / "out")
    back = coco.read(tmp_path / "out", photos=False)
    assert back.faults == () and [thing.box for thing in back.images[0].objects] == [(0.25, 0.25, 0.5, 0.75)]
