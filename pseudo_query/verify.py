"""Verification: does a phrase single out its target, and does a grounder agree?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from grounding.data import Boxes, Regions, iou
from pseudo_query.facts import Facts, members
from pseudo_query.phrases import Candidate
from pseudo_query.scenes import Scene
from pseudo_query.settings import DEFAULT, Settings

Ground = Callable[[str], Regions]  # a phrase in, regions of the same photo out, best first


def is_unique(candidate: Candidate, scene: Scene, settings: Settings = DEFAULT) -> bool:
    """Whether the phrase fits its target and nothing else in the scene, by attributes and relations."""
    if candidate.meaning is None or len(candidate.targets) != 1:
        return False
    fit = members(Facts(scene, settings).pointing(candidate.meaning).fits)
    return [scene.things[row].index for row in fit] == list(candidate.targets)


def asked(candidates: Sequence[Candidate], regions: Regions, ground: Ground) -> list[Candidate]:
    """The candidates with their reliability: how well a grounder's boxes agree with the targets, as IoU in [0, 1].

    The grounder's best answers, as many as there are targets, are compared; each target with the one nearest to it, and
    the mean counts. A phrase for nothing is reliable if the grounder finds nothing. Each text is asked once.
    """
    answers: dict[str, Regions] = {}
    judged = []
    for candidate in candidates:
        if candidate.query not in answers:
            answers[candidate.query] = ground(candidate.query)
        judged.append(replace(candidate, reliability=_agreement(candidate, regions.boxes, answers[candidate.query])))
    return judged


def _agreement(candidate, boxes: Boxes, answer: Regions) -> float:
    if not candidate.targets:
        return float(len(answer) == 0)
    if not len(answer):
        return 0.0
    best = answer.boxes[:len(candidate.targets)]
    return round(float(iou(boxes[list(candidate.targets)], best).max(1).mean()), 4)


def reliable(candidates: Sequence[Candidate], least: float = 0.5) -> list[Candidate]:
    """Those a grounder agreed with at least so well (CLIP-VG's selection); those nobody asked about stay."""
    return [c for c in candidates if c.reliability is None or c.reliability >= least]
