"""Routes of projects: the list, labels, trash, items, uploads and the long work on them."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from grounding.store import NotFound
from grounding.tasks.label import templates
from grounding.web.answers import Forbidden, PlainRoute, answer, raw_body, read
from grounding.web.context import Context
from grounding.web.shapes import item_shape, job_shape, project_shape
from grounding.web.upload import Parcel, receive, told_size

Body = Annotated[bytes, Depends(raw_body)]
Name = Annotated[str, Field(strict=True, min_length=1, max_length=200)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LabelAsked(_Asked):
    id: int | None = Field(None, strict=True, ge=1, le=2**31 - 1)
    name: Name
    color: str | None = Field(None, strict=True, max_length=20)


class NewProject(_Asked):
    name: Name
    labels: list[Name] = Field(default_factory=list, max_length=10_000)


class ProjectChange(_Asked):
    name: Name | None = None
    labels: list[LabelAsked] | None = Field(None, max_length=10_000)


class ProposeAsked(_Asked):
    items: list[str] | None = Field(None, max_length=100_000)


class ExportAsked(_Asked):
    include: Literal["accepted", "proposals"] = "accepted"
    format: str = Field("coco", strict=True, max_length=40)
    frames: str = Field("annotated", strict=True, max_length=40)
    empty: bool = Field(True, strict=True)
    photos: bool = Field(True, strict=True)
    frame_format: Literal["png", "jpg"] = "png"


class TemplateAsked(_Asked):
    name: Name
    on: bool = Field(strict=True)


def project_routes(on: Context) -> APIRouter:
    router = APIRouter(prefix="/api/projects", route_class=PlainRoute)
    _add_projects(router, on)
    _add_items(router, on)
    _add_templates(router, on)
    _add_work(router, on)
    return router


def _add_projects(router: APIRouter, on: Context) -> None:
    @router.get("")
    def projects(request: Request, trashed: bool = False):
        on.enter(request)
        allowed = on.visitor(request)
        found = on.store.projects(trashed)
        return answer([project_shape(on.store, p) for p in found if allowed is None or p.id in allowed])

    @router.post("")
    def create(request: Request, body: Body):
        if on.visitor(request) is not None:
            raise Forbidden("a visitor has one project; run Deixis on your own machine to make more")
        asked = read(NewProject, body)
        return answer(project_shape(on.store, on.store.create_project(asked.name, asked.labels)), 201)

    @router.patch("/{project}")
    def change(request: Request, project: str, body: Body):
        asked, known = read(ProjectChange, body), on.project(request, project)
        with on.store.writing():
            if asked.name is not None:
                on.store.rename_project(known.id, asked.name)
            if asked.labels is not None:
                on.store.set_labels(known.id, [label.model_dump(exclude_none=True) for label in asked.labels])
        return answer(project_shape(on.store, on.store.project(known.id)))

    @router.delete("/{project}")
    def trash(request: Request, project: str):
        on.store.trash_project(on.project(request, project).id)
        return answer({"trashed": True})

    @router.post("/{project}/restore")
    def restore(request: Request, project: str):
        restored = on.store.restore_project(on.project(request, project).id)
        return answer(project_shape(on.store, restored))


def _add_items(router: APIRouter, on: Context) -> None:
    @router.get("/{project}/items")
    def items(request: Request, project: str, after: str | None = None, limit: int = 100, status: str | None = None,
              trashed: bool = False):
        project = on.project(request, project).id
        limit = min(max(limit, 1), 1000)
        if after and on.item(request, after).project != project:
            raise NotFound("the item to go on from is in another project; read the list from its start")
        page = on.store.items(project, after or None, limit, status or None, trashed)
        following = page[-1].id if len(page) == limit else None
        return answer({"items": [item_shape(item) for item in page], "next": following, "counts": on.store.counts(project)})


def _add_templates(router: APIRouter, on: Context) -> None:
    @router.get("/{project}/templates")
    def judged(request: Request, project: str):
        return answer({"templates": [asdict(one) for one in templates.judged(on.store, on.project(request, project).id)]})

    @router.patch("/{project}/templates")
    def switch(request: Request, project: str, body: Body):
        asked, known = read(TemplateAsked, body), on.project(request, project)
        return answer({"off": sorted(templates.switch(on.store, known.id, asked.name, asked.on))})


def _add_work(router: APIRouter, on: Context) -> None:
    @router.post("/{project}/upload")
    async def upload(request: Request, project: str):
        project = (await run_in_threadpool(on.project, request, project)).id
        with on.reserved(project, told_size(request)) as most:
            parcel = await receive(request, on.works.upload_folder(), min(most, on.most_upload), project)
        return answer({"job": await run_in_threadpool(begin, project, parcel)}, 202)

    def begin(project: str, parcel: Parcel) -> str:
        try:
            on.room_for(project, len(parcel.files), parcel.size)
            return on.works.load(project, parcel.folder, parcel.files, sent_as=parcel.sent_as)
        except Exception:  # whoever says no: what was sent goes with the refusal
            shutil.rmtree(parcel.folder, ignore_errors=True)
            raise

    @router.post("/{project}/propose")
    def propose(request: Request, project: str, body: Body):
        asked, known = read(ProposeAsked, body), on.project(request, project)
        for item in asked.items or ():
            if on.item(request, item).project != known.id:
                raise NotFound("an item of another project was named; ask there")
        return answer({"job": on.works.propose(known.id, asked.items)}, 202)

    @router.post("/{project}/export")
    def export(request: Request, project: str, body: Body):
        asked: dict[str, Any] = read(ExportAsked, body).model_dump()
        return answer({"job": on.works.export(on.project(request, project).id, **asked)}, 202)

    @router.get("/{project}/jobs")
    def jobs(request: Request, project: str):
        return answer([job_shape(job) for job in on.jobs.recent(on.project(request, project).id)])
