"""The vision backbone: the colour map."""

import numpy as np

from grounding.models.embedding.backbone import COLOUR_GRID, colour_features
from pseudo_query.colours import COLOURS


def test_the_colour_map_has_each_colour_at_its_position():
    pixels = np.full((90, 120, 3), 255, np.uint8)
    pixels[:, :60] = (200, 20, 20)
    colour_map = colour_features(pixels)
    assert colour_map.shape == (len(COLOURS) + 1, COLOUR_GRID, COLOUR_GRID) and np.allclose(
        colour_map[:-1].astype(float).sum(0), 1, atol=0.02
    )
    assert colour_map[COLOURS.index("red"), :, :12].min() > 0.8 and colour_map[COLOURS.index("white"), :, 16:].min() > 0.8
    assert colour_map[-1, 0, 20] > colour_map[-1, 0, 3]
