"""The eyes name the colours of every place."""

import numpy as np

from grounding.models.embedding.backbone import TINTS, tints
from pseudo_query.colours import COLOURS


def test_colours_stand_where_they_are():
    pixels = np.full((90, 120, 3), 255, np.uint8)
    pixels[:, :60] = (200, 20, 20)
    found = tints(pixels)
    assert found.shape == (len(COLOURS) + 1, TINTS, TINTS) and np.allclose(found[:-1].astype(float).sum(0), 1, atol=0.02)
    assert found[COLOURS.index("red"), :, :12].min() > 0.8 and found[COLOURS.index("white"), :, 16:].min() > 0.8
    assert found[-1, 0, 20] > found[-1, 0, 3]
