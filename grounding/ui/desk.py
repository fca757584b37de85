"""Desk: what the page works with. Made once in `app.py`, handed to every tab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Desk:
    """`store` and `jobs` are those the routes use too; `guests` says who may see which project."""

    store: Any
    jobs: Any
    works: Any
    guests: Any
    catalog: Any = None

    def projects(self, who: str | None) -> list:
        """The projects that this person may see, the oldest first."""
        return self.guests.projects(who)
