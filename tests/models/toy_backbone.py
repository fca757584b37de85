"""Toy backbone: detects red and blue squares in drawn images and gives feature maps of their colours."""

import numpy as np

from grounding.data.media import Image
from grounding.nn.files.features import ImageFeatures

CHANNELS = {"ssd19": (576, 19), "ssd10": (1280, 10), "eff28": (40, 28), "eff14": (112, 14), "eff7": (320, 7), "tint": (12, 28)}
COLOURS = {"red": (200, 20, 20), "blue": (20, 20, 200)}


class ToyBackbone:
    """Two proposals, the red and the blue square, and feature maps with the image's RGB in the first three channels."""

    version, class_names = "toy-eyes@00000000", ("red square", "blue square")

    def encode(self, image: Image) -> ImageFeatures:
        boxes = [self.box(image.pixels, colour) for colour in COLOURS.values()]
        levels = {name: self.level(image.pixels, *shape) for name, shape in CHANNELS.items()}
        return ImageFeatures(levels, np.float32(boxes), np.array([0, 1]), np.float32([0.9, 0.8]), image.size.width / image.size.height)

    @staticmethod
    def box(pixels: np.ndarray, colour) -> list[float]:
        rows, columns = np.nonzero((np.abs(pixels.astype(int) - colour) < 30).all(-1))
        height, width = pixels.shape[:2]
        return [columns.min() / width, rows.min() / height, (columns.max() + 1) / width, (rows.max() + 1) / height]

    @staticmethod
    def level(pixels: np.ndarray, channels: int, side: int) -> np.ndarray:
        rows, columns = (np.arange(side) * extent // side for extent in pixels.shape[:2])
        grid = np.zeros((channels, side, side), np.float16)
        grid[:3] = pixels[rows[:, None], columns].transpose(2, 0, 1) / 255
        return grid


def draw(seed: int, size=(64, 48)) -> tuple[np.ndarray, dict[str, list[int]]]:
    """An image with a red and a blue square side by side in random order, and their boxes in pixels."""
    rng = np.random.default_rng(seed)
    pixels, boxes = np.full((size[1], size[0], 3), 120, np.uint8), {}
    for index, name in enumerate(rng.permutation(list(COLOURS))):
        x, y, side = int(rng.integers(2, 12) + index * 32), int(rng.integers(2, 26)), int(rng.integers(10, 18))
        pixels[y:y + side, x:x + side] = COLOURS[name]
        boxes[str(name)] = [x, y, x + side, y + side]
    return pixels, boxes
