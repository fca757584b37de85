"""Eyes: everything the grounder needs to know of a picture, from two frozen networks and its colours, before any phrase is asked."""

from __future__ import annotations

import threading

import numpy as np

from grounding.data.media_image import Image
from grounding.models.detection import ssd
from grounding.nn.files.features import Features
from grounding.nn.hosts import efficientnet
from grounding.nn.parts.pixels import squash

TINTS = 28  # rows and columns of the grid of colours


class Eyes:
    """The detector's proposals and inner features beside those of an ImageNet network, and how much of each named colour is where.
    Safe to share between threads."""

    def __init__(self, detector: ssd.SSD | None = None):
        self.detector = detector or ssd.SSD()
        self.version = f"{self.detector.version}+{efficientnet.VERSION}+tints@1"
        self.names = ssd.NAMES
        self._net, self._lock = None, threading.Lock()

    def see(self, image: Image) -> Features:
        """One pass of both networks; about a tenth of a second."""
        look = self.detector.look(image)
        levels = look.levels | self._imagenet(image.pixels) | {"tint": tints(image.pixels)}
        unit = look.proposals.boxes.xyxy / np.tile(np.asarray(image.size, np.float32), 2)
        classes = np.array([ssd.NAMES.index(label) for label in look.proposals.labels], np.int16)
        return Features(levels, unit.astype(np.float32), classes, look.proposals.scores, image.size.width / image.size.height)

    def _imagenet(self, pixels: np.ndarray) -> dict[str, np.ndarray]:
        import torch

        with self._lock:
            self._net = self._net or efficientnet.EfficientNetLite0.pretrained()
        with torch.inference_mode():
            levels = self._net(efficientnet.to_input(pixels))
        return {name: grid[0].numpy().astype(np.float16) for name, grid in levels.items()}


def tints(pixels: np.ndarray) -> np.ndarray:
    """(12, TINTS, TINTS) float16: the share of each of the eleven colours in each cell of a grid, and its lightness."""
    from pseudo_query.colours import map_of

    fine = map_of(squash(pixels, 4 * TINTS))
    return fine.reshape(len(fine), TINTS, 4, TINTS, 4).mean((2, 4)).astype(np.float16)
