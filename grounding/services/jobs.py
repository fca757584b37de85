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
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from grounding.data import Progress
from grounding.machine.errors import MachineError
from grounding.services.errors import user_message
from grounding.store import JobRow, Lease, NotFound, Store, is_alive

SAVE_EVERY_S = 0.25
NICE = 10
DOUBLE_CLICK_S = 3
SHUTDOWN_WAIT_S = 2  # how long work that is under way may take to stop
RESUMABLE = ("interrupted", "failed", "cancelled")  # may be resumed
ENDED = ("done", *RESUMABLE)
INTERRUPTED_MESSAGE = "the app was stopped before this was finished; start it again to go on"

JobFactory = Callable[[dict], Iterator[Progress]]
log = logging.getLogger("deixis")


class Jobs:
    """Works on generators of Progress, a few at a time, in the order they came.

    `register(kind, factory)` says how to make the generator of a kind from its parameters; such jobs can be resumed after a restart.
    """

    def __init__(
        self,
        store: Store,
        workers: int = 2,
        admit_job: Callable[[str | None, Sequence[JobRow]], None] = lambda project_id, active: None,
    ):
        """`admit_job(project_id, active)` raises where no job of this project may start beside those that wait or run."""
        self._store, self._lease = store, Lease(store.folder)
        self._queue: queue.SimpleQueue = queue.SimpleQueue()
        self._factories: dict[str, JobFactory] = {}
        self._closing = threading.Event()
        self._stop_events: dict[str, threading.Event] = {}
        self._start_lock, self._admit_job = threading.RLock(), admit_job
        self._unsaved_outcomes: dict[str, dict] = {}  # how jobs ended that the store could not take down yet
        self._interrupt_orphans()
        for number in range(workers):
            threading.Thread(target=self._work, name=f"job-{number}", daemon=True).start()

    def register(self, kind: str, factory: JobFactory) -> None:
        self._factories[kind] = factory

    def start(self, kind: str, project_id: str | None = None, generator_factory: Callable[[], Iterator[Progress]] | None = None,
              params: dict | None = None, item_id: str | None = None) -> str:
        """Queues a piece of work; its id. Without a factory the kind must have been offered."""
        make = generator_factory or self._factory_for(kind, params or {})
        with self._start_lock:
            self._admit_job(project_id, self._store.jobs_in("queued", "running"))
            job = self._store.add_job(kind, project_id, item_id, params, owner=self._lease.owner)
        self._enqueue(job.id, make)
        return job.id

    def start_once(
        self,
        kind: str,
        project_id: str,
        params: dict,
        item_id: str | None = None,
        ignored_param: str = "",
        within_s: float = DOUBLE_CLICK_S,
    ) -> str:
        """As `start`; but where the same work waits already, or runs and was asked for a moment ago, its id: a double click starts nothing.

        What runs for longer may have begun before the last correction, so it is no answer. `ignored_param` names a
        parameter that may differ.
        """
        with self._start_lock:
            self._save_outcomes()
            wanted = {**params, ignored_param: None}
            for job in self._store.jobs_in("queued", "running"):
                same = (job.kind, job.project, {**job.params, ignored_param: None}) == (kind, project_id, wanted)
                if same and (job.state == "queued" or _age_s(job) < within_s):
                    return job.id
            return self.start(kind, project_id, params=params, item_id=item_id)

    def status(self, job_id: str) -> JobRow:
        return self._with_unsaved(self._store.job(job_id))

    def recent(self, project_id: str | None = None, limit: int = 50) -> list[JobRow]:
        """The newest first, without their results."""
        return [self._with_unsaved(job) for job in self._store.jobs(project_id, limit)]

    def cancel(self, job_id: str) -> JobRow:
        """Stops at the next step; what the steps before it finished stays. Nothing happens to a job that has ended."""
        self._store.change_job(job_id, ("queued", "running"), state="cancelled")
        stop = self._stop_events.get(job_id)
        if stop is not None:
            stop.set()
        return self.status(job_id)

    def resume(self, job_id: str) -> JobRow:
        """Starts an interrupted, failed or cancelled job again with its parameters; tasks skip what they did already."""
        self._save_outcomes()
        job = self.status(job_id)
        make = self._factory_for(job.kind, job.params)
        again = {"state": "queued", "error": None, "result": None, "owner": self._lease.owner}
        with self._start_lock:
            if job.state in RESUMABLE:
                self._admit_job(job.project, self._store.jobs_in("queued", "running"))
            if self._store.change_job(job_id, RESUMABLE, **again):
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
            self._save_outcomes()
            for job in self._store.jobs_in("queued", "running"):
                if job.owner == self._lease.owner:
                    self._interrupt(job)
        except MachineError as error:  # the next start finds the jobs of an app that is gone
            log.warning("unfinished work could not be noted: %s", error)
        for stop in list(self._stop_events.values()):
            stop.set()
        until = time.monotonic() + (SHUTDOWN_WAIT_S if self._stop_events else 0)
        while self._stop_events and time.monotonic() < until:
            time.sleep(0.01)
        self._lease.release()

    def _factory_for(self, kind: str, params: dict) -> Callable[[], Iterator[Progress]]:
        if kind not in self._factories:
            raise NotFound(f"work of the kind {kind!r} cannot be started from its parameters; start it anew")
        return lambda: self._factories[kind](params)

    def _enqueue(self, job_id: str, make: Callable[[], Iterator[Progress]]) -> None:
        self._stop_events[job_id] = stop = threading.Event()
        self._queue.put((job_id, make, stop))

    def _interrupt_orphans(self) -> None:
        for job in self._store.jobs_in("queued", "running"):
            if not is_alive(self._store.folder, job.owner):
                self._interrupt(job)

    def _interrupt(self, job: JobRow) -> None:
        self._store.change_job(job.id, ("queued", "running"), state="interrupted", error=INTERRUPTED_MESSAGE)

    def _work(self) -> None:
        _lower_priority()
        while not self._closing.is_set():
            job_id, make, stop = self._queue.get()
            try:
                self._run(job_id, make, stop)
            except Exception:  # the store itself failed; the next job may fare better
                log.exception("job %s could not be recorded", job_id)
            finally:
                if self._stop_events.get(job_id) is stop:
                    del self._stop_events[job_id]

    def _run(self, job_id: str, make: Callable[[], Iterator[Progress]], stop: threading.Event) -> None:
        try:
            if stop.is_set() or not self._store.change_job(job_id, ("queued",), state="running"):
                return
            last = self._run_steps(job_id, make(), stop)
            if last is not None:
                self._store.change_job(job_id, ("running",), state="done", result=to_jsonable(last.result), **_progress(last))
        except Exception as error:
            self._unsaved_outcomes[job_id] = {"state": "failed", "error": user_message(error)}
            self._save_outcomes()

    def _save_outcomes(self) -> None:
        """Takes down how jobs ended; on a full disk that waits, and `status` tells it all the same."""
        with self._start_lock:  # else a job that was resumed meanwhile would be told to have failed
            for job_id, values in list(self._unsaved_outcomes.items()):
                with contextlib.suppress(MachineError):
                    self._store.change_job(job_id, ("queued", "running"), **values)
                    self._unsaved_outcomes.pop(job_id, None)

    def _with_unsaved(self, job: JobRow) -> JobRow:
        return dataclasses.replace(job, **self._unsaved_outcomes.get(job.id, {}))

    def _run_steps(self, job_id: str, steps: Iterator[Progress], stop: threading.Event) -> Progress | None:
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
    return (datetime.now(UTC) - datetime.fromisoformat(job.created)).total_seconds()


def to_jsonable(value: Any) -> Any:
    """What JSON can hold of a result: dataclasses as dicts, arrays as lists, paths as their last name."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_jsonable(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): to_jsonable(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [to_jsonable(each) for each in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return value.name if isinstance(value, Path) else value


def _progress(step: Progress) -> dict:
    return {"done": int(step.done), "total": int(step.total), "note": str(step.note)[:500]}


def _lower_priority() -> None:
    """Lets the page go first: on Linux each thread has a priority of its own, which those it starts inherit."""
    if sys.platform == "linux":
        thread = threading.get_native_id()  # never more urgent than the app, which only root could make it
        os.setpriority(os.PRIO_PROCESS, thread, max(NICE, os.getpriority(os.PRIO_PROCESS, thread)))
