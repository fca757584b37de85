"""Answering: the boxes of a phrase as it was read: several things, a number of things, or a thing that something is not
true of."""

from __future__ import annotations

from typing import Any

import numpy as np

from grounding.data import Query, Regions, Size, apart, iou
from grounding.protocols import Grounder, RankingGrounder
from pseudo_query import DEFAULT
from pseudo_query.asking import Asked
from pseudo_query.lexicon import Concept, english
from pseudo_query.parse import named_place, read
from pseudo_query.relations import places_of

LOOKED_AT = 20  # the best boxes of a phrase among which those are sought that something is not true of
SHARE = 0.5  # of the best score: what has less is no candidate
LEFT_OVER = 0.3  # the same where the best may be what is denied
MEANT = 0.8  # of the best score of what is denied: what has less is not what is meant by that
SAME = 0.5  # IoU from which a box of one phrase is a box of another
OF_TWO = {  # the rightmost of two things is the right one
    "leftmost": "left", "rightmost": "right", "topmost": "top", "bottommost": "bottom", "largest": "larger", "smallest": "smaller",
}  # fmt: skip
ONE_THING = 0.8  # IoU from which two boxes are around one thing, which is not a dog and a cat at once


def regions_of(grounder: Grounder, encoded: Any, asked: Asked) -> tuple[Regions, str]:
    """The regions, best first, each labelled with its part of the phrase, and a sentence where there is more or less
    than was asked for."""
    found = [_part(grounder, encoded, part, asked) for part in asked.parts]
    found = [_unclaimed(grounder, encoded, row, asked.parts, found) for row in range(len(found))]
    missing = [part for part, regions in zip(asked.parts, found) if not len(regions)]
    together = _joined(found)
    if len(asked.parts) > 1 and missing and len(together):
        return together, f"Nothing here fits {' and '.join(f'“{part}”' for part in missing)}; the rest was found."
    if asked.without and not len(together) and len(_candidates(grounder, encoded, asked.parts[0], SHARE)):
        return (
            together,
            (
                f"What fits “{asked.parts[0]}” here fits {' or '.join(f'“{part}”' for part in asked.without)} too, so "
                "far as is seen."
            ),
        )
    if asked.count and len(together) > asked.count:
        return together.top(asked.count), f"{len(together)} fit; these are the {asked.count} surest."
    if asked.count and 0 < len(together) < asked.count:
        return (
            together,
            f"{asked.count} are asked for; only {len(together)} {'was' if len(together) == 1 else 'were'} found.",
        )
    return together, asked.say


def _part(grounder: Grounder, encoded: Any, part: str, asked: Asked) -> Regions:
    if not asked.without:
        return grounder.ground_in(encoded, Query(part))
    found = _candidates(grounder, encoded, part, LEFT_OVER)
    fits = np.zeros(len(found))  # how well what is denied fits each
    for denied in asked.without:
        fits = np.maximum(
            fits, np.maximum(_fit(found, _candidates(grounder, encoded, denied, 0.0)), _placed(found, denied, encoded))
        )
    kept = Regions(found.boxes, found.scores * (1 - fits), found.labels).keep(fits < 1)
    return _answered(grounder, kept)


def _answered(grounder: Grounder, found: Regions) -> Regions:
    """The best of some candidates, and further ones from the grounder's own threshold for these on; where it has none,
    from a share of the best score on."""
    found = found.above(_least(grounder)).best_first()
    more = grounder.more if isinstance(grounder, RankingGrounder) else SHARE * found.scores.max(initial=0)
    return found.keep((found.scores >= more) | (np.arange(len(found)) == 0))


def _unclaimed(grounder: Grounder, encoded: Any, row: int, parts: tuple[str, ...], found: list[Regions]) -> Regions:
    """The regions of one part without those that another kind of thing among the parts claims more surely; where none
    is left, further candidates that nothing else claims."""
    rivals = [found[other] for other, part in enumerate(parts) if other != row and _exclude(part, parts[row])]
    kept = _without(found[row], rivals)
    if len(kept) or not len(found[row]):
        return kept
    return _answered(grounder, _without(_candidates(grounder, encoded, parts[row], SHARE), rivals))


def _without(regions: Regions, rivals: list[Regions]) -> Regions:
    for rival in filter(len, rivals):
        claimed = (iou(regions.boxes, rival.boxes) >= ONE_THING) & (rival.scores[None] > regions.scores[:, None])
        regions = regions.keep(~claimed.any(1))
    return regions


def _exclude(one: str, other: str) -> bool:
    """Do two phrases name kinds of things that are alike enough to be mixed up, and that nothing is both of?"""
    pairs = [(a, b) for a in _concepts(one) for b in _concepts(other)]
    lexicon = english()
    return bool(pairs) and all(
        lexicon.kin(a, b) and a.name not in (b.name, *lexicon.ancestors(b)) and b.name not in lexicon.ancestors(a)
        for a, b in pairs
    )


def _concepts(phrase: str) -> tuple[Concept, ...]:
    meaning = read(phrase).meaning
    return english().concepts_of(meaning.noun) if meaning else ()


def _candidates(grounder: Grounder, encoded: Any, phrase: str, share: float) -> Regions:
    """The different things that may be meant by a phrase: those of at least this `share` of the best score. With 0 all
    boxes looked at."""
    if not isinstance(grounder, RankingGrounder):
        return grounder.ground_in(encoded, Query(phrase))
    found = grounder.rank_each(encoded, [phrase], LOOKED_AT)[0]
    if not share or not len(found):
        return found
    found = found.above(max(share * float(found.scores.max()), _least(grounder)))
    return found.keep(apart(found.boxes))


def _least(grounder: Grounder) -> float:
    """The score below which nothing is answered; 0 where the grounder does not say."""
    return grounder.least if isinstance(grounder, RankingGrounder) else 0.0


def _fit(found: Regions, denied: Regions) -> np.ndarray:
    """(len(found),) how well a denied phrase fits each, beside its best and beside how sure the thing is; 1 = it is
    meant by that."""
    if not len(found) or not len(denied):
        return np.zeros(len(found))
    same = iou(found.boxes, denied.boxes) >= SAME
    scores = np.where(same, denied.scores[None], 0).max(1)
    return np.where(
        (scores >= MEANT * denied.scores.max()) & (scores >= SHARE * found.scores), 1.0, np.minimum(scores, 0.99)
    )


def _placed(found: Regions, denied: str, encoded: Any) -> np.ndarray:
    """(len(found),) 1 where a thing surely is at the denied place among the others, else 0."""
    size = encoded if isinstance(encoded, Size) else getattr(encoded, "size", None)
    place = named_place(denied)
    if not place or size is None or len(found) < 2:
        return np.zeros(len(found))
    places = places_of(list(range(len(found))), found.boxes.xyxy.tolist(), size, DEFAULT)
    there = places.get(place) or places.get(OF_TWO.get(place, ""))
    return np.array([float(bool(there and there.says >> row & 1)) for row in range(len(found))])


def _joined(parts: list[Regions]) -> Regions:
    parts = [part for part in parts if len(part)]
    if len(parts) < 2:
        return parts[0] if parts else Regions.empty()
    boxes = type(parts[0].boxes)(np.concatenate([part.boxes.xyxy for part in parts]))
    return Regions(
        boxes, np.concatenate([part.scores for part in parts]), sum((part.labels for part in parts), ())
    ).best_first()
