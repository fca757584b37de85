"""Tally: how much a project holds, of what kind, and who has decided about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from grounding.store import Store


@dataclass
class Tally:
    """Counts of untrashed items and of what stands in them; `things[(kind, state)]` with kinds box, phrase, track."""

    photos: int = 0
    videos: int = 0
    things: Counter = field(default_factory=Counter)
    marked_photos: Counter = field(default_factory=Counter)  # photos on which at least one thing has this state

    def of(self, kind: str, *states: str) -> int:
        """How many things of a kind stand in one of these states."""
        return sum(self.things[kind, state] for state in states)

    def written(self, include: str, empty: bool) -> dict[str, int]:
        """What an export with these settings holds: photos, videos, boxes, tracks, phrases."""
        states = ("accepted", "proposed") if include == "proposals" else ("accepted",)
        marked = self.marked_photos["+".join(states)]
        return {
            "photos": self.photos if empty else marked,
            "videos": self.videos,
            "boxes": self.of("box", *states),
            "tracks": self.of("track", *states),
            "phrases": self.of("phrase", *states),
        }


def tally(store: Store, project_id: str) -> Tally:
    """Reads a project once, item by item."""
    total = Tally()
    for item, annotations in store.annotations(project_id):
        states = {a.state for a in annotations if a.value is not None}
        total.things.update((a.kind, a.state) for a in annotations if a.value is not None)
        if item.kind == "video":
            total.videos += 1
            continue
        total.photos += 1
        total.marked_photos.update(["accepted"] if "accepted" in states else [])
        total.marked_photos.update(["accepted+proposed"] if states & {"accepted", "proposed"} else [])
    return total
