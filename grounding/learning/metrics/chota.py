"""CHOTA: are things found, kept apart and told of rightly? (dense video object captioning, Zhou et al. 2023)

CHOTA = (DetA * AssA * CapA) ** (1/3). Two forms, never mixed: the official one, whose CIDEr is not bounded and depends on how many
sentences a video has, and a bounded one in [0, 1] where a perfect answer has 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from grounding.learning.metrics.captions import Rarity, cider, exact, meteor_lite, token_f1
from grounding.learning.metrics.tracks import HALF, Compared, Hota, hota

Scorer = Callable[[Sequence[str], Sequence[str]], Sequence[Sequence[float]]]
"""(said, truth) of the matched boxes of one clip -> for each of its parts one number a box."""


@dataclass(frozen=True)
class Chota:
    """The value and its parts; `captions` is 0 where no found box has a sentence, `parts` are the means of the scorer's."""

    value: float
    detection: float  # DetA
    association: float  # AssA
    captions: float  # CapA
    parts: tuple[float, ...]
    boxes: int  # found boxes whose truth has a sentence


def chota(compared: Sequence[Compared], scorer: Scorer, threshold: float = HALF) -> Chota:
    """Clips together: counts are added up, the caption scores of all found boxes averaged."""
    counts, scores = Hota(), []
    for clip in compared:
        counts += hota(clip, threshold)
        said, truth = matched_captions(clip, threshold)
        if said:
            scores.append(np.array(scorer(said, truth), float).reshape(-1, len(said)))
    means = np.concatenate(scores, 1).mean(1) if scores else np.zeros(1)
    captions = float(means.mean())
    value = float(np.cbrt(counts.detection * counts.association * captions))
    return Chota(value, counts.detection, counts.association, captions, tuple(means.tolist()), sum(s.shape[1] for s in scores))


def official_form(said: Sequence[str], truth: Sequence[str]) -> list[list[float]]:
    """CIDEr on its scale of 10 with rarity among this clip's boxes, METEOR-lite, and exact match in SPICE's place.

    SPICE and METEOR 1.5 need Java and its data. A perfect answer has CIDEr 0 where a clip has one distinct sentence.
    """
    rarity = Rarity(truth, smooth=False)
    return [[10 * cider(a, b, rarity, lenient=False) for a, b in zip(said, truth)], _each(meteor_lite, said, truth), _each(exact, said, truth)]


def bounded(sentences: Sequence[str]) -> Scorer:
    """CIDEr / 10, METEOR-lite and the F1 of words; rarity is among the distinct `sentences` of the whole test set."""
    rarity = Rarity(dict.fromkeys(sentences))

    def score(said: Sequence[str], truth: Sequence[str]) -> list[list[float]]:
        return [_each(lambda a, b: cider(a, b, rarity), said, truth), _each(meteor_lite, said, truth), _each(token_f1, said, truth)]
    return score


def matched_captions(clip: Compared, threshold: float = HALF) -> tuple[list[str], list[str]]:
    """(said, truth) of every found box whose truth has a sentence."""
    said, truth = [], []
    for frame, i, j in _found(clip, threshold):
        if clip.truth.captions[frame][i]:
            said.append(clip.said.captions[frame][j])
            truth.append(clip.truth.captions[frame][i])
    return said, truth


def caption_switches(compared: Sequence[Compared], threshold: float = HALF) -> float:
    """How often the sentence of one true thing changes between consecutive frames in which it was found, a found and told-of box."""
    changes = boxes = 0
    for clip in compared:
        before: dict[int, tuple[int, str]] = {}
        for frame, i, j in _found(clip, threshold):
            thing, sentence = clip.truth.ids[frame][i], clip.said.captions[frame][j]
            if sentence:
                changes += thing in before and before[thing][0] == frame - 1 and before[thing][1] != sentence
                before[thing] = frame, sentence
                boxes += 1
    return changes / max(boxes, 1)


def _found(clip: Compared, threshold: float):
    """(frame, place in the truth, place in the answer) of each found box."""
    for frame, (overlap, (i, j)) in enumerate(zip(clip.overlaps, clip.pairs)):
        good = overlap[i, j] >= threshold - np.finfo(float).eps
        yield from ((frame, a, b) for a, b in zip(i[good].tolist(), j[good].tolist()))


def _each(measure: Callable[[str, str], float], said: Sequence[str], truth: Sequence[str]) -> list[float]:
    known: dict[tuple[str, str], float] = {}
    for pair in zip(said, truth):
        if pair not in known:
            known[pair] = measure(*pair)
    return [known[pair] for pair in zip(said, truth)]
