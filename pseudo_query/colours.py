"""Colours: the eleven basic colour names, read from pixels in a space made for the eye (CIELAB).

Every pixel belongs to several names by degrees. The degrees are a table over RGB, made once when first asked for.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

COLOURS = ("black", "white", "gray", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
GRID_SIZE = 16  # pixels a side a box is read at
LEVELS = 32  # a channel of the table
CENTRE_SIGMA, RIM_WEIGHT, RIM_WIDTH = (
    0.45,
    0.35,
    0.15,
)  # spread of the centre weight; weight of the surroundings; their width beside the box
WHITE_LIGHTNESS, MAX_GAIN = 92.0, 1.25  # the brightest 5 % of a picture count as this light, but it is not brightened more

# Where a name ends and the next begins, and how soft the border is. Hues in degrees of the a-b plane, sRGB red is at 40.
HUE_STARTS = {"red": 5, "orange": 45, "yellow": 71, "green": 115, "blue": 201, "purple": 311, "pink": 329}
MIN_CHROMA = 13.0  # chroma below which a colour has no hue
MAX_BLACK_LIGHTNESS, MIN_WHITE_LIGHTNESS = 32.0, 64.0  # lightness of a colourless pixel
GRAY_WEIGHT = 0.45  # people call a shadowed white thing white: gray counts about half
SHADE_LIGHTNESS = {"light": (72.0, 62.0), "dark": (32.0, 42.0)}  # lightness: surely, and not at all


def lab_from_rgb(rgb: np.ndarray) -> np.ndarray:
    """(..., 3) sRGB in [0, 255] to (..., 3) float32 CIELAB (D65, 2 degrees): L in [0, 100], a and b about [-110, 110]."""
    unit = np.asarray(rgb, np.float32) / 255
    linear = np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _RGB_TO_XYZ.T
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


_RGB_TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375],
                             [0.2126729, 0.7151522, 0.0721750],
                             [0.0193339, 0.1191920, 0.9503041]], np.float32) / np.array([[0.95047], [1], [1.08883]], np.float32)


def colour_memberships(lab: np.ndarray) -> np.ndarray:
    """(..., 11) degrees to which CIELAB colours belong to COLOURS, summing to 1."""
    light, chroma = lab[..., 0], np.hypot(lab[..., 1], lab[..., 2])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    chromatic = _logistic_step(chroma, MIN_CHROMA, 2) * _logistic_step(light, 10, 3)
    black, white = 1 - _logistic_step(light, MAX_BLACK_LIGHTNESS, 5), _logistic_step(light, MIN_WHITE_LIGHTNESS, 5)
    reds, oranges, yellows, greens, blues, purples, pinks = _hue_memberships(hue)
    pinkish = _logistic_step(light - 0.35 * chroma, 51, 4)  # light for its chroma: pink, not red
    dull_red = (1 - pinkish) * (1 - _logistic_step(chroma, 23, 5))
    dull_orange = 1 - _logistic_step(chroma, 43, 5) * _logistic_step(light, 45, 5)
    dull_yellow = (1 - _logistic_step(chroma, 32, 5)) * (1 - _logistic_step(light, 74, 5))
    cream = (1 - _logistic_step(chroma, 18, 4)) * _logistic_step(light, 80, 4)
    degrees = np.stack([
        (1 - chromatic) * black,
        (1 - chromatic) * white + chromatic * yellows * cream,
        (1 - chromatic) * np.clip(1 - black - white, 0, 1) * GRAY_WEIGHT,
        chromatic * reds * (1 - pinkish - dull_red),
        chromatic * oranges * (1 - dull_orange),
        chromatic * yellows * (1 - dull_yellow) * (1 - cream),
        chromatic * greens,
        chromatic * blues,
        chromatic * purples,
        chromatic * (reds * pinkish + pinks),
        chromatic * (reds * dull_red + oranges * dull_orange + yellows * dull_yellow * (1 - cream))], -1)
    return degrees / np.maximum(degrees.sum(-1, keepdims=True), 1e-6)


def _hue_memberships(hue):
    """Degrees of membership of the seven hue bands, red first, each soft at both ends."""
    starts, softness = list(HUE_STARTS.values()), (5, 4, 4, 4, 6, 5, 5)
    for k, start in enumerate(starts):
        end, soft_end = starts[(k + 1) % 7], softness[(k + 1) % 7]
        past_start = (hue - start + 180) % 360 - 180
        past_end = (hue - end + 180) % 360 - 180
        middle = (end - start) % 360 / 2
        near = np.abs((hue - start - middle + 180) % 360 - 180) <= middle + 30
        yield _logistic_step(past_start, 0, softness[k]) * (1 - _logistic_step(past_end, 0, soft_end)) * near


def _logistic_step(value, border, softness):
    """1 well above the border, 0 well below, a logistic step between."""
    return 1 / (1 + np.exp(np.clip((border - value) / softness, -50, 50)))


@lru_cache(maxsize=1)
def lab_lookup_table() -> tuple[np.ndarray, np.ndarray]:
    """(32768, 11) float32 degrees of the names and (32768,) lightness, for RGB in 32 levels a channel."""
    steps = (np.arange(LEVELS) + 0.5) * 256 / LEVELS
    lab = lab_from_rgb(np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3))
    return colour_memberships(lab).astype(np.float32), lab[:, 0]


def estimate_gain(pixels: np.ndarray) -> float:
    """How much a picture is brightened before its colours are named, from 1 to 1.25: white is white in a dim photo too."""
    height, width = pixels.shape[:2]
    light = lab_lookup_table()[1][_table_indices(_sample_grid(pixels, 0, 0, width, height), 1.0)]
    return float(np.clip(WHITE_LIGHTNESS / max(np.percentile(light, 95), 1), 1, MAX_GAIN))


def measure_colour_shares(
    pixels: np.ndarray, box, gain: float = 1.0, subtract_background: bool = True
) -> tuple[np.ndarray, np.ndarray] | None:
    """(11,) share of each colour in a box, summing to 1, and (11,) its mean lightness; None outside the picture.

    The middle of the box counts most. `subtract_background`: the colours of a rim around the box are background and are subtracted.
    """
    height, width = pixels.shape[:2]
    x0, x1 = np.clip((box[0], box[2]), 0, width)
    y0, y1 = np.clip((box[1], box[3]), 0, height)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return None
    degrees, lightness = lab_lookup_table()
    codes = _table_indices(_sample_grid(pixels, x0, y0, x1, y1), gain)
    inside = _CENTRE_WEIGHTS @ degrees[codes]
    light = (_CENTRE_WEIGHTS * lightness[codes]) @ degrees[codes] / np.maximum(inside, 1e-6)
    if subtract_background:
        wide, high = (x1 - x0) * RIM_WIDTH, (y1 - y0) * RIM_WIDTH
        rim = _sample_grid(pixels, max(x0 - wide, 0), max(y0 - high, 0), min(x1 + wide, width), min(y1 + high, height))
        inside = np.clip(inside - RIM_WEIGHT * (_RIM_WEIGHTS @ degrees[_table_indices(rim, gain)]), 0, None)
    return inside / max(inside.sum(), 1e-6), light


def colour_membership_map(pixels: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 to (12, H, W) float32: how far each pixel has each of the eleven colours, summing to 1, and its
    lightness in [0, 1]."""
    degrees, lightness = lab_lookup_table()
    codes = _table_indices(pixels.reshape(-1, 3), estimate_gain(pixels)).reshape(pixels.shape[:2])
    return np.concatenate([degrees[codes].transpose(2, 0, 1), lightness[codes][None] / 100])


