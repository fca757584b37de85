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
ALONE = "or run Deixis on your own machine, where there is no such cap."


class OverQuota(PermissionError):
    """There is as much at the moment as there may be."""


@dataclass
class Quota:
    """Counts by project. `in_all` are the bytes that all projects may have sent, and may keep, together."""

    store: Store
    items: int
    bytes: int
    in_all: int = 10_000_000_000
    jobs: int = 4  # that wait or run at once
    jobs_in_all: int = 40
    jobs_in_hour: int = 60
    now: Callable[[], float] = time.monotonic
    _sent: Counter = field(default_factory=Counter)  # bytes of uploads that came
    _coming: Counter = field(default_factory=Counter)  # bytes reserved by uploads under way
    _kept: Counter = field(default_factory=Counter)  # bytes of the files that came in
    _started: defaultdict = field(default_factory=lambda: defaultdict(deque))  # when jobs were started
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def reserved(self, project_id: str, told: int) -> Iterator[int]:
        """Room for an upload that says it has `told` bytes (0: it does not say); how many may come. What is reserved is free at the end."""
        with self._lock:
            left = self.bytes - self._sent[project_id] - self._coming[project_id]
            self._check(left > 0 and told <= left)
            most = told or min(left, max(self._left(), 1))
            self._check_all(most)
            self._coming[project_id] += most
        try:
            yield most
        finally:
            with self._lock:
                self._coming[project_id] -= most

    def room_for(self, project_id: str, files: int, size: int) -> None:
        """Counts an upload that came; ValueError if it passes a cap of the project, OverQuota if it passes that of all."""
        held = self._held(project_id)
        with self._lock:
            self._check(held + files <= self.items and self._sent[project_id] + self._coming[project_id] + size <= self.bytes)
            self._check_all(size)
            self._sent[project_id] += size

    def take(self, project_id: str, size: int) -> None:
        """Counts a file that comes into a project, alone or out of an archive; ValueError or OverQuota as above."""
        held = self._held(project_id)
        with self._lock:
            self._check(held < self.items and self._kept[project_id] + size <= self.bytes)
            if self._kept.total() + size > self.in_all:
                raise OverQuota(f"the visitors of this page fill its disk at the moment; come back within the hour, {ALONE}")
            self._kept[project_id] += size

    def may_start(self, project_id: str | None, active: Sequence[JobRow]) -> None:
        """Counts a job that is about to start beside those that wait or run; OverQuota if there are too many."""
        own, since = sum(job.project == project_id for job in active), self.now() - HOUR_S
        with self._lock:
            times = self._started[project_id]
            while times and times[0] < since:
                times.popleft()
            if own >= self.jobs:
                raise OverQuota(f"{self.jobs} pieces of work of yours wait or run already; wait until one has ended, or stop one")
            if len(active) >= self.jobs_in_all:
                raise OverQuota(f"the visitors of this page have started all the work it can do; try again in some minutes, {ALONE}")
            if len(times) >= self.jobs_in_hour:
                raise OverQuota(f"a visitor may start {self.jobs_in_hour} pieces of work an hour; come back later, {ALONE}")
            times.append(self.now())

    def forget(self, project_id: str) -> None:
        """The project is gone; what is coming for it is released when its upload ends."""
        with self._lock:
            for counts in (self._sent, self._kept, self._started):
                counts.pop(project_id, None)
            self._coming += Counter()  # drops what stands at 0

    def _held(self, project_id: str) -> int:
        """Raises NotFound where the project is gone: nothing that comes too late is counted for ever."""
        return sum(self.store.counts(self.store.project(project_id).id).values())

    def _left(self) -> int:
        return self.in_all - self._sent.total() - self._coming.total()

    def _check(self, fits: bool) -> None:
        if not fits:
            most = f"{self.items} items and {self.bytes // 1_000_000} MB"
            raise ValueError(f"A visitor's project holds {most} at most. Upload fewer or smaller files, {ALONE}")

    def _check_all(self, size: int) -> None:
        if size > self._left():
            raise OverQuota(f"The visitors of this page fill its disk at the moment. Come back within the hour, {ALONE}")
