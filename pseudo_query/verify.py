"""Verification: does a phrase single out its target, and does a grounder agree?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from grounding.data import Boxes, Regions, iou
from pseudo_query.facts import Facts, bit_indices
from pseudo_query.phrases import PseudoQuery
from pseudo_query.scenes import Scene
from pseudo_query.settings import DEFAULT, Settings

GroundFunction = Callable[[str], Regions]  # a phrase in, regions of the same photo out, best first


def is_unique(candidate: PseudoQuery, scene: Scene, settings: Settings = DEFAULT) -> bool:
    """Whether the phrase fits its target and nothing else in the scene, by attributes and relations."""
    if candidate.meaning is None or len(candidate.targets) != 1:
        return False
    fit = bit_indices(Facts(scene, settings).referents(candidate.meaning).possible)
    return [scene.objects[row].region_index for row in fit] == list(candidate.targets)


def score_reliability(candidates: Sequence[PseudoQuery], regions: Regions, ground: GroundFunction) -> list[PseudoQuery]:
    """The candidates with their reliability: how well a grounder's boxes agree with the targets, as IoU in [0, 1].

    The grounder's best answers, as many as there are targets, are compared; each target with the one nearest to it, and
    the mean counts. A phrase for nothing is reliable if the grounder finds nothing. Each text is asked once.
    """
    grounded: dict[str, Regions] = {}
    scored = []
    for candidate in candidates:
        if candidate.query not in grounded:
            grounded[candidate.query] = ground(candidate.query)
        scored.append(replace(candidate, reliability=_mean_iou(candidate, regions.boxes, grounded[candidate.query])))
    return scored


def _mean_iou(candidate, boxes: Boxes, answer: Regions) -> float:
    if not candidate.targets:
        return float(len(answer) == 0)
    if not len(answer):
        return 0.0
    best = answer.boxes[:len(candidate.targets)]
    return round(float(iou(boxes[list(candidate.targets)], best).max(1).mean()), 4)


def filter_reliable(candidates: Sequence[PseudoQuery], min_reliability: float = 0.5) -> list[PseudoQuery]:
    """Those a grounder agreed with at least so well (CLIP-VG's selection); those nobody asked about stay."""
    return [c for c in candidates if c.reliability is None or c.reliability >= min_reliability]
