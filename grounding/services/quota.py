"""Quota: how much the visitors of a public Space may send, keep and start, each of them and all together."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from grounding.store import JobRow, Store

HOUR_S = 3600
OWN_MACHINE_HINT = "or run Deixis on your own machine, where there is no such cap."


class OverQuota(PermissionError):
    """There is as much at the moment as there may be."""


@dataclass
class Quota:
    """Counts by project. `max_total_bytes` are the bytes that all projects may have sent, and may keep, together."""

    store: Store
    max_items: int
    max_bytes: int
    max_total_bytes: int = 10_000_000_000
    max_active_jobs: int = 4  # that wait or run at once
    max_total_active_jobs: int = 40
    max_jobs_per_hour: int = 60
    now: Callable[[], float] = time.monotonic
    _uploaded_bytes: Counter = field(default_factory=Counter)  # bytes of uploads that came
    _pending_bytes: Counter = field(default_factory=Counter)  # bytes reserved by uploads under way
    _stored_bytes: Counter = field(default_factory=Counter)  # bytes of the files that came in
    _job_starts: defaultdict = field(default_factory=lambda: defaultdict(deque))  # when jobs were started
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def reserve_upload(self, project_id: str, announced_bytes: int) -> Iterator[int]:
        """Room for an upload that says it has `announced_bytes` bytes (0: it does not say); how many may come. What is
        reserved is free at the end."""
        with self._lock:
            left = self.max_bytes - self._uploaded_bytes[project_id] - self._pending_bytes[project_id]
            self._check(left > 0 and announced_bytes <= left)
            granted = announced_bytes or min(left, max(self._bytes_left(), 1))
            self._check_all(granted)
            self._pending_bytes[project_id] += granted
        try:
            yield granted
        finally:
            with self._lock:
                self._pending_bytes[project_id] -= granted

    def admit_upload(self, project_id: str, files: int, size: int) -> None:
        """Counts an upload that came; ValueError if it passes a cap of the project, OverQuota if it passes that of all."""
        held = self._item_count(project_id)
        with self._lock:
            self._check(
                held + files <= self.max_items
                and self._uploaded_bytes[project_id] + self._pending_bytes[project_id] + size <= self.max_bytes
            )
            self._check_all(size)
            self._uploaded_bytes[project_id] += size

    def admit_file(self, project_id: str, size: int) -> None:
        """Counts a file that comes into a project, alone or out of an archive; ValueError or OverQuota as above."""
        held = self._item_count(project_id)
        with self._lock:
            self._check(held < self.max_items and self._stored_bytes[project_id] + size <= self.max_bytes)
            if self._stored_bytes.total() + size > self.max_total_bytes:
                raise OverQuota(f"the visitors of this page fill its disk at the moment; come back within the hour, {OWN_MACHINE_HINT}")
            self._stored_bytes[project_id] += size

    def admit_job(self, project_id: str | None, active: Sequence[JobRow]) -> None:
        """Counts a job that is about to start beside those that wait or run; OverQuota if there are too many."""
        own, since = sum(job.project == project_id for job in active), self.now() - HOUR_S
        with self._lock:
            times = self._job_starts[project_id]
            while times and times[0] < since:
                times.popleft()
            if own >= self.max_active_jobs:
                raise OverQuota(
                    f"{self.max_active_jobs} pieces of work of yours wait or run already; wait until one has ended, or stop one"
                )
            if len(active) >= self.max_total_active_jobs:
                raise OverQuota(
                    f"the visitors of this page have started all the work it can do; try again in some minutes, {OWN_MACHINE_HINT}"
                )
            if len(times) >= self.max_jobs_per_hour:
                raise OverQuota(f"a visitor may start {self.max_jobs_per_hour} pieces of work an hour; come back later, {OWN_MACHINE_HINT}")
            times.append(self.now())

    def forget(self, project_id: str) -> None:
        """The project is gone; what is coming for it is released when its upload ends."""
        with self._lock:
            for counts in (self._uploaded_bytes, self._stored_bytes, self._job_starts):
                counts.pop(project_id, None)
            self._pending_bytes += Counter()  # drops what stands at 0

    def _item_count(self, project_id: str) -> int:
        """Raises NotFound where the project is gone: nothing that comes too late is counted for ever."""
        return sum(self.store.counts(self.store.project(project_id).id).values())

    def _bytes_left(self) -> int:
        return self.max_total_bytes - self._uploaded_bytes.total() - self._pending_bytes.total()

    def _check(self, fits: bool) -> None:
        if not fits:
            limits = f"{self.max_items} items and {self.max_bytes // 1_000_000} MB"
            raise ValueError(f"A visitor's project holds {limits} at most. Upload fewer or smaller files, {OWN_MACHINE_HINT}")

    def _check_all(self, size: int) -> None:
        if size > self._bytes_left():
            raise OverQuota(f"The visitors of this page fill its disk at the moment. Come back within the hour, {OWN_MACHINE_HINT}")
