"""Evaluate tracks: how well a tracker keeps things apart (a MOT sequence) or follows one box (a folder in the form of DAVIS)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from grounding.data import Boxes, Progress, Regions, Track, iou
from grounding.exchange.archive import ArchiveError, FolderTree, read_json
from grounding.exchange.mot import has_classes, info_of, rows_of
from grounding.learning.metrics.grounding import Compared, Seen, spatial_iou, tracking
from grounding.protocols import BoxFollower, Detector, Tracker
from grounding.tasks.intake.frame_folders import Stills
from grounding.tasks.video.follow_box import follow_box, nearest_track

BOXES = "boxes_xywh.json"
PEDESTRIAN, DISTRACTORS = 1, (2, 7, 8, 12)  # classes of MOT16 and MOT17: person on a vehicle, static person, distractor, reflection
SAME = 0.5
MOST_FRAMES = 200_000


def evaluate_tracks(folder: Path | str, tracker: Tracker | None, detector: Detector, follower: BoxFollower | None = None,
                    given: bool = False) -> Iterator[Progress]:
    """The last progress holds {"HOTA", "DetA", "AssA", "IDF1", "MOTA", "frames_per_s"} for a MOT sequence (gt.txt at its root or in
    gt/), or {"mean_iou": {sequence: value}} for a folder with boxes_xywh.json and the frames of each sequence.

    Of a MOT sequence with pixels (img1/) the detector finds people itself; without, or with `given`, det/det.txt says what was
    found. A box is followed by `follower`; without one, `tracker` links everything, and the track nearest to the box answers.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder; name a MOT sequence (with gt.txt or gt/gt.txt) or a folder with {BOXES}")
    tree = FolderTree(folder)
    if BOXES in tree:
        yield from _davis(folder, tracker, detector, follower)
    elif "gt.txt" in tree or "gt/gt.txt" in tree:
        if tracker is None:
            raise ValueError("a box follower follows one box; name a tracker for a MOT sequence")
        yield from _mot(tree, tracker, detector, given)
    else:
        raise ValueError(f"{folder} holds neither gt.txt, gt/gt.txt nor {BOXES}; name a MOT sequence or a folder in the form of DAVIS")


def _mot(tree: FolderTree, tracker: Tracker, detector: Detector, given: bool) -> Iterator[Progress]:
    truth, ignored = truth_of(rows_of(tree, "gt/gt.txt" if "gt/gt.txt" in tree else "gt.txt"), tree.title)
    pictures, tracks, spent = tree.root / "img1", None, 0.0
    if pictures.is_dir() and not given:
        video = Stills.of(pictures, _rate(info_of(tree, "")))
        count, steps = len(video), tracker.follow(video, _People(detector))
        while True:
            began = time.perf_counter()
            step = next(steps, None)
            spent += time.perf_counter() - began
            if step is None:
                break
            tracks = step.result if step.result is not None else tracks
            yield Progress(step.done, step.total, step.note)
    else:
        count = int(max([0, *(track.frames[-1] + 1 for track in truth)]))
        seen = detections_of(tree, count)
        yield Progress(0, 1, "linking the given detections")
        began = time.perf_counter()
        tracks = tracker.link(seen)
        spent = time.perf_counter() - began
    said = _without_ignored(tracks or [], truth, ignored, count)
    frames = range(count)
    numbers = tracking([Compared(Seen.of(truth, frames), said)])
    yield Progress(1, 1, "done", {name: round(value, 4) for name, value in numbers.items()} | {"frames_per_s": round(count / max(spent, 1e-9), 1)})


def truth_of(rows: np.ndarray, title: str) -> tuple[list[Track], list[Track]]:
    """The things to be found, and those whose finding counts neither for nor against (frames from 0).

    With classes (MOT16 on): pedestrians whose mark is not 0, and the benchmark's distractors. Without: all whose mark is not 0.
    """
    if not len(rows):
        raise ValueError(f"the gt.txt of {title} names no box; nothing can be measured with it")
    if rows[:, 0].max() > MOST_FRAMES:
        raise ValueError(f"the gt.txt of {title} names frame {rows[:, 0].max():.0f}; at most {MOST_FRAMES} are measured, split it")
    marked = rows[:, 6] != 0
    if not has_classes(rows):
        return tracks_of(rows[marked]), []
    return tracks_of(rows[marked & (rows[:, 7] == PEDESTRIAN)]), tracks_of(rows[np.isin(rows[:, 7], DISTRACTORS)])


def tracks_of(rows: np.ndarray) -> list[Track]:
    """One for each id, frames counted from 0; of two boxes of one id in a frame the first counts."""
    tracks = []
    for number in np.unique(rows[:, 1]):
        part = rows[rows[:, 1] == number]
        frames, first = np.unique(part[:, 0].astype(int), return_index=True)
        tracks.append(Track(frames - 1, Boxes.from_xywh(part[first, 2:6]), np.ones(len(frames), bool), "person"))
    return tracks


