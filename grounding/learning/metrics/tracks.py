"""Tracking metrics: how well tracks locate and identify objects (HOTA, MOTA, IDF1).

They agree with TrackEval; tests/learning/metrics/test_tracks.py holds them to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import linear_sum_assignment

from grounding.data import Track

THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))  # of HOTA (Luiten et al. 2021, section 5)
IOU_THRESHOLD = 0.5
_EPS = np.finfo(float).eps


@dataclass(frozen=True, eq=False)
class FrameObjects:
    """The objects in each of T frames: `ids` T lists of identities, `boxes` T arrays (N_t, 4) of x0, y0, x1, y1.

    An id occurs once in a frame at most. `captions`: T lists of a sentence a box, or empty; "" is no caption.
    """

    ids: tuple[tuple[int, ...], ...]
    boxes: tuple[np.ndarray, ...]
    captions: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self):
        ids = tuple(tuple(int(number) for number in frame) for frame in self.ids)
        boxes = tuple(np.asarray(frame, np.float64).reshape(-1, 4) for frame in self.boxes)
        captions = tuple(map(tuple, self.captions)) or tuple(("",) * len(frame) for frame in ids)
        if not [*map(len, ids)] == [*map(len, boxes)] == [*map(len, captions)]:
            raise ValueError("every frame needs as many ids as boxes, and as many captions where there are any")
        for frame, numbers in enumerate(ids):
            if len(set(numbers)) < len(numbers):
                raise ValueError(f"frame {frame} names one thing twice: {sorted(numbers)[:20]}")
        for name, value in (("ids", ids), ("boxes", boxes), ("captions", captions)):
            object.__setattr__(self, name, value)

    @classmethod
    def from_tracks(cls, tracks: Sequence[Track], frames: Iterable[int], captions: Sequence[str] | None = None) -> FrameObjects:
        """The tracks in these frames, each with its index as id; with their own captions, or those given."""
        sentences = [track.caption for track in tracks] if captions is None else captions
        present = [[(row, box) for row, track in enumerate(tracks) if (box := track.box_at(frame)) is not None] for frame in frames]
        return cls(tuple(tuple(row for row, _ in frame) for frame in present),
                   tuple(np.array([box for _, box in frame]) for frame in present),
                   tuple(tuple(sentences[row] for row, _ in frame) for frame in present))

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class ClipComparison:
    """Truth and prediction of one clip."""

    truth: FrameObjects
    predicted: FrameObjects

    def __post_init__(self):
        if len(self.truth) != len(self.predicted):
            raise ValueError(f"truth and answer are about the same frames; got {len(self.truth)} and {len(self.predicted)}")

    @cached_property
    def id_rows(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """For each frame the rows of its objects, of the truth and of the prediction, counted from 0 over the clip."""
        return _dense_ids(self.truth), _dense_ids(self.predicted)

    @cached_property
    def overlaps(self) -> list[np.ndarray]:
        """For each frame (truth, prediction) intersection over union in double precision."""
        return [_iou(a, b) for a, b in zip(self.truth.boxes, self.predicted.boxes)]

    @cached_property
    def track_sizes(self) -> tuple[np.ndarray, np.ndarray]:
        """How many boxes each object has, of the truth and of the prediction."""
        return tuple(np.bincount(np.concatenate([*rows, np.zeros(0, int)]).astype(int)) for rows in self.id_rows)  # type: ignore[return-value]

    @cached_property
    def matches(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each frame the matching (indices in the truth, indices in the prediction) that HOTA uses at every threshold.

        Objects that overlap over the whole clip are matched first (Luiten et al. 2021, equations 9 to 11).
        """
        similarity_sum = np.zeros(tuple(map(len, self.track_sizes)))
        for truth, predicted, overlap in self._frames():
            union = overlap.sum(0, keepdims=True) + overlap.sum(1, keepdims=True) - overlap
            similarity_sum[np.ix_(truth, predicted)] += np.divide(overlap, union, out=np.zeros_like(overlap), where=union > _EPS)
        total = self.track_sizes[0][:, None] + self.track_sizes[1][None, :] - similarity_sum
        similarity = similarity_sum / np.maximum(total, _EPS)
        return [linear_sum_assignment(-(similarity[np.ix_(truth, predicted)] * overlap)) for truth, predicted, overlap in self._frames()]

    def _frames(self):
        return zip(*self.id_rows, self.overlaps)


@dataclass(frozen=True)
class HotaCounts:
    """Counts of HOTA at one threshold; clips are summed before anything is divided."""

    true_positives: int = 0
    false_negatives: int = 0
    false_positives: int = 0
    association_sum: float = 0.0  # sum over matched boxes of the Jaccard index of their two tracks

    def __add__(self, other: HotaCounts) -> HotaCounts:
        return HotaCounts(self.true_positives + other.true_positives, self.false_negatives + other.false_negatives,
                          self.false_positives + other.false_positives, self.association_sum + other.association_sum)

    @property
    def det_a(self) -> float:
        """DetA."""
        return self.true_positives / max(self.true_positives + self.false_negatives + self.false_positives, 1)

    @property
    def ass_a(self) -> float:
        """AssA: the mean over matched boxes."""
        return self.association_sum / max(self.true_positives, 1)

    @property
    def hota(self) -> float:
        return float(np.sqrt(self.det_a * self.ass_a))


