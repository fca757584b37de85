"""Crops: square regions of an image, and hand-crafted features of them: oriented edges and colours."""

from __future__ import annotations

import cv2
import numpy as np

CELL_SIZE = 4  # pixels
ORIENTATIONS = 8  # bins of edge orientation over 180 degrees
HUE_BINS = 6


def crop_square(pixels: np.ndarray, centre: tuple[float, float], source_side: float, output_side: int) -> np.ndarray:
    """(output_side, output_side, 3) uint8: the square of `source_side` pixels around `centre` (x, y), resized; pixels
    beyond the border repeat the border."""
    height, width = pixels.shape[:2]
    x0, y0 = int(round(centre[0] - source_side / 2)), int(round(centre[1] - source_side / 2))
    x1, y1 = x0 + max(int(round(source_side)), 2), y0 + max(int(round(source_side)), 2)
    if x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height:
        square = pixels[y0:y1, x0:x1]
    else:
        rows, columns = np.clip(np.arange(y0, y1), 0, height - 1), np.clip(np.arange(x0, x1), 0, width - 1)
        square = pixels[rows[:, None], columns[None, :]]
    return cv2.resize(square, (output_side, output_side), interpolation=cv2.INTER_AREA if x1 - x0 > 1.5 * output_side else cv2.INTER_LINEAR)


def edge_colour_features(crop: np.ndarray) -> np.ndarray:
    """(18, S, S) float32 features of a (4 S, 4 S, 3) uint8 crop: edges by orientation, brightness, opponent colours
    and hues of each cell.

    Every channel has mean 0 over the crop; the edge channels and the colour channels each have mean square 1.
    """
    image = crop.astype(np.float32) / 255
    light = np.sqrt(image.mean(2))
    return np.concatenate([_normalize(_orientation_histograms(light)), _normalize(_colour_channels(image, light))])


def opponent_colours(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The red-green and yellow-blue opponent channels, each in [-1, 1], of (..., 3) float pixels in [0, 1]."""
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    return red - green, (red + green) / 2 - blue


def _orientation_histograms(light: np.ndarray) -> np.ndarray:
    """(8, S, S): mean edge magnitude of each orientation in each cell, divided by the mean of all edges in the 5 x 5 cells around it."""
    gradient_x, gradient_y = cv2.Sobel(light, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(light, cv2.CV_32F, 0, 1, ksize=3)
    magnitude, angle = cv2.cartToPolar(gradient_x, gradient_y)
    bin_position = angle * (ORIENTATIONS / np.pi) % ORIENTATIONS
    channels = [_cell_means(magnitude * _bin_weight(bin_position, orientation, ORIENTATIONS)) for orientation in range(ORIENTATIONS)]
    edges = np.stack(channels)
    local_mean = cv2.blur(edges.sum(0), (5, 5), borderType=cv2.BORDER_REPLICATE)
    return edges / (local_mean + 0.05)


def _colour_channels(image: np.ndarray, light: np.ndarray) -> np.ndarray:
    """(10, S, S): brightness, two opponent colours, six hues weighted by saturation, and greyness."""
    first, second = opponent_colours(image)
    saturation, angle = cv2.cartToPolar(first, second)
    saturation, bin_position = np.minimum(saturation * 3, 1), angle * (HUE_BINS / (2 * np.pi))
    hues = [saturation * _bin_weight(bin_position, hue, HUE_BINS) for hue in range(HUE_BINS)]
    return np.stack([_cell_means(channel) for channel in (light, 2 * first, 2 * second, *hues, 1 - saturation)])


def _bin_weight(position: np.ndarray, bin_index: int, bin_count: int) -> np.ndarray:
    """Linear interpolation weight of `bin_index` on a circle of `bin_count` bins: 1 at the bin, 0 at its neighbours."""
    distance = np.abs(position - bin_index)
    return np.maximum(1 - np.minimum(distance, bin_count - distance), 0)


def _cell_means(channel: np.ndarray) -> np.ndarray:
    """The mean of each CELL_SIZE x CELL_SIZE cell."""
    side = channel.shape[0] // CELL_SIZE
    return cv2.resize(channel, (side, side), interpolation=cv2.INTER_AREA)


def _normalize(channels: np.ndarray) -> np.ndarray:
    """Shifts each channel to mean 0 and scales all together to mean square 1."""
    channels = channels - channels.mean((1, 2), keepdims=True)
    return channels / max(float(np.sqrt((channels ** 2).mean())), 1e-6)
