"""Boxes as tensors: small pictures drawn by hand."""

import pytest
import torch

from grounding.nn.parts.geometry import BoxCode, cells, cover, from_center, giou, moved, pair_iou, pool

LEFT, RIGHT, ALL = torch.tensor([[0.0, 0.0, 0.5, 1.0]]), torch.tensor([[0.5, 0.0, 1.0, 1.0]]), torch.tensor([[0.0, 0.0, 1.0, 1.0]])


def test_overlap_of_halves_and_the_whole():
    assert pair_iou(LEFT, torch.cat([LEFT, RIGHT, ALL])).tolist() == [[1.0, 0.0, 0.5]]


def test_giou_tells_far_from_near_where_iou_cannot():
    near, far = torch.tensor([0.2, 0, 0.3, 1.0]), torch.tensor([0.9, 0, 1.0, 1.0])
    first = torch.tensor([0.0, 0, 0.1, 1.0])
    assert giou(first, near) > giou(first, far) > -1
    assert giou(first, first) == 1


def test_cells_fill_the_picture_row_by_row():
    found = cells(2, 2)
    assert found.tolist() == [[0, 0, 0.5, 0.5], [0.5, 0, 1, 0.5], [0, 0.5, 0.5, 1], [0.5, 0.5, 1, 1]]


def test_cover_is_the_share_of_each_strip():
    assert cover(torch.tensor([0.25, 0.0, 1.0, 0.5]), 2, 0).tolist() == [0.5, 1.0]
    assert cover(torch.tensor([0.25, 0.0, 1.0, 0.5]), 2, 1).tolist() == [1.0, 0.0]


def test_pool_is_the_mean_inside_even_for_a_box_thinner_than_a_cell():
    grid = torch.tensor([[[[1.0, 3.0], [5.0, 7.0]]]])
    boxes = torch.tensor([[[0, 0, 1, 1], [0.5, 0, 1, 0.5], [0.6, 0.6, 0.6, 0.6]]])
    assert pool(grid, boxes).flatten().tolist() == pytest.approx([4, 3, 7])


def test_a_box_moved_by_nothing_stays_and_one_moved_out_is_cut():
    assert torch.allclose(moved(LEFT, torch.zeros(1, 4)), LEFT, atol=1e-6)
    assert torch.allclose(moved(LEFT, torch.tensor([[-0.5, 0, 0, 0]])), torch.tensor([[0, 0, 0.25, 1.0]]), atol=1e-6)
    assert torch.allclose(from_center(torch.tensor([[0.25, 0.5, 0.5, 1.0]])), LEFT)


def test_the_code_of_a_box_is_its_own():
    torch.manual_seed(0)
    code = BoxCode(16)
    assert not torch.allclose(code(LEFT), code(RIGHT), atol=1e-3)
    assert torch.equal(code(LEFT), code(LEFT))
