"""Crops: squares of a picture, and what is read off them without a network."""

import numpy as np
import pytest

from grounding.nn.parts.crops import CELL, cut, textures

PIXELS = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)


def test_a_square_inside_is_the_pixels_themselves():
    assert np.array_equal(cut(PIXELS, (30, 20), 16, 16), PIXELS[12:28, 22:38])


def test_beyond_the_border_its_pixels_are_repeated():
    corner = cut(PIXELS, (0, 0), 8, 8)
    assert (corner[:5, :5] == PIXELS[0, 0]).all() and np.array_equal(corner[4:, 4:], PIXELS[:4, :4])


def test_textures_rest_at_zero_and_weigh_alike():
    found = textures(cut(PIXELS, (40, 30), 40, 160))
    assert found.shape == (18, 160 // CELL, 160 // CELL) and np.abs(found.mean((1, 2))).max() < 1e-4
    assert [float((part ** 2).mean()) for part in (found[:8], found[8:])] == pytest.approx([1, 1], rel=1e-3)


def test_an_edge_speaks_in_the_channel_of_its_direction():
    upright = np.zeros((160, 160, 3), np.uint8)
    upright[:, 80:] = 255
    across, along = textures(upright), textures(upright.transpose(1, 0, 2).copy())
    assert across[:8].std((1, 2)).argmax() == 0 and along[:8].std((1, 2)).argmax() == 4


def test_a_flat_picture_is_no_error():
    assert np.isfinite(textures(np.full((160, 160, 3), 7, np.uint8))).all()
