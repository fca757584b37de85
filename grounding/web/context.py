"""Context: what the routes work with, and who may see what."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from fastapi import Request

from grounding.services.job_services import JobServices
from grounding.services.jobs import Jobs
from grounding.store import Item, JobRow, Project, Store
from grounding.web.answers import Forbidden
from grounding.web.photos import ImageCache
from grounding.web.videos import VideoCache

MAX_UPLOAD_BYTES = 64 << 30  # bytes


def see_all_projects(request: Request) -> Collection[str] | None:
    """Who reaches the page may see every project."""
    return None


def default_user_name(request: Request) -> str:
    return "me"


def no_preparation(request: Request) -> None:
    """Whoever enters finds everything there."""


def accept_any_upload(project_id: str, files: int, size: int) -> None:
    """No caps of its own."""


def reserve_nothing(project_id: str, announced_bytes: int) -> AbstractContextManager[int]:
    """Every upload may be as large as any."""
    return nullcontext(MAX_UPLOAD_BYTES)


@dataclass(frozen=True)
class ApiContext:
    """`visitor(request)` gives the ids of the projects this visitor may see, None = all; `who(request)` a person's
    name; `room_for(project_id, files, bytes)` raises ValueError where an upload is too much, and
    `reserved(project_id, told)` where one that begins would be, else it holds room and gives how many bytes may come;
    `enter(request)` prepares what a visitor finds who asks for the list of projects."""

    store: Store
    jobs: Jobs
    job_services: JobServices
    visitor: Callable[[Request], Collection[str] | None]
    who: Callable[[Request], str]
    room_for: Callable[[str, int, int], None]
    reserved: Callable[[str, int], AbstractContextManager[int]]
    enter: Callable[[Request], object]
    most_upload: int
    videos: VideoCache = field(default_factory=VideoCache)
    pictures: ImageCache = None  # type: ignore[assignment]

    def __post_init__(self):
        object.__setattr__(self, "pictures", self.pictures or ImageCache(self.store))

    def project(self, request: Request, project_id: str) -> Project:
        self.check_access(request, project_id)
        return self.store.project(project_id)

    def item(self, request: Request, item_id: str) -> Item:
        item = self.store.item(item_id)
        self.check_access(request, item.project)
        return item

    def job(self, request: Request, job_id: str) -> JobRow:
        job = self.jobs.status(job_id)
        self.check_access(request, job.project)
        return job

    def check_access(self, request: Request, project_id: str | None) -> None:
        """Raises Forbidden unless the visitor may see this project."""
        allowed = self.visitor(request)
        if allowed is not None and project_id not in allowed:
            raise Forbidden("this belongs to somebody else; reload the page to see what is yours")
