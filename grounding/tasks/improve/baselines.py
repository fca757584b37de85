"""Baselines: what can be answered to a phrase without understanding it; a grounder must do better in the same run."""

from __future__ import annotations

import re

import numpy as np

from grounding.data import Boxes, Regions, Size

NAMES = {"whole_image": "the whole picture, whatever is asked",
         "class_name": "the best detection whose class name fits the phrase, else the best detection",
         "class_name_else_whole": "the best detection whose class name fits the phrase, else the whole picture"}


def baseline_boxes(phrase: str, detections: Regions, size: Size) -> dict[str, Boxes]:
    """One box for each name of NAMES. `detections`: what a detector found, best first."""
    whole = Boxes(np.float32([[0, 0, *size]]))
    row = match_class_name(phrase, detections)
    best = detections.boxes[:1] if len(detections) else whole
    named = detections.boxes[[row]] if row is not None else None
    return {"whole_image": whole, "class_name": named if named is not None else best,
            "class_name_else_whole": named if named is not None else whole}


def match_class_name(phrase: str, detections: Regions) -> int | None:
    """The surest detection that a word of the phrase may stand for ("puppy" and "animal" fit a dog); later words go first."""
    from pseudo_query.lexicon import english_lexicon

    words = re.findall(r"[a-z]+", phrase.lower())
    candidates = [" ".join(words[start:start + count]) for start in range(len(words) - 1, -1, -1) for count in (2, 1)
              if start + count <= len(words)]
    concepts = [english_lexicon().find(label) for label in detections.labels]
    for word in candidates:
        if word in ("thing", "things", "one", "object"):
            continue
        for row, concept in enumerate(concepts):
            if concept is not None and english_lexicon().possibly_named(word, concept):
                return row
    return None
