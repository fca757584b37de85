"""Guests: who may see which project. At home everyone sees all; on a public Space each visitor only what is theirs."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from grounding.store import Project, Store
from grounding.tasks import weights


class NotYours(PermissionError):
    """The project belongs to another visitor."""


class TooManyVisits(PermissionError):
    """There are as many visits as there may be."""


@dataclass(frozen=True)
class Everyone:
    """One household: whoever reaches the page may see and change every project."""

    store: Store
    may_create: bool = True

    def enter(self, who: str | None, address: str = "") -> None:
        """Nothing to prepare."""

    def projects(self, who: str | None) -> list[Project]:
        """Every project that is not in the trash."""
        return self.store.projects()

    def may_see(self, who: str | None, project_id: str) -> bool:
        return True

    def check(self, who: str | None, project_id: str | None) -> None:
        """Everyone passes."""

    def check_creation(self) -> None:
        """Everyone may make projects."""

    def room_for(self, project_id: str, files: int, size: int) -> None:
        """No caps at home."""


@dataclass(frozen=True)
class Visit:
    """A visitor's project, since when it is there, and from which address it was entered."""

    project: str
    since: float
    address: str


@dataclass
class Visitors:
    """Each visitor gets a throwaway project made by `seed(name) -> project id`, purged after `lifetime_s` seconds.

    A project is made only by `enter` and `projects`; of one address and in all there are only so many at once.
    """

    store: Store
    seed: Callable[[str], str]
    lifetime_s: float = 3600
    max_items: int = 60
    max_bytes: int = 120_000_000
    max_visits: int = 200
    max_of_address: int = 20
    now: Callable[[], float] = time.monotonic
    may_create: bool = False
    _visits: dict[str, Visit] = field(default_factory=dict)
    _bytes: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, who: str | None, address: str = "") -> None:
        """Makes the visitor's project where there is none yet; TooManyVisits where there are too many."""
        if not who or who in self._visits:
            return
        with self._lock:
            if who not in self._visits:
                self._check_space(address)
                self._visits[who] = Visit(self.seed(f"Visit {secrets.token_hex(4)}"), self.now(), address)

    def _check_space(self, address: str) -> None:
        alike = sum(visit.address == address for visit in self._visits.values())
        if len(self._visits) >= self.max_visits or (address and alike >= self.max_of_address):
            raise TooManyVisits(
                "Too many visits are open at the moment. Come back within the hour, or run Deixis on your own machine."
            )

    def projects(self, who: str | None) -> list[Project]:
        """The visitor's own, which is made on the first call."""
        self.enter(who)
        return [self.store.project(project_id) for project_id in self.ids(who)]

    def ids(self, who: str | None) -> tuple[str, ...]:
        """The id of the visitor's project, where there is one."""
        visit = self._visits.get(who or "")
        return () if visit is None else (visit.project,)

    def may_see(self, who: str | None, project_id: str) -> bool:
        """Whether the project is this visitor's."""
        return project_id in self.ids(who)

    def check(self, who: str | None, project_id: str | None) -> None:
        """Raises NotYours where `may_see` says no."""
        if not self.may_see(who, project_id or ""):
            raise NotYours("This project is not yours, or its hour is over. Reload the page to get a fresh one.")

    def check_creation(self) -> None:
        """Raises NotYours: a visitor has one project."""
        raise NotYours("A visitor has one project. Run Deixis on your own machine to make more.")

    def room_for(self, project_id: str, files: int, size: int) -> None:
        """Raises ValueError if these uploads would pass the caps; counts them if not."""
        counts = self.store.counts(project_id)
        held = sum(counts.values())
        with self._lock:
            sent = self._bytes.get(project_id, 0) + size
            if held + files > self.max_items or sent > self.max_bytes:
                raise ValueError(
                    f"A visitor's project holds {self.max_items} items and {self.max_bytes // 1_000_000} MB at most. "
                    "Upload fewer or smaller files, or run Deixis on your own machine, where there is no such cap."
                )
            self._bytes[project_id] = sent

    def sweep(self) -> int:
        """Purges the projects whose time is over; how many."""
        with self._lock:
            over = [who for who, visit in self._visits.items() if self.now() - visit.since > self.lifetime_s]
            ids = [self._visits.pop(who).project for who in over]
            for project_id in ids:
                self._bytes.pop(project_id, None)
        for project_id in ids:
            self.store.purge_project(project_id)
            weights.discard(self.store.folder, project_id)
        return len(ids)
