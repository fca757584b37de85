"""Absent: phrases about things that are not in a photo, so that "there is none" can be examined."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from grounding.learning.examples.flickr30k import Photo


def absent_phrases(photos: Sequence[Photo], each: int = 2, seed: int = 0) -> list[list[str]]:
    """For each photo up to `each` phrases of other photos whose noun no caption of this one says, in no word that could mean it.

    A phrase counts only if its noun is in the lexicon: then synonyms ("puppy"), wider words ("animal") and narrower ones are known.
    Nouns for scenes are left out, since captions seldom name all of a place.
    """
    pool = [(phrase.text, noun) for photo in photos for phrase in photo.phrases
            if phrase.type not in ("scene", "people") and (noun := _noun(phrase.text))]
    rng = np.random.default_rng(seed)
    return [_for_one(photo, pool, each, rng) for photo in photos]


def _for_one(photo: Photo, pool, each: int, rng) -> list[str]:
    said = set(re.findall(r"[a-z]+", " ".join([*photo.captions, *(phrase.text.lower() for phrase in photo.phrases)])))
    found: list[str] = []
    for place in rng.permutation(len(pool))[:200] if said else ():
        text, noun = pool[place]
        if len(found) < each and text not in found and not any(_could_mean(word, noun) for word in said):
            found.append(text)
    return found


def _noun(text: str):
    from pseudo_query.lexicon import english
    from pseudo_query.parse import read

    meaning = read(text).meaning
    known = english().concepts_of(meaning.noun) if meaning else ()
    return known[0] if known else None


def _could_mean(word: str, concept) -> bool:
    from pseudo_query.lexicon import english

    return english().possibly(word, concept)
