"""Routes of one item: what stands in it, edits, status, trash, history; asking a phrase and following."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from grounding.data import Query
from grounding.services.jobs import plain
from grounding.tasks.label.annotate import Corners, Id, annotate, read_edit
from grounding.tasks.label.check import CheckAsked
from grounding.web.answers import PlainRoute, answer, raw_body, read
from grounding.web.context import Context
from grounding.web.shapes import annotation_shape, item_shape, open_item_shape

Body = Annotated[bytes, Depends(raw_body)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StatusAsked(_Asked):
    status: Literal["new", "in_progress", "done"]


class GroundAsked(_Asked):
    text: str = Field(strict=True)
    frame: int | None = Field(None, strict=True, ge=0, le=10_000_000)
    each: bool = Field(False, strict=True)
    phrases: list[tuple[int, int]] = Field([], max_length=100)


class FollowAsked(_Asked):
    frame: int | None = Field(None, strict=True, ge=0, le=10_000_000)
    box: Corners | None = None
    object: Id | None = None
    label: str = Field("", strict=True, max_length=100)
    until: int | None = Field(None, strict=True, ge=0, le=10_000_000)
    every: int = Field(1, strict=True, ge=1, le=100)


def item_routes(on: Context) -> APIRouter:
    router = APIRouter(prefix="/api/items/{item}", route_class=PlainRoute)
    _add_editing(router, on)
    _add_models(router, on)
    return router


def _add_editing(router: APIRouter, on: Context) -> None:
    @router.get("")
    def open_item(request: Request, item: str):
        on.item(request, item)
        return answer(open_item_shape(on.store, *on.store.snapshot(item)))

    @router.post("/edits")
    def edit(request: Request, item: str, body: Body):
        known, asked = on.item(request, item), read_edit(body)
        return answer({"revision": annotate(on.store, known.id, asked, on.who(request))})

    @router.get("/history")
    def history(request: Request, item: str):
        rows = on.store.revisions(on.item(request, item).id)
        return answer({"history": [{"revision": revision, **annotation_shape(a)} for revision, a in rows]})

    @router.post("/status")
    def status(request: Request, item: str, body: Body):
        asked = read(StatusAsked, body)
        on.store.set_status(on.item(request, item).id, asked.status)
        return answer(item_shape(on.store.item(item)))

    @router.delete("")
    def trash(request: Request, item: str):
        on.store.trash_items([on.item(request, item).id])
        return answer(item_shape(on.store.item(item)))

    @router.post("/restore")
    def restore(request: Request, item: str):
        on.store.restore_items([on.item(request, item).id])
        return answer(item_shape(on.store.item(item)))


def _add_models(router: APIRouter, on: Context) -> None:
    @router.post("/ground")
    def ground(request: Request, item: str, body: Body):
        asked, about = read(GroundAsked, body), on.item(request, item)
        if asked.each or asked.phrases:
            caption = Query(asked.text, tuple(asked.phrases)) if asked.phrases else asked.text
            return answer(plain(on.works.labelled(about, on.works.ground_caption(about, caption, asked.frame))))
        return answer(plain(on.works.labelled(about, on.works.ground(about, asked.text, asked.frame))))

    @router.post("/check")
    def check(request: Request, item: str, body: Body):
        asked = read(CheckAsked, body)
        return answer({"phrases": on.works.check(on.item(request, item), asked)})

    @router.post("/follow")
    def follow(request: Request, item: str, body: Body):
        asked = read(FollowAsked, body)
        if asked.frame is None and (asked.box or asked.object):
            raise ValueError("a box or track is followed from a frame; say which")
        one = asked.model_dump() if asked.box or asked.object else {}
        return answer({"job": on.works.follow(on.item(request, item), **one)}, 202)
