"""Job context: what the kinds of jobs work with, and what a kind is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from grounding.data import Progress
from grounding.exchange.archive import Limits
from grounding.services.jobs import Jobs
from grounding.services.model_provider import ProjectModels
from grounding.store import Store


@dataclass(frozen=True)
class JobContext:
    """`limits` hold for each archive that is loaded; `admit_file(project_id, size)` raises where a project may not keep a file.
    Where an export may hold `max_export_bytes` bytes only, a new one takes the place of the one before."""

    store: Store
    jobs: Jobs
    models: ProjectModels
    limits: Limits = field(default_factory=Limits)
    admit_file: Callable[[str, int], None] = lambda project_id, size: None
    max_export_bytes: int | None = None
    training_lock: threading.Lock = field(default_factory=threading.Lock)


class Job(Protocol):
    """A frozen dataclass of the parameters of one job. `kind` is the name that is stored, its fields are the parameters as JSON:
    both stay as they are, so that a job of an older version resumes."""

    kind: ClassVar[str]

    def start(self, context: JobContext) -> str:
        """Queues the job; its id. A double click starts one. Raises ValueError or NotFound where it cannot be done."""

    def run(self, context: JobContext) -> Iterator[Progress]:
        """The work; what was finished before a stop is skipped."""
