"""Access: who may see which project. At home everyone sees all; on a public Space each visitor only what is theirs."""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from grounding.services import upkeep
from grounding.services.quota import OverQuota, Quota
from grounding.store import JobRow, NotFound, Project, Store
from grounding.tasks.improve import weights


class AccessDenied(PermissionError):
    """The project belongs to another visitor."""


class TooManySessions(OverQuota):
    """There are as many visits as there may be."""


class AccessPolicy(Protocol):
    """Who may see which project, and how much a visitor may send, keep and start."""

    may_create: bool
    storage_notice: str

    @property
    def retention_notice(self) -> str:
        """How long a project is kept, as a sentence."""
        ...

    def open_session(self, visitor: str | None, address: str = "") -> None:
        """Prepares what a visitor finds; raises OverQuota where there are too many."""

    def projects(self, visitor: str | None) -> list[Project]:
        """The projects that this visitor may see, the oldest first."""
        ...

    def may_see(self, visitor: str | None, project_id: str) -> bool:
        """Whether this visitor may see the project."""
        ...

    def check_access(self, visitor: str | None, project_id: str | None) -> None:
        """Raises AccessDenied where `may_see` is False."""

    def check_creation(self) -> None:
        """Raises AccessDenied where `may_create` is False."""

    def admit_file(self, project_id: str, size: int) -> None:
        """Raises ValueError if a file of `size` bytes would pass the caps; counts it if not."""

    def admit_job(self, project_id: str | None, active: Sequence[JobRow]) -> None:
        """Raises OverQuota if too much work is started; counts it if not."""


@dataclass(frozen=True)
class OpenAccess(AccessPolicy):
    """One household: whoever reaches the page may see and change every project."""

    store: Store
    may_create: bool = True
    storage_notice: str = "Nothing leaves this machine."  # what becomes of the files

    @property
    def retention_notice(self) -> str:
        return "A project in the trash keeps everything and can be restored."

    def open_session(self, visitor: str | None, address: str = "") -> None:
        """Nothing to prepare."""

    def projects(self, visitor: str | None) -> list[Project]:
        """Every project that is not in the trash."""
        return self.store.projects()

    def may_see(self, visitor: str | None, project_id: str) -> bool:
        return True

    def check_access(self, visitor: str | None, project_id: str | None) -> None:
        """Everyone passes."""

    def check_creation(self) -> None:
        """Everyone may make projects."""

    def admit_file(self, project_id: str, size: int) -> None:
        """No caps at home."""

    def admit_job(self, project_id: str | None, active: Sequence[JobRow]) -> None:
        """No caps at home."""


@dataclass(frozen=True)
class VisitorSession:
    """A visitor's project, since when it is there, and from which address it was entered."""

    project_id: str
    started_at: float
    address: str


