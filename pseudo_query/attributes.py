"""Attributes: words for what a thing looks like, each with a confidence; colours are read from the pixels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pseudo_query.colours import COLOURS, SHADE_LIGHTNESS, estimate_gain, measure_colour_shares

SHADED_COLOURS = frozenset(("gray", "red", "orange", "green", "blue", "purple", "pink", "brown"))


class Attribute(NamedTuple):
    """A word that may be true of a thing, with a confidence in [0, 1]. `kind` is colour, shade, or the reader's own."""

    word: str
    kind: str
    confidence: float


def extract_colours(pixels: np.ndarray, boxes: np.ndarray, subtract_background: bool = True) -> list[tuple[Attribute, ...]]:
    """For each box (N, 4) in pixels: its colour names, surest first, then "light" or "dark" of the first.

    `pixels` (H, W, 3) uint8 RGB. () where nothing of a box is in the picture. `subtract_background`: the colours around it are background.
    """
    gain = estimate_gain(pixels) if len(boxes) and pixels.size else 1.0
    return [
        _colour_attributes(measure_colour_shares(pixels, box, gain, subtract_background)) for box in np.asarray(boxes, float).reshape(-1, 4)
    ]


def _colour_attributes(measured) -> tuple[Attribute, ...]:
    if measured is None:
        return ()
    shares, lightness = measured
    order = np.argsort(-shares, kind="stable")[:3].tolist()
    colours = [Attribute(COLOURS[i], "colour", round(float(shares[i]), 3)) for i in order if shares[i] > 0.1]
    return (*colours, *_shade_attributes(colours[:1], lightness))


def _shade_attributes(colours, lightness):
    """ "light blue" or "dark blue": the colour's confidence, times how far its mean lightness is past the border."""
    for word, _, confidence in colours:
        for shade, (surely, not_at_all) in SHADE_LIGHTNESS.items():
            shade_degree = (lightness[COLOURS.index(word)] - not_at_all) / (surely - not_at_all)
            if word in SHADED_COLOURS and shade_degree > 0:
                yield Attribute(f"{shade} {word}", "shade", round(confidence * min(float(shade_degree), 1.0), 3))
