"""Small drawn photos and films for the browser tests."""

from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = ((200, 60, 50), (50, 110, 200), (60, 160, 80))


def draw_photo(path: Path, seed: int, size: tuple[int, int] = (320, 240)) -> Path:
    """A grey picture with one coloured square, its place and colour told by `seed`."""
    width, height = size
    pixels = np.full((height, width, 3), 190 + seed % 20, np.uint8)
    left, top = 40 + 30 * (seed % 5), 30 + 20 * (seed % 4)
    pixels[top : top + 80, left : left + 90] = COLOURS[seed % 3]
    Image.fromarray(pixels).save(path)
    return path
