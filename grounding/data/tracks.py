"""Tracks: where one thing is, frame by frame, in a video."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from grounding.data.boxes import Boxes
from grounding.data.constraints import Corners, Extra, FrameNumber
from grounding.data.json_rows import row_from_json


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A frame where the box is given (x0, y0, x1, y1 in pixels), or from which on the object is hidden (`outside`) or partly
    `occluded`; `by` says who set it, where that is known."""

    frame: FrameNumber
    box: Corners
    outside: bool = False
    occluded: bool | None = None
    by: Literal["person", "model"] | None = None
    extra: Extra = ()

    @classmethod
    def from_json(cls, data: dict) -> Keyframe:
        return row_from_json(cls, data)


@dataclass(frozen=True, eq=False)
class Track:
    """`frames` (T,) int, rising: those where the thing is seen; `boxes` T rows; `keyframes` (T,) bool.

    Gaps are missing frames. Between two keyframes the box moves linearly; see `from_keyframes`.
    """

    frames: np.ndarray
    boxes: Boxes
    keyframes: np.ndarray
    label: str = ""
    caption: str = ""
    score: float = 1.0

    def __post_init__(self):
        frames = np.array(self.frames, np.int64).reshape(-1)
        keyframes = np.array(self.keyframes, bool).reshape(-1)
        if not len(frames) == len(self.boxes) == len(keyframes):
            raise ValueError(f"{len(frames)} frames need as many boxes and flags; got {len(self.boxes)} and {len(keyframes)}")
        if (np.diff(frames) <= 0).any() or (frames < 0).any():
            raise ValueError(f"a track's frames rise from 0 on; got {frames.tolist()[:20]}")
        object.__setattr__(self, "frames", frames)
        object.__setattr__(self, "keyframes", keyframes)

    @classmethod
    def from_keyframes(cls, keyframes: Iterable[Keyframe], label="", caption="", score=1.0) -> Track:
        """Interpolates linearly between consecutive visible keyframes; hidden from an `outside` one to the next."""
        keys = sorted(keyframes, key=lambda key: key.frame)
        if len({key.frame for key in keys}) < len(keys):
            raise ValueError("two keyframes of a track name the same frame; keep one of them")
        frames, boxes, flags = [], [], []
        for key, following in zip(keys, keys[1:] + [None]):
            if key.outside:
                continue
            for frame in range(key.frame, _end(key, following)):
                frames.append(frame)
                boxes.append(_interpolate(key, following, frame))
                flags.append(frame == key.frame)
        return cls(np.array(frames, np.int64), Boxes(np.array(boxes, np.float32)), np.array(flags, bool), label, caption, score)

    def keyframes_with_occlusion(self, occluded: Collection[int]) -> list[Keyframe]:
        """The keyframes, and one more wherever the thing becomes covered or is so no longer."""
        keys = {key.frame: key for key in self.keyframe_list()}
        changes = [frame for frame in self.frames.tolist() if (frame in occluded) != (frame - 1 in occluded)] if occluded else []
        keys |= {frame: Keyframe(frame, self.box_at(frame)) for frame in changes if frame not in keys}  # type: ignore[arg-type]
        return [keys[frame] for frame in sorted(keys)]

    def keyframe_list(self) -> list[Keyframe]:
        """The keyframes that give this track back, with an `outside` one at the start of each gap."""
        keys = []
        for index, frame in enumerate(self.frames.tolist()):
            box = tuple(float(x) for x in self.boxes.xyxy[index])
            gap_before = index > 0 and self.frames[index - 1] + 1 < frame
            gap_after = index + 1 < len(self) and self.frames[index + 1] > frame + 1
            if self.keyframes[index] or gap_before or gap_after or index in (0, len(self) - 1):
                keys.append(Keyframe(frame, box))
            if gap_after:
                keys.append(Keyframe(frame + 1, box, outside=True))
        return keys

    def box_at(self, frame: int) -> tuple[float, float, float, float] | None:
        """The box in this frame, or None where the thing is not seen."""
        index = int(np.searchsorted(self.frames, frame))
        if index == len(self) or self.frames[index] != frame:
            return None
        return tuple(float(x) for x in self.boxes.xyxy[index])

    def with_box(self, frame: int, box) -> Track:
        """The same track with a keyframe here; the boxes up to the neighbouring keyframes follow."""
        keys = [key for key in self.keyframe_list() if key.frame != frame]
        return self._from_edited_keyframes(keys + [Keyframe(frame, tuple(float(x) for x in box))])

    def end_before(self, frame: int) -> Track:
        """The same track, ended before this frame."""
        keys = [key for key in self.keyframe_list() if key.frame < frame]
        before = self.box_at(frame - 1)
        if before is not None and (not keys or keys[-1].frame < frame - 1):
            keys.append(Keyframe(frame - 1, before))
        return self._from_edited_keyframes(keys)

    def _from_edited_keyframes(self, keys: list[Keyframe]) -> Track:
        changed = Track.from_keyframes(keys)
        return replace(self, frames=changed.frames, boxes=changed.boxes, keyframes=changed.keyframes)

    def __len__(self) -> int:
        return len(self.frames)


def _end(key: Keyframe, following: Keyframe | None) -> int:
    return following.frame if following else key.frame + 1


def _interpolate(key: Keyframe, following: Keyframe | None, frame: int) -> tuple[float, ...]:
    if following is None or following.outside or frame == key.frame:
        return key.box
    part = (frame - key.frame) / (following.frame - key.frame)
    return tuple(a + (b - a) * part for a, b in zip(key.box, following.box))
