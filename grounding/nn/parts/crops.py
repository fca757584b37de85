"""Crops: square cuttings around a point of a picture, and what can be read off them without a network: edges and colours."""

from __future__ import annotations

import cv2
import numpy as np

CELL = 4  # pixels
TURNS = 8  # directions of edges, of half a turn together
HUES = 6


def cut(pixels: np.ndarray, centre: tuple[float, float], side: float, out: int) -> np.ndarray:
    """(out, out, 3) uint8: the square of `side` pixels around `centre` (x, y); beyond the border its pixels are repeated."""
    height, width = pixels.shape[:2]
    x0, y0 = int(round(centre[0] - side / 2)), int(round(centre[1] - side / 2))
    x1, y1 = x0 + max(int(round(side)), 2), y0 + max(int(round(side)), 2)
    if x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height:
        square = pixels[y0:y1, x0:x1]
    else:
        rows, columns = np.clip(np.arange(y0, y1), 0, height - 1), np.clip(np.arange(x0, x1), 0, width - 1)
        square = pixels[rows[:, None], columns[None, :]]
    return cv2.resize(square, (out, out), interpolation=cv2.INTER_AREA if x1 - x0 > 1.5 * out else cv2.INTER_LINEAR)


def textures(crop: np.ndarray) -> np.ndarray:
    """(18, S, S) float32 of a (4 S, 4 S, 3) uint8 crop: edges by direction, brightness, opponent colours and hues of each cell.

    Every channel is at rest 0 over the crop, and edges and colours weigh alike.
    """
    image = crop.astype(np.float32) / 255
    light = np.sqrt(image.mean(2))
    return np.concatenate([_weighed(_edges(light)), _weighed(_tints(image, light))])


def opponents(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Red against green and yellow against blue, each in [-1, 1], of (..., 3) float pixels in [0, 1]."""
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    return red - green, (red + green) / 2 - blue


def _edges(light: np.ndarray) -> np.ndarray:
    """(8, S, S): how strong edges of each direction are in each cell, against all edges around it."""
    across, down = cv2.Sobel(light, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(light, cv2.CV_32F, 0, 1, ksize=3)
    strength, angle = cv2.cartToPolar(across, down)
    place = angle * (TURNS / np.pi) % TURNS
    channels = [_cells(strength * _near(place, turn, TURNS)) for turn in range(TURNS)]
    edges = np.stack(channels)
    around = cv2.blur(edges.sum(0), (5, 5), borderType=cv2.BORDER_REPLICATE)
    return edges / (around + 0.05)


def _tints(image: np.ndarray, light: np.ndarray) -> np.ndarray:
    """(10, S, S): brightness, two opponent colours, six hues by how strong they are, and how grey it is."""
    first, second = opponents(image)
    strength, angle = cv2.cartToPolar(first, second)
    strength, place = np.minimum(strength * 3, 1), angle * (HUES / (2 * np.pi))
    hues = [strength * _near(place, hue, HUES) for hue in range(HUES)]
    return np.stack([_cells(channel) for channel in (light, 2 * first, 2 * second, *hues, 1 - strength)])


def _near(place: np.ndarray, middle: int, around: int) -> np.ndarray:
    """1 at `middle` of a circle of length `around`, falling to 0 at its neighbours."""
    away = np.abs(place - middle)
    return np.maximum(1 - np.minimum(away, around - away), 0)


def _cells(channel: np.ndarray) -> np.ndarray:
    """The mean of each cell."""
    side = channel.shape[0] // CELL
    return cv2.resize(channel, (side, side), interpolation=cv2.INTER_AREA)


def _weighed(channels: np.ndarray) -> np.ndarray:
    """Each channel around 0, all together with mean square 1."""
    channels = channels - channels.mean((1, 2), keepdims=True)
    return channels / max(float(np.sqrt((channels ** 2).mean())), 1e-6)
