"""A turned photo leaves upright, and boxes drawn on the unturned one turn with it."""

import io

import numpy as np
import pytest
from PIL import Image

from grounding.data import Size
from grounding.data.media import open_image
from grounding.exchange.upright import orient_box, read_orientation, write_upright
from tests import drawn


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["jpg", "png", "webp"])
def test_every_reader_agrees_about_a_photo_written_upright(tmp_path, orientation, form):
    path, data = drawn.write_photo(tmp_path / f"a.{form}", orientation=orientation), io.BytesIO()
    assert read_orientation(path) == (orientation, Size(*drawn.SIZE) if orientation < 5 else Size(*drawn.SIZE[::-1]))
    write_upright(path, data)
    naive = Image.open(io.BytesIO(data.getvalue()))
    assert naive.size == drawn.SIZE and naive.getexif().get(0x0112, 1) == 1
    assert drawn.red_square(np.asarray(naive.convert("RGB"))) == drawn.SQUARE
    assert drawn.red_square(open_image(data.getvalue()).pixels) == drawn.SQUARE


@pytest.mark.parametrize("orientation", range(1, 9))
def test_boxes_turn_as_pixels_do(tmp_path, orientation):
    path = drawn.write_photo(tmp_path / "a.png", orientation=orientation)
    as_stored = np.asarray(Image.open(path).convert("RGB"))
    box = drawn.red_square(as_stored)
    assert orient_box(box, orientation, Size(as_stored.shape[1], as_stored.shape[0])) == drawn.SQUARE
