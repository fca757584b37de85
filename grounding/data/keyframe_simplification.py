"""Thinning: the few keyframes between which a box moves as it really did."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from grounding.data.boxes import Boxes
from grounding.data.tracks import Keyframe, Track

PIXELS = 2.0  # how far a side may stray from where it was seen,
SHARE = 0.02  # or this share of the box's larger side, whichever is more


def thinned(frames: np.ndarray, boxes: Boxes, breaks: list[int], pixels: float = PIXELS, share: float = SHARE) -> list[Keyframe]:
    """Keyframes for T rising frames and their boxes; at each row named in `breaks` a new stretch begins, hidden until there."""
    keys: list[Keyframe] = []
    for start, end in zip([0, *breaks], [*breaks, len(frames)]):
        rows = start + np.flatnonzero(keyframes_of(frames[start:end], boxes[start:end], pixels, share))
        keys += [Keyframe(int(frames[row]), tuple(map(float, boxes.xyxy[row]))) for row in rows]
        keys.append(Keyframe(keys[-1].frame + 1, keys[-1].box, outside=True))
    return keys[:-1]


def thinned_track(track: Track, keep: Collection[int] = ()) -> Track:
    """The same boxes to 0.02 pixels with few keyframes: those frames of `keep` in which it is seen, and what linear
    motion needs besides."""
    flags = np.isin(track.frames, list(keep))
    for part in np.split(np.arange(len(track)), np.flatnonzero(np.diff(track.frames) > 1) + 1):
        flags[part] |= keyframes_of(track.frames[part], track.boxes[part], pixels=0.02, share=0)
    return replace(track, keyframes=flags)


def keyframes_of(frames: np.ndarray, boxes: Boxes, pixels: float = PIXELS, share: float = SHARE) -> np.ndarray:
    """(T,) bool: the frames to keep so that straight motion between them stays within tolerance of all T boxes.

    `frames` (T,) rise; the first and the last are always kept (Ramer 1972).
    """
    flags, frames, xyxy = np.zeros(len(frames), bool), np.asarray(frames), boxes.xyxy.astype(np.float64)
    allowed = np.maximum(pixels, share * (xyxy[:, 2:] - xyxy[:, :2]).max(1, initial=0))
    flags[:1] = flags[-1:] = True
    pieces = [(0, len(frames) - 1)]
    while pieces:
        start, end = pieces.pop()
        if end - start < 2:
            continue
        part = ((frames[start : end + 1] - frames[start]) / (frames[end] - frames[start]))[:, None]
        strays = np.abs(xyxy[start] + (xyxy[end] - xyxy[start]) * part - xyxy[start : end + 1]).max(1) / allowed[start : end + 1]
        worst = start + int(strays.argmax())
        if strays[worst - start] > 1:
            flags[worst] = True
            pieces += [(start, worst), (worst, end)]
    return flags
