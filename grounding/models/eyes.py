"""Eyes: everything the grounder needs to know of a picture, from two frozen networks, before any phrase is asked."""

from __future__ import annotations

import threading

import numpy as np

from grounding.data.media_image import Image
from grounding.models import detect
from grounding.nn import backbone
from grounding.nn.features import Features


class Eyes:
    """The detector's proposals and inner features beside those of an ImageNet network. Safe to share between threads."""

    def __init__(self, detector: detect.SSD | None = None):
        self.detector = detector or detect.SSD()
        self.version = f"{self.detector.version}+{backbone.VERSION}"
        self.names = detect.NAMES
        self._net, self._lock = None, threading.Lock()

    def see(self, image: Image) -> Features:
        """One pass of both networks; about a tenth of a second."""
        look = self.detector.look(image)
        levels = look.levels | self._imagenet(image.pixels)
        unit = look.proposals.boxes.xyxy / np.tile(np.asarray(image.size, np.float32), 2)
        classes = np.array([detect.NAMES.index(label) for label in look.proposals.labels], np.int16)
        return Features(levels, unit.astype(np.float32), classes, look.proposals.scores, image.size.width / image.size.height)

    def _imagenet(self, pixels: np.ndarray) -> dict[str, np.ndarray]:
        import torch

        with self._lock:
            self._net = self._net or backbone.EfficientNetLite0.pretrained()
        with torch.inference_mode():
            levels = self._net(backbone.to_input(pixels))
        return {name: grid[0].numpy().astype(np.float16) for name, grid in levels.items()}
