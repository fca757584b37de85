"""Jobs: long work in the background, with progress that survives the browser and the app, and a way to stop it.

Plain threads, not a task queue: the work is a generator over open models, which a queue would have to pickle, and what has
to survive a restart (kind, parameters, progress, report) is a row of the store.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from grounding.data import Progress
from grounding.machine.errors import MachineError
from grounding.services.errors import explain
from grounding.store import JobRow, Lease, NotFound, Store, alive

SAVE_EVERY_S = 0.25
NICE = 10
PRESSED_TWICE_S = 3
CLOSING_S = 2  # how long work that is under way may take to stop
AGAIN = ("interrupted", "failed", "cancelled")  # may be resumed
ENDED = ("done", *AGAIN)
STOPPED = "the app was stopped before this was finished; start it again to go on"

Maker = Callable[[dict], Iterator[Progress]]
log = logging.getLogger("deixis")


class Jobs:
    """Works on generators of Progress, a few at a time, in the order they came.

    `offer(kind, maker)` says how to make the generator of a kind from its parameters; such jobs can be resumed after a restart.
    """

    def __init__(
        self,
        store: Store,
        workers: int = 2,
        may_start: Callable[[str | None, Sequence[JobRow]], None] = lambda project_id, active: None,
    ):
        """`may_start(project_id, active)` raises where no job of this project may start beside those that wait or run."""
        self._store, self._lease = store, Lease(store.folder)
        self._queue: queue.SimpleQueue = queue.SimpleQueue()
        self._makers: dict[str, Maker] = {}
        self._closing = threading.Event()
        self._stops: dict[str, threading.Event] = {}
        self._starting, self._may_start = threading.RLock(), may_start
        self._untold: dict[str, dict] = {}  # how jobs ended that the store could not take down yet
        self._interrupt_orphans()
        for number in range(workers):
            threading.Thread(target=self._work, name=f"job-{number}", daemon=True).start()

    def offer(self, kind: str, maker: Maker) -> None:
        self._makers[kind] = maker

    def start(self, kind: str, project_id: str | None = None, generator_factory: Callable[[], Iterator[Progress]] | None = None,
              params: dict | None = None, item_id: str | None = None) -> str:
        """Queues a piece of work; its id. Without a factory the kind must have been offered."""
        make = generator_factory or self._offered(kind, params or {})
        with self._starting:
            self._may_start(project_id, self._store.jobs_in("queued", "running"))
            job = self._store.add_job(kind, project_id, item_id, params, owner=self._lease.owner)
        self._enqueue(job.id, make)
        return job.id

    def start_once(
        self,
        kind: str,
        project_id: str,
        params: dict,
        item_id: str | None = None,
        aside: str = "",
        within_s: float = PRESSED_TWICE_S,
    ) -> str:
        """As `start`; but where the same work waits already, or runs and was asked for a moment ago, its id: a double click starts nothing.

        What runs for longer may have begun before the last correction, so it is no answer. `aside` names a parameter that may differ.
        """
        with self._starting:
            self._tell()
            wanted = {**params, aside: None}
            for job in self._store.jobs_in("queued", "running"):
                same = (job.kind, job.project, {**job.params, aside: None}) == (kind, project_id, wanted)
                if same and (job.state == "queued" or _age_s(job) < within_s):
                    return job.id
            return self.start(kind, project_id, params=params, item_id=item_id)

    def status(self, job_id: str) -> JobRow:
        return self._known(self._store.job(job_id))

    def recent(self, project_id: str | None = None, limit: int = 50) -> list[JobRow]:
        """The newest first, without their results."""
        return [self._known(job) for job in self._store.jobs(project_id, limit)]

    def cancel(self, job_id: str) -> JobRow:
        """Stops at the next step; what the steps before it finished stays. Nothing happens to a job that has ended."""
        self._store.change_job(job_id, ("queued", "running"), state="cancelled")
        stop = self._stops.get(job_id)
        if stop is not None:
            stop.set()
        return self.status(job_id)

    def resume(self, job_id: str) -> JobRow:
        """Starts an interrupted, failed or cancelled job again with its parameters; tasks skip what they did already."""
        self._tell()
        job = self.status(job_id)
        make = self._offered(job.kind, job.params)
        again = {"state": "queued", "error": None, "result": None, "owner": self._lease.owner}
        with self._starting:
            if job.state in AGAIN:
                self._may_start(job.project, self._store.jobs_in("queued", "running"))
            if self._store.change_job(job_id, AGAIN, **again):
                self._enqueue(job_id, make)
        return self.status(job_id)

    def wait(self, job_id: str, timeout_s: float = 60) -> JobRow:
        """The job once it has ended. Raises TimeoutError."""
        until = time.monotonic() + timeout_s
        while (job := self.status(job_id)).state not in ENDED:
            if time.monotonic() > until:
                raise TimeoutError(f"the job {job.kind} has not ended after {timeout_s:.0f} s: {job.done} of {job.total} done")
            time.sleep(0.01)
        return job

    def close(self) -> None:
        """Lets running work stop at its next step, and waits for that a little; it counts as interrupted and can be
        resumed."""
        self._closing.set()
        try:
            self._tell()
            for job in self._store.jobs_in("queued", "running"):
                if job.owner == self._lease.owner:
                    self._interrupt(job)
        except MachineError as error:  # the next start finds the jobs of an app that is gone
            log.warning("unfinished work could not be noted: %s", error)
        for stop in list(self._stops.values()):
            stop.set()
        until = time.monotonic() + (CLOSING_S if self._stops else 0)
        while self._stops and time.monotonic() < until:
            time.sleep(0.01)
        self._lease.release()

    def _offered(self, kind: str, params: dict) -> Callable[[], Iterator[Progress]]:
        if kind not in self._makers:
            raise NotFound(f"work of the kind {kind!r} cannot be started from its parameters; start it anew")
        return lambda: self._makers[kind](params)

    def _enqueue(self, job_id: str, make: Callable[[], Iterator[Progress]]) -> None:
        self._stops[job_id] = stop = threading.Event()
        self._queue.put((job_id, make, stop))

    def _interrupt_orphans(self) -> None:
        for job in self._store.jobs_in("queued", "running"):
            if not alive(self._store.folder, job.owner):
                self._interrupt(job)

    def _interrupt(self, job: JobRow) -> None:
        self._store.change_job(job.id, ("queued", "running"), state="interrupted", error=STOPPED)

    def _work(self) -> None:
        _be_nice()
        while not self._closing.is_set():
            job_id, make, stop = self._queue.get()
            try:
                self._run(job_id, make, stop)
            except Exception:  # the store itself failed; the next job may fare better
                log.exception("job %s could not be recorded", job_id)
            finally:
                if self._stops.get(job_id) is stop:
                    del self._stops[job_id]

    def _run(self, job_id: str, make: Callable[[], Iterator[Progress]], stop: threading.Event) -> None:
        try:
            if stop.is_set() or not self._store.change_job(job_id, ("queued",), state="running"):
                return
            last = self._steps(job_id, make(), stop)
            if last is not None:
                self._store.change_job(job_id, ("running",), state="done", result=plain(last.result), **_progress(last))
        except Exception as error:
            self._untold[job_id] = {"state": "failed", "error": explain(error)}
            self._tell()

    def _tell(self) -> None:
        """Takes down how jobs ended; on a full disk that waits, and `status` tells it all the same."""
        with self._starting:  # else a job that was resumed meanwhile would be told to have failed
            for job_id, values in list(self._untold.items()):
                with contextlib.suppress(MachineError):
                    self._store.change_job(job_id, ("queued", "running"), **values)
                    self._untold.pop(job_id, None)

    def _known(self, job: JobRow) -> JobRow:
        return dataclasses.replace(job, **self._untold.get(job.id, {}))

    def _steps(self, job_id: str, steps: Iterator[Progress], stop: threading.Event) -> Progress | None:
        """The last step; None if the job was cancelled or interrupted meanwhile. The generator is always closed."""
        saved, step = 0.0, Progress(0, 0)
        with contextlib.closing(steps):
            for step in steps:
                if stop.is_set():
                    return None
                if time.monotonic() - saved > SAVE_EVERY_S:
                    if not self._store.change_job(job_id, ("running",), **_progress(step)):
                        return None
                    saved = time.monotonic()
        return step


def _age_s(job: JobRow) -> float:
    return (datetime.now(timezone.utc) - datetime.fromisoformat(job.created)).total_seconds()


def plain(value: Any) -> Any:
    """What JSON can hold of a result: dataclasses as dicts, arrays as lists, paths as their last name."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(each) for each in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return value.name if isinstance(value, Path) else value


def _progress(step: Progress) -> dict:
    return {"done": int(step.done), "total": int(step.total), "note": str(step.note)[:500]}


def _be_nice() -> None:
    """Lets the page go first: on Linux each thread has a priority of its own, which those it starts inherit."""
    if sys.platform == "linux":
        thread = threading.get_native_id()  # never more urgent than the app, which only root could make it
        os.setpriority(os.PRIO_PROCESS, thread, max(NICE, os.getpriority(os.PRIO_PROCESS, thread)))
