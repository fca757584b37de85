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
from grounding.exchange.mot import has_classes, read_rows, read_seqinfo
from grounding.learning.metrics.grounding import ClipComparison, FrameObjects, spatial_iou, tracking_metrics
from grounding.protocols import BoxFollower, Detector, Tracker
from grounding.tasks.intake.frame_folders import FrameFolder
from grounding.tasks.video.follow_box import follow_box, nearest_track

BOXES = "boxes_xywh.json"
PEDESTRIAN, DISTRACTORS = 1, (2, 7, 8, 12)  # classes of MOT16 and MOT17: person on a vehicle, static person, distractor, reflection
MATCH_IOU = 0.5
MAX_FRAMES = 200_000


def evaluate_tracks(folder: Path | str, tracker: Tracker | None, detector: Detector, follower: BoxFollower | None = None,
                    use_given_detections: bool = False) -> Iterator[Progress]:
    """The last progress holds {"HOTA", "DetA", "AssA", "IDF1", "MOTA", "frames_per_s"} for a MOT sequence (gt.txt at its root or in
    gt/), or {"mean_iou": {sequence: value}} for a folder with boxes_xywh.json and the frames of each sequence.

    Of a MOT sequence with pixels (img1/) the detector finds people itself; without, or with `use_given_detections`,
    det/det.txt says what was found. A box is followed by `follower`; without one, `tracker` links everything, and the
    track nearest to the box answers.
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
        yield from _mot(tree, tracker, detector, use_given_detections)
    else:
        raise ValueError(f"{folder} holds neither gt.txt, gt/gt.txt nor {BOXES}; name a MOT sequence or a folder in the form of DAVIS")


def _mot(tree: FolderTree, tracker: Tracker, detector: Detector, use_given_detections: bool) -> Iterator[Progress]:
    truth, ignored = split_ground_truth(read_rows(tree, "gt/gt.txt" if "gt/gt.txt" in tree else "gt.txt"), tree.title)
    image_folder, tracks, spent = tree.root / "img1", None, 0.0
    if image_folder.is_dir() and not use_given_detections:
        video = FrameFolder.of(image_folder, _rate(read_seqinfo(tree, "")))
        count, steps = len(video), tracker.follow(video, _PersonDetector(detector))
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
        detections = read_detections(tree, count)
        yield Progress(0, 1, "linking the given detections")
        began = time.perf_counter()
        tracks = tracker.link(detections)
        spent = time.perf_counter() - began
    predicted = _drop_ignored(tracks or [], truth, ignored, count)
    frames = range(count)
    numbers = tracking_metrics([ClipComparison(FrameObjects.from_tracks(truth, frames), predicted)])
    yield Progress(
        1, 1, "done", {name: round(value, 4) for name, value in numbers.items()} | {"frames_per_s": round(count / max(spent, 1e-9), 1)}
    )


def split_ground_truth(rows: np.ndarray, title: str) -> tuple[list[Track], list[Track]]:
    """The things to be found, and those whose finding counts neither for nor against (frames from 0).

    With classes (MOT16 on): pedestrians whose mark is not 0, and the benchmark's distractors. Without: all whose mark is not 0.
    """
    if not len(rows):
        raise ValueError(f"the gt.txt of {title} names no box; nothing can be measured with it")
    if rows[:, 0].max() > MAX_FRAMES:
        raise ValueError(f"the gt.txt of {title} names frame {rows[:, 0].max():.0f}; at most {MAX_FRAMES} are measured, split it")
    counted = rows[:, 6] != 0
    if not has_classes(rows):
        return tracks_from_rows(rows[counted]), []
    return tracks_from_rows(rows[counted & (rows[:, 7] == PEDESTRIAN)]), tracks_from_rows(rows[np.isin(rows[:, 7], DISTRACTORS)])


def tracks_from_rows(rows: np.ndarray) -> list[Track]:
    """One for each id, frames counted from 0; of two boxes of one id in a frame the first counts."""
    tracks = []
    for number in np.unique(rows[:, 1]):
        part = rows[rows[:, 1] == number]
        frames, first = np.unique(part[:, 0].astype(int), return_index=True)
        tracks.append(Track(frames - 1, Boxes.from_xywh(part[first, 2:6]), np.ones(len(frames), bool), "person"))
    return tracks


def read_detections(tree: FolderTree, count: int) -> list[tuple[int, Regions]]:
    """(frame from 0, regions) of the first `count` frames of det/det.txt. Scores beyond [0, 1] are spread over it."""
    if "det/det.txt" not in tree:
        raise ValueError(f"{tree.title} has no pictures in img1/ and no det/det.txt, so there is nothing to link; add one of them")
    rows = read_rows(tree, "det/det.txt")
    scores = np.nan_to_num(rows[:, 6], nan=1.0)
    if len(scores) and (scores.min() < 0 or scores.max() > 1):
        scores = (scores - scores.min()) / max(scores.max() - scores.min(), 1e-9)
    order = np.argsort(rows[:, 0], kind="stable")
    rows, scores = rows[order], scores[order]
    starts = np.searchsorted(rows[:, 0], np.arange(1, count + 2))
    return [(frame, Regions(Boxes.from_xywh(rows[a:b, 2:6]), scores[a:b], ("person",) * int(b - a)))
            for frame, (a, b) in enumerate(zip(starts[:-1], starts[1:]))]


class _PersonDetector:
    """A detector that tells of people only, as a MOT sequence does."""

    def __init__(self, detector: Detector):
        self._detector, self.version = detector, detector.version

    def detect(self, image) -> Regions:
        detections = self._detector.detect(image)
        return detections.keep(np.array([label == "person" for label in detections.labels], bool))


def _drop_ignored(tracks: Sequence[Track], truth: Sequence[Track], ignored: Sequence[Track], count: int) -> FrameObjects:
    """The answer frame by frame, without the boxes that stand on something the benchmark does not count."""
    predicted = FrameObjects.from_tracks(tracks, range(count))
    if not ignored:
        return predicted
    ids, boxes = [], []
    for frame in range(count):
        ground_truth = [
            (track.box_at(frame), other) for group, other in ((truth, False), (ignored, True)) for track in group if track.box_at(frame)
        ]
        overlap = iou(Boxes(np.array([box for box, _ in ground_truth])), Boxes(predicted.boxes[frame]))
        overlap[overlap < MATCH_IOU] = 0
        ignored_rows = {j for i, j in zip(*linear_sum_assignment(-overlap)) if overlap[i, j] and ground_truth[i][1]}
        rows = [row for row in range(len(predicted.ids[frame])) if row not in ignored_rows]
        ids.append(tuple(predicted.ids[frame][row] for row in rows))
        boxes.append(predicted.boxes[frame][rows])
    return FrameObjects(tuple(ids), tuple(boxes))


def _davis(folder: Path, tracker: Tracker | None, detector: Detector, follower: BoxFollower | None) -> Iterator[Progress]:
    values: dict[str, float] = {}
    sequences = read_sequences(folder)
    for number, (name, truth) in enumerate(sequences.items()):
        video = FrameFolder.of(folder / name)
        if truth.frames[-1] >= len(video):
            raise ValueError(f"{BOXES} has boxes for {truth.frames[-1] + 1} frames of {name}, but there are {len(video)}; add the pictures")
        answer = None
        for step in _follow_first_box(video, truth, tracker, detector, follower):
            answer = step.result if step.result is not None else answer
            yield Progress(number, len(sequences), f"{name}: {step.note}")
        rest = Track(truth.frames[1:], truth.boxes[1:], truth.keyframes[1:])
        values[name] = round(spatial_iou(rest, answer), 4)
    yield Progress(len(sequences), len(sequences), "done", {"mean_iou": values})


def _follow_first_box(
    video: FrameFolder, truth: Track, tracker: Tracker | None, detector: Detector, follower: BoxFollower | None
) -> Iterator[Progress]:
    """Follows the first box; the results are tracks."""
    first = int(truth.frames[0])
    if follower is not None:
        yield from follow_box(video, follower, detector, first, truth.boxes.xyxy[0], int(truth.frames[-1]))
        return
    for step in tracker.follow(video, detector):
        result = None if step.result is None else nearest_track(step.result, first, truth.boxes.xyxy[0])
        yield Progress(step.done, step.total, step.note, result)


def read_sequences(folder: Path) -> dict[str, Track]:
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
        visible = np.flatnonzero(np.isfinite(boxes).all(1) & (boxes[:, 2:] > 0).all(1))
        if len(visible) < 2:
            raise ArchiveError(f"{BOXES} has {len(visible)} boxes for {name}; a box to follow and one to compare with are needed")
        sequences[name] = Track(visible, Boxes.from_xywh(boxes[visible]), np.ones(len(visible), bool))
    return sequences


def _rate(info: dict[str, str]) -> float:
    text = info.get("framerate", "")
    return float(text) if text.isdecimal() and 0 < int(text) < 1000 else 25.0
