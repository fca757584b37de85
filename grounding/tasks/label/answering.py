"""Answering: the boxes of a phrase as it was read: several things, a number of things, or a thing that something is not
true of."""

from __future__ import annotations

from typing import Any

import numpy as np

from grounding.data import Query, Regions, containment_nms, iou
from grounding.protocols import Grounder, RankingGrounder, SizedEncoding
from pseudo_query import DEFAULT
from pseudo_query.asking import QueryPlan
from pseudo_query.lexicon import Concept, english_lexicon
from pseudo_query.parse import named_location, parse_phrase
from pseudo_query.relations import find_locations

RANK_COUNT = 20  # the best boxes of a phrase among which those are sought that something is not true of
CANDIDATE_SHARE = 0.5  # of the best score: what has less is no candidate
EXCLUSION_SHARE = 0.3  # the same where the best may be what is denied
MATCH_SHARE = 0.8  # of the best score of what is denied: what has less is not what is meant by that
SAME_BOX_IOU = 0.5  # IoU from which a box of one phrase is a box of another
COMPARATIVES = {  # the rightmost of two things is the right one
    "leftmost": "left", "rightmost": "right", "topmost": "top", "bottommost": "bottom", "largest": "larger", "smallest": "smaller",
}  # fmt: skip
SAME_OBJECT_IOU = 0.8  # IoU from which two boxes are around one thing, which is not a dog and a cat at once


def ground_plan(grounder: Grounder, encoded: Any, plan: QueryPlan) -> tuple[Regions, str]:
    """The regions, best first, each labelled with its part of the phrase, and a sentence where there is more or less
    than was asked for."""
    found = [_ground_part(grounder, encoded, part, plan) for part in plan.subqueries]
    found = [_suppress_competing(grounder, encoded, row, plan.subqueries, found) for row in range(len(found))]
    missing = [part for part, regions in zip(plan.subqueries, found) if not len(regions)]
    joined = _concatenate(found)
    if len(plan.subqueries) > 1 and missing and len(joined):
        return joined, f"Nothing here fits {' and '.join(f'“{part}”' for part in missing)}; the rest was found."
    if plan.excluded and not len(joined) and len(_candidates(grounder, encoded, plan.subqueries[0], CANDIDATE_SHARE)):
        return (
            joined,
            (
                f"What fits “{plan.subqueries[0]}” here fits {' or '.join(f'“{part}”' for part in plan.excluded)} too, so "
                "far as is seen."
            ),
        )
    if plan.count and len(joined) > plan.count:
        return joined.top(plan.count), f"{len(joined)} fit; these are the {plan.count} surest."
    if plan.count and 0 < len(joined) < plan.count:
        return (
            joined,
            f"{plan.count} are asked for; only {len(joined)} {'was' if len(joined) == 1 else 'were'} found.",
        )
    return joined, plan.message


def _ground_part(grounder: Grounder, encoded: Any, part: str, plan: QueryPlan) -> Regions:
    if not plan.excluded:
        return grounder.ground_in(encoded, Query(part))
    found = _candidates(grounder, encoded, part, EXCLUSION_SHARE)
    denied_scores = np.zeros(len(found))  # how well what is denied fits each
    for denied in plan.excluded:
        denied_scores = np.maximum(
            denied_scores,
            np.maximum(_match_scores(found, _candidates(grounder, encoded, denied, 0.0)), _at_location(found, denied, encoded)),
        )
    kept = Regions(found.boxes, found.scores * (1 - denied_scores), found.labels).keep(denied_scores < 1)
    return _apply_thresholds(grounder, kept)


def _apply_thresholds(grounder: Grounder, found: Regions) -> Regions:
    """The best of some candidates, and further ones from the grounder's own threshold for these on; where it has none,
    from a share of the best score on."""
    found = found.above(_min_score(grounder)).best_first()
    extra_box_score = grounder.extra_box_score if isinstance(grounder, RankingGrounder) else CANDIDATE_SHARE * found.scores.max(initial=0)
    return found.keep((found.scores >= extra_box_score) | (np.arange(len(found)) == 0))


