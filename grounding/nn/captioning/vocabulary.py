"""Caption words: a small vocabulary that can spell any English sentence, and the way from text to pieces and back.

Frequent words are one piece each; any other word is cut into the longest pieces known, down to single letters, as WordPiece does
(Wu et al. 2016, section 4.1). The list is plain JSON beside the weights.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

MARKS = ("<pad>", "<s>", "</s>", "<unk>")
PAD, BEGIN, END, UNKNOWN = range(4)
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789'-"
STOPS = ",;:&?"  # signs that are words of their own
ENDINGS = ("s", "es", "ed", "ing", "er", "ers", "'s", "ly", "y", "n't")
WORD = re.compile(r"[a-z0-9'-]+|[^\sa-z0-9'-]")
LONGEST = 30  # pieces of a sentence that are read or written


@dataclass(frozen=True)
class Spelled:
    """A sentence as `pieces` (ids, without marks); `words`: where each word stands in the text; `word` of each piece."""

    pieces: tuple[int, ...]
    words: tuple[tuple[int, int], ...]
    word: tuple[int, ...]


@dataclass(frozen=True)
class Vocabulary:
    """`pieces` in the order of their ids; those that continue a word begin with ##."""

    pieces: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str], least: int = 3, most: int = 4200) -> Vocabulary:
        """The words that occur at least `least` times, the most frequent first, after all that is needed to spell the others."""
        counts = Counter(word for text in texts for word in WORD.findall(plain(text)))
        spelling = [*LETTERS, *STOPS, *(f"##{letter}" for letter in LETTERS), *(f"##{end}" for end in ENDINGS if len(end) > 1)]
        known = set(spelling)
        words = sorted((word for word, count in counts.items() if count >= least and word not in known), key=lambda w: (-counts[w], w))
        return cls((*MARKS, *spelling, *words[:most]))

    @cached_property
    def ids(self) -> dict[str, int]:
        return {piece: index for index, piece in enumerate(self.pieces)}

    def spell(self, text: str) -> Spelled:
        """The pieces of a sentence; what comes after the first LONGEST of them is cut. A final full stop is not spelled."""
        folded = plain(text)
        ended = folded.rstrip(" .!")
        words = [found.span() for found in WORD.finditer(ended)]
        pieces, owner = [], []
        for index, (start, end) in enumerate(words):
            parts = self._cut(ended[start:end])
            pieces += parts
            owner += [index] * len(parts)
        return Spelled(tuple(pieces[:LONGEST]), tuple(words), tuple(owner[:LONGEST]))

    def join(self, pieces: Sequence[int]) -> tuple[str, list[int]]:
        """The text of some pieces, and of each piece the word it belongs to."""
        words: list[str] = []
        owner = []
        for piece in pieces:
            name = self.pieces[piece]
            if name.startswith("##") and words:
                words[-1] += name[2:]
            else:
                words.append(name.removeprefix("##"))
            owner.append(len(words) - 1)
        return " ".join(words), owner

    def __len__(self) -> int:
        return len(self.pieces)

    def _cut(self, word: str) -> list[int]:
        parts, place = [], 0
        while place < len(word):
            before = "##" if place else ""
            ends = (end for end in range(len(word), place, -1) if before + word[place:end] in self.ids)
            end = next(ends, None)
            if end is None:
                return [UNKNOWN]
            parts.append(self.ids[before + word[place:end]])
            place = end
        return parts


def plain(text: str) -> str:
    """Lower case without accents, as many characters as before."""
    return "".join(_folded(sign) for sign in text)


def _folded(sign: str) -> str:
    base = unicodedata.normalize("NFKD", sign.lower())[:1] or sign
    return {"’": "'", "‘": "'"}.get(base, base)
