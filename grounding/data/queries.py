"""Queries: what somebody says about a picture, and which things it points at."""

from __future__ import annotations

from dataclasses import dataclass

ORIGINS = ("template", "model", "person")


@dataclass(frozen=True)
class Query:
    """A text; its phrases as character spans; for each phrase the targets it points at (0 targets = "there is none").

    Without `phrases` the whole text is one phrase. `targets` are indices into some list of regions the caller holds;
    an empty tuple of targets where the truth is unknown.
    """

    text: str
    phrases: tuple[tuple[int, int], ...] = ()
    targets: tuple[tuple[int, ...], ...] = ()
    origin: str = "person"

    def __post_init__(self):
        spans = self.phrases or ((0, len(self.text)),)
        for start, end in spans:
            if not 0 <= start <= end <= len(self.text):
                raise ValueError(f"phrase ({start}, {end}) lies outside a text of {len(self.text)} characters")
        if self.targets and len(self.targets) != len(spans):
            raise ValueError(f"{len(spans)} phrases need as many tuples of targets; got {len(self.targets)}")
        if self.origin not in ORIGINS:
            raise ValueError(f"a query's origin is one of {', '.join(ORIGINS)}; got {self.origin!r}")
        object.__setattr__(self, "phrases", tuple(spans))

    def phrase_texts(self) -> tuple[str, ...]:
        """The text of each phrase, exactly as the caller wrote it."""
        return tuple(self.text[start:end] for start, end in self.phrases)
