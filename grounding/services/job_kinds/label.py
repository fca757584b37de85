"""Propose: models propose boxes, phrases and tracks for the items of a project, or for one video."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import ClassVar

from grounding.data import Progress
from grounding.services.job_kinds.context import JobContext
from grounding.tasks.label.propose import propose


@dataclass(frozen=True)
class ProposeJob:
    """Proposes for these items, or for all that are not done."""

    kind: ClassVar[str] = "propose"
    project: str
    items: list[str] | None = None

    def start(self, context: JobContext) -> str:
        return context.jobs.start_once(self.kind, self.project, asdict(self))

    def run(self, context: JobContext) -> Iterator[Progress]:
        return _propose(context, self.project, self.items)


@dataclass(frozen=True)
class FollowJob:
    """Detects and links everything in one video."""

    kind: ClassVar[str] = "follow"
    project: str
    items: list[str]

    def start(self, context: JobContext) -> str:
        item = context.store.item(self.items[0])
        if item.kind != "video":
            raise ValueError(f"{item.name} is a photo; only things in videos can be followed")
        return context.jobs.start_once(self.kind, self.project, asdict(self), item.id)

    def run(self, context: JobContext) -> Iterator[Progress]:
        return _propose(context, self.project, self.items)


def _propose(context: JobContext, project: str, items: list[str] | None) -> Iterator[Progress]:
    models = context.models
    return propose(context.store, project, models.detector(project), models.generator(project), items, tracker=models.tracker(project))