def _sample_grid(pixels, x0, y0, x1, y1) -> np.ndarray:
    """(SAMPLES * SAMPLES, 3) pixels on an even grid over a box that lies in the picture."""
    steps = (np.arange(GRID_SIZE) + 0.5) / GRID_SIZE
    columns = np.minimum((x0 + steps * (x1 - x0)).astype(int), pixels.shape[1] - 1)
    rows = np.minimum((y0 + steps * (y1 - y0)).astype(int), pixels.shape[0] - 1)
    return pixels[rows[:, None], columns, :3].reshape(-1, 3)


def _table_indices(rgb, gain) -> np.ndarray:
    """(N,) row of the table of each colour; brightened no further than its largest channel allows, so that hues stay."""
    if gain != 1:
        rgb = rgb * np.minimum(np.float32(gain), 255 / np.maximum(rgb.max(1, keepdims=True), 1).astype(np.float32))
    levels = rgb.astype(np.int32) * LEVELS // 256
    return (levels[:, 0] * LEVELS + levels[:, 1]) * LEVELS + levels[:, 2]


def _centre_weights() -> np.ndarray:
    steps = (np.arange(GRID_SIZE) + 0.5) / GRID_SIZE * 2 - 1
    weights = np.exp(-(steps[:, None] ** 2 + steps ** 2) / (2 * CENTRE_SIGMA ** 2)).ravel()
    return (weights / weights.sum()).astype(np.float32)


def _rim_weights() -> np.ndarray:
    steps = np.abs((np.arange(GRID_SIZE) + 0.5) / GRID_SIZE * 2 - 1)
    weights = (np.maximum(steps[:, None], steps) > 1 / (1 + 2 * RIM_WIDTH)).ravel().astype(np.float32)
    return weights / weights.sum()


_CENTRE_WEIGHTS, _RIM_WEIGHTS = _centre_weights(), _rim_weights()
