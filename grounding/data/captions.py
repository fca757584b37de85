"""Captions: a sentence about something in a picture, where each of its words points, and how well one fits a track."""

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


@dataclass(frozen=True)
class TrackScore:
    """How well a sentence fits a track. `track`: its index. `score`: the mean log-likelihood of the sentence's
    pieces, minus that of the unconditional decoder if the prior is removed. `frame_scores`:
    (frame, score of this view alone). `best_span`: first and last frame of the best-fitting span."""

    track: int
    score: float
    frame_scores: tuple[tuple[int, float], ...]
    best_span: tuple[int, int]
