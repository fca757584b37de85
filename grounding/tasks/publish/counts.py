"""Tally: how much a project holds, of what kind, and who has decided about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from grounding.store import Store

STATES = {"accepted": ("accepted",), "proposals": ("accepted", "proposed")}  # what `include` of an export lets out


@dataclass
class Tally:
    """Counts of untrashed items and of what stands in them; `things[(kind, state)]` with kinds box, phrase, track."""

    photos: int = 0
    videos: int = 0
    things: Counter = field(default_factory=Counter)
    marked: Counter = field(default_factory=Counter)  # items by (kind, include) on which an export finds something

    def of(self, kind: str, *states: str) -> int:
        """How many things of a kind stand in one of these states."""
        return sum(self.things[kind, state] for state in states)

    def written(self, include: str, empty: bool) -> dict[str, int]:
        """What an export with these settings holds: photos, videos, boxes, tracks, phrases."""
        states = STATES[include]
        return {
            "photos": self.photos if empty else self.marked["photo", include],
            "videos": self.videos if empty else self.marked["video", include],
            "boxes": self.of("box", *states),
            "tracks": self.of("track", *states),
            "phrases": self.of("phrase", *states),
        }


def tally(store: Store, project_id: str) -> Tally:
    """Reads a project once, item by item."""
    total = Tally()
    for item, annotations in store.annotations(project_id):
        standing = [a for a in annotations if a.value is not None]
        total.things.update((a.kind, a.state) for a in standing)
        total.photos += item.kind == "photo"
        total.videos += item.kind == "video"
        states = {a.state for a in standing}
        total.marked.update((item.kind, include) for include, wanted in STATES.items() if states & set(wanted))
    return total
