"""Depth: pictures with more than 8 bits become 8 bits that a person can see."""

from __future__ import annotations

import io

import numpy as np

# the brightest values of floats in [0, 1] and of 8, 10, 12, 14 and 16 bits
FULL_SCALES = (1.0, 255.0, 1023.0, 4095.0, 16_383.0, 65_535.0)
MIN_RANGE_SHARE = 0.5  # the share of its full range that a picture uses at least; below it is stretched
CLIPPED_PERCENT = 0.1  # per cent of the darkest and brightest values that a stretch leaves out: dead and hot pixels


def to_8_bit(values: np.ndarray, bits: int = 0) -> tuple[np.ndarray, str]:
    """uint8 of the shape of `values`, and what was done where that is not the plain scale of `bits` (0: of numbers that
    state none).

    The full range is that of the fewest bits that hold the values. Where the 0.1 and 99.9 percentiles span less than
    half of it, the picture is stretched from the one to the other. Values that are no numbers become black, infinite
    ones the darkest or brightest.
    """
    finite = values[np.isfinite(values)].astype(np.float64)
    if not len(finite):
        return np.zeros(values.shape, np.uint8), ""
    low, high = float(finite.min()), float(finite.max())
    dark, bright = np.percentile(finite, (CLIPPED_PERCENT, 100 - CLIPPED_PERCENT)).tolist()
    full = (
        next((top for top in FULL_SCALES if high <= top and (top > 1 or values.dtype.kind == "f")), 0.0) if low >= 0 else 0.0
    )
    if full and (high == low or bright - dark >= MIN_RANGE_SHARE * full):
        plain = full == (65_535 if bits == 16 else 255)
        return _scale(values, 0.0, full), (
            "" if plain else f"uses the values 0 to {full:g}, which were spread over the whole range"
        )
    if high == low:
        return np.full(values.shape, 0 if low < 0 else 255, np.uint8), ""
    low, high = (dark, bright) if dark < bright else (low, high)
    return (
        _scale(values, low, high),
        f"uses the values {low:.6g} to {high:.6g} only, which were stretched from black to white",
    )


def read_rgb16(file: bytes, format: str) -> np.ndarray | None:
    """(H, W, 3) uint16 of a PNG or TIFF with 16 bits a channel, as stored; None where it cannot be decoded that
    deep."""
    import av

    try:
        with av.open(io.BytesIO(file), format={"PNG": "png_pipe", "TIFF": "tiff_pipe"}[format]) as container:
            frame = next(container.decode(video=0))
            return frame.to_ndarray(format="rgb48le")
    except (av.error.FFmpegError, StopIteration, KeyError, ValueError):
        return None


def _scale(values: np.ndarray, low: float, high: float) -> np.ndarray:
    scaled = np.clip((values.astype(np.float64) - low) * (255 / (high - low)), 0, 255)
    return (np.nan_to_num(scaled) + 0.5).astype(np.uint8)
