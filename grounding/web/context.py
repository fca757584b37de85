"""Context: what the routes work with, and who may see what."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from grounding.services.jobs import Jobs
from grounding.store import Item, JobRow, Project, Store
from grounding.web.answers import Forbidden
from grounding.web.photos import Pictures
from grounding.web.videos import Films

MOST_UPLOAD = 64 << 30  # bytes


def anyone(request: Request) -> Collection[str] | None:
    """Who reaches the page may see every project."""
    return None


def nobody_in_particular(request: Request) -> str:
    return "me"


def nothing(request: Request) -> None:
    """Whoever enters finds everything there."""


def room_for_all(project_id: str, files: int, size: int) -> None:
    """No caps of its own."""


def unreserved(project_id: str, told: int) -> AbstractContextManager[int]:
    """Every upload may be as large as any."""
    return nullcontext(MOST_UPLOAD)


@dataclass(frozen=True)
class Context:
    """`visitor(request)` gives the ids of the projects this visitor may see, None = all; `who(request)` a person's
    name; `room_for(project_id, files, bytes)` raises ValueError where an upload is too much, and
    `reserved(project_id, told)` where one that begins would be, else it holds room and gives how many bytes may come;
    `enter(request)` prepares what a visitor finds who asks for the list of projects."""

    store: Store
    jobs: Jobs
    works: Any
    visitor: Callable[[Request], Collection[str] | None] = anyone
    who: Callable[[Request], str] = nobody_in_particular
    room_for: Callable[[str, int, int], None] = room_for_all
    reserved: Callable[[str, int], AbstractContextManager[int]] = unreserved
    enter: Callable[[Request], None] = nothing
    most_upload: int = MOST_UPLOAD
    films: Films = field(default_factory=Films)
    pictures: Pictures = None  # type: ignore[assignment]

    def __post_init__(self):
        object.__setattr__(self, "pictures", self.pictures or Pictures(self.store))

    def project(self, request: Request, project_id: str) -> Project:
        self.check(request, project_id)
        return self.store.project(project_id)

    def item(self, request: Request, item_id: str) -> Item:
        item = self.store.item(item_id)
        self.check(request, item.project)
        return item

    def job(self, request: Request, job_id: str) -> JobRow:
        job = self.jobs.status(job_id)
        self.check(request, job.project)
        return job

    def check(self, request: Request, project_id: str | None) -> None:
        """Raises Forbidden unless the visitor may see this project."""
        allowed = self.visitor(request)
        if allowed is not None and project_id not in allowed:
            raise Forbidden("this belongs to somebody else; reload the page to see what is yours")
