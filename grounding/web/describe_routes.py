"""The route that describes: a box or a click to a sentence, a sentence to the places of its words."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from grounding.tasks.annotate import Corners, Number
from grounding.web.answers import PlainRoute, answer, raw_body, read
from grounding.web.context import Context


class DescribeAsked(BaseModel):
    """What to describe: a box or a point, or neither for the whole picture; with `text` where its words point."""

    model_config = ConfigDict(extra="forbid")

    box: Corners | None = None
    point: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None
    text: str = Field("", strict=True, max_length=300)
    frame: int | None = Field(None, strict=True, ge=0, le=10_000_000)


def describe_routes(on: Context) -> APIRouter:
    router = APIRouter(prefix="/api/items/{item}", route_class=PlainRoute)

    @router.post("/describe")
    def describe(request: Request, item: str, body: Annotated[bytes, Depends(raw_body)]):
        asked = read(DescribeAsked, body)
        return answer(on.works.describe(on.item(request, item), **asked.model_dump()))

    return router
