"""Tally: how much a project holds, of what kind, and who has decided about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from grounding.store import Store

STATES = {"accepted": ("accepted",), "proposals": ("accepted", "proposed")}  # what `include` of an export lets out


@dataclass
class Counts:
    """Counts of untrashed items and of what stands in them; `annotations[(kind, state)]` with kinds box, phrase, track."""

    photos: int = 0
    videos: int = 0
    annotations: Counter = field(default_factory=Counter)
    annotated_items: Counter = field(default_factory=Counter)  # items by (kind, include) on which an export finds something

    def count(self, kind: str, *states: str) -> int:
        """How many things of a kind stand in one of these states."""
        return sum(self.annotations[kind, state] for state in states)

    def export_counts(self, include: str, empty: bool) -> dict[str, int]:
        """What an export with these settings holds: photos, videos, boxes, tracks, phrases."""
        states = STATES[include]
        return {
            "photos": self.photos if empty else self.annotated_items["photo", include],
            "videos": self.videos if empty else self.annotated_items["video", include],
            "boxes": self.count("box", *states),
            "tracks": self.count("track", *states),
            "phrases": self.count("phrase", *states),
        }


def count_project(store: Store, project_id: str) -> Counts:
    """Reads a project once, item by item."""
    counts = Counts()
    for item, annotations in store.annotations(project_id):
        current = [a for a in annotations if a.value is not None]
        counts.annotations.update((a.kind, a.state) for a in current)
        counts.photos += item.kind == "photo"
        counts.videos += item.kind == "video"
        states = {a.state for a in current}
        counts.annotated_items.update((item.kind, include) for include, wanted in STATES.items() if states & set(wanted))
    return counts
