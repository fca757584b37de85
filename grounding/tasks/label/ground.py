"""Ground: ask a picture where something is."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from grounding.data import Query, Regions
from grounding.data.media_image import Image
from grounding.protocols import Grounder, TruncatingGrounder
from grounding.tasks.label.answering import ground_plan
from grounding.tasks.label.encodings import EncodingCache
from pseudo_query.asking import QueryPlan, plan_query

MAX_PHRASE_LENGTH = 1000  # characters
MAX_CAPTION_LENGTH, MAX_PHRASES = 5000, 100  # characters; phrases of a caption, each of which is grounded


@dataclass(frozen=True)
class GroundingResult:
    """`regions` best first, empty where there is none; `ms`: milliseconds of `encode` (0 if the picture was known) and
    `phrase`; `note`: one sentence where the person should know more, else empty. `plan`: how the phrase was read;
    where it was declined there are no regions, which is not to say that there is nothing, and `declined` says why and
    what to write instead."""

    query: Query
    regions: Regions
    ms: dict[str, float]
    note: str = ""
    plan: QueryPlan | None = None

    @property
    def declined(self) -> str:
        return self.plan.message if self.plan and self.plan.declined else ""

    def to_json(self) -> dict:
        """{"query", "regions": [{"box", "score", "label"}], "ms"}; boxes in pixels of the upright picture. Where there
        is something to say also "note", or "declined" with the "kind" of phrase; "read" are the phrases looked for
        where they are not the text, "without" those denied, "phrase" the text without commands and polite words."""
        rows = zip(self.regions.boxes.xyxy, self.regions.scores, self.regions.labels)
        regions = [{"box": [round(float(edge), 2) for edge in box], "score": round(float(score), 4), "label": label}
                   for box, score, label in rows]
        return {"query": self.query.text, "regions": regions, "ms": {name: round(value, 1) for name, value in self.ms.items()}} \
            | ({"note": self.note} if self.note else {}) | self._plan_json()

    def _plan_json(self) -> dict:
        if self.declined:
            return {"declined": self.declined, "kind": self.plan.kind}
        if self.plan is None or self.plan.subqueries == (self.query.text,) and not self.plan.excluded:
            return {}
        return {"read": list(self.plan.subqueries), "phrase": self.plan.cleaned_text or self.query.text} | (
            {"without": list(self.plan.excluded)} if self.plan.excluded else {}
        )


def ground(image: Image | Callable[[], Image], text: str | Query, grounder: Grounder, encodings: EncodingCache | None = None,
           key: Hashable = None) -> GroundingResult:
    """Where `text` points in `image`, which may be a function that opens it. With `encodings` and a `key` a second
    phrase about the same picture is quick, and the picture is not even opened. A phrase that cannot be looked for is
    declined (`GroundingResult.declined`).

    Raises ValueError for a phrase without a word or of more than a thousand characters.
    """
    query = text if isinstance(text, Query) else Query(text.strip())
    if not any(sign.isalnum() for sign in query.text):
        raise ValueError("type what to look for, for example: the dog on the left")
    if len(query.text) > MAX_PHRASE_LENGTH:
        raise ValueError(f"a phrase of {len(query.text):,} characters is too long to ground; say it in at most {MAX_PHRASE_LENGTH:,}")
    plan = plan_query(query.text) if query.phrases == ((0, len(query.text)),) else QueryPlan(query.phrase_texts())
    if plan.declined:
        return GroundingResult(query, Regions.empty(), {"encode": 0.0, "phrase": 0.0}, "", plan)
    began = time.perf_counter()

    def encode():
        return grounder.encode(image() if callable(image) else image)

    encoded = encode() if encodings is None or key is None else encodings.get((grounder.version, key), encode)
    between = time.perf_counter()
    regions, note = ground_plan(grounder, encoded, plan)
    ended = time.perf_counter()
    return GroundingResult(
        query,
        regions,
        {"encode": (between - began) * 1e3, "phrase": (ended - between) * 1e3},
        note or _note(query, grounder),
        plan,
    )


@dataclass(frozen=True)
class CaptionGroundingResult:
    """`results`: for each phrase of `query`, in its order, what it points at; `ms` as in GroundingResult."""

    query: Query
    results: tuple[GroundingResult, ...]
    ms: dict[str, float]

    @property
    def regions(self) -> tuple[Regions, ...]:
        return tuple(answer.regions for answer in self.results)

    def to_json(self) -> dict:
        """{"query", "phrases": [{"text", "span": [start, end], "regions": [{"box", "score", "label"}], "note" or
        "declined"?}], "ms"}."""
        phrases = [
            {"text": text, "span": list(span)}
            | {name: value for name, value in answer.to_json().items() if name not in ("query", "ms")}
            for text, span, answer in zip(self.query.phrase_texts(), self.query.phrases, self.results)
        ]
        return {"query": self.query.text, "phrases": phrases, "ms": {name: round(value, 1) for name, value in self.ms.items()}}


def ground_caption(image: Image | Callable[[], Image], caption: str | Query, grounder: Grounder, encodings: EncodingCache | None = None,
                   key: Hashable = None) -> CaptionGroundingResult:
    """Where each phrase of a caption points. A Query keeps its own spans; in a plain text the phrases that name things are found.

    Raises ValueError as `ground` does, for a text that names nothing, and for one that is too long or names too much.
    """
    from pseudo_query.caption import noun_phrases

    length = len(caption.text if isinstance(caption, Query) else caption)
    if length > MAX_CAPTION_LENGTH:
        raise ValueError(f"a caption of {length:,} characters is too long to ground; send it in parts of at most {MAX_CAPTION_LENGTH:,}")
    if not isinstance(caption, Query):
        spans = noun_phrases(caption)
        if not spans:
            raise ValueError("this sentence names nothing that could be pointed at; write for example: a man walks his dog")
        caption = Query(caption, spans)
    if len(caption.phrases) > MAX_PHRASES:
        raise ValueError(f"a caption with {len(caption.phrases)} phrases is too much at once; send it in parts of at most {MAX_PHRASES}")
    cache, name = (encodings, key) if encodings is not None and key is not None else (EncodingCache(), "this picture")
    parts = [ground(image, Query(text), grounder, cache, name) for text in caption.phrase_texts()]
    ms = {name: sum(part.ms[name] for part in parts) for name in ("encode", "phrase")}
    return CaptionGroundingResult(caption, tuple(parts), ms)


def _note(query: Query, grounder: Grounder) -> str:
    if isinstance(grounder, TruncatingGrounder) and any(map(grounder.is_truncated, query.phrase_texts())):
        return "The phrase is long; only its first forty word pieces were read."
    return ""