def detections_of(tree: FolderTree, count: int) -> list[tuple[int, Regions]]:
    """(frame from 0, regions) of the first `count` frames of det/det.txt. Scores beyond [0, 1] are spread over it."""
    if "det/det.txt" not in tree:
        raise ValueError(f"{tree.title} has no pictures in img1/ and no det/det.txt, so there is nothing to link; add one of them")
    rows = rows_of(tree, "det/det.txt")
    scores = np.nan_to_num(rows[:, 6], nan=1.0)
    if len(scores) and (scores.min() < 0 or scores.max() > 1):
        scores = (scores - scores.min()) / max(scores.max() - scores.min(), 1e-9)
    order = np.argsort(rows[:, 0], kind="stable")
    rows, scores = rows[order], scores[order]
    starts = np.searchsorted(rows[:, 0], np.arange(1, count + 2))
    return [(frame, Regions(Boxes.from_xywh(rows[a:b, 2:6]), scores[a:b], ("person",) * int(b - a)))
            for frame, (a, b) in enumerate(zip(starts[:-1], starts[1:]))]


class _People:
    """A detector that tells of people only, as a MOT sequence does."""

    def __init__(self, detector: Detector):
        self._detector, self.version = detector, detector.version

    def detect(self, image) -> Regions:
        seen = self._detector.detect(image)
        return seen.keep(np.array([label == "person" for label in seen.labels], bool))

    def __getattr__(self, name: str):
        return getattr(self._detector, name)


def _without_ignored(tracks: Sequence[Track], truth: Sequence[Track], ignored: Sequence[Track], count: int) -> Seen:
    """The answer frame by frame, without the boxes that stand on something the benchmark does not count."""
    said = Seen.of(tracks, range(count))
    if not ignored:
        return said
    ids, boxes = [], []
    for frame in range(count):
        there = [(track.at(frame), other) for group, other in ((truth, False), (ignored, True)) for track in group if track.at(frame)]
        overlap = iou(Boxes(np.array([box for box, _ in there])), Boxes(said.boxes[frame]))
        overlap[overlap < SAME] = 0
        gone = {j for i, j in zip(*linear_sum_assignment(-overlap)) if overlap[i, j] and there[i][1]}
        rows = [row for row in range(len(said.ids[frame])) if row not in gone]
        ids.append(tuple(said.ids[frame][row] for row in rows))
        boxes.append(said.boxes[frame][rows])
    return Seen(tuple(ids), tuple(boxes))


def _davis(folder: Path, tracker: Tracker | None, detector: Detector, follower: BoxFollower | None) -> Iterator[Progress]:
    values: dict[str, float] = {}
    sequences = sequences_of(folder)
    for number, (name, truth) in enumerate(sequences.items()):
        video = Stills.of(folder / name)
        if truth.frames[-1] >= len(video):
            raise ValueError(f"{BOXES} has boxes for {truth.frames[-1] + 1} frames of {name}, but there are {len(video)}; add the pictures")
        answer = None
        for step in _answers(video, truth, tracker, detector, follower):
            answer = step.result if step.result is not None else answer
            yield Progress(number, len(sequences), f"{name}: {step.note}")
        rest = Track(truth.frames[1:], truth.boxes[1:], truth.keyframes[1:])
        values[name] = round(spatial_iou(rest, answer), 4)
    yield Progress(len(sequences), len(sequences), "done", {"mean_iou": values})


def _answers(video: Stills, truth: Track, tracker: Tracker | None, detector: Detector, follower: BoxFollower | None) -> Iterator[Progress]:
    """Follows the first box; the results are tracks."""
    first = int(truth.frames[0])
    if follower is not None:
        yield from follow_box(video, follower, detector, first, truth.boxes.xyxy[0], int(truth.frames[-1]))
        return
    for step in tracker.follow(video, detector):
        result = None if step.result is None else nearest_track(step.result, first, truth.boxes.xyxy[0])
        yield Progress(step.done, step.total, step.note, result)


def sequences_of(folder: Path) -> dict[str, Track]:
    """The boxes of each sequence of a folder in the form of DAVIS; a box without extent is a frame without the thing."""
    body = read_json(FolderTree(folder), BOXES)
    if not isinstance(body, dict) or not body:
        raise ArchiveError(f"{BOXES} maps the name of each sequence to its boxes; got something else")
    sequences = {}
    for name, rows in body.items():
        if not (folder / name).is_dir() or Path(name).name != name or name.startswith("."):
            raise ArchiveError(f"{BOXES} names the sequence {json.dumps(name)[:60]}, but there is no such folder of frames beside it")
        try:
            boxes = np.array([[float(value) for value in row or (0, 0, 0, 0)] for row in rows], np.float64).reshape(-1, 4)
        except (TypeError, ValueError) as error:
            raise ArchiveError(f"{BOXES} has a box of {name} that is not [left, top, width, height]; correct it") from error
        there = np.flatnonzero(np.isfinite(boxes).all(1) & (boxes[:, 2:] > 0).all(1))
        if len(there) < 2:
            raise ArchiveError(f"{BOXES} has {len(there)} boxes for {name}; a box to follow and one to compare with are needed")
        sequences[name] = Track(there, Boxes.from_xywh(boxes[there]), np.ones(len(there), bool))
    return sequences


def _rate(info: dict[str, str]) -> float:
    text = info.get("framerate", "")
    return float(text) if text.isdecimal() and 0 < int(text) < 1000 else 25.0
