"""Routes about sentences: a box or a click to a sentence, a sentence to the places of its words or to the track it is about."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from grounding.tasks.label.annotate import Corners, Number
from grounding.tasks.label.encodings import EncodingCache
from grounding.tasks.video.find import find_tracks
from grounding.web.answers import JsonErrorRoute, json_body, json_response, parse_body
from grounding.web.context import ApiContext


class DescribeRequest(BaseModel):
    """What to describe: a box or a point, or neither for the whole picture; with `text` where its words point."""

    model_config = ConfigDict(extra="forbid")

    box: Corners | None = None  # pyright: ignore[reportInvalidTypeForm]  (a type that is made of the values)
    point: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None  # pyright: ignore[reportInvalidTypeForm]
    text: str = Field("", strict=True, max_length=300)
    frame: int | None = Field(None, strict=True, ge=0, le=10_000_000)


class FindRequest(BaseModel):
    """The sentence that one of the tracks is looked for by."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(strict=True, min_length=1, max_length=300)


MAX_ENCODED_VIDEOS = 4


def describe_routes(context: ApiContext) -> APIRouter:
    router, encodings = APIRouter(prefix="/api/items/{item}", route_class=JsonErrorRoute), EncodingCache(MAX_ENCODED_VIDEOS)

    @router.post("/describe")
    def describe(request: Request, item: str, body: Annotated[bytes, Depends(json_body)]):
        requested, stored_item, queries = parse_body(DescribeRequest, body), context.item(request, item), context.job_services.queries
        return json_response(
            queries.add_project_labels(stored_item, queries.describe(stored_item, **requested.model_dump()))
        )

    @router.post("/find")
    def find_track(request: Request, item: str, body: Annotated[bytes, Depends(json_body)]):
        requested, models = parse_body(FindRequest, body), context.job_services.models.provider
        captioner = models.get("captioner") if "captioner" in models.shipped else None
        return json_response(find_tracks(context.store, context.item(request, item), captioner, requested.text, encodings))

    return router
