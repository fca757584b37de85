"""Load: uploaded files become items of a project."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import ClassVar

from grounding.data import Progress
from grounding.exchange.archive import UploadTree
from grounding.services import upkeep
from grounding.services.job_kinds.context import JobContext
from grounding.tasks.intake.load import load


@dataclass(frozen=True)
class LoadJob:
    """Brings uploaded files in: `files` maps what a person calls them to their names in `folder`, a folder of the uploads that
    is removed afterwards; `sent_as` to the names they were sent under, where two of them may be one."""

    kind: ClassVar[str] = "load"
    project: str
    folder: str
    files: dict[str, str]
    propose: bool = True
    sent_as: dict[str, str] = field(default_factory=dict)

    def start(self, context: JobContext) -> str:
        twins = {name: sent for name, sent in self.sent_as.items() if name != sent}
        return context.jobs.start(self.kind, self.project, params=asdict(self) | {"sent_as": twins})

    def run(self, context: JobContext) -> Iterator[Progress]:
        folder = upkeep.uploads_folder(context.store.folder) / self.folder
        tree = UploadTree({name: folder / stored for name, stored in self.files.items()}, "the upload", self.sent_as)
        models = context.models
        chosen = {}
        if self.propose:
            chosen = {seam: getter(self.project) for seam, getter in
                      (("detector", models.detector), ("generator", models.generator), ("tracker", models.tracker))}
        admit_file = partial(context.admit_file, self.project)
        yield from load(context.store, self.project, [tree], limits=context.limits, admit_file=admit_file, **chosen)
        shutil.rmtree(folder, ignore_errors=True)
