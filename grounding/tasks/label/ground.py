"""Ground: ask a picture where something is."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from grounding.data import Query, Regions
from grounding.data.media_image import Image
from grounding.protocols import Grounder
from grounding.tasks.label.answering import regions_of
from grounding.tasks.label.encodings import Encodings
from pseudo_query.asking import Asked, asked

LONGEST_PHRASE = 1000  # characters
LONGEST_CAPTION, MOST_PHRASES = 5000, 100  # characters; phrases of a caption, each of which is grounded


@dataclass(frozen=True)
class GroundAnswer:
    """`regions` best first, empty where there is none; `ms`: milliseconds of `encode` (0 if the picture was known) and
    `phrase`; `note`: one sentence where the person should know more, else empty. `asked`: how the phrase was read;
    where it was declined there are no regions, which is not to say that there is nothing, and `declined` says why and
    what to write instead."""

    query: Query
    regions: Regions
    ms: dict[str, float]
    note: str = ""
    asked: Asked | None = None

    @property
    def declined(self) -> str:
        return self.asked.say if self.asked and self.asked.declined else ""

    def to_json(self) -> dict:
        """{"query", "regions": [{"box", "score", "label"}], "ms"}; boxes in pixels of the upright picture. Where there
        is something to say also "note", or "declined" with the "kind" of phrase; "read" are the phrases looked for
        where they are not the text, "without" those denied, "phrase" the text without commands and polite words."""
        rows = zip(self.regions.boxes.xyxy, self.regions.scores, self.regions.labels)
        regions = [{"box": [round(float(edge), 2) for edge in box], "score": round(float(score), 4), "label": label}
                   for box, score, label in rows]
        return {"query": self.query.text, "regions": regions, "ms": {name: round(value, 1) for name, value in self.ms.items()}} \
            | ({"note": self.note} if self.note else {}) | self._read()

    def _read(self) -> dict:
        if self.declined:
            return {"declined": self.declined, "kind": self.asked.kind}
        if self.asked is None or self.asked.parts == (self.query.text,) and not self.asked.without:
            return {}
        return {"read": list(self.asked.parts), "phrase": self.asked.plain or self.query.text} | (
            {"without": list(self.asked.without)} if self.asked.without else {}
        )


def ground(image: Image | Callable[[], Image], text: str | Query, grounder: Grounder, encodings: Encodings | None = None,
           key: Hashable = None) -> GroundAnswer:
    """Where `text` points in `image`, which may be a function that opens it. With `encodings` and a `key` a second
    phrase about the same picture is quick, and the picture is not even opened. A phrase that cannot be looked for is
    declined (`GroundAnswer.declined`).

    Raises ValueError for a phrase without a word or of more than a thousand characters.
    """
    query = text if isinstance(text, Query) else Query(text.strip())
    if not any(sign.isalnum() for sign in query.text):
        raise ValueError("type what to look for, for example: the dog on the left")
    if len(query.text) > LONGEST_PHRASE:
        raise ValueError(f"a phrase of {len(query.text):,} characters is too long to ground; say it in at most {LONGEST_PHRASE:,}")
    read = asked(query.text) if query.phrases == ((0, len(query.text)),) else Asked(query.words())
    if read.declined:
        return GroundAnswer(query, Regions.empty(), {"encode": 0.0, "phrase": 0.0}, "", read)
    began = time.perf_counter()

    def encode():
        return grounder.encode(image() if callable(image) else image)

    encoded = encode() if encodings is None or key is None else encodings.get((grounder.version, key), encode)
    between = time.perf_counter()
    regions, note = regions_of(grounder, encoded, read)
    ended = time.perf_counter()
    return GroundAnswer(
        query,
        regions,
        {"encode": (between - began) * 1e3, "phrase": (ended - between) * 1e3},
        note or _note(query, grounder),
        read,
    )


@dataclass(frozen=True)
class CaptionAnswer:
    """`answers`: for each phrase of `query`, in its order, what it points at; `ms` as in GroundAnswer."""

    query: Query
    answers: tuple[GroundAnswer, ...]
    ms: dict[str, float]

    @property
    def regions(self) -> tuple[Regions, ...]:
        return tuple(answer.regions for answer in self.answers)

    def to_json(self) -> dict:
        """{"query", "phrases": [{"text", "span": [start, end], "regions": [{"box", "score", "label"}], "note" or
        "declined"?}], "ms"}."""
        phrases = [
            {"text": text, "span": list(span)}
            | {name: value for name, value in answer.to_json().items() if name not in ("query", "ms")}
            for text, span, answer in zip(self.query.words(), self.query.phrases, self.answers)
        ]
        return {"query": self.query.text, "phrases": phrases, "ms": {name: round(value, 1) for name, value in self.ms.items()}}


def ground_caption(image: Image | Callable[[], Image], caption: str | Query, grounder: Grounder, encodings: Encodings | None = None,
                   key: Hashable = None) -> CaptionAnswer:
    """Where each phrase of a caption points. A Query keeps its own spans; in a plain text the phrases that name things are found.

    Raises ValueError as `ground` does, for a text that names nothing, and for one that is too long or names too much.
    """
    from pseudo_query.caption import noun_phrases

    length = len(caption.text if isinstance(caption, Query) else caption)
    if length > LONGEST_CAPTION:
        raise ValueError(f"a caption of {length:,} characters is too long to ground; send it in parts of at most {LONGEST_CAPTION:,}")
    if not isinstance(caption, Query):
        spans = noun_phrases(caption)
        if not spans:
            raise ValueError("this sentence names nothing that could be pointed at; write for example: a man walks his dog")
        caption = Query(caption, spans)
    if len(caption.phrases) > MOST_PHRASES:
        raise ValueError(f"a caption with {len(caption.phrases)} phrases is too much at once; send it in parts of at most {MOST_PHRASES}")
    kept, name = (encodings, key) if encodings is not None and key is not None else (Encodings(), "this picture")
    parts = [ground(image, Query(text), grounder, kept, name) for text in caption.words()]
    ms = {name: sum(part.ms[name] for part in parts) for name in ("encode", "phrase")}
    return CaptionAnswer(caption, tuple(parts), ms)


def _note(query: Query, grounder: Grounder) -> str:
    was_cut = getattr(grounder, "was_cut", None)
    if was_cut and any(was_cut(phrase) for phrase in query.words()):
        return "The phrase is long; only its first forty word pieces were read."
    return ""
