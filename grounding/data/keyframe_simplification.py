"""Keyframe simplification: the fewest keyframes whose linear interpolation follows a box within a tolerance."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from grounding.data.boxes import Boxes
from grounding.data.tracks import Keyframe, Track

MAX_ERROR_PX = 2.0  # how far a side may stray from where it was seen,
MAX_ERROR_SHARE = 0.02  # or this share of the box's larger side, whichever is more


def simplify_keyframes(
    frames: np.ndarray,
    boxes: Boxes,
    segment_starts: list[int],
    max_error_px: float = MAX_ERROR_PX,
    max_error_share: float = MAX_ERROR_SHARE,
) -> list[Keyframe]:
    """Keyframes for T rising frames and their boxes; at each row of `segment_starts` a new segment begins, hidden until there."""
    keys: list[Keyframe] = []
    for start, end in zip([0, *segment_starts], [*segment_starts, len(frames)]):
        rows = start + np.flatnonzero(keyframe_mask(frames[start:end], boxes[start:end], max_error_px, max_error_share))
        keys += [Keyframe(int(frames[row]), tuple(map(float, boxes.xyxy[row]))) for row in rows]
        keys.append(Keyframe(keys[-1].frame + 1, keys[-1].box, outside=True))
    return keys[:-1]


def simplify_track(track: Track, keep: Collection[int] = ()) -> Track:
    """The same boxes to 0.02 pixels with few keyframes: those frames of `keep` in which it is seen, and what linear
    motion needs besides."""
    flags = np.isin(track.frames, list(keep))
    for part in np.split(np.arange(len(track)), np.flatnonzero(np.diff(track.frames) > 1) + 1):
        flags[part] |= keyframe_mask(track.frames[part], track.boxes[part], max_error_px=0.02, max_error_share=0)
    return replace(track, keyframes=flags)


def keyframe_mask(
    frames: np.ndarray, boxes: Boxes, max_error_px: float = MAX_ERROR_PX, max_error_share: float = MAX_ERROR_SHARE
) -> np.ndarray:
    """(T,) bool: the frames to keep so that straight motion between them stays within tolerance of all T boxes.

    `frames` (T,) rise; the first and the last are always kept (Ramer 1972).
    """
    flags, frames, xyxy = np.zeros(len(frames), bool), np.asarray(frames), boxes.xyxy.astype(np.float64)
    tolerance = np.maximum(max_error_px, max_error_share * (xyxy[:, 2:] - xyxy[:, :2]).max(1, initial=0))
    flags[:1] = flags[-1:] = True
    pieces = [(0, len(frames) - 1)]
    while pieces:
        start, end = pieces.pop()
        if end - start < 2:
            continue
        part = ((frames[start : end + 1] - frames[start]) / (frames[end] - frames[start]))[:, None]
        errors = np.abs(xyxy[start] + (xyxy[end] - xyxy[start]) * part - xyxy[start : end + 1]).max(1) / tolerance[start : end + 1]
        worst = start + int(errors.argmax())
        if errors[worst - start] > 1:
            flags[worst] = True
            pieces += [(start, worst), (worst, end)]
    return flags
