"""CHOTA: detection, association and captioning accuracy in one number (dense video object captioning, Zhou et al. 2023)

CHOTA = (DetA * AssA * CapA) ** (1/3). Two forms, never mixed: the official one, whose CIDEr is not bounded and depends on how many
sentences a video has, and a bounded one in [0, 1] where a perfect prediction has 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from grounding.learning.metrics.captions import NgramIdf, cider, exact_match, meteor_lite, token_f1
from grounding.learning.metrics.tracks import IOU_THRESHOLD, ClipComparison, HotaCounts, hota

Scorer = Callable[[Sequence[str], Sequence[str]], Sequence[Sequence[float]]]
"""(predicted, truth) captions of the matched boxes of one clip -> for each of its measures one number a box."""


@dataclass(frozen=True)
class ChotaScores:
    """CHOTA and its parts; `cap_a` is 0 where no matched box has a caption, `caption_scores` are the means of the scorer's measures."""

    chota: float
    det_a: float
    ass_a: float
    cap_a: float
    caption_scores: tuple[float, ...]
    captioned_boxes: int  # matched boxes whose truth has a caption


def chota(clips: Sequence[ClipComparison], scorer: Scorer, threshold: float = IOU_THRESHOLD) -> ChotaScores:
    """Clips together: counts are added up, the caption scores of all matched boxes averaged."""
    counts, scores = HotaCounts(), []
    for clip in clips:
        counts += hota(clip, threshold)
        predicted, truth = matched_captions(clip, threshold)
        if predicted:
            scores.append(np.array(scorer(predicted, truth), float).reshape(-1, len(predicted)))
    mean_scores = np.concatenate(scores, 1).mean(1) if scores else np.zeros(1)
    cap_a = float(mean_scores.mean())
    value = float(np.cbrt(counts.det_a * counts.ass_a * cap_a))
    return ChotaScores(value, counts.det_a, counts.ass_a, cap_a, tuple(mean_scores.tolist()), sum(s.shape[1] for s in scores))


def official_scores(predicted: Sequence[str], truth: Sequence[str]) -> list[list[float]]:
    """CIDEr on its scale of 10 with the IDF of this clip's captions, METEOR-lite, and exact match in SPICE's place.

    SPICE and METEOR 1.5 need Java and its data. A perfect prediction has CIDEr 0 where a clip has one distinct sentence.
    """
    idf = NgramIdf(truth, smooth=False)
    return [[10 * cider(a, b, idf, skip_empty_orders=False) for a, b in zip(predicted, truth)],
            _score_pairs(meteor_lite, predicted, truth), _score_pairs(exact_match, predicted, truth)]


def make_bounded_scorer(sentences: Sequence[str]) -> Scorer:
    """CIDEr / 10, METEOR-lite and the F1 of words; the IDF is of the distinct `sentences` of the whole test set."""
    idf = NgramIdf(dict.fromkeys(sentences))

    def score(predicted: Sequence[str], truth: Sequence[str]) -> list[list[float]]:
        return [_score_pairs(lambda a, b: cider(a, b, idf), predicted, truth), _score_pairs(meteor_lite, predicted, truth),
                _score_pairs(token_f1, predicted, truth)]
    return score


def matched_captions(clip: ClipComparison, threshold: float = IOU_THRESHOLD) -> tuple[list[str], list[str]]:
    """(predicted, truth) captions of every matched box whose truth has one."""
    predicted, truth = [], []
    for frame, i, j in _matched_boxes(clip, threshold):
        if clip.truth.captions[frame][i]:
            predicted.append(clip.predicted.captions[frame][j])
            truth.append(clip.truth.captions[frame][i])
    return predicted, truth


def caption_switches(clips: Sequence[ClipComparison], threshold: float = IOU_THRESHOLD) -> float:
    """How often the caption of one true object changes between consecutive frames, per matched box with a caption."""
    changes = boxes = 0
    for clip in clips:
        previous: dict[int, tuple[int, str]] = {}
        for frame, i, j in _matched_boxes(clip, threshold):
            object_id, sentence = clip.truth.ids[frame][i], clip.predicted.captions[frame][j]
            if sentence:
                changes += object_id in previous and previous[object_id][0] == frame - 1 and previous[object_id][1] != sentence
                previous[object_id] = frame, sentence
                boxes += 1
    return changes / max(boxes, 1)


def _matched_boxes(clip: ClipComparison, threshold: float):
    """(frame, index in the truth, index in the prediction) of each matched box."""
    for frame, (overlap, (i, j)) in enumerate(zip(clip.overlaps, clip.matches)):
        matched = overlap[i, j] >= threshold - np.finfo(float).eps
        yield from ((frame, a, b) for a, b in zip(i[matched].tolist(), j[matched].tolist()))


def _score_pairs(measure: Callable[[str, str], float], predicted: Sequence[str], truth: Sequence[str]) -> list[float]:
    cache: dict[tuple[str, str], float] = {}
    for pair in zip(predicted, truth):
        if pair not in cache:
            cache[pair] = measure(*pair)
    return [cache[pair] for pair in zip(predicted, truth)]
