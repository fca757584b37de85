"""Crops: square regions of an image, and their edge and colour features."""

import numpy as np
import pytest

from grounding.nn.parts.crops import CELL_SIZE, crop_square, edge_colour_features

PIXELS = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)


def test_a_square_inside_the_image_is_unchanged():
    assert np.array_equal(crop_square(PIXELS, (30, 20), 16, 16), PIXELS[12:28, 22:38])


def test_border_pixels_are_repeated_outside_the_image():
    corner = crop_square(PIXELS, (0, 0), 8, 8)
    assert (corner[:5, :5] == PIXELS[0, 0]).all() and np.array_equal(corner[4:, 4:], PIXELS[:4, :4])


def test_features_have_mean_zero_and_equal_energy():
    features = edge_colour_features(crop_square(PIXELS, (40, 30), 40, 160))
    assert features.shape == (18, 160 // CELL_SIZE, 160 // CELL_SIZE) and np.abs(features.mean((1, 2))).max() < 1e-4
    assert [float((group ** 2).mean()) for group in (features[:8], features[8:])] == pytest.approx([1, 1], rel=1e-3)


def test_an_edge_responds_in_the_channel_of_its_orientation():
    upright = np.zeros((160, 160, 3), np.uint8)
    upright[:, 80:] = 255
    vertical, horizontal = edge_colour_features(upright), edge_colour_features(upright.transpose(1, 0, 2).copy())
    assert vertical[:8].std((1, 2)).argmax() == 0 and horizontal[:8].std((1, 2)).argmax() == 4


def test_a_flat_image_gives_finite_features():
    assert np.isfinite(edge_colour_features(np.full((160, 160, 3), 7, np.uint8))).all()
