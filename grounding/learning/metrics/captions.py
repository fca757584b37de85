"""Caption metrics: how near a predicted sentence is to a human one. All lie in [0, 1], and the same words give 1."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_ENDINGS = ("ing", "ies", "ied", "ed", "es", "s", "ly")  # taken off to compare stems, longest first where they fit
MAX_NGRAM = 4
LENGTH_SIGMA = 6.0  # how far lengths may differ (CIDEr-D; Vedantam et al. 2015, equation 4)


def tokenize(text: str) -> list[str]:
    """The words of a sentence, lower case, without punctuation."""
    return _WORD.findall(text.lower())


class NgramIdf:
    """Inverse document frequency of n-grams of one to four words: the weights of CIDEr."""

    def __init__(self, sentences: Iterable[str], smooth: bool = True):
        """Each sentence is one document; give distinct ones if repeated sentences shall not weigh more.

        `smooth` counts one more document than there are, so that words of all of them, or of the only one, weigh a little;
        without it the IDF is log N - log max(1, df) as published.
        """
        documents = [set(_ngrams(tokenize(sentence))) for sentence in sentences]
        self._document_frequency = Counter(gram for document in documents for gram in document)
        self._log_documents = math.log(max(len(documents) + smooth, 1))

    def __call__(self, ngram: tuple[str, ...]) -> float:
        return self._log_documents - math.log(max(self._document_frequency[ngram], 1))


def cider(predicted: str, truth: str, idf: NgramIdf, skip_empty_orders: bool = True) -> float:
    """CIDEr-D of one sentence against one (Vedantam et al. 2015), divided by its customary 10.

    `skip_empty_orders` leaves out n-gram lengths that neither sentence has, so that the same short words give 1.
    """
    predicted_tokens, truth_tokens = tokenize(predicted), tokenize(truth)
    values = []
    for length in range(1, MAX_NGRAM + 1):
        a, b = (_tf_idf(tokens, length, idf) for tokens in (predicted_tokens, truth_tokens))
        if skip_empty_orders and not a and not b:
            continue
        norm = math.sqrt(sum(x * x for x in a.values())) * math.sqrt(sum(x * x for x in b.values()))
        shared = sum(min(a[gram], b[gram]) * b[gram] for gram in a.keys() & b.keys())
        values.append(shared / norm if norm else 0.0)
    length_penalty = math.exp(-((len(predicted_tokens) - len(truth_tokens)) ** 2) / (2 * LENGTH_SIGMA ** 2))
    return min(sum(values) / len(values) * length_penalty, 1.0) if values else float(predicted_tokens == truth_tokens)


def meteor_lite(predicted: str, truth: str) -> float:
    """Words in common, exact or by stem, recall before precision, less a penalty for broken order.

    The formula is METEOR's (Banerjee and Lavie 2005) without synonyms, so its numbers are not METEOR 1.5's. The same words give 1.
    """
    predicted_tokens, truth_tokens = tokenize(predicted), tokenize(truth)
    pairs = _align(predicted_tokens, truth_tokens)
    if not pairs:
        return float(predicted_tokens == truth_tokens)
    if predicted_tokens == truth_tokens:
        return 1.0
    precision, recall = len(pairs) / len(predicted_tokens), len(pairs) / len(truth_tokens)
    chunks = 1 + sum((b[0] - a[0], b[1] - a[1]) != (1, 1) for a, b in zip(pairs, pairs[1:]))
    return 10 * precision * recall / (recall + 9 * precision) * (1 - 0.5 * (chunks / len(pairs)) ** 3)


def token_f1(predicted: str, truth: str) -> float:
    """Harmonic mean of the shares of words in common, repeated words counted."""
    predicted_counts, truth_counts = Counter(tokenize(predicted)), Counter(tokenize(truth))
    if not predicted_counts or not truth_counts:
        return float(predicted_counts == truth_counts)
    return 2 * sum((predicted_counts & truth_counts).values()) / (predicted_counts.total() + truth_counts.total())


def exact_match(predicted: str, truth: str) -> float:
    """1 where the words are the same, else 0."""
    return float(tokenize(predicted) == tokenize(truth))


def _ngrams(tokens: Sequence[str], lengths: Iterable[int] = range(1, MAX_NGRAM + 1)) -> list[tuple[str, ...]]:
    return [tuple(tokens[start : start + length]) for length in lengths for start in range(len(tokens) - length + 1)]


def _tf_idf(tokens: Sequence[str], length: int, idf: NgramIdf) -> dict[tuple[str, ...], float]:
    return {gram: count * idf(gram) for gram, count in Counter(_ngrams(tokens, [length])).items()}


def _align(predicted: list[str], truth: list[str]) -> list[tuple[int, int]]:
    """Greedy pairs of places: exact words first, then stems; each word once; rising in `predicted`."""
    pairs: dict[int, int] = {}
    for form in (str, _stem):
        unmatched = [j for j in range(len(truth)) if j not in pairs.values()]
        for i, word in enumerate(predicted):
            candidates = [j for j in unmatched if form(truth[j]) == form(word)] if i not in pairs else []
            if candidates:
                pairs[i] = min(candidates, key=lambda j: (j != pairs.get(i - 1, -2) + 1, j))  # extend the current chunk where possible
                unmatched.remove(pairs[i])
    return sorted(pairs.items())


def _stem(word: str) -> str:
    return next((word[: -len(ending)] for ending in _ENDINGS if word.endswith(ending) and len(word) - len(ending) > 2), word)
