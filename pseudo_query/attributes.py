"""Attributes: words for what a thing looks like, each with a confidence; colours are read from the pixels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pseudo_query.colours import COLOURS, SHADES, gain_of, shares_of

SHADED = frozenset(("gray", "red", "orange", "green", "blue", "purple", "pink", "brown"))


class Attribute(NamedTuple):
    """A word that may be true of a thing, with a confidence in [0, 1]. `kind` is colour, shade, or the reader's own."""

    word: str
    kind: str
    confidence: float


def colours_of(pixels: np.ndarray, boxes: np.ndarray, around: bool = True) -> list[tuple[Attribute, ...]]:
    """For each box (N, 4) in pixels: its colour names, surest first, then "light" or "dark" of the first.

    `pixels` (H, W, 3) uint8 RGB. () where nothing of a box is in the picture. `around`: what surrounds it is background.
    """
    gain = gain_of(pixels) if len(boxes) and pixels.size else 1.0
    return [_colours(shares_of(pixels, box, gain, around)) for box in np.asarray(boxes, float).reshape(-1, 4)]


def _colours(found) -> tuple[Attribute, ...]:
    if found is None:
        return ()
    shares, lightness = found
    order = np.argsort(-shares, kind="stable")[:3].tolist()
    colours = [Attribute(COLOURS[i], "colour", round(float(shares[i]), 3)) for i in order if shares[i] > 0.1]
    return (*colours, *_shades(colours[:1], lightness))


def _shades(colours, lightness):
    """ "light blue" or "dark blue": the colour's confidence, times how far its mean lightness is past the border."""
    for word, _, sure in colours:
        for shade, (surely, not_at_all) in SHADES.items():
            far = (lightness[COLOURS.index(word)] - not_at_all) / (surely - not_at_all)
            if word in SHADED and far > 0:
                yield Attribute(f"{shade} {word}", "shade", round(sure * min(float(far), 1.0), 3))
