"""Pixels: resizing an image to the square input of a network."""

from __future__ import annotations

import cv2
import numpy as np


def resize_square(pixels: np.ndarray, side: int) -> np.ndarray:
    """(H, W, 3) uint8 to (side, side, 3), aspect ratio not kept; images of more than twice the side are averaged by
    area to avoid aliasing."""
    shrinks = max(pixels.shape[:2]) > 2 * side
    return cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
