"""Motion: where a thing seen in some frames is expected in the next, and where it was once all frames are known."""

from __future__ import annotations

from collections import Counter

import numpy as np

from grounding.data import Regions

# Variances in squared sizes of the box: errors grow with the thing, so one number serves near and far.
MEASURED = 0.08 ** 2  # of a detector's box
FIRST_SPEED = 0.05 ** 2  # of the speed a thing enters with, a frame
PUSHED = 0.006 ** 2  # added to the speed by each frame of unsteady motion
FADING = 0.92  # speed kept from frame to frame by a thing out of sight
REACH = 2  # detections to each side that steady a box


class Thing:
    """One thing while it is followed: what was seen of it, and a Kalman filter with constant speed for what comes.

    Centre and extent move independently with the same relative errors, so three numbers hold the whole covariance.
    """

    def __init__(self, turn: int, frame: int, regions: Regions, row: int):
        self.turns, self.frames, self.boxes, self.scores = [], [], [], []
        self._votes: Counter[str] = Counter()
        self._place = _centred(regions.boxes.xyxy[row])
        self._speed = np.zeros(4)
        self._variance = (MEASURED, 0.0, FIRST_SPEED)  # of the place, of both together, of the speed
        self._frame = frame
        self._record(turn, frame, regions, row)

    @property
    def label(self) -> str:
        """The class most surely seen so far."""
        return max(self._votes, key=self._votes.__getitem__)

    def expected(self) -> np.ndarray:
        """(4,) x0, y0, x1, y1 in the frame it was moved to."""
        extent = np.maximum(self._place[2:], 1)
        return np.concatenate([self._place[:2] - extent / 2, self._place[:2] + extent / 2])

    def move_to(self, frame: int):
        """Lets the time to `frame` pass."""
        gap = frame - self._frame
        if self.frames[-1] < self._frame:  # not seen in the frame before
            self._speed = self._speed * FADING ** gap
        place, both, speed = self._variance
        self._variance = (place + 2 * gap * both + gap ** 2 * speed + PUSHED * gap ** 3 / 3,
                          both + gap * speed + PUSHED * gap ** 2 / 2, speed + PUSHED * gap)
        self._place = self._place + gap * self._speed
        self._frame = frame

    def see(self, turn: int, frame: int, regions: Regions, row: int):
        """Takes one region of the frame it was moved to as itself."""
        place, both, speed = self._variance
        sure_place, sure_speed = place / (place + MEASURED), both / (place + MEASURED)
        surprise = _centred(regions.boxes.xyxy[row]) - self._place
        self._place = self._place + sure_place * surprise
        self._speed = self._speed + sure_speed * surprise
        self._variance = (place * (1 - sure_place), both * (1 - sure_place), speed - sure_speed * both)
        self._record(turn, frame, regions, row)

    def _record(self, turn, frame, regions, row):
        self.turns.append(turn)
        self.frames.append(frame)
        self.boxes.append(regions.boxes.xyxy[row].astype(np.float64))
        self.scores.append(float(regions.scores[row]))
        self._votes[regions.labels[row]] += float(regions.scores[row])


def smoothed(frames: np.ndarray, xyxy: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(T, 4) boxes, each on the straight line that fits it and its neighbours best, never beyond what they span."""
    result = xyxy.copy()
    for i in range(len(frames)):
        near = slice(max(i - REACH, 0), i + REACH + 1)
        times, weights = (frames[near] - frames[i]).astype(np.float64), np.maximum(scores[near], 0.01)
        weights = weights / weights.sum()
        middle, mean = weights @ times, weights @ xyxy[near]
        spread = weights @ (times - middle) ** 2
        slope = (weights * (times - middle)) @ (xyxy[near] - mean) / max(spread, 1e-9)
        result[i] = np.clip(mean - slope * middle, xyxy[near].min(0), xyxy[near].max(0))
    return result


def _centred(xyxy: np.ndarray) -> np.ndarray:
    """(4,) float64 centre x, y and width, height."""
    low, high = xyxy[:2].astype(np.float64), xyxy[2:].astype(np.float64)
    return np.concatenate([(low + high) / 2, high - low])
