"""Load report: what came in with a load, and what stayed out or changed, each with a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from grounding.exchange.faults import format_count


@dataclass
class LoadReport:
    """What came in; `skipped` and `notes` hold (name, a sentence that names it and the cure).

    Skipped things stayed out; notes tell what came in changed. `known` of the skipped were in the project already.
    """

    added: int = 0
    photos: int = 0
    videos: int = 0
    boxes: int = 0
    phrases: int = 0
    tracks: int = 0
    known: int = 0
    labels: list[str] = field(default_factory=list)  # new in the project
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    proposed: Any = None  # a ProposeReport where a detector looked

    def summary(self) -> str:
        """One line for people."""
        counts = ((self.photos, "photo"), (self.videos, "video"), (self.boxes, "box", "boxes"), (self.tracks, "track"),
                  (self.phrases, "phrase"))
        came = ", ".join(format_count(*count) for count in counts if count[0]) or "nothing"
        left = f", {len(self.skipped)} skipped" if self.skipped else ""
        return f"{came} loaded{left}" + (f"; {self.proposed.summary()}" if self.proposed else "")

    def note(self, name: str, what: str, skipped: bool = False) -> None:
        """Notes what happened to the item of this name; `skipped` where something of it stayed out."""
        (self.skipped if skipped else self.notes).append((name, f"{name} {what}"))
