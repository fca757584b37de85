"""Learned tracker: an association network scores all pairs of detections in a window of frames, and the scores are
grouped into tracks.

Zhou et al. 2023 (dense video object captioning), sections 3.3 and 3.4; network and grouping are in
`nn/association/matching.py`. A long video is processed in windows; the last detections of each tracklet are carried
over into the next window, so that windows join and an object can be re-identified after an occlusion. Apart from its
boxes, the state of a tracklet does not grow with the video.
"""

from __future__ import annotations

import threading
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from grounding.data import Boxes, Progress, Regions, Size, Track
from grounding.data.keyframe_simplification import simplify_keyframes
from grounding.data.media import Video
from grounding.models.tracking.motion import smooth_boxes
from grounding.protocols import Detector, FeatureDetector

PROGRESS_EVERY = 25  # examined frames after which `follow` first reports tracks
APPEARANCE_LEVELS = ("ssd19", "ssd10")  # levels of the detector that the appearance of a detection is pooled from
MAX_WINDOW_DETECTIONS = 600  # detections after which a window is closed early; also the limit of carried detections


@dataclass
class Tracklet:
    """The detections of one object while it is tracked. `steps` count examined frames."""

    steps: list[int] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    boxes: list[np.ndarray] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    labels: Counter = field(default_factory=Counter)
    recent_rows: list[int] = field(default_factory=list)  # its last detections, as rows of the detections carried over


