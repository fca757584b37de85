"""Track measures: how well tracks tell where each thing is and which one it is (HOTA, MOTA, IDF1).

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
HALF = 0.5
_EPS = np.finfo(float).eps


@dataclass(frozen=True, eq=False)
class Seen:
    """Who is where in each of T frames: `ids` T lists of things, `boxes` T arrays (N_t, 4) of x0, y0, x1, y1.

    An id stands once in a frame at most. `captions`: T lists of a sentence a box, or empty; "" says nothing.
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
    def of(cls, tracks: Sequence[Track], frames: Iterable[int], captions: Sequence[str] | None = None) -> Seen:
        """The tracks in these frames, each by its place in the list; with their own captions, or those given."""
        told = [track.caption for track in tracks] if captions is None else captions
        there = [[(row, box) for row, track in enumerate(tracks) if (box := track.at(frame)) is not None] for frame in frames]
        return cls(tuple(tuple(row for row, _ in frame) for frame in there),
                   tuple(np.array([box for _, box in frame]) for frame in there),
                   tuple(tuple(told[row] for row, _ in frame) for frame in there))

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Compared:
    """Truth beside an answer, of one clip."""

    truth: Seen
    said: Seen

    def __post_init__(self):
        if len(self.truth) != len(self.said):
            raise ValueError(f"truth and answer are about the same frames; got {len(self.truth)} and {len(self.said)}")

    @cached_property
    def rows(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """For each frame the rows of its things, of the truth and of the answer, counted from 0 over the clip."""
        return _rows(self.truth), _rows(self.said)

    @cached_property
    def overlaps(self) -> list[np.ndarray]:
        """For each frame (truth, answer) intersection over union in double precision."""
        return [_iou(a, b) for a, b in zip(self.truth.boxes, self.said.boxes)]

    @cached_property
    def sizes(self) -> tuple[np.ndarray, np.ndarray]:
        """How many boxes each thing has, of the truth and of the answer."""
        return tuple(np.bincount(np.concatenate([*rows, np.zeros(0, int)]).astype(int)) for rows in self.rows)  # type: ignore[return-value]

    @cached_property
    def pairs(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each frame the pairing (places in the truth, places in the answer) that HOTA counts at every threshold.

        Things that go together over the whole clip are paired first (Luiten et al. 2021, equations 9 to 11).
        """
        together = np.zeros(tuple(map(len, self.sizes)))
        for truth, said, overlap in self._frames():
            share = overlap.sum(0, keepdims=True) + overlap.sum(1, keepdims=True) - overlap
            together[np.ix_(truth, said)] += np.divide(overlap, share, out=np.zeros_like(overlap), where=share > _EPS)
        apart = self.sizes[0][:, None] + self.sizes[1][None, :] - together
        alike = together / np.maximum(apart, _EPS)
        return [linear_sum_assignment(-(alike[np.ix_(truth, said)] * overlap)) for truth, said, overlap in self._frames()]

    def _frames(self):
        return zip(*self.rows, self.overlaps)


@dataclass(frozen=True)
class Hota:
    """Counts of HOTA at one threshold; clips are added up before anything is divided."""

    found: int = 0  # true positives
    missed: int = 0
    false: int = 0
    associated: float = 0.0  # sum over found boxes of how well their two tracks agree

    def __add__(self, other: Hota) -> Hota:
        return Hota(self.found + other.found, self.missed + other.missed, self.false + other.false, self.associated + other.associated)

    @property
    def detection(self) -> float:
        """DetA."""
        return self.found / max(self.found + self.missed + self.false, 1)

    @property
    def association(self) -> float:
        """AssA: the mean over found boxes."""
        return self.associated / max(self.found, 1)

    @property
    def value(self) -> float:
        return float(np.sqrt(self.detection * self.association))


def hota(compared: Compared, threshold: float = HALF) -> Hota:
    """HOTA's counts of one clip at one threshold of overlap."""
    joint, found = np.zeros(tuple(map(len, compared.sizes))), 0
    for (truth, said), overlap, (i, j) in zip(zip(*compared.rows), compared.overlaps, compared.pairs):
        good = overlap[i, j] >= threshold - _EPS
        found += int(good.sum())
        joint[truth[i[good]], said[j[good]]] += 1
    in_truth, in_said = compared.sizes
    apart = in_truth[:, None] + in_said[None, :] - joint
    agree = joint / np.maximum(apart, 1)
    return Hota(found, int(in_truth.sum()) - found, int(in_said.sum()) - found, float((joint * agree).sum()))


def mota(compared: Sequence[Compared], threshold: float = HALF) -> float:
    """MOTA (Bernardin 2008) of clips together: 1 less the share of boxes missed, false or changing hands; can be below 0.

    A pair that held in the frame before is kept if it still overlaps.
    """
    boxes = wrong = 0
    for clip in compared:
        found, switched = _kept_pairs(clip, threshold)
        in_truth, in_said = (int(sizes.sum()) for sizes in clip.sizes)
        boxes += in_truth
        wrong += in_truth - found + in_said - found + switched
    return 1 - wrong / max(boxes, 1)


def idf1(compared: Sequence[Compared], threshold: float = HALF) -> float:
    """IDF1 (Ristani 2016) of clips together: how much of truth and answer lies in the best pairing of whole tracks."""
    alike = boxes = 0
    for clip in compared:
        joint = np.zeros(tuple(map(len, clip.sizes)))
        for (truth, said), overlap in zip(zip(*clip.rows), clip.overlaps):
            joint[np.ix_(truth, said)] += overlap >= threshold
        alike += joint[linear_sum_assignment(-joint)].sum()
        boxes += sum(int(sizes.sum()) for sizes in clip.sizes)
    return float(2 * alike / max(boxes, 1))


def tracking(compared: Sequence[Compared], thresholds: Sequence[float] = THRESHOLDS) -> dict[str, float]:
    """{"HOTA", "DetA", "AssA", "IDF1", "MOTA"} of clips together; the first three are means over the thresholds."""
    counts = [sum((hota(clip, threshold) for clip in compared), Hota()) for threshold in thresholds]
    means = {"HOTA": [c.value for c in counts], "DetA": [c.detection for c in counts], "AssA": [c.association for c in counts]}
    return {name: float(np.mean(values)) for name, values in means.items()} | {"IDF1": idf1(compared), "MOTA": mota(compared)}


def _kept_pairs(clip: Compared, threshold: float) -> tuple[int, int]:
    """How many boxes of the truth were found, and how often the track that found one changed."""
    found = switched = 0
    last: dict[int, int] = {}
    before: dict[int, int] = {}
    for (truth, said), overlap in zip(zip(*clip.rows), clip.overlaps):
        kept = np.array([[before.get(g) == p for p in said] for g in truth], bool).reshape(overlap.shape)
        worth = np.where(overlap >= threshold - _EPS, overlap + 1000 * kept, 0)
        i, j = linear_sum_assignment(-worth)
        good = worth[i, j] > _EPS
        before = dict(zip(truth[i[good]].tolist(), said[j[good]].tolist()))
        switched += sum(last.get(g, p) != p for g, p in before.items())
        last |= before
        found += len(before)
    return found, switched


def _rows(seen: Seen) -> list[np.ndarray]:
    """Ids as numbers from 0 in order of their value."""
    numbers = {number: row for row, number in enumerate(sorted({number for frame in seen.ids for number in frame}))}
    return [np.array([numbers[number] for number in frame], int) for frame in seen.ids]


def _iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(len(a), len(b)); `grounding.data.iou` in double precision, which a threshold at exactly 0.35 needs."""
    shared = np.clip(np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2]), 0, None).prod(-1)
    areas = [(boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) for boxes in (a, b)]
    union = areas[0][:, None] + areas[1][None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > _EPS)
