"""Names: a class name as it is written in a label set, and as it is said in a phrase."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from pseudo_query.inflection import spelled_out

LONGEST_NAME = 100  # characters; the same as a project's label
PROPER = frozenset(  # written with a capital wherever they stand
    "african alaskan american arabian asian atlantic australian austrian belgian brazilian british canadian chinese "
    "christmas cuban dalmatian danish dutch easter egyptian english european finnish french german greek halloween "
    "hawaiian himalayan hungarian icelandic indian indonesian irish israeli italian jamaican japanese korean labrador "
    "mexican moroccan norwegian olympic persian peruvian polynesian portuguese roman russian scottish siamese siberian "
    "spanish swedish swiss thai tibetan tudor turkish ukrainian victorian vietnamese welsh".split()
)


@lru_cache(maxsize=4096)
def words_of(label: str) -> str:
    """A label as words: "traffic_Light" and "TrafficLight" are "traffic Light" and "Traffic Light"; what stands in
    brackets, pictures, marks, signs that cannot be seen and an article at the beginning are left out."""
    text = "".join(
        sign
        for sign in unicodedata.normalize("NFC", str(label))
        if sign.isspace() or unicodedata.category(sign)[0] != "C"
    )
    text = re.sub(r"\([^)]*\)", " ", text.replace("_", " ")) if re.search(r"\w.*\(", text) else text
    if " " not in text.strip():  # where words stand apart, "FedEx" is one
        text = re.sub(r"(?<=[a-z]{2})(?=[A-Z][a-z])|(?<=[A-Z]{2})(?=[A-Z][a-z]{2})", " ", text)
    text = "".join(sign if sign in "-'’&.+#" or unicodedata.category(sign)[0] in "LMN" else " " for sign in text)
    text = " ".join(word.strip(".-'’&") or word for word in text.split() if re.search(r"[^\W_]", word))
    return re.sub(r"^(?:the|an?) (?=\S)", "", text, flags=re.I)


@lru_cache(maxsize=4096)
def normal(label: str) -> str:
    """A class name in lower case, by which it is looked up: "traffic_Light" is "traffic light"."""
    return words_of(label).lower()


@lru_cache(maxsize=4096)
def said(label: str) -> str:
    """A class name as it is said: in lower case, but for acronyms ("FBI agent"), capitals inside ("iPhone"), and proper
    words ("European").

    A capital at the beginning of a word tells nothing in a list of classes, unless it follows a word without one
    ("statue of David").
    """
    words = words_of(label).split()
    return " ".join(
        _said(word, any(before.islower() for before in words[:place]), any(not other.isupper() for other in words))
        for place, word in enumerate(words)
    )


def titled(label: str) -> bool:
    """Is every word of a name written with a capital, as in "Eiffel Tower" and "Ferrari"?"""
    words = words_of(label).split()
    return bool(words) and all(
        re.fullmatch(r"[A-Z][a-z'’.-]+", word) or place and word in ("of", "the", "de") for place, word in enumerate(words)
    )


def capitals_tell(label: str, beside: Iterable[str]) -> bool | None:
    """Do the capitals of a label belong to its name, by the other labels of its list? None where there are no others:
    where each begins with a capital too, one tells nothing."""
    firsts = [first for other in beside if other != label and (first := re.search(r"[^\W\d_]", words_of(other)))]
    return any(first.group().islower() for first in firsts) if firsts else None


def _said(word: str, deliberate: bool, beside: bool) -> str:
    """`deliberate`: a word without a capital stands before it; `beside`: not all words are in capitals."""
    first = word.split("-")[0]
    if len(word) == 1:
        return word  # the letter "A" is no article
    if word.isupper():
        return word if beside or spelled_out(word) or not first.isalpha() or len(first) == 1 else word.lower()
    if len(first) == 1 and first.isupper() and first != word or re.search(r".[A-Z]", word):  # "T-shirt", "iPhone"
        return word
    return word if deliberate or word.lower() in PROPER else word.lower()
