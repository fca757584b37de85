"""Caption measures: how near a sentence is to the one a person wrote. All lie in [0, 1], and the same words give 1."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_ENDINGS = ("ing", "ies", "ied", "ed", "es", "s", "ly")  # taken off to compare stems, longest first where they fit
LONGEST_GRAM = 4
SIGMA = 6.0  # how far lengths may differ (CIDEr-D; Vedantam et al. 2015, equation 4)


def words(text: str) -> list[str]:
    """The words of a sentence, small letters, without marks."""
    return _WORD.findall(text.lower())


class Rarity:
    """How rare each run of one to four words is among sentences: what CIDEr weighs with."""

    def __init__(self, sentences: Iterable[str], smooth: bool = True):
        """Each sentence is one document; give distinct ones if a sentence said often shall not weigh more.

        `smooth` counts one more document than there are, so that words of all of them, or of the only one, weigh a little;
        without it rarity is log N - log max(1, df) as published.
        """
        documents = [set(_grams(words(sentence))) for sentence in sentences]
        self._found = Counter(gram for document in documents for gram in document)
        self._all = math.log(max(len(documents) + smooth, 1))

    def __call__(self, gram: tuple[str, ...]) -> float:
        return self._all - math.log(max(self._found[gram], 1))


def cider(said: str, truth: str, rarity: Rarity, lenient: bool = True) -> float:
    """CIDEr-D of one sentence against one (Vedantam et al. 2015), divided by its customary 10.

    `lenient` leaves out lengths of word runs that neither sentence has, so that the same short words give 1.
    """
    ours, theirs = words(said), words(truth)
    values = []
    for length in range(1, LONGEST_GRAM + 1):
        a, b = (_weighed(tokens, length, rarity) for tokens in (ours, theirs))
        if lenient and not a and not b:
            continue
        norm = math.sqrt(sum(x * x for x in a.values())) * math.sqrt(sum(x * x for x in b.values()))
        shared = sum(min(a[gram], b[gram]) * b[gram] for gram in a.keys() & b.keys())
        values.append(shared / norm if norm else 0.0)
    closeness = math.exp(-((len(ours) - len(theirs)) ** 2) / (2 * SIGMA ** 2))
    return min(sum(values) / len(values) * closeness, 1.0) if values else float(ours == theirs)


def meteor_lite(said: str, truth: str) -> float:
    """Words in common, exact or by stem, recall before precision, less a penalty for broken order.

    The formula is METEOR's (Banerjee and Lavie 2005) without synonyms, so its numbers are not METEOR 1.5's. The same words give 1.
    """
    ours, theirs = words(said), words(truth)
    pairs = _aligned(ours, theirs)
    if not pairs:
        return float(ours == theirs)
    if ours == theirs:
        return 1.0
    precision, recall = len(pairs) / len(ours), len(pairs) / len(theirs)
    chunks = 1 + sum((b[0] - a[0], b[1] - a[1]) != (1, 1) for a, b in zip(pairs, pairs[1:]))
    return 10 * precision * recall / (recall + 9 * precision) * (1 - 0.5 * (chunks / len(pairs)) ** 3)


def token_f1(said: str, truth: str) -> float:
    """Harmonic mean of the shares of words in common, repeated words counted."""
    ours, theirs = Counter(words(said)), Counter(words(truth))
    if not ours or not theirs:
        return float(ours == theirs)
    return 2 * sum((ours & theirs).values()) / (ours.total() + theirs.total())


def exact(said: str, truth: str) -> float:
    """1 where the words are the same, else 0."""
    return float(words(said) == words(truth))


def _grams(tokens: Sequence[str], lengths: Iterable[int] = range(1, LONGEST_GRAM + 1)) -> list[tuple[str, ...]]:
    return [tuple(tokens[start : start + length]) for length in lengths for start in range(len(tokens) - length + 1)]


def _weighed(tokens: Sequence[str], length: int, rarity: Rarity) -> dict[tuple[str, ...], float]:
    return {gram: count * rarity(gram) for gram, count in Counter(_grams(tokens, [length])).items()}


def _aligned(ours: list[str], theirs: list[str]) -> list[tuple[int, int]]:
    """Greedy pairs of places: exact words first, then stems; each word once; rising in `ours`."""
    pairs: dict[int, int] = {}
    for form in (str, _stem):
        free = [j for j in range(len(theirs)) if j not in pairs.values()]
        for i, word in enumerate(ours):
            fits = [j for j in free if form(theirs[j]) == form(word)] if i not in pairs else []
            if fits:
                pairs[i] = min(fits, key=lambda j: (j != pairs.get(i - 1, -2) + 1, j))  # go on with the run where possible
                free.remove(pairs[i])
    return sorted(pairs.items())


def _stem(word: str) -> str:
    return next((word[: -len(ending)] for ending in _ENDINGS if word.endswith(ending) and len(word) - len(ending) > 2), word)
