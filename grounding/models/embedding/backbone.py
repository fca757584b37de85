"""Vision backbone: the image features of the embedded models, from two frozen networks and a colour map."""

from __future__ import annotations

import threading

import numpy as np

from grounding.data.media_image import Image
from grounding.models.detection import ssd
from grounding.nn.files.features import ImageFeatures
from grounding.nn.hosts import efficientnet
from grounding.nn.parts.pixels import resize_square

COLOUR_GRID = 28  # rows and columns of the colour map
LEVELS = ssd.LEVELS | efficientnet.LEVELS | {"tint": (12, COLOUR_GRID, COLOUR_GRID)}  # channels, rows, columns


class VisionBackbone:
    """The detector's proposals and feature maps, the feature maps of an ImageNet network, and the share of each basic
    colour in each cell of a grid (level "tint"). Thread-safe."""

    levels = LEVELS

    def __init__(self, detector: ssd.SSD | None = None):
        self.detector = detector or ssd.SSD()
        self.version = f"{self.detector.version}+{efficientnet.VERSION}+tints@1"
        self.class_names = ssd.CLASS_NAMES
        self._net, self._lock = None, threading.Lock()

    def encode(self, image: Image) -> ImageFeatures:
        """One forward pass of both networks; about 0.1 s."""
        output = self.detector.forward(image)
        levels = output.levels | self._imagenet(image.pixels) | {"tint": colour_features(image.pixels)}
        unit = output.proposals.boxes.xyxy / np.tile(np.asarray(image.size, np.float32), 2)
        classes = np.array([ssd.CLASS_NAMES.index(label) for label in output.proposals.labels], np.int16)
        return ImageFeatures(levels, unit.astype(np.float32), classes, output.proposals.scores, image.size.width / image.size.height)

    def _imagenet(self, pixels: np.ndarray) -> dict[str, np.ndarray]:
        import torch

        with self._lock:
            self._net = self._net or efficientnet.EfficientNetLite0.pretrained()
        with torch.inference_mode():
            levels = self._net(efficientnet.to_input(pixels))
        return {name: grid[0].numpy().astype(np.float16) for name, grid in levels.items()}


def colour_features(pixels: np.ndarray) -> np.ndarray:
    """(12, COLOUR_GRID, COLOUR_GRID) float16: the share of each of the eleven basic colours in each cell, and its lightness."""
    from pseudo_query.colours import colour_membership_map

    fine = colour_membership_map(resize_square(pixels, 4 * COLOUR_GRID))
    return fine.reshape(len(fine), COLOUR_GRID, 4, COLOUR_GRID, 4).mean((2, 4)).astype(np.float16)
