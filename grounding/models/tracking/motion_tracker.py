"""Tracker: links what a detector saw, frame by frame, to things that last.

Each thing is expected where its steady motion would bring it. Sure detections are matched to expectations first, unsure
ones to what is left (the two rounds of ByteTrack, Zhang et al. 2022, section 3), and things lost from sight last.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from grounding.data import Boxes, Progress, Regions, Track, iou
from grounding.data.keyframe_simplification import thinned
from grounding.data.media import Video
from grounding.models.tracking.motion import Thing, smoothed
from grounding.protocols import Detector

LOOK_EVERY = 25  # examined frames after which `follow` first says what it has


@dataclass(frozen=True)
class MotionTracker:
    """Steady motion, overlap and class; no network. Counts are in examined frames."""

    sure: float = 0.4  # detections with this score or more are matched first and may start a track
    unsure: float = 0.2  # those below this are not looked at
    overlap: float = 0.15  # least agreement of a detection with what was expected
    other_class: float = 0.6  # what overlap is worth when the class is another
    widen: float = 0.35  # how much farther a thing lost from sight is looked for, in its own size
    twin: float = 0.65  # what overlaps a thing this much in one frame is that thing under another class, not a new one
    patience: int = 30  # for how long a lost thing is waited for
    least: int = 4  # detections that make a track, where there are so many frames
    bridge: int = 4  # gaps up to this are filled, longer ones are hidden

    @property
    def version(self) -> str:
        """Names the settings too: other settings are another model."""
        return f"motion-tracker@1-{zlib.crc32(repr(self).encode()):08x}"

    def link(self, detections: Sequence[tuple[int, Regions]]) -> list[Track]:
        """Tracks in order of first appearance; none of no detections. Same in, same out."""
        examined = [frame for frame, _ in detections]
        if any(b <= a for a, b in zip(examined, examined[1:])):
            raise ValueError(f"detections come frame by frame, rising; got frames {examined[:20]}")
        things: list[Thing] = []
        live: list[Thing] = []
        for turn, (frame, regions) in enumerate(detections):
            live = [thing for thing in live if turn - thing.turns[-1] <= self.patience]
            new = self._step(live, turn, frame, regions)
            things.extend(new)
            live.extend(new)
        least = min(self.least, len(examined))
        return [self._track(thing) for thing in things if len(thing.frames) >= least]

    def follow(self, video: Video, detector: Detector, every: int = 1, start: int = 0, stop: int | None = None) -> Iterator[Progress]:
        """Detects in each `every`-th frame from `start` to before `stop`, then links; now and then with the tracks so far."""
        wanted = range(len(video))[start:stop:every]
        seen, next_look = [], LOOK_EVERY
        for frame in video.read(start, stop, every):
            seen.append((frame.index, detector.detect(frame.image)))
            so_far = self.link(seen) if len(seen) == next_look else None
            if so_far is not None:
                next_look += max(LOOK_EVERY, len(seen) // 8)  # linking anew costs as much as there is: look less often later
            yield Progress(len(seen), len(wanted), f"frame {frame.index + 1} of {len(video)}", so_far)
        yield Progress(len(wanted), len(wanted), "linked", self.link(seen))

    def _step(self, live: list[Thing], turn: int, frame: int, regions: Regions) -> list[Thing]:
        """Shows one frame to the living things; what none of them claims and is sure comes back as new things."""
        for thing in live:
            thing.move_to(frame)
        sure = np.flatnonzero(regions.scores >= self.sure).tolist()
        unsure = np.flatnonzero((regions.scores >= self.unsure) & (regions.scores < self.sure)).tolist()
        lost = [thing for thing in live if turn - thing.turns[-1] > 1]
        visible = [thing for thing in live if turn - thing.turns[-1] == 1]
        for things, rows, widen in ((live, sure, 0.0), (visible, unsure, 0.0), (lost, sure, self.widen)):
            free = [thing for thing in things if thing.turns[-1] < turn]
            for thing, row in self._pairs(free, regions, rows, widen):
                thing.see(turn, frame, regions, row)
                rows.remove(row)
        claimed = Boxes(np.array([thing.boxes[-1] for thing in live if thing.turns[-1] == turn]))
        new = [row for row in sure if iou(regions.boxes[[row]], claimed).max(initial=0) < self.twin]
        return [Thing(turn, frame, regions, row) for row in self._distinct(regions, new)]

    def _distinct(self, regions: Regions, rows: list[int]) -> list[int]:
        """The rows without those that are twins of a better one."""
        kept: list[int] = []
        for row in sorted(rows, key=lambda row: -regions.scores[row]):
            if iou(regions.boxes[[row]], regions.boxes[kept]).max(initial=0) < self.twin:
                kept.append(row)
        return sorted(kept)

    def _pairs(self, things: list[Thing], regions: Regions, rows: list[int], widen: float) -> list[tuple[Thing, int]]:
        """The pairing of things and rows that agrees best in all, without the pairs that hardly agree."""
        if not things or not rows:
            return []
        expected = _widened(np.array([thing.expected() for thing in things]), widen)
        seen = _widened(regions.boxes.xyxy[rows], widen)
        labels = np.array(regions.labels, object)[rows]
        same = np.array([thing.label for thing in things], object)[:, None] == labels[None, :]
        agreement = iou(Boxes(expected), Boxes(seen)) * np.where(same, 1, self.other_class)
        agreement[agreement < self.overlap] = 0
        return [(things[i], rows[j]) for i, j in zip(*linear_sum_assignment(-agreement)) if agreement[i, j] > 0]

    def _track(self, thing: Thing) -> Track:
        """Steadied boxes as keyframes; short gaps filled, long ones hidden."""
        breaks = (np.flatnonzero(np.diff(thing.turns) > self.bridge + 1) + 1).tolist()
        frames, boxes, scores = np.array(thing.frames), np.array(thing.boxes), np.array(thing.scores)
        for start, end in zip([0, *breaks], [*breaks, len(frames)]):
            boxes[start:end] = smoothed(frames[start:end], boxes[start:end], scores[start:end])
        return Track.from_keyframes(thinned(frames, Boxes(boxes), breaks), thing.label, score=float(scores.mean()))


def _widened(xyxy: np.ndarray, share: float) -> np.ndarray:
    """(N, 4) boxes grown on each side by `share` of their size."""
    margin = (xyxy[:, 2:] - xyxy[:, :2]) * share
    return np.concatenate([xyxy[:, :2] - margin, xyxy[:, 2:] + margin], 1)
