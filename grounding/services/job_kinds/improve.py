"""Improve: a project gets another model, trains its grounder, or shows its worst mistakes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

from grounding.data import Progress, new_id
from grounding.services import model_choice
from grounding.services.job_kinds.context import JobContext
from grounding.tasks.improve import improve, mistakes, weights


@dataclass(frozen=True)
class TrainJob:
    """The grounder learns from the project's corrections; new weights serve if they are better. One such job a project."""

    kind: ClassVar[str] = "train"
    project: str
    name: str = ""

    def start(self, context: JobContext) -> str:
        params = asdict(self) | {"name": f"weights-{new_id()[:8]}"}
        return context.jobs.start_once(self.kind, self.project, params, ignored_param="name", within_s=math.inf)

    def run(self, context: JobContext) -> Iterator[Progress]:
        if not context.training_lock.acquire(blocking=False):
            raise ValueError("another project is learning just now; start this again when that has ended")
        try:
            yield from self._train(context)
        finally:
            context.training_lock.release()

    def _train(self, context: JobContext) -> Iterator[Progress]:
        store, provider = context.store, context.models.provider
        out = weights.project_folder(store, self.project) / f"{self.name}.safetensors"
        out.parent.mkdir(parents=True, exist_ok=True)
        training = improve.training_context(provider.maker("backbone"), store.folder / "cache" / "features")
        start = weights.active_weights(store, self.project) or provider.base_weights
        for step in improve.improve_project(store, self.project, out, training, start, resume=True):
            if step.result and step.result["better"]:
                weights.activate(store, self.project, self.name)
            yield step


@dataclass(frozen=True)
class SelectModelJob:
    """Loads a model of the catalog and asks it about a picture; if that works, it serves in the project from then on."""

    kind: ClassVar[str] = "bring"
    project: str
    seam: str
    name: str

    def start(self, context: JobContext) -> str:
        return context.jobs.start_once(self.kind, self.project, asdict(self))

    def run(self, context: JobContext) -> Iterator[Progress]:
        for step in model_choice.try_model(context.models.provider.model_by_name, self.seam, self.name):
            if step.result is not None:
                model_choice.choose_model(context.store, self.project, self.seam, self.name)
            yield step


@dataclass(frozen=True)
class MistakesJob:
    """Looks for the worst mistakes of the project's grounder, on the project's photos or on a folder with known answers."""

    kind: ClassVar[str] = "mistakes"
    project: str
    folder: str = ""

    def start(self, context: JobContext) -> str:
        return context.jobs.start_once(self.kind, self.project, asdict(self))

    def run(self, context: JobContext) -> Iterator[Progress]:
        grounder = context.models.grounder(self.project)
        if self.folder:
            return mistakes.find_in_folder(Path(self.folder).expanduser(), grounder)
        return mistakes.find_in_project(context.store, self.project, grounder)
