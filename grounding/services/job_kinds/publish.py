"""Export: a project becomes a .zip in a format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import ClassVar

from grounding.data import Progress, new_id
from grounding.exchange.names import portable_name
from grounding.machine.disk import part_files_of
from grounding.services import upkeep
from grounding.services.job_kinds.context import JobContext
from grounding.store import JobRow, NotFound, Store
from grounding.tasks.publish.publish import publish


@dataclass(frozen=True)
class ExportJob:
    """Writes a .zip that `exported_file` finds once the job is done; the settings are those of tasks/publish/publish.py."""

    kind: ClassVar[str] = "export"
    project: str
    file: str = ""
    include: str = "accepted"
    frames: str = "annotated"
    empty: bool = True
    format: str = "coco"
    photos: bool = True
    frame_format: str = "png"

    def start(self, context: JobContext) -> str:
        params = asdict(self) | {"file": f"{self.project}-{new_id()}.zip"}
        return context.jobs.start_once(self.kind, self.project, params, ignored_param="file")

    def run(self, context: JobContext) -> Iterator[Progress]:
        out, most = context.store.folder / "exports" / self.file, context.max_export_bytes
        options = {name: value for name, value in asdict(self).items() if name not in ("project", "file")}
        if most:
            upkeep.discard_exports(context.store.folder, self.project)
        for step in publish(context.store, self.project, out, **options):
            if most and sum(part.stat().st_size for part in part_files_of(out)) > most:
                raise ValueError(
                    f"an export from this page holds {most // 1_000_000} MB at most; choose annotated "
                    "frames or JPEG, or run Deixis on your own machine"
                )
            yield step if step.result is None else replace(step, result=replace(step.result, out=out.name))


def exported_file(store: Store, job: JobRow) -> tuple[Path, str]:
    """Where the .zip of a finished export lies, and what to call it."""
    path = store.folder / "exports" / job.params.get("file", "none")
    if job.kind != ExportJob.kind or job.state != "done" or not path.is_file():
        raise NotFound("this export is not there; start it again on the Export tab")
    name = re.sub(r"[/\\]", "_", store.project(job.project).name).lstrip(". ")
    return path, portable_name(f"{name or 'export'}.zip")
