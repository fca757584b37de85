"""Job services: the long tasks of the app, started as jobs with the models that were chosen for it, and the quick answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from grounding.data import Progress
from grounding.exchange.archive import Limits
from grounding.services import upkeep
from grounding.services.image_queries import ImageQueries
from grounding.services.job_kinds import JOB_KINDS, Job, JobContext
from grounding.services.jobs import Jobs
from grounding.services.model_provider import ModelProvider, ProjectModels
from grounding.store import Store


class JobServices:
    """Starts jobs of the kinds in JOB_KINDS and hands out their ids; every kind can be resumed after a restart."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        provider: ModelProvider,
        limits: Limits = Limits(),
        admit_file: Callable[[str, int], None] = lambda project_id, size: None,
        max_export_bytes: int | None = None,
    ):
        """For `limits`, `admit_file` and `max_export_bytes` see JobContext."""
        self.store, self.jobs = store, jobs
        self.models = ProjectModels(store, provider)
        self.queries = ImageQueries(store, self.models)
        self.context = JobContext(store, jobs, self.models, limits, admit_file, max_export_bytes)
        for kind in JOB_KINDS:
            jobs.register(kind, partial(self._run, kind))
        upkeep.remove_leftovers(store)

    def start(self, job: Job) -> str:
        """Queues a job; its id. A double click starts one."""
        return job.start(self.context)

    def upload_folder(self) -> Path:
        """Where uploads wait until they are loaded."""
        return upkeep.uploads_folder(self.store.folder)

    def _run(self, kind: str, params: dict) -> Iterator[Progress]:
        return JOB_KINDS[kind](**params).run(self.context)
