"""Spans: from when to when something happens in a video."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TimeSpan:
    """Start and end in seconds, start <= end. Frames are integers and live elsewhere."""

    start_s: float
    end_s: float

    def __post_init__(self):
        if not self.start_s <= self.end_s:
            raise ValueError(f"a span ends before it starts: {self.start_s} s to {self.end_s} s")

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s

    def iou(self, other: TimeSpan) -> float:
        """Shared time over joint time, in [0, 1]; 0 where both are moments."""
        shared = min(self.end_s, other.end_s) - max(self.start_s, other.start_s)
        joint = self.length_s + other.length_s - max(shared, 0.0)
        return max(shared, 0.0) / joint if joint > 0 else 0.0
