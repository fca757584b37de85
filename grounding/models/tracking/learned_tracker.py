"""Learned tracker: a network looks at all things of a window of frames at once and says which of them are the same.

Zhou et al. 2023 (dense video object captioning), sections 3.3 and 3.4; the network and its identities are `nn/association/matching.py`. A long
video goes through in windows; the last sightings of each thing go along into the next, so that windows join and a thing that was
hidden for a while is known again. What is kept of a thing does not grow with the video, but for its boxes.
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
from grounding.data.keyframe_simplification import thinned
from grounding.data.media import Video
from grounding.models.tracking.motion import smoothed
from grounding.protocols import Detector

LOOK_EVERY = 25  # examined frames after which `follow` first says what it has
CROWD = 600  # things a window holds before it is cut short; as many old sightings go along


@dataclass
class Thread:
    """One thing while it is followed. `turns` count examined frames."""

    turns: list[int] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    boxes: list[np.ndarray] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    labels: Counter = field(default_factory=Counter)
    tail: list[int] = field(default_factory=list)  # its last sightings, as rows of the window before


@dataclass(frozen=True, eq=False)
class Frames:
    """The things of some examined frames: `look` (M, 1856), `boxes` (M, 4) pixels, `turns`, `frames`, `scores` (M,), `labels`."""

    look: np.ndarray
    boxes: np.ndarray
    turns: np.ndarray
    frames: np.ndarray
    scores: np.ndarray
    labels: tuple[str, ...]

    @classmethod
    def of(cls, turn: int, frame: int, regions: Regions, look: np.ndarray) -> Frames:
        count = len(regions)
        return cls(look, regions.boxes.xyxy, np.full(count, turn), np.full(count, frame), regions.scores, regions.labels)

    def keep(self, rows) -> Frames:
        rows = np.asarray(rows, int)
        return Frames(self.look[rows], self.boxes[rows], self.turns[rows], self.frames[rows], self.scores[rows],
                      tuple(self.labels[row] for row in rows))

    def __add__(self, other: Frames) -> Frames:
        joined = (np.concatenate([getattr(self, name), getattr(other, name)]) for name in ("look", "boxes", "turns", "frames", "scores"))
        return Frames(*joined, self.labels + other.labels)

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class LearnedTracker:
    """`path` is the page of the captioner's weights, which hold this network too. Counts are in examined frames."""

    path: Path = field(repr=False)
    least: float = 0.6  # agreement from which two sightings may be one thing
    greedy: bool = False  # identities by algorithm 1 of the paper, row by row, instead of group by group
    unsure: float = 0.2  # detections below this are not looked at
    sure: float = 0.4  # a track has one detection with this score at least
    window: int = 12
    tail: int = 4  # last sightings of a thing that go along into the next window
    patience: int = 30  # for how long a lost thing is waited for
    shortest: int = 4  # detections that make a track, where there are so many frames
    bridge: int = 4  # gaps up to this are filled, longer ones are hidden
    _kept: dict = field(default_factory=dict, compare=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    @property
    def version(self) -> str:
        from grounding.nn.files.storage import read_page

        settings = zlib.crc32(repr(self).encode())
        return f"learned-tracker@{read_page(self.path, 'captioner')['sha256'][:8]}-{settings:08x}"

    def link(self, detections: Sequence[tuple[int, Regions]]) -> list[Track]:
        """Tracks in order of first appearance, from boxes, classes and scores alone; none of no detections."""
        from grounding.nn.captioning.batches import unknown_look
        examined = [frame for frame, _ in detections]
        if any(b <= a for a, b in zip(examined, examined[1:])):
            raise ValueError(f"detections come frame by frame, rising; got frames {examined[:20]}")
        corners = np.concatenate([regions.boxes.xyxy[:, 2:] for _, regions in detections] or [np.zeros((0, 2))])
        size = Size(*(max(float(edge), 1.0) for edge in corners.max(0, initial=1)))
        seen = [Frames.of(turn, frame, regions, unknown_look(len(regions))) for turn, (frame, regions) in enumerate(detections)]
        return self.join([frames.keep(np.flatnonzero(frames.scores >= self.unsure)) for frames in seen], size)

    def follow(self, video: Video, detector: Detector, every: int = 1, start: int = 0, stop: int | None = None) -> Iterator[Progress]:
        """Detects in each `every`-th frame from `start` to before `stop` and links as it goes."""
        wanted, threads, waiting, before = range(len(video))[start:stop:every], [], [], None
        for turn, frame in enumerate(video.read(start, stop, every)):
            regions, look = seen_by(detector, frame.image)
            waiting.append(Frames.of(turn, frame.index, regions, look).keep(np.flatnonzero(regions.scores >= self.unsure)))
            so_far = None
            if self._full(waiting):
                before, waiting = self._window(threads, before, waiting, video.size), []
                so_far = self._tracks(threads, turn + 1) if turn >= LOOK_EVERY else None
            yield Progress(turn + 1, len(wanted), f"frame {frame.index + 1} of {len(video)}", so_far)
        if waiting:
            self._window(threads, before, waiting, video.size)
        yield Progress(len(wanted), len(wanted), "linked", self._tracks(threads, len(wanted)))

    def join(self, seen: Sequence[Frames], size: Size) -> list[Track]:
        """Frame by frame what was seen, to tracks."""
        threads, waiting, before = [], [], None
        for frames in seen:
            waiting.append(frames)
            if self._full(waiting):
                before, waiting = self._window(threads, before, waiting, size), []
        if waiting:
            self._window(threads, before, waiting, size)
        return self._tracks(threads, len(seen))

    def affinity(self, seen: Frames, size: Size) -> np.ndarray:
        """(M, M) in [0, 1]: how surely two sightings show the same thing; symmetric."""
        import torch

        from grounding.nn.captioning.batches import Clip, sightings
        kinds = {label: place for place, label in enumerate(dict.fromkeys(seen.labels))}
        unit = np.clip(seen.boxes / np.tile(np.float32(size), 2), 0, 1)
        clip = Clip(seen.look, unit, seen.turns.astype(np.float32), np.array([kinds[label] for label in seen.labels]), seen.scores)
        with torch.inference_mode():
            logits = self._net()(sightings([clip]))[0][0]
            return ((logits + logits.mT) / 2).sigmoid().numpy()

    def _full(self, waiting: list[Frames]) -> bool:
        return len(waiting) >= self.window or sum(map(len, waiting)) >= CROWD

    def _window(self, threads: list[Thread], before: Frames | None, waiting: list[Frames], size: Size) -> Frames | None:
        """Adds the waiting frames to the threads; what the next window needs of this one."""
        from grounding.nn.association.matching import identities, linked
        new = waiting[0]
        for frames in waiting[1:]:
            new = new + frames
        turn = int(new.turns[0]) if len(new) else 0
        alive = [thread for thread in threads if len(new) and before is not None and turn - thread.turns[-1] <= self.patience]
        if not len(new):
            return before
        tails = [row for thread in alive for row in thread.tail]
        owner = np.array([place for place, thread in enumerate(alive) for _ in thread.tail] + [-1] * len(new), int)
        rows = before.keep(tails) + new if tails else new
        scores = self.affinity(rows, size)
        known = (owner[:, None] >= 0) & (owner[None, :] >= 0)
        scores = np.where(known, owner[:, None] == owner[None, :], scores)
        _extend(threads, alive, owner, (identities if self.greedy else linked)(scores, rows.turns, self.least), rows)
        return self._tails(threads, turn, rows)

    def _tails(self, threads: list[Thread], turn: int, rows: Frames) -> Frames:
        """The last sightings of each thing that may come back; threads are told where theirs stand."""
        kept: list[int] = []
        lasting = [turn - thread.turns[-1] <= self.patience for thread in threads]
        each = min(self.tail, max(1, CROWD // max(1, sum(lasting))))
        for thread, alive in zip(threads, lasting):
            last = thread.tail[-each:] if alive else []
            thread.tail = list(range(len(kept), len(kept) + len(last)))
            kept += last
        return rows.keep(kept)

    def _tracks(self, threads: list[Thread], examined: int) -> list[Track]:
        least = min(self.shortest, examined)
        lasting = [thread for thread in threads if len(thread.frames) >= least and max(thread.scores) >= self.sure]
        return [self._track(thread) for thread in sorted(lasting, key=lambda thread: thread.turns[0])]

    def _track(self, thread: Thread) -> Track:
        """Steadied boxes as keyframes; short gaps filled, long ones hidden."""
        breaks = (np.flatnonzero(np.diff(thread.turns) > self.bridge + 1) + 1).tolist()
        frames, boxes, scores = np.array(thread.frames), np.array(thread.boxes, np.float64), np.array(thread.scores)
        for start, end in zip([0, *breaks], [*breaks, len(frames)]):
            boxes[start:end] = smoothed(frames[start:end], boxes[start:end], scores[start:end])
        label = max(thread.labels, key=thread.labels.__getitem__)
        return Track.from_keyframes(thinned(frames, Boxes(boxes), breaks), label, score=float(scores.mean()))

    def _net(self):
        from grounding.models.captioning.prefix import telling_network

        with self._lock:
            if "net" not in self._kept:
                self._kept["net"] = telling_network(self.path).match
            return self._kept["net"]


def seen_by(detector: Detector, image) -> tuple[Regions, np.ndarray]:
    """What a detector sees, and the looks (M, 1856) of it: for nothing where the embedded one ran, unknown where another did."""
    from grounding.models.detection.ssd import SSD, suppress
    from grounding.nn.captioning.batches import unknown_look
    from grounding.nn.tokens import pooled

    if not isinstance(detector, SSD):
        regions = detector.detect(image)
        return regions, unknown_look(len(regions))
    import torch

    look = detector.look(image)
    regions = suppress(look.proposals.above(detector.score), detector.overlap)
    unit = regions.boxes.xyxy / np.tile(np.float32(image.size), 2)
    return regions, pooled(look, ("ssd19", "ssd10"), torch.from_numpy(unit.astype(np.float32)))


def _extend(threads: list[Thread], alive: list[Thread], owner: np.ndarray, found: np.ndarray, rows: Frames) -> None:
    """Gives each new thing of a window to the thread its identity belongs to, or to a new one."""
    tails = {place: [int(row) for row in np.flatnonzero(owner == place)] for place in range(len(alive))}
    for place, thread in enumerate(alive):
        thread.tail = tails[place]
    for identity in sorted(set(found.tolist()), key=lambda number: -(found == number).sum()):
        group = np.flatnonzero(found == identity)
        fresh = [int(row) for row in group if owner[row] < 0]
        if fresh:
            _see(_thread_of(threads, alive, owner[group], [int(rows.turns[row]) for row in fresh]), rows, fresh)


def _thread_of(threads: list[Thread], alive: list[Thread], owners: np.ndarray, turns: list[int]) -> Thread:
    """The thread most of an identity's old sightings belong to, unless it was seen elsewhere in these frames; else a new one."""
    counts = Counter(owners[owners >= 0].tolist())
    for place, _ in counts.most_common():
        if not set(turns) & set(alive[place].turns[-len(turns) - 64:]):
            return alive[place]
    threads.append(Thread())
    return threads[-1]


def _see(thread: Thread, rows: Frames, fresh: list[int]) -> None:
    for row in sorted(fresh, key=lambda row: rows.turns[row]):
        thread.turns.append(int(rows.turns[row]))
        thread.frames.append(int(rows.frames[row]))
        thread.boxes.append(rows.boxes[row])
        thread.scores.append(float(rows.scores[row]))
        thread.labels[rows.labels[row]] += 1
        thread.tail.append(row)
    thread.tail.sort(key=lambda row: rows.turns[row])
    order = np.argsort(thread.turns, kind="stable")
    if (np.diff(order) != 1).any():
        thread.turns, thread.frames, thread.boxes, thread.scores = ([column[place] for place in order]
                                                                    for column in (thread.turns, thread.frames, thread.boxes, thread.scores))
