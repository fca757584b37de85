"""The context of the routes: the store, the jobs, and the access rules of a visitor."""

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
    """The default: every user may see every project."""
    return None


def default_user_name(request: Request) -> str:
    return "me"


def no_preparation(request: Request) -> None:
    """The default: nothing is prepared."""


def accept_any_upload(project_id: str, files: int, size: int) -> None:
    """The default: no quota."""


def reserve_nothing(project_id: str, announced_bytes: int) -> AbstractContextManager[int]:
    """The default: no quota; an upload may have up to MAX_UPLOAD_BYTES."""
    return nullcontext(MAX_UPLOAD_BYTES)


@dataclass(frozen=True)
class ApiContext:
    """`visible_projects(request)` gives the ids of the projects that the visitor may see, None = all;
    `user_name(request)` the user's name. `admit_upload(project_id, files, bytes)` raises ValueError if an upload exceeds
    the quota. `reserve_upload(project_id, announced_bytes)` raises it before the upload starts, else reserves the space and
    gives how many bytes may be sent. `prepare_visit(request)` runs before the list of projects is sent."""

    store: Store
    jobs: Jobs
    job_services: JobServices
    visible_projects: Callable[[Request], Collection[str] | None]
    user_name: Callable[[Request], str]
    admit_upload: Callable[[str, int, int], None]
    reserve_upload: Callable[[str, int], AbstractContextManager[int]]
    prepare_visit: Callable[[Request], object]
    max_upload_bytes: int
    videos: VideoCache = field(default_factory=VideoCache)
    images: ImageCache = None  # type: ignore[assignment]

    def __post_init__(self):
        object.__setattr__(self, "images", self.images or ImageCache(self.store))

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
        allowed = self.visible_projects(request)
        if allowed is not None and project_id not in allowed:
            raise Forbidden("this belongs to somebody else; reload the page to see what is yours")
