"""Pixels: from a picture of any size to the small square a network looks at."""

from __future__ import annotations

import cv2
import numpy as np


def squash(pixels: np.ndarray, side: int) -> np.ndarray:
    """(H, W, 3) uint8 to (side, side, 3), aspect not kept; large pictures are averaged so that nothing flickers."""
    shrinks = max(pixels.shape[:2]) > 2 * side
    return cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
