"""Caption vocabulary: a small set of word pieces that can spell any English sentence, and the conversion between text
and pieces.

Frequent words are one piece each; any other word is split greedily into the longest known pieces, down to single
letters, as in WordPiece (Wu et al. 2016, section 4.1). The list is stored as plain JSON with the weights.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

SPECIAL_TOKENS = ("<pad>", "<s>", "</s>", "<unk>")
PAD, BEGIN, END, UNKNOWN = range(4)
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789'-"
PUNCTUATION = ",;:&?"  # characters that are words of their own
SUFFIXES = ("s", "es", "ed", "ing", "er", "ers", "'s", "ly", "y", "n't")
WORD = re.compile(r"[a-z0-9'-]+|[^\sa-z0-9'-]")
MAX_PIECES = 30  # maximum of pieces of a sentence


@dataclass(frozen=True)
class TokenizedSentence:
    """A sentence as `pieces` (ids, without special tokens); `word_spans`: (start, end) of each word in the text;
    `word_ids`: the word of each piece."""

    pieces: tuple[int, ...]
    word_spans: tuple[tuple[int, int], ...]
    word_ids: tuple[int, ...]


@dataclass(frozen=True)
class Vocabulary:
    """`pieces` in the order of their ids; pieces that continue a word begin with ##."""

    pieces: tuple[str, ...]

    @classmethod
    def from_texts(cls, texts: Iterable[str], min_count: int = 3, max_words: int = 4200) -> Vocabulary:
        """The words that occur at least `min_count` times, most frequent first, after the special tokens and the
        pieces that spell other words."""
        counts = Counter(word for text in texts for word in WORD.findall(normalize_text(text)))
        base = [*LETTERS, *PUNCTUATION, *(f"##{letter}" for letter in LETTERS), *(f"##{end}" for end in SUFFIXES if len(end) > 1)]
        base_pieces = set(base)
        words = sorted(
            (word for word, count in counts.items() if count >= min_count and word not in base_pieces), key=lambda w: (-counts[w], w)
        )
        return cls((*SPECIAL_TOKENS, *base, *words[:max_words]))

    @cached_property
    def piece_ids(self) -> dict[str, int]:
        return {piece: index for index, piece in enumerate(self.pieces)}

    def tokenize(self, text: str) -> TokenizedSentence:
        """The pieces of a sentence, truncated to MAX_PIECES. Trailing full stops, exclamation marks and spaces are dropped."""
        folded = normalize_text(text)
        stripped = folded.rstrip(" .!")
        words = [match.span() for match in WORD.finditer(stripped)]
        pieces, word_ids = [], []
        for index, (start, end) in enumerate(words):
            parts = self._split_word(stripped[start:end])
            pieces += parts
            word_ids += [index] * len(parts)
        return TokenizedSentence(tuple(pieces[:MAX_PIECES]), tuple(words), tuple(word_ids[:MAX_PIECES]))

    def detokenize(self, pieces: Sequence[int]) -> tuple[str, list[int]]:
        """The text of a sequence of pieces, and the word index of each piece."""
        words: list[str] = []
        word_ids = []
        for piece in pieces:
            name = self.pieces[piece]
            if name.startswith("##") and words:
                words[-1] += name[2:]
            else:
                words.append(name.removeprefix("##"))
            word_ids.append(len(words) - 1)
        return " ".join(words), word_ids

    def __len__(self) -> int:
        return len(self.pieces)

    def _split_word(self, word: str) -> list[int]:
        parts, start = [], 0
        while start < len(word):
            prefix = "##" if start else ""
            ends = (end for end in range(len(word), start, -1) if prefix + word[start:end] in self.piece_ids)
            end = next(ends, None)
            if end is None:
                return [UNKNOWN]
            parts.append(self.piece_ids[prefix + word[start:end]])
            start = end
        return parts


def normalize_text(text: str) -> str:
    """Lower case without accents, with the number of characters unchanged."""
    return "".join(_normalize_character(character) for character in text)


def _normalize_character(character: str) -> str:
    base = unicodedata.normalize("NFKD", character.lower())[:1] or character
    return {"’": "'", "‘": "'"}.get(base, base)
