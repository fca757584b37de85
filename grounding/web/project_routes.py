"""Routes of projects: the list, labels, trash, items, uploads and the long work on them."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from grounding.services.job_kinds import ExportJob, LoadJob, ProposeJob
from grounding.store import NotFound
from grounding.tasks.label import templates
from grounding.web.answers import Forbidden, JsonErrorRoute, json_body, json_response, parse_body
from grounding.web.context import ApiContext
from grounding.web.shapes import item_to_json, job_to_json, project_to_json
from grounding.web.upload import Upload, content_length, receive_upload

Body = Annotated[bytes, Depends(json_body)]
Name = Annotated[str, Field(strict=True, min_length=1, max_length=200)]


class _RequestBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LabelRequest(_RequestBody):
    id: int | None = Field(None, strict=True, ge=1, le=2**31 - 1)
    name: Name
    color: str | None = Field(None, strict=True, max_length=20)


class CreateProjectRequest(_RequestBody):
    name: Name
    labels: list[Name] = Field(default_factory=list, max_length=10_000)


class UpdateProjectRequest(_RequestBody):
    name: Name | None = None
    labels: list[LabelRequest] | None = Field(None, max_length=10_000)


class ProposeRequest(_RequestBody):
    items: list[str] | None = Field(None, max_length=100_000)


class ExportRequest(_RequestBody):
    include: Literal["accepted", "proposals"] = "accepted"
    format: str = Field("coco", strict=True, max_length=40)
    frames: str = Field("annotated", strict=True, max_length=40)
    empty: bool = Field(True, strict=True)
    photos: bool = Field(True, strict=True)
    frame_format: Literal["png", "jpg"] = "png"


class TemplateRequest(_RequestBody):
    name: Name
    on: bool = Field(strict=True)


def project_routes(context: ApiContext) -> APIRouter:
    router = APIRouter(prefix="/api/projects", route_class=JsonErrorRoute)
    _add_projects(router, context)
    _add_items(router, context)
    _add_templates(router, context)
    _add_job_routes(router, context)
    return router


def _add_projects(router: APIRouter, context: ApiContext) -> None:
    @router.get("")
    def projects(request: Request, trashed: bool = False):
        context.prepare_visit(request)
        allowed = context.visible_projects(request)
        found = context.store.projects(trashed)
        return json_response([project_to_json(context.store, p) for p in found if allowed is None or p.id in allowed])

    @router.post("")
    def create(request: Request, body: Body):
        if context.visible_projects(request) is not None:
            raise Forbidden("a visitor has one project; run Deixis on your own machine to make more")
        requested = parse_body(CreateProjectRequest, body)
        return json_response(project_to_json(context.store, context.store.create_project(requested.name, requested.labels)), 201)

    @router.patch("/{project}")
    def change(request: Request, project: str, body: Body):
        requested, stored_project = parse_body(UpdateProjectRequest, body), context.project(request, project)
        with context.store.transaction():
            if requested.name is not None:
                context.store.rename_project(stored_project.id, requested.name)
            if requested.labels is not None:
                context.store.set_labels(stored_project.id, [label.model_dump(exclude_none=True) for label in requested.labels])
        return json_response(project_to_json(context.store, context.store.project(stored_project.id)))

    @router.delete("/{project}")
    def trash(request: Request, project: str):
        context.store.trash_project(context.project(request, project).id)
        return json_response({"trashed": True})

    @router.post("/{project}/restore")
    def restore(request: Request, project: str):
        restored = context.store.restore_project(context.project(request, project).id)
        return json_response(project_to_json(context.store, restored))


def _add_items(router: APIRouter, context: ApiContext) -> None:
    @router.get("/{project}/items")
    def items(request: Request, project: str, after: str | None = None, limit: int = 100, status: str | None = None,
              trashed: bool = False):
        project = context.project(request, project).id
        limit = min(max(limit, 1), 1000)
        if after and context.item(request, after).project != project:
            raise NotFound("the item to go on from is in another project; read the list from its start")
        page = context.store.items(project, after or None, limit, status or None, trashed)
        next_id = page[-1].id if len(page) == limit else None
        return json_response({"items": [item_to_json(item) for item in page], "next": next_id, "counts": context.store.counts(project)})


def _add_templates(router: APIRouter, context: ApiContext) -> None:
    @router.get("/{project}/templates")
    def list_templates(request: Request, project: str):
        return json_response(
            {"templates": [asdict(one) for one in templates.template_stats(context.store, context.project(request, project).id)]}
        )

    @router.patch("/{project}/templates")
    def switch_template(request: Request, project: str, body: Body):
        requested, stored_project = parse_body(TemplateRequest, body), context.project(request, project)
        return json_response({"off": sorted(templates.set_enabled(context.store, stored_project.id, requested.name, requested.on))})


def _add_job_routes(router: APIRouter, context: ApiContext) -> None:
    @router.post("/{project}/upload")
    async def upload(request: Request, project: str):
        project = (await run_in_threadpool(context.project, request, project)).id
        with context.reserve_upload(project, content_length(request)) as max_bytes:
            received = await receive_upload(
                request, context.job_services.upload_folder(), min(max_bytes, context.max_upload_bytes), project
            )
        return json_response({"job": await run_in_threadpool(start_loading, project, received)}, 202)

    def start_loading(project: str, received: Upload) -> str:
        try:
            context.admit_upload(project, len(received.files), received.size)
            job = LoadJob(project, received.folder.name, received.files, sent_as=received.original_names)
            return context.job_services.start(job)
        except Exception:  # whoever says no: what was sent goes with the refusal
            shutil.rmtree(received.folder, ignore_errors=True)
            raise

    @router.post("/{project}/propose")
    def propose(request: Request, project: str, body: Body):
        requested, stored_project = parse_body(ProposeRequest, body), context.project(request, project)
        for item in requested.items or ():
            if context.item(request, item).project != stored_project.id:
                raise NotFound("an item of another project was named; ask there")
        return json_response({"job": context.job_services.start(ProposeJob(stored_project.id, requested.items))}, 202)

    @router.post("/{project}/export")
    def export(request: Request, project: str, body: Body):
        job = ExportJob(context.project(request, project).id, **parse_body(ExportRequest, body).model_dump())
        return json_response({"job": context.job_services.start(job)}, 202)

    @router.get("/{project}/jobs")
    def jobs(request: Request, project: str):
        return json_response([job_to_json(job) for job in context.jobs.recent(context.project(request, project).id)])
