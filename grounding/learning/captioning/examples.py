"""Caption examples: human captions of the objects in photos, and the box that each of their spans refers to.

From Flickr30k Entities: a whole sentence describes the whole photo; a phrase the box it is tied to; a phrase with the one it is
joined to by "in", "with", "wearing" describes the box of the first: "a man in a red shirt".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from grounding.learning.examples.flickr30k import photo_path, read_rows
from grounding.learning.examples.samples import mirror_boxes, mirror_text

JOINING_WORDS = re.compile(r" (?:,? ?(?:is |are |who is )?(?:in|with|wearing|holding|on|riding|carrying)) ", re.IGNORECASE)
WHOLE_IMAGE = (0.0, 0.0, 1.0, 1.0)
WEIGHTS = {"sentence": 1.0, "phrase": 1.0, "joined": 3.0}


@dataclass(frozen=True, eq=False)
class CaptionAnnotation:
    """`text` describes what is in `box` (4,), fractions of the image; `span_boxes`: (start, end) characters of the text and the box
    they refer to."""

    text: str
    box: np.ndarray
    kind: str
    span_boxes: tuple[tuple[int, int, np.ndarray], ...] = ()


@dataclass(frozen=True)
class CaptionedPhoto:
    """A photo and its captions."""

    id: str
    path: Path
    annotations: tuple[CaptionAnnotation, ...]


def read_captioned_photos(folder: Path) -> list[CaptionedPhoto]:
    """Every photo of a folder in the form of Flickr30k Entities, with at least one sentence each."""
    return read_rows(folder, lambda row: CaptionedPhoto(str(row["id"]), photo_path(folder, row), tuple(_parse_annotations(row))))


def mirror_annotation(annotation: CaptionAnnotation) -> CaptionAnnotation:
    """The annotation of the mirror image; where words change their length, later spans are shifted."""
    text = mirror_text(annotation.text)
    span_boxes = tuple((len(mirror_text(annotation.text[:start])), len(mirror_text(annotation.text[:end])), mirror_boxes(box[None])[0])
                       for start, end, box in annotation.span_boxes)
    return replace(annotation, text=text, box=mirror_boxes(annotation.box[None])[0], span_boxes=span_boxes)


def _parse_annotations(row: dict) -> Iterator[CaptionAnnotation]:
    boxes = {chain: _union_box(found, row) for chain, found in row["boxes"].items() if found}
    known_keys = set()
    for sentence in row["sentences"]:
        for annotation in (_sentence_annotation(sentence, boxes), *_phrase_annotations(sentence, boxes)):
            key = (annotation.text.lower(), annotation.box.tobytes())
            if key not in known_keys:
                known_keys.add(key)
                yield annotation


def _sentence_annotation(sentence: dict, boxes: dict) -> CaptionAnnotation:
    span_boxes = tuple((*phrase["span"], boxes[phrase["chain"]]) for phrase in sentence["phrases"] if phrase["chain"] in boxes)
    return CaptionAnnotation(sentence["text"], np.float32(WHOLE_IMAGE), "sentence", span_boxes)


def _phrase_annotations(sentence: dict, boxes: dict) -> Iterator[CaptionAnnotation]:
    text, phrases = sentence["text"], sentence["phrases"]
    for phrase, following in zip(phrases, [*phrases[1:], None]):
        if phrase["chain"] not in boxes:
            continue
        box, (start, end) = boxes[phrase["chain"]], phrase["span"]
        yield CaptionAnnotation(text[start:end], box, "phrase", ((0, end - start, box),))
        if following and phrase["types"] != ["scene"] and JOINING_WORDS.fullmatch(text[end:following["span"][0]]):
            yield _joined_annotation(text, phrase, following, boxes)


def _joined_annotation(text: str, phrase: dict, following: dict, boxes: dict) -> CaptionAnnotation:
    start, end = phrase["span"]
    span_boxes = [(0, end - start, boxes[phrase["chain"]])]
    if following["chain"] in boxes:
        span_boxes.append((following["span"][0] - start, following["span"][1] - start, boxes[following["chain"]]))
    return CaptionAnnotation(text[start:following["span"][1]], boxes[phrase["chain"]], "joined", tuple(span_boxes))


def _union_box(found: list, row: dict) -> np.ndarray:
    """All boxes of a chain as one, as fractions."""
    corners = np.float32(found)
    box = np.concatenate([corners[:, :2].min(0), corners[:, 2:].max(0)]) / np.tile(np.float32([row["width"], row["height"]]), 2)
    return np.clip(box, 0, 1).astype(np.float32)
