"""Caption lessons: what people say of the things in photos, and where each of their words points.

From Flickr30k Entities: a whole sentence describes the whole photo; a phrase the box it is tied to; a phrase with the one it is
joined to by "in", "with", "wearing" describes the box of the first: "a man in a red shirt".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from grounding.learning.examples.flickr30k import each_row, path_of
from grounding.learning.examples.samples import mirrored_boxes, mirrored_text

JOINED = re.compile(r" (?:,? ?(?:is |are |who is )?(?:in|with|wearing|holding|on|riding|carrying)) ", re.IGNORECASE)
EVERYTHING = (0.0, 0.0, 1.0, 1.0)
WEIGHTS = {"sentence": 1.0, "phrase": 1.0, "joined": 3.0}


@dataclass(frozen=True, eq=False)
class Told:
    """`text` says what is in `box` (4,), a fraction of the picture; `spots`: (start, end) characters of the text and the box they mean."""

    text: str
    box: np.ndarray
    kind: str
    spots: tuple[tuple[int, int, np.ndarray], ...] = ()


@dataclass(frozen=True)
class ToldPhoto:
    """A photo and what was told of it."""

    id: str
    path: Path
    told: tuple[Told, ...]


def read_told(folder: Path) -> list[ToldPhoto]:
    """Every photo of a folder in the form of Flickr30k Entities, with at least one sentence each."""
    return each_row(folder, lambda row: ToldPhoto(str(row["id"]), path_of(folder, row), tuple(_told(row))))


def mirrored(told: Told) -> Told:
    """As said of the mirror image; where words change their length, the places of later ones follow."""
    text = mirrored_text(told.text)
    spots = tuple((len(mirrored_text(told.text[:start])), len(mirrored_text(told.text[:end])), mirrored_boxes(box[None])[0])
                  for start, end, box in told.spots)
    return replace(told, text=text, box=mirrored_boxes(told.box[None])[0], spots=spots)


def _told(row: dict) -> Iterator[Told]:
    boxes = {chain: _union(found, row) for chain, found in row["boxes"].items() if found}
    seen = set()
    for sentence in row["sentences"]:
        for told in (_sentence(sentence, boxes), *_phrases(sentence, boxes)):
            key = (told.text.lower(), told.box.tobytes())
            if key not in seen:
                seen.add(key)
                yield told


def _sentence(sentence: dict, boxes: dict) -> Told:
    spots = tuple((*phrase["span"], boxes[phrase["chain"]]) for phrase in sentence["phrases"] if phrase["chain"] in boxes)
    return Told(sentence["text"], np.float32(EVERYTHING), "sentence", spots)


def _phrases(sentence: dict, boxes: dict) -> Iterator[Told]:
    text, phrases = sentence["text"], sentence["phrases"]
    for phrase, following in zip(phrases, [*phrases[1:], None]):
        if phrase["chain"] not in boxes:
            continue
        box, (start, end) = boxes[phrase["chain"]], phrase["span"]
        yield Told(text[start:end], box, "phrase", ((0, end - start, box),))
        if following and phrase["types"] != ["scene"] and JOINED.fullmatch(text[end:following["span"][0]]):
            yield _joined(text, phrase, following, boxes)


def _joined(text: str, phrase: dict, following: dict, boxes: dict) -> Told:
    start, end = phrase["span"]
    spots = [(0, end - start, boxes[phrase["chain"]])]
    if following["chain"] in boxes:
        spots.append((following["span"][0] - start, following["span"][1] - start, boxes[following["chain"]]))
    return Told(text[start:following["span"][1]], boxes[phrase["chain"]], "joined", tuple(spots))


def _union(found: list, row: dict) -> np.ndarray:
    """All boxes of a chain as one, as fractions."""
    corners = np.float32(found)
    box = np.concatenate([corners[:, :2].min(0), corners[:, 2:].max(0)]) / np.tile(np.float32([row["width"], row["height"]]), 2)
    return np.clip(box, 0, 1).astype(np.float32)
