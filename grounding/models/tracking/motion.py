"""Motion: a constant-velocity Kalman filter for the box of an object, and smoothing of the boxes of a finished track."""

from __future__ import annotations

from collections import Counter

import numpy as np

from grounding.data import Regions

# Variances relative to the squared size of the box: errors grow with the size of the object.
MEASUREMENT_VARIANCE = 0.08 ** 2  # of a detector's box
INITIAL_VELOCITY_VARIANCE = 0.05 ** 2  # of the initial velocity, per frame
PROCESS_VARIANCE = 0.006 ** 2  # added to the velocity variance by each frame
VELOCITY_DECAY = 0.92  # factor per frame on the velocity of a lost object
SMOOTHING_RADIUS = 2  # detections before and after that smooth a box


class TrackState:
    """One object while it is tracked: its detections, and a constant-velocity Kalman filter.

    Centre and extent move independently with the same relative errors, so three numbers hold the covariance.
    """

    def __init__(self, step: int, frame: int, regions: Regions, row: int):
        self.steps, self.frames, self.boxes, self.scores = [], [], [], []
        self._class_scores: Counter[str] = Counter()
        self._position = _to_cxcywh(regions.boxes.xyxy[row])
        self._velocity = np.zeros(4)
        self._variance = (MEASUREMENT_VARIANCE, 0.0, INITIAL_VELOCITY_VARIANCE)  # of position, their covariance, of velocity
        self._frame = frame
        self._record(step, frame, regions, row)

    @property
    def label(self) -> str:
        """The class with the highest sum of scores so far."""
        return max(self._class_scores, key=self._class_scores.__getitem__)

    def predicted_box(self) -> np.ndarray:
        """(4,) x0, y0, x1, y1 in the frame of the last prediction or update."""
        extent = np.maximum(self._position[2:], 1)
        return np.concatenate([self._position[:2] - extent / 2, self._position[:2] + extent / 2])

    def predict(self, frame: int):
        """Advances the Kalman filter to `frame`."""
        gap = frame - self._frame
        if self.frames[-1] < self._frame:  # no detection in the frame before
            self._velocity = self._velocity * VELOCITY_DECAY ** gap
        position, covariance, velocity = self._variance
        self._variance = (position + 2 * gap * covariance + gap ** 2 * velocity + PROCESS_VARIANCE * gap ** 3 / 3,
                          covariance + gap * velocity + PROCESS_VARIANCE * gap ** 2 / 2, velocity + PROCESS_VARIANCE * gap)
        self._position = self._position + gap * self._velocity
        self._frame = frame

    def update(self, step: int, frame: int, regions: Regions, row: int):
        """Updates the Kalman filter with region `row` of the frame of the last prediction, and records it."""
        position, covariance, velocity = self._variance
        position_gain, velocity_gain = position / (position + MEASUREMENT_VARIANCE), covariance / (position + MEASUREMENT_VARIANCE)
        innovation = _to_cxcywh(regions.boxes.xyxy[row]) - self._position
        self._position = self._position + position_gain * innovation
        self._velocity = self._velocity + velocity_gain * innovation
        self._variance = (position * (1 - position_gain), covariance * (1 - position_gain), velocity - velocity_gain * covariance)
        self._record(step, frame, regions, row)

    def _record(self, step, frame, regions, row):
        self.steps.append(step)
        self.frames.append(frame)
        self.boxes.append(regions.boxes.xyxy[row].astype(np.float64))
        self.scores.append(float(regions.scores[row]))
        self._class_scores[regions.labels[row]] += float(regions.scores[row])


def smooth_boxes(frames: np.ndarray, xyxy: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(T, 4) boxes: each on the weighted least-squares line through it and its neighbours, clipped to their range."""
    result = xyxy.copy()
    for i in range(len(frames)):
        neighbours = slice(max(i - SMOOTHING_RADIUS, 0), i + SMOOTHING_RADIUS + 1)
        times, weights = (frames[neighbours] - frames[i]).astype(np.float64), np.maximum(scores[neighbours], 0.01)
        weights = weights / weights.sum()
        mean_time, mean = weights @ times, weights @ xyxy[neighbours]
        variance = weights @ (times - mean_time) ** 2
        slope = (weights * (times - mean_time)) @ (xyxy[neighbours] - mean) / max(variance, 1e-9)
        fitted = np.clip(mean - slope * mean_time, xyxy[neighbours].min(0), xyxy[neighbours].max(0))
        result[i] = mean if (fitted[:2] > fitted[2:]).any() else fitted  # a small box between distant ones: its corners may cross
    return result


def _to_cxcywh(xyxy: np.ndarray) -> np.ndarray:
    """(4,) float64 centre x, y and width, height."""
    low, high = xyxy[:2].astype(np.float64), xyxy[2:].astype(np.float64)
    return np.concatenate([(low + high) / 2, high - low])
