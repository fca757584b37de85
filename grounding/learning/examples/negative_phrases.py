"""Negative phrases: phrases about objects that are not in a photo, to measure whether a grounder answers "none"."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from grounding.learning.examples.flickr30k import Photo


def sample_negative_phrases(photos: Sequence[Photo], per_photo: int = 2, seed: int = 0) -> list[list[str]]:
    """For each photo up to `per_photo` phrases of other photos whose noun, or any word that could mean it, is in no caption of this one.

    A phrase counts only if its noun is in the lexicon: then synonyms ("puppy"), wider words ("animal") and narrower ones are known.
    Nouns for scenes are left out, since captions seldom name all of a place.
    """
    candidates = [(phrase.text, noun) for photo in photos for phrase in photo.phrases
                  if phrase.category not in ("scene", "people") and (noun := _noun_concept(phrase.text))]
    rng = np.random.default_rng(seed)
    return [_sample_for_photo(photo, candidates, per_photo, rng) for photo in photos]


def _sample_for_photo(photo: Photo, candidates, limit: int, rng) -> list[str]:
    mentioned_words = set(re.findall(r"[a-z]+", " ".join([*photo.captions, *(phrase.text.lower() for phrase in photo.phrases)])))
    negatives: list[str] = []
    for index in rng.permutation(len(candidates))[:200] if mentioned_words else ():
        text, noun = candidates[index]
        if len(negatives) < limit and text not in negatives and not any(_could_mean(word, noun) for word in mentioned_words):
            negatives.append(text)
    return negatives


def _noun_concept(text: str):
    from pseudo_query.lexicon import english_lexicon
    from pseudo_query.parse import parse_phrase

    meaning = parse_phrase(text).meaning
    concepts = english_lexicon().concepts_of(meaning.noun) if meaning else ()
    return concepts[0] if concepts else None


def _could_mean(word: str, concept) -> bool:
    from pseudo_query.lexicon import english_lexicon

    return english_lexicon().possibly_named(word, concept)
