"""Motion tracker: links detections frame by frame into tracks.

A Kalman filter predicts the box of each track. Detections with high scores are matched to predictions first, those
with low scores to the remaining tracks (the two rounds of ByteTrack, Zhang et al. 2022, section 3), lost tracks last.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from grounding.data import Boxes, Progress, Regions, Track, iou
from grounding.data.keyframe_simplification import simplify_keyframes
from grounding.data.media import Video
from grounding.models.tracking.motion import TrackState, smooth_boxes
from grounding.protocols import Detector

PROGRESS_EVERY = 25  # examined frames after which `follow` first reports tracks


@dataclass(frozen=True)
class MotionTracker:
    """Motion, IoU and class; no network. Counts are in examined frames."""

    high_score: float = 0.4  # detections with this score or more are matched first and may start a track
    low_score: float = 0.2  # detections below this are ignored
    min_iou: float = 0.15  # of a detection and a predicted box, after `class_mismatch_factor`
    class_mismatch_factor: float = 0.6  # factor on the IoU where the classes differ
    lost_box_expansion: float = 0.35  # both boxes are expanded by this share of their size when a lost track is matched
    duplicate_iou: float = 0.65  # from this IoU with another box of its frame on, a detection is a duplicate under another class
    max_age: int = 30  # examined frames for which a lost track is kept
    min_hits: int = 4  # minimum of detections of a track, or the number of examined frames if smaller
    max_gap: int = 4  # gaps up to this are interpolated, longer ones are hidden

    @property
    def version(self) -> str:
        """Includes a hash of the settings."""
        return f"motion-tracker@1-{zlib.crc32(repr(self).encode()):08x}"

    def link(self, detections: Sequence[tuple[int, Regions]]) -> list[Track]:
        """Tracks in order of first appearance; an empty list for no detections. Deterministic. Raises ValueError if
        the frames do not increase."""
        examined = [frame for frame, _ in detections]
        if any(b <= a for a, b in zip(examined, examined[1:])):
            raise ValueError(f"detections come frame by frame, rising; got frames {examined[:20]}")
        tracks: list[TrackState] = []
        active: list[TrackState] = []
        for step, (frame, regions) in enumerate(detections):
            active = [track for track in active if step - track.steps[-1] <= self.max_age]
            new = self._associate(active, step, frame, regions)
            tracks.extend(new)
            active.extend(new)
        min_hits = min(self.min_hits, len(examined))
        return [self._track(track) for track in tracks if len(track.frames) >= min_hits]

    def follow(self, video: Video, detector: Detector, every: int = 1, start: int = 0, stop: int | None = None) -> Iterator[Progress]:
        """Runs the detector on each `every`-th frame from `start` to before `stop` and links the detections; progress
        carries the tracks so far from time to time."""
        wanted = range(len(video))[start:stop:every]
        detections, next_progress = [], PROGRESS_EVERY
        for frame in video.read(start, stop, every):
            detections.append((frame.index, detector.detect(frame.image)))
            so_far = self.link(detections) if len(detections) == next_progress else None
            if so_far is not None:
                next_progress += max(
                    PROGRESS_EVERY, len(detections) // 8
                )  # relinking costs as much as there are frames: report less often later
            yield Progress(len(detections), len(wanted), f"frame {frame.index + 1} of {len(video)}", so_far)
        yield Progress(len(wanted), len(wanted), "linked", self.link(detections))

    def _associate(self, active: list[TrackState], step: int, frame: int, regions: Regions) -> list[TrackState]:
        """Matches the detections of one frame to the active tracks; unmatched high-score detections start new tracks,
        which are returned."""
        for track in active:
            track.predict(frame)
        high = np.flatnonzero(regions.scores >= self.high_score).tolist()
        low = np.flatnonzero((regions.scores >= self.low_score) & (regions.scores < self.high_score)).tolist()
        lost = [track for track in active if step - track.steps[-1] > 1]
        recent = [track for track in active if step - track.steps[-1] == 1]
        for candidates, rows, expansion in ((active, high, 0.0), (recent, low, 0.0), (lost, high, self.lost_box_expansion)):
            unmatched = [track for track in candidates if track.steps[-1] < step]
            for track, row in self._match(unmatched, regions, rows, expansion):
                track.update(step, frame, regions, row)
                rows.remove(row)
        claimed = Boxes(np.array([track.boxes[-1] for track in active if track.steps[-1] == step]))
        new = [row for row in high if iou(regions.boxes[[row]], claimed).max(initial=0) < self.duplicate_iou]
        return [TrackState(step, frame, regions, row) for row in self._drop_duplicates(regions, new)]

    def _drop_duplicates(self, regions: Regions, rows: list[int]) -> list[int]:
        """`rows` without those that overlap a better one by `duplicate_iou` or more."""
        kept: list[int] = []
        for row in sorted(rows, key=lambda row: -regions.scores[row]):
            if iou(regions.boxes[[row]], regions.boxes[kept]).max(initial=0) < self.duplicate_iou:
                kept.append(row)
        return sorted(kept)

    def _match(self, tracks: list[TrackState], regions: Regions, rows: list[int], expansion: float) -> list[tuple[TrackState, int]]:
        """The assignment of tracks to rows with the highest total IoU (Hungarian algorithm); pairs below `min_iou` are left out."""
        if not tracks or not rows:
            return []
        predicted = _expand(np.array([track.predicted_box() for track in tracks]), expansion)
        detected = _expand(regions.boxes.xyxy[rows], expansion)
        labels = np.array(regions.labels, object)[rows]
        same = np.array([track.label for track in tracks], object)[:, None] == labels[None, :]
        agreement = iou(Boxes(predicted), Boxes(detected)) * np.where(same, 1, self.class_mismatch_factor)
        agreement[agreement < self.min_iou] = 0
        return [(tracks[i], rows[j]) for i, j in zip(*linear_sum_assignment(-agreement)) if agreement[i, j] > 0]

    def _track(self, state: TrackState) -> Track:
        """Smoothed boxes as keyframes; gaps of more than `max_gap` frames are hidden."""
        breaks = (np.flatnonzero(np.diff(state.steps) > self.max_gap + 1) + 1).tolist()
        frames, boxes, scores = np.array(state.frames), np.array(state.boxes), np.array(state.scores)
        for start, end in zip([0, *breaks], [*breaks, len(frames)]):
            boxes[start:end] = smooth_boxes(frames[start:end], boxes[start:end], scores[start:end])
        return Track.from_keyframes(simplify_keyframes(frames, Boxes(boxes), breaks), state.label, score=float(scores.mean()))


def _expand(xyxy: np.ndarray, share: float) -> np.ndarray:
    """(N, 4) boxes expanded on each side by `share` of their size."""
    margin = (xyxy[:, 2:] - xyxy[:, :2]) * share
    return np.concatenate([xyxy[:, :2] - margin, xyxy[:, 2:] + margin], 1)
