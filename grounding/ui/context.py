"""Desk: what the page works with. Made once in `app.py`, handed to every tab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Desk:
    """`works` starts long tasks (the routes use the same one), `guests` says who may see which project, `catalog` is the menu."""

    works: Any
    guests: Any
    catalog: Any

    @property
    def store(self) -> Any:
        return self.works.store

    def projects(self, who: str | None) -> list:
        """The projects that this person may see, the oldest first."""
        return self.guests.projects(who)
