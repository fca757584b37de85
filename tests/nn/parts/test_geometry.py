"""Geometry: boxes as tensors, on hand-made examples."""

import pytest
import torch

from grounding.nn.parts.geometry import BoxEncoding, apply_deltas, cxcywh_to_xyxy, giou, grid_boxes, pair_iou, pool_boxes, strip_coverage

LEFT, RIGHT, ALL = torch.tensor([[0.0, 0.0, 0.5, 1.0]]), torch.tensor([[0.5, 0.0, 1.0, 1.0]]), torch.tensor([[0.0, 0.0, 1.0, 1.0]])


def test_iou_of_halves_and_the_whole():
    assert pair_iou(LEFT, torch.cat([LEFT, RIGHT, ALL])).tolist() == [[1.0, 0.0, 0.5]]


def test_giou_orders_disjoint_boxes_by_distance():
    near, far = torch.tensor([0.2, 0, 0.3, 1.0]), torch.tensor([0.9, 0, 1.0, 1.0])
    first = torch.tensor([0.0, 0, 0.1, 1.0])
    assert giou(first, near) > giou(first, far) > -1
    assert giou(first, first) == 1


def test_grid_boxes_cover_the_image_row_by_row():
    cells = grid_boxes(2, 2)
    assert cells.tolist() == [[0, 0, 0.5, 0.5], [0.5, 0, 1, 0.5], [0, 0.5, 0.5, 1], [0.5, 0.5, 1, 1]]


def test_strip_coverage_is_the_share_of_each_strip():
    assert strip_coverage(torch.tensor([0.25, 0.0, 1.0, 0.5]), 2, 0).tolist() == [0.5, 1.0]
    assert strip_coverage(torch.tensor([0.25, 0.0, 1.0, 0.5]), 2, 1).tolist() == [1.0, 0.0]


def test_pooling_is_the_mean_inside_even_for_a_box_thinner_than_a_cell():
    grid = torch.tensor([[[[1.0, 3.0], [5.0, 7.0]]]])
    boxes = torch.tensor([[[0, 0, 1, 1], [0.5, 0, 1, 0.5], [0.6, 0.6, 0.6, 0.6]]])
    assert pool_boxes(grid, boxes).flatten().tolist() == pytest.approx([4, 3, 7])


def test_zero_deltas_keep_a_box_and_boxes_are_clipped_to_the_image():
    assert torch.allclose(apply_deltas(LEFT, torch.zeros(1, 4)), LEFT, atol=1e-6)
    assert torch.allclose(apply_deltas(LEFT, torch.tensor([[-0.5, 0, 0, 0]])), torch.tensor([[0, 0, 0.25, 1.0]]), atol=1e-6)
    assert torch.allclose(cxcywh_to_xyxy(torch.tensor([[0.25, 0.5, 0.5, 1.0]])), LEFT)


def test_different_boxes_have_different_encodings():
    torch.manual_seed(0)
    encoding = BoxEncoding(16)
    assert not torch.allclose(encoding(LEFT), encoding(RIGHT), atol=1e-3)
    assert torch.equal(encoding(LEFT), encoding(LEFT))
