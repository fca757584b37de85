"""Routes of one item: what stands in it, edits, status, trash, history; asking a phrase and following."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from grounding.data import Query
from grounding.services.job_kinds import FollowBoxJob, FollowJob, Job
from grounding.services.jobs import to_jsonable
from grounding.tasks.label.annotate import Corners, Id, annotate, read_edit
from grounding.tasks.label.check import CheckRequest
from grounding.web.answers import JsonErrorRoute, json_body, json_response, parse_body
from grounding.web.context import ApiContext
from grounding.web.shapes import annotation_to_json, item_to_json, open_item_to_json

Body = Annotated[bytes, Depends(json_body)]


class _RequestBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StatusRequest(_RequestBody):
    status: Literal["new", "in_progress", "done"]


class GroundRequest(_RequestBody):
    text: str = Field(strict=True)
    frame: int | None = Field(None, strict=True, ge=0, le=10_000_000)
    each: bool = Field(False, strict=True)
    phrases: list[tuple[int, int]] = Field([], max_length=100)


class FollowRequest(_RequestBody):
    frame: int | None = Field(None, strict=True, ge=0, le=10_000_000)
    box: Corners | None = None  # pyright: ignore[reportInvalidTypeForm]  (types that are made of the values)
    object: Id | None = None  # pyright: ignore[reportInvalidTypeForm]
    label: str = Field("", strict=True, max_length=100)
    until: int | None = Field(None, strict=True, ge=0, le=10_000_000)
    every: int = Field(1, strict=True, ge=1, le=100)


def item_routes(context: ApiContext) -> APIRouter:
    router = APIRouter(prefix="/api/items/{item}", route_class=JsonErrorRoute)
    _add_edit_routes(router, context)
    _add_model_routes(router, context)
    return router


def _add_edit_routes(router: APIRouter, context: ApiContext) -> None:
    @router.get("")
    def open_item(request: Request, item: str):
        context.item(request, item)
        return json_response(open_item_to_json(context.store, *context.store.snapshot(item)))

    @router.post("/edits")
    def edit(request: Request, item: str, body: Body):
        stored_item, requested = context.item(request, item), read_edit(body)
        return json_response({"revision": annotate(context.store, stored_item.id, requested, context.user_name(request))})

    @router.get("/history")
    def history(request: Request, item: str):
        rows = context.store.revisions(context.item(request, item).id)
        return json_response({"history": [{"revision": revision, **annotation_to_json(a)} for revision, a in rows]})

    @router.post("/status")
    def status(request: Request, item: str, body: Body):
        requested = parse_body(StatusRequest, body)
        context.store.set_status(context.item(request, item).id, requested.status)
        return json_response(item_to_json(context.store.item(item)))

    @router.delete("")
    def trash(request: Request, item: str):
        context.store.trash_items([context.item(request, item).id])
        return json_response(item_to_json(context.store.item(item)))

    @router.post("/restore")
    def restore(request: Request, item: str):
        context.store.restore_items([context.item(request, item).id])
        return json_response(item_to_json(context.store.item(item)))


def _add_model_routes(router: APIRouter, context: ApiContext) -> None:
    @router.post("/ground")
    def ground(request: Request, item: str, body: Body):
        requested, stored_item, queries = parse_body(GroundRequest, body), context.item(request, item), context.job_services.queries
        if requested.each or requested.phrases:
            caption = Query(requested.text, tuple(requested.phrases)) if requested.phrases else requested.text
            answer = queries.ground_caption(stored_item, caption, requested.frame)
        else:
            answer = queries.ground(stored_item, requested.text, requested.frame)
        return json_response(to_jsonable(queries.add_project_labels(stored_item, answer)))

    @router.post("/check")
    def check(request: Request, item: str, body: Body):
        requested = parse_body(CheckRequest, body)
        return json_response({"phrases": context.job_services.queries.check(context.item(request, item), requested)})

    @router.post("/follow")
    def follow(request: Request, item: str, body: Body):
        requested = parse_body(FollowRequest, body)
        if requested.frame is None and (requested.box or requested.object):
            raise ValueError("a box or track is followed from a frame; say which")
        stored_item = context.item(request, item)
        if requested.box or requested.object:
            job: Job = FollowBoxJob(stored_item.id, **requested.model_dump())
        else:
            job = FollowJob(stored_item.project, [stored_item.id])
        return json_response({"job": context.job_services.start(job)}, 202)
