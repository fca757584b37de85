"""Captions: a sentence about something in a picture, and where each of its words points."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """A word of a sentence and the point (`x`, `y`) it means, in pixels of the upright picture."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Caption:
    """`score` is the chance, in [0, 1], that the sentence is good; `words` may be empty where no places are known (tracks)."""

    text: str
    score: float
    words: tuple[Word, ...] = ()

    def to_json(self) -> dict:
        """{"text", "score", "words": [{"text", "x", "y"}]}."""
        words = [{"text": word.text, "x": round(word.x, 1), "y": round(word.y, 1)} for word in self.words]
        return {"text": self.text, "score": round(self.score, 4), "words": words}
