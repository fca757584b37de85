"""Answers: from the numbers other people's models give to regions inside the picture, best first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from grounding.data import Boxes, Masks, Query, Regions, Size
from grounding.data.media_image import Image
from grounding.models.detection.ssd import suppress

LONGEST = 1000  # characters of a phrase; longer ones are refused
# Names that some models spell as Pascal VOC did, and how COCO and our label lists spell them.
SPELT = {"aeroplane": "airplane", "motorbike": "motorcycle", "pottedplant": "potted plant", "sofa": "couch", "diningtable": "dining table",
         "tvmonitor": "tv"}
BACKGROUND = ("__background__", "background")
NAMELESS = ("", "n/a", *BACKGROUND)  # what models call classes that do not exist


def pixels(image: Image) -> np.ndarray:
    """(H, W, 3) uint8 that other people's code may write into."""
    return np.array(image.pixels)


def regions(boxes, scores, labels: Sequence[str], size: Size, least: float = 0.0, masks=None) -> Regions:
    """From (N, 4) x0 y0 x1 y1 in pixels, (N,) scores in [0, 1] and N names; `masks` (N, H, W) bool or None. Which rows: see `rows`."""
    kept = rows(boxes, scores, labels, size, least)
    corners = np.asarray(boxes, np.float32).reshape(-1, 4)[kept]
    chosen = Masks.from_array(np.asarray(masks, bool)[kept]) if masks is not None and len(kept) else None
    sure = np.asarray(scores, np.float32).reshape(-1)[kept]
    return Regions(Boxes(corners).clip(size), np.clip(sure, 0, 1), [spelt(labels[row]) for row in kept], chosen)


def rows(boxes, scores, labels: Sequence[str], size: Size, least: float = 0.0) -> np.ndarray:
    """The rows that stay, best first: with an area inside the picture, with numbers only, not below `least`, of a class that has a name."""
    corners, scores = np.asarray(boxes, np.float32).reshape(-1, 4), np.asarray(scores, np.float32).reshape(-1)
    inside = np.clip(corners, 0, np.tile(np.float32(size), 2))  # what is no number stays none
    named = np.array([spelt(label).casefold() not in NAMELESS for label in labels], bool)
    sound = np.isfinite(corners).all(1) & np.isfinite(scores) & (scores >= least) & named
    kept = np.flatnonzero(sound & (inside[:, 2:] > inside[:, :2]).all(1))
    return kept[np.argsort(-scores[kept], kind="stable")]


def spelt(label: str) -> str:
    """A class name as COCO spells it."""
    plain = str(label).strip()
    return SPELT.get(plain.casefold(), plain)


def pointed(boxes, scores, phrase: str, size: Size, least: float, most: int = 20, overlap: float = 0.6) -> Regions:
    """What a phrase points at: as `regions`, labelled with the phrase itself; at most `most`, no two that overlap by more than `overlap`."""
    found = regions(boxes, scores, ["x"] * len(np.asarray(scores).reshape(-1)), size, least)
    kept = suppress(found.top(20 * most), overlap).top(most)
    return Regions(kept.boxes, kept.scores, (phrase,) * len(kept))


def each(ask: Callable[[str], Regions], query: Query) -> Regions:
    """Every phrase of a query asked by itself, so that one alone is answered as in company; all answers together, best first."""
    found = [part for part in map(ask, checked(query)) if len(part)]
    if not found:
        return Regions.empty()
    return Regions(Boxes(np.concatenate([part.boxes.xyxy for part in found])), np.concatenate([part.scores for part in found]),
                   sum((part.labels for part in found), ())).best_first()


def checked(query: Query) -> tuple[str, ...]:
    """The phrases of a query. Raises ValueError for one without a word or of more than a thousand characters."""
    for phrase in query.words():
        if not any(sign.isalnum() for sign in phrase):
            raise ValueError(f"a phrase needs at least one word; got {phrase[:20]!r}")
        if len(phrase) > LONGEST:
            raise ValueError(f"a phrase of {len(phrase):,} characters is too long to ground; say it in at most {LONGEST:,}")
    return query.words()