def hota(clip: ClipComparison, threshold: float = IOU_THRESHOLD) -> HotaCounts:
    """HOTA's counts of one clip at one threshold of overlap."""
    joint, true_positives = np.zeros(tuple(map(len, clip.track_sizes))), 0
    for (truth, predicted), overlap, (i, j) in zip(zip(*clip.id_rows), clip.overlaps, clip.matches):
        matched = overlap[i, j] >= threshold - _EPS
        true_positives += int(matched.sum())
        joint[truth[i[matched]], predicted[j[matched]]] += 1
    in_truth, in_predicted = clip.track_sizes
    union = in_truth[:, None] + in_predicted[None, :] - joint
    jaccard = joint / np.maximum(union, 1)
    return HotaCounts(true_positives, int(in_truth.sum()) - true_positives, int(in_predicted.sum()) - true_positives,
                      float((joint * jaccard).sum()))


def mota(clips: Sequence[ClipComparison], threshold: float = IOU_THRESHOLD) -> float:
    """MOTA (Bernardin 2008) of clips together: 1 less the share of false negatives, false positives and identity switches; can be below 0.

    A pair that held in the frame before is kept if it still overlaps.
    """
    boxes = errors = 0
    for clip in clips:
        true_positives, id_switches = _count_matches_and_switches(clip, threshold)
        in_truth, in_predicted = (int(sizes.sum()) for sizes in clip.track_sizes)
        boxes += in_truth
        errors += in_truth - true_positives + in_predicted - true_positives + id_switches
    return 1 - errors / max(boxes, 1)


def idf1(clips: Sequence[ClipComparison], threshold: float = IOU_THRESHOLD) -> float:
    """IDF1 (Ristani 2016) of clips together: how much of truth and prediction lies in the best matching of whole tracks."""
    matched = boxes = 0
    for clip in clips:
        joint = np.zeros(tuple(map(len, clip.track_sizes)))
        for (truth, predicted), overlap in zip(zip(*clip.id_rows), clip.overlaps):
            joint[np.ix_(truth, predicted)] += overlap >= threshold
        matched += joint[linear_sum_assignment(-joint)].sum()
        boxes += sum(int(sizes.sum()) for sizes in clip.track_sizes)
    return float(2 * matched / max(boxes, 1))


def tracking_metrics(clips: Sequence[ClipComparison], thresholds: Sequence[float] = THRESHOLDS) -> dict[str, float]:
    """{"HOTA", "DetA", "AssA", "IDF1", "MOTA"} of clips together; the first three are means over the thresholds."""
    counts = [sum((hota(clip, threshold) for clip in clips), HotaCounts()) for threshold in thresholds]
    means = {"HOTA": [c.hota for c in counts], "DetA": [c.det_a for c in counts], "AssA": [c.ass_a for c in counts]}
    return {name: float(np.mean(values)) for name, values in means.items()} | {"IDF1": idf1(clips), "MOTA": mota(clips)}


def _count_matches_and_switches(clip: ClipComparison, threshold: float) -> tuple[int, int]:
    """The numbers of true positives and of identity switches."""
    matched = id_switches = 0
    last_match: dict[int, int] = {}
    previous: dict[int, int] = {}
    for (truth, predicted), overlap in zip(zip(*clip.id_rows), clip.overlaps):
        continued = np.array([[previous.get(g) == p for p in predicted] for g in truth], bool).reshape(overlap.shape)
        similarity = np.where(overlap >= threshold - _EPS, overlap + 1000 * continued, 0)
        i, j = linear_sum_assignment(-similarity)
        valid = similarity[i, j] > _EPS
        previous = dict(zip(truth[i[valid]].tolist(), predicted[j[valid]].tolist()))
        id_switches += sum(last_match.get(g, p) != p for g, p in previous.items())
        last_match |= previous
        matched += len(previous)
    return matched, id_switches


def _dense_ids(objects: FrameObjects) -> list[np.ndarray]:
    """Ids as dense numbers from 0 in order of their value."""
    numbers = {number: row for row, number in enumerate(sorted({number for frame in objects.ids for number in frame}))}
    return [np.array([numbers[number] for number in frame], int) for frame in objects.ids]


def _iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(len(a), len(b)); `grounding.data.iou` in double precision, which a threshold at exactly 0.35 needs."""
    shared = np.clip(np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2]), 0, None).prod(-1)
    areas = [(boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) for boxes in (a, b)]
    union = areas[0][:, None] + areas[1][None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > _EPS)
