"""Naming: which of a project's labels a phrase is about."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pseudo_query.lexicon import Concept, english_lexicon
from pseudo_query.names import normalize_label
from pseudo_query.parse import parse_phrase

# what "the tail of the dog" says behind the tail
_PART_OF = re.compile(r" of (?:the|an?|this|that|these|those|his|her|its|their|my|your|our)\b.*", re.I | re.S)


def find_label(text: str, labels: Sequence[str]) -> str:
    """The label whose thing a phrase names by its head noun: the same word, another word for it, or the nearest wider
    one ("person" for "the man next to the car"). "" where no label surely holds for it: it may be something else, or
    the noun is not known."""
    meaning = parse_phrase(_PART_OF.sub("", text), labels).meaning
    if meaning is None:
        return ""
    noun = normalize_label(meaning.noun)
    names = ((label, normalize_label(label)) for label in reversed(labels))
    labels_by_form = {name: label for label, one in names for name in (one, (english_lexicon().plural(one) or "").lower()) if name}
    if noun in labels_by_form:
        return labels_by_form[noun]
    concepts = english_lexicon().concepts_of(noun) or tuple(filter(None, (english_lexicon().find(noun),)))
    found = {_nearest_label(concept, labels) for concept in concepts}
    return found.pop() if len(found) == 1 else ""


def _nearest_label(concept: Concept, labels: Sequence[str]) -> str:
    """The first label that stands for the concept, else for what it is the closest kind of."""
    by_name = {known.name: label for label in reversed(labels) if (known := english_lexicon().find(label))}
    return next((by_name[name] for name in (concept.name, *english_lexicon().ancestors(concept)) if name in by_name), "")
