"""Naming: which of a project's labels a phrase is about."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pseudo_query.lexicon import Concept, english
from pseudo_query.names import normal
from pseudo_query.parse import read

# what "the tail of the dog" says behind the tail
_PART_OF = re.compile(r" of (?:the|an?|this|that|these|those|his|her|its|their|my|your|our)\b.*", re.I | re.S)


def label_of(text: str, labels: Sequence[str]) -> str:
    """The label whose thing a phrase names by its head noun: the same word, another word for it, or the nearest wider
    one ("person" for "the man next to the car"). "" where no label surely holds for it: it may be something else, or
    the noun is not known."""
    meaning = read(_PART_OF.sub("", text), labels).meaning
    if meaning is None:
        return ""
    noun = normal(meaning.noun)
    names = ((label, normal(label)) for label in reversed(labels))
    own = {name: label for label, one in names for name in (one, (english().plural(one) or "").lower()) if name}
    if noun in own:
        return own[noun]
    concepts = english().concepts_of(noun) or tuple(filter(None, (english().find(noun),)))
    found = {_nearest(concept, labels) for concept in concepts}
    return found.pop() if len(found) == 1 else ""


def _nearest(concept: Concept, labels: Sequence[str]) -> str:
    """The first label that stands for the concept, else for what it is the closest kind of."""
    by_name = {known.name: label for label in reversed(labels) if (known := english().find(label))}
    return next((by_name[name] for name in (concept.name, *english().ancestors(concept)) if name in by_name), "")