@dataclass(frozen=True, eq=False)
class FrameDetections:
    """The M detections of some examined frames: `appearance` (M, 1856), `boxes` (M, 4) in pixels, `steps`, `frames`,
    `scores` (M,), `labels`."""

    appearance: np.ndarray
    boxes: np.ndarray
    steps: np.ndarray
    frames: np.ndarray
    scores: np.ndarray
    labels: tuple[str, ...]

    @classmethod
    def from_regions(cls, step: int, frame: int, regions: Regions, appearance: np.ndarray) -> FrameDetections:
        count = len(regions)
        return cls(appearance, regions.boxes.xyxy, np.full(count, step), np.full(count, frame), regions.scores, regions.labels)

    def keep(self, rows) -> FrameDetections:
        rows = np.asarray(rows, int)
        return FrameDetections(
            self.appearance[rows],
            self.boxes[rows],
            self.steps[rows],
            self.frames[rows],
            self.scores[rows],
            tuple(self.labels[row] for row in rows),
        )

    def __add__(self, other: FrameDetections) -> FrameDetections:
        joined = (
            np.concatenate([getattr(self, name), getattr(other, name)]) for name in ("appearance", "boxes", "steps", "frames", "scores")
        )
        return FrameDetections(*joined, self.labels + other.labels)

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class LearnedTracker:
    """`path` is the model card of the captioner, whose weights include the association network. Counts are in examined frames."""

    path: Path = field(repr=False)
    min_affinity: float = 0.6  # affinity from which two detections may show the same object
    greedy: bool = False  # `link_greedily` (algorithm 1 of the paper) instead of `link_by_clustering`
    min_score: float = 0.2  # detections below this are ignored
    min_track_score: float = 0.4  # minimum of the highest score of a track
    window: int = 12
    carried_detections: int = 4  # last detections of a tracklet that are carried over into the next window
    max_age: int = 30  # examined frames for which a lost tracklet is kept
    min_hits: int = 4  # minimum of detections of a track, or the number of examined frames if smaller
    max_gap: int = 4  # gaps up to this are interpolated, longer ones are hidden
    _cache: dict = field(default_factory=dict, compare=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    @property
    def version(self) -> str:
        from grounding.nn.files.storage import read_model_card

        settings = zlib.crc32(repr(self).encode())
        return f"learned-tracker@{read_model_card(self.path, 'captioner')['sha256'][:8]}-{settings:08x}"

    def link(self, detections: Sequence[tuple[int, Regions]]) -> list[Track]:
        """Tracks in order of first appearance, from boxes, classes and scores alone; an empty list for no detections.
        Raises ValueError if the frames do not increase."""
        from grounding.nn.captioning.batches import missing_appearance
        examined = [frame for frame, _ in detections]
        if any(b <= a for a, b in zip(examined, examined[1:])):
            raise ValueError(f"detections come frame by frame, rising; got frames {examined[:20]}")
        corners = np.concatenate([regions.boxes.xyxy[:, 2:] for _, regions in detections] or [np.zeros((0, 2))])
        size = Size(*(max(float(edge), 1.0) for edge in corners.max(0, initial=1)))
        frame_detections = [
            FrameDetections.from_regions(step, frame, regions, missing_appearance(len(regions)))
            for step, (frame, regions) in enumerate(detections)
        ]
        return self.link_detections([frames.keep(np.flatnonzero(frames.scores >= self.min_score)) for frames in frame_detections], size)

    def follow(self, video: Video, detector: Detector, every: int = 1, start: int = 0, stop: int | None = None) -> Iterator[Progress]:
        """Runs the detector on each `every`-th frame from `start` to before `stop` and links window by window."""
        wanted, tracklets, pending, carried = range(len(video))[start:stop:every], [], [], None
        for step, frame in enumerate(video.read(start, stop, every)):
            regions, appearance = detect_with_appearance(detector, frame.image)
            pending.append(
                FrameDetections.from_regions(step, frame.index, regions, appearance).keep(np.flatnonzero(regions.scores >= self.min_score))
            )
            so_far = None
            if self._window_is_full(pending):
                carried, pending = self._link_window(tracklets, carried, pending, video.size), []
                so_far = self._tracks(tracklets, step + 1) if step >= PROGRESS_EVERY else None
            yield Progress(step + 1, len(wanted), f"frame {frame.index + 1} of {len(video)}", so_far)
        if pending:
            self._link_window(tracklets, carried, pending, video.size)
        yield Progress(len(wanted), len(wanted), "linked", self._tracks(tracklets, len(wanted)))

    def link_detections(self, frame_detections: Sequence[FrameDetections], size: Size) -> list[Track]:
        """The detections of each examined frame, in order, to tracks."""
        tracklets, pending, carried = [], [], None
        for frames in frame_detections:
            pending.append(frames)
            if self._window_is_full(pending):
                carried, pending = self._link_window(tracklets, carried, pending, size), []
        if pending:
            self._link_window(tracklets, carried, pending, size)
        return self._tracks(tracklets, len(frame_detections))

    def affinity(self, detections: FrameDetections, size: Size) -> np.ndarray:
        """(M, M) in [0, 1]: the probability that two detections show the same object; symmetric."""
        import torch

        from grounding.nn.captioning.batches import ClipDetections, batch_detections
        class_ids = {label: index for index, label in enumerate(dict.fromkeys(detections.labels))}
        unit = np.clip(detections.boxes / np.tile(np.float32(size), 2), 0, 1)
        clip = ClipDetections(
            detections.appearance,
            unit,
            detections.steps.astype(np.float32),
            np.array([class_ids[label] for label in detections.labels]),
            detections.scores,
        )
        with torch.inference_mode():
            logits = self._net()(batch_detections([clip]))[0][0]
            return ((logits + logits.mT) / 2).sigmoid().numpy()

    def _window_is_full(self, pending: list[FrameDetections]) -> bool:
        return len(pending) >= self.window or sum(map(len, pending)) >= MAX_WINDOW_DETECTIONS

    def _link_window(
        self, tracklets: list[Tracklet], carried: FrameDetections | None, pending: list[FrameDetections], size: Size
    ) -> FrameDetections | None:
        """Adds the pending frames to the tracklets; returns the detections to carry over into the next window."""
        from grounding.nn.association.matching import link_by_clustering, link_greedily
        new = pending[0]
        for frames in pending[1:]:
            new = new + frames
        step = int(new.steps[0]) if len(new) else 0
        alive = [tracklet for tracklet in tracklets if len(new) and carried is not None and step - tracklet.steps[-1] <= self.max_age]
        if not len(new):
            return carried
        carried_rows = [row for tracklet in alive for row in tracklet.recent_rows]
        owner = np.array([index for index, tracklet in enumerate(alive) for _ in tracklet.recent_rows] + [-1] * len(new), int)
        rows = carried.keep(carried_rows) + new if carried_rows else new
        scores = self.affinity(rows, size)
        both_carried = (owner[:, None] >= 0) & (owner[None, :] >= 0)
        scores = np.where(both_carried, owner[:, None] == owner[None, :], scores)
        _extend_tracklets(
            tracklets, alive, owner, (link_greedily if self.greedy else link_by_clustering)(scores, rows.steps, self.min_affinity), rows
        )
        return self._carry_over(tracklets, step, rows)

    def _carry_over(self, tracklets: list[Tracklet], step: int, rows: FrameDetections) -> FrameDetections:
        """The last detections of each tracklet that is not older than `max_age`; sets `recent_rows` of the tracklets to their rows."""
        kept_rows: list[int] = []
        is_alive = [step - tracklet.steps[-1] <= self.max_age for tracklet in tracklets]
        max_rows = min(self.carried_detections, max(1, MAX_WINDOW_DETECTIONS // max(1, sum(is_alive))))
        for tracklet, alive in zip(tracklets, is_alive):
            last = tracklet.recent_rows[-max_rows:] if alive else []
            tracklet.recent_rows = list(range(len(kept_rows), len(kept_rows) + len(last)))
            kept_rows += last
        return rows.keep(kept_rows)

    def _tracks(self, tracklets: list[Tracklet], examined: int) -> list[Track]:
        min_hits = min(self.min_hits, examined)
        confirmed = [
            tracklet for tracklet in tracklets if len(tracklet.frames) >= min_hits and max(tracklet.scores) >= self.min_track_score
        ]
        return [self._track(tracklet) for tracklet in sorted(confirmed, key=lambda tracklet: tracklet.steps[0])]

    def _track(self, tracklet: Tracklet) -> Track:
        """Smoothed boxes as keyframes; gaps of more than `max_gap` frames are hidden."""
        breaks = (np.flatnonzero(np.diff(tracklet.steps) > self.max_gap + 1) + 1).tolist()
        frames, boxes, scores = np.array(tracklet.frames), np.array(tracklet.boxes, np.float64), np.array(tracklet.scores)
        for start, end in zip([0, *breaks], [*breaks, len(frames)]):
            boxes[start:end] = smooth_boxes(frames[start:end], boxes[start:end], scores[start:end])
        label = max(tracklet.labels, key=tracklet.labels.__getitem__)
        return Track.from_keyframes(simplify_keyframes(frames, Boxes(boxes), breaks), label, score=float(scores.mean()))

    def _net(self):
        from grounding.models.captioning.prefix import load_captioner_net

        with self._lock:
            if "net" not in self._cache:
                self._cache["net"] = load_captioner_net(self.path).association
            return self._cache["net"]


def detect_with_appearance(detector: Detector, image) -> tuple[Regions, np.ndarray]:
    """The detections of an image and their appearance (M, 1856): the means of APPEARANCE_LEVELS in each box, zeros for
    a detector without these levels."""
    from grounding.nn.captioning.batches import missing_appearance
    from grounding.nn.region_features import pool_levels

    if not isinstance(detector, FeatureDetector) or not set(APPEARANCE_LEVELS) <= set(detector.feature_levels):
        regions = detector.detect(image)
        return regions, missing_appearance(len(regions))
    import torch

    regions, output = detector.detect_with_features(image)
    unit = regions.boxes.xyxy / np.tile(np.float32(image.size), 2)
    return regions, pool_levels(output, APPEARANCE_LEVELS, torch.from_numpy(unit.astype(np.float32)))


def _extend_tracklets(
    tracklets: list[Tracklet], alive: list[Tracklet], owner: np.ndarray, identities: np.ndarray, rows: FrameDetections
) -> None:
    """Adds the new detections of each identity to the tracklet the identity belongs to, or to a new one."""
    carried_rows = {index: [int(row) for row in np.flatnonzero(owner == index)] for index in range(len(alive))}
    for index, tracklet in enumerate(alive):
        tracklet.recent_rows = carried_rows[index]
    for identity in sorted(set(identities.tolist()), key=lambda number: -(identities == number).sum()):
        group = np.flatnonzero(identities == identity)
        new_rows = [int(row) for row in group if owner[row] < 0]
        if new_rows:
            _add_detections(_tracklet_of(tracklets, alive, owner[group], [int(rows.steps[row]) for row in new_rows]), rows, new_rows)


def _tracklet_of(tracklets: list[Tracklet], alive: list[Tracklet], owners: np.ndarray, steps: list[int]) -> Tracklet:
    """The tracklet with the most carried detections of an identity that has no detection in the same frames; else a new tracklet."""
    counts = Counter(owners[owners >= 0].tolist())
    for index, _ in counts.most_common():
        if not set(steps) & set(alive[index].steps[-len(steps) - 64:]):
            return alive[index]
    tracklets.append(Tracklet())
    return tracklets[-1]


def _add_detections(tracklet: Tracklet, rows: FrameDetections, new_rows: list[int]) -> None:
    for row in sorted(new_rows, key=lambda row: rows.steps[row]):
        tracklet.steps.append(int(rows.steps[row]))
        tracklet.frames.append(int(rows.frames[row]))
        tracklet.boxes.append(rows.boxes[row])
        tracklet.scores.append(float(rows.scores[row]))
        tracklet.labels[rows.labels[row]] += 1
        tracklet.recent_rows.append(row)
    tracklet.recent_rows.sort(key=lambda row: rows.steps[row])
    order = np.argsort(tracklet.steps, kind="stable")
    if (np.diff(order) != 1).any():
        tracklet.steps, tracklet.frames, tracklet.boxes, tracklet.scores = (
            [column[index] for index in order] for column in (tracklet.steps, tracklet.frames, tracklet.boxes, tracklet.scores)
        )
