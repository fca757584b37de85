"""Access: who may see which project. At home everyone sees all; on a public Space each visitor only what is theirs."""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from grounding.services import upkeep
from grounding.services.quota import OverQuota, Quota
from grounding.store import JobRow, NotFound, Project, Store
from grounding.tasks.improve import weights


class NotYours(PermissionError):
    """The project belongs to another visitor."""


class TooManyVisits(OverQuota):
    """There are as many visits as there may be."""


@dataclass(frozen=True)
class Everyone:
    """One household: whoever reaches the page may see and change every project."""

    store: Store
    may_create: bool = True
    where: str = "Nothing leaves this machine."  # what becomes of the files
    how_long: str = "A project in the trash keeps everything and can be restored."

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

    def take(self, project_id: str, size: int) -> None:
        """No caps at home."""

    def may_start(self, project_id: str | None, active: Sequence[JobRow]) -> None:
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
    where: str = "They are sent to this server, where no other visitor sees them."
    _visits: dict[str, Visit] = field(default_factory=dict)
    quota: Quota = None  # type: ignore[assignment]
    _over: list[str] = field(default_factory=list)  # to be purged
    _gone: list[str] = field(default_factory=list)  # purged by the last sweep
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self):
        self.quota = self.quota or Quota(self.store, self.max_items, self.max_bytes, now=self.now)

    @property
    def how_long(self) -> str:
        """When the project ends, as a sentence."""
        minutes = round(self.lifetime_s / 60)
        return (
            f"It is deleted with all that is in it {minutes} minutes after this visit began. "
            "Export what you want to keep."
        )

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

    def reserved(self, project_id: str, told: int) -> AbstractContextManager[int]:
        """Room for an upload while it comes; see Quota."""
        return self.quota.reserved(project_id, told)

    def room_for(self, project_id: str, files: int, size: int) -> None:
        """Raises ValueError if these uploads would pass the caps; counts them if not."""
        self.quota.room_for(project_id, files, size)

    def take(self, project_id: str, size: int) -> None:
        """Raises ValueError if this file would pass the caps; counts it if not."""
        self.quota.take(project_id, size)

    def may_start(self, project_id: str | None, active: Sequence[JobRow]) -> None:
        """Raises OverQuota if too much work is started; counts it if not."""
        self.quota.may_start(project_id, active)

    def sweep(self) -> int:
        """Purges the projects whose time is over; how many. What lies on the disk is removed once more by the next sweep,
        for work that was stopped may end later."""
        with self._lock:
            over = [who for who, visit in self._visits.items() if self.now() - visit.since > self.lifetime_s]
            self._over += [self._visits.pop(who).project for who in over]
        late, self._gone = self._gone, []
        waiting, self._over, failed = self._over, [], None
        for project_id in waiting:
            try:
                self._purge(project_id)
            except Exception as error:  # the others are purged all the same, and this one by the next sweep
                self._over.append(project_id)
                failed = error
        for project_id in (*self._gone, *late):
            self.quota.forget(project_id)
            weights.discard(self.store.folder, project_id)
            upkeep.discard(self.store.folder, project_id)
        if failed:
            raise failed
        return len(self._gone)

    def _purge(self, project_id: str) -> None:
        with contextlib.suppress(NotFound):  # an earlier sweep failed only after the project was gone
            self.store.purge_project(project_id)
        self._gone.append(project_id)