def _suppress_competing(grounder: Grounder, encoded: Any, row: int, parts: tuple[str, ...], found: list[Regions]) -> Regions:
    """The regions of one part without those that another kind of thing among the parts claims more surely; where none
    is left, further candidates that nothing else claims."""
    competing = [found[other] for other, part in enumerate(parts) if other != row and _are_exclusive(part, parts[row])]
    kept = _suppress(found[row], competing)
    if len(kept) or not len(found[row]):
        return kept
    return _apply_thresholds(grounder, _suppress(_candidates(grounder, encoded, parts[row], CANDIDATE_SHARE), competing))


def _suppress(regions: Regions, competing: list[Regions]) -> Regions:
    for other in filter(len, competing):
        claimed = (iou(regions.boxes, other.boxes) >= SAME_OBJECT_IOU) & (other.scores[None] > regions.scores[:, None])
        regions = regions.keep(~claimed.any(1))
    return regions


def _are_exclusive(one: str, other: str) -> bool:
    """Do two phrases name kinds of things that are alike enough to be mixed up, and that nothing is both of?"""
    pairs = [(a, b) for a in _concepts(one) for b in _concepts(other)]
    lexicon = english_lexicon()
    return bool(pairs) and all(
        lexicon.are_confusable(a, b) and a.name not in (b.name, *lexicon.ancestors(b)) and b.name not in lexicon.ancestors(a)
        for a, b in pairs
    )


def _concepts(phrase: str) -> tuple[Concept, ...]:
    meaning = parse_phrase(phrase).meaning
    return english_lexicon().concepts_of(meaning.noun) if meaning else ()


def _candidates(grounder: Grounder, encoded: Any, phrase: str, share: float) -> Regions:
    """The different things that may be meant by a phrase: those of at least this `share` of the best score. With 0 all
    boxes looked at."""
    if not isinstance(grounder, RankingGrounder):
        return grounder.ground_in(encoded, Query(phrase))
    found = grounder.rank_batch(encoded, [phrase], RANK_COUNT)[0]
    if not share or not len(found):
        return found
    found = found.above(max(share * float(found.scores.max()), _min_score(grounder)))
    return found.keep(containment_nms(found.boxes))


def _min_score(grounder: Grounder) -> float:
    """The score below which nothing is answered; 0 where the grounder does not say."""
    return grounder.min_score if isinstance(grounder, RankingGrounder) else 0.0


def _match_scores(found: Regions, denied: Regions) -> np.ndarray:
    """(len(found),) how well a denied phrase fits each, beside its best and beside how sure the thing is; 1 = it is
    meant by that."""
    if not len(found) or not len(denied):
        return np.zeros(len(found))
    same = iou(found.boxes, denied.boxes) >= SAME_BOX_IOU
    scores = np.where(same, denied.scores[None], 0).max(1)
    return np.where(
        (scores >= MATCH_SHARE * denied.scores.max()) & (scores >= CANDIDATE_SHARE * found.scores), 1.0, np.minimum(scores, 0.99)
    )


def _at_location(found: Regions, denied: str, encoded: Any) -> np.ndarray:
    """(len(found),) 1 where a thing surely is at the denied place among the others, else 0."""
    size = encoded.size if isinstance(encoded, SizedEncoding) else None
    place = named_location(denied)
    if not place or size is None or len(found) < 2:
        return np.zeros(len(found))
    places = find_locations(list(range(len(found))), found.boxes.xyxy.tolist(), size, DEFAULT)
    relation = places.get(place) or places.get(COMPARATIVES.get(place, ""))
    return np.array([float(bool(relation and relation.certain >> row & 1)) for row in range(len(found))])


def _concatenate(parts: list[Regions]) -> Regions:
    parts = [part for part in parts if len(part)]
    if len(parts) < 2:
        return parts[0] if parts else Regions.empty()
    boxes = type(parts[0].boxes)(np.concatenate([part.boxes.xyxy for part in parts]))
    return Regions(
        boxes, np.concatenate([part.scores for part in parts]), sum((part.labels for part in parts), ())
    ).best_first()
