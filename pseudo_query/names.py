"""Names: a class name as it is written in a label set, and as it is said in a phrase."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from pseudo_query.inflection import is_initialism

MAX_NAME_LENGTH = 100  # characters; the same as a project's label
PROPER_ADJECTIVES = frozenset(  # written with a capital wherever they stand
    "african alaskan american arabian asian atlantic australian austrian belgian brazilian british canadian chinese "
    "christmas cuban dalmatian danish dutch easter egyptian english european finnish french german greek halloween "
    "hawaiian himalayan hungarian icelandic indian indonesian irish israeli italian jamaican japanese korean labrador "
    "mexican moroccan norwegian olympic persian peruvian polynesian portuguese roman russian scottish siamese siberian "
    "spanish swedish swiss thai tibetan tudor turkish ukrainian victorian vietnamese welsh".split()
)


@lru_cache(maxsize=4096)
def split_words(label: str) -> str:
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
def normalize_label(label: str) -> str:
    """A class name in lower case, by which it is looked up: "traffic_Light" is "traffic light"."""
    return split_words(label).lower()


@lru_cache(maxsize=4096)
def spoken_form(label: str) -> str:
    """A class name as it is said: in lower case, but for acronyms ("FBI agent"), capitals inside ("iPhone"), and proper
    words ("European").

    A capital at the beginning of a word tells nothing in a list of classes, unless it follows a word without one
    ("statue of David").
    """
    words = split_words(label).split()
    return " ".join(
        _spoken_word(word, any(before.islower() for before in words[:place]), any(not other.isupper() for other in words))
        for place, word in enumerate(words)
    )


def is_title_case(label: str) -> bool:
    """Is every word of a name written with a capital, as in "Eiffel Tower" and "Ferrari"?"""
    words = split_words(label).split()
    return bool(words) and all(
        re.fullmatch(r"[A-Z][a-z'’.-]+", word) or place and word in ("of", "the", "de") for place, word in enumerate(words)
    )


def are_capitals_informative(label: str, other_labels: Iterable[str]) -> bool | None:
    """Do the capitals of a label belong to its name, by the other labels of its list? None where there are no others:
    where each begins with a capital too, one tells nothing."""
    firsts = [first for other in other_labels if other != label and (first := re.search(r"[^\W\d_]", split_words(other)))]
    return any(first.group().islower() for first in firsts) if firsts else None


def _spoken_word(word: str, follows_lowercase: bool, mixed_case: bool) -> str:
    """`follows_lowercase`: a word without a capital stands before it; `mixed_case`: not all words are in capitals."""
    first = word.split("-")[0]
    if len(word) == 1:
        return word  # the letter "A" is no article
    if word.isupper():
        return word if mixed_case or is_initialism(word) or not first.isalpha() or len(first) == 1 else word.lower()
    if len(first) == 1 and first.isupper() and first != word or re.search(r".[A-Z]", word):  # "T-shirt", "iPhone"
        return word
    return word if follows_lowercase or word.lower() in PROPER_ADJECTIVES else word.lower()