@dataclass
class VisitorSessions(AccessPolicy):
    """Each visitor gets a throwaway project made by `create_project(name) -> project id`, purged after `lifetime_s` seconds.

    A project is made only by `open_session` and `projects`; of one address and in all there are only so many at once.
    """

    store: Store
    create_project: Callable[[str], str]
    lifetime_s: float = 3600
    max_items: int = 60
    max_bytes: int = 120_000_000
    max_sessions: int = 200
    max_per_address: int = 20
    now: Callable[[], float] = time.monotonic
    may_create: bool = False
    storage_notice: str = "They are sent to this server, where no other visitor sees them."
    _sessions: dict[str, VisitorSession] = field(default_factory=dict)
    quota: Quota = None  # type: ignore[assignment]
    _expired: list[str] = field(default_factory=list)  # to be purged
    _purged: list[str] = field(default_factory=list)  # purged by the last sweep
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self):
        self.quota = self.quota or Quota(self.store, self.max_items, self.max_bytes, now=self.now)

    @property
    def retention_notice(self) -> str:
        """When the project ends, as a sentence."""
        minutes = round(self.lifetime_s / 60)
        return (
            f"It is deleted with all that is in it {minutes} minutes after this visit began. "
            "Export what you want to keep."
        )

    def open_session(self, visitor: str | None, address: str = "") -> None:
        """Makes the visitor's project where there is none yet; TooManySessions where there are too many."""
        if not visitor or visitor in self._sessions:
            return
        with self._lock:
            if visitor not in self._sessions:
                self._check_capacity(address)
                self._sessions[visitor] = VisitorSession(self.create_project(f"Visit {secrets.token_hex(4)}"), self.now(), address)

    def _check_capacity(self, address: str) -> None:
        alike = sum(visit.address == address for visit in self._sessions.values())
        if len(self._sessions) >= self.max_sessions or (address and alike >= self.max_per_address):
            raise TooManySessions(
                "Too many visits are open at the moment. Come back within the hour, or run Deixis on your own machine."
            )

    def projects(self, visitor: str | None) -> list[Project]:
        """The visitor's own, which is made on the first call."""
        self.open_session(visitor)
        return [self.store.project(project_id) for project_id in self.project_ids(visitor)]

    def project_ids(self, visitor: str | None) -> tuple[str, ...]:
        """The id of the visitor's project, where there is one."""
        visit = self._sessions.get(visitor or "")
        return () if visit is None else (visit.project_id,)

    def may_see(self, visitor: str | None, project_id: str) -> bool:
        """Whether the project is this visitor's."""
        return project_id in self.project_ids(visitor)

    def check_access(self, visitor: str | None, project_id: str | None) -> None:
        """Raises AccessDenied where `may_see` says no."""
        if not self.may_see(visitor, project_id or ""):
            raise AccessDenied("This project is not yours, or its hour is over. Reload the page to get a fresh one.")

    def check_creation(self) -> None:
        """Raises AccessDenied: a visitor has one project."""
        raise AccessDenied("A visitor has one project. Run Deixis on your own machine to make more.")

    def reserve_upload(self, project_id: str, announced_bytes: int) -> AbstractContextManager[int]:
        """Room for an upload while it comes; see Quota."""
        return self.quota.reserve_upload(project_id, announced_bytes)

    def admit_upload(self, project_id: str, files: int, size: int) -> None:
        """Raises ValueError if these uploads would pass the caps; counts them if not."""
        self.quota.admit_upload(project_id, files, size)

    def admit_file(self, project_id: str, size: int) -> None:
        """Raises ValueError if this file would pass the caps; counts it if not."""
        self.quota.admit_file(project_id, size)

    def admit_job(self, project_id: str | None, active: Sequence[JobRow]) -> None:
        """Raises OverQuota if too much work is started; counts it if not."""
        self.quota.admit_job(project_id, active)

    def purge_expired(self) -> int:
        """Purges the projects whose time is over; how many. What lies on the disk is removed once more by the next sweep,
        for work that was stopped may end later."""
        with self._lock:
            expired = [visitor for visitor, visit in self._sessions.items() if self.now() - visit.started_at > self.lifetime_s]
            self._expired += [self._sessions.pop(visitor).project_id for visitor in expired]
        purged_before, self._purged = self._purged, []
        waiting, self._expired, failed = self._expired, [], None
        for project_id in waiting:
            try:
                self._purge(project_id)
            except Exception as error:  # the others are purged all the same, and this one by the next sweep
                self._expired.append(project_id)
                failed = error
        for project_id in (*self._purged, *purged_before):
            self.quota.forget(project_id)
            weights.discard(self.store.folder, project_id)
            upkeep.discard_project_files(self.store.folder, project_id)
        if failed:
            raise failed
        return len(self._purged)

    def _purge(self, project_id: str) -> None:
        with contextlib.suppress(NotFound):  # an earlier sweep failed only after the project was gone
            self.store.purge_project(project_id)
        self._purged.append(project_id)
