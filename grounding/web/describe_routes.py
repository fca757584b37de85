"""Routes about sentences: a box or a click to a sentence, a sentence to the places of its words or to the track it is about."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from grounding.tasks.label.annotate import Corners, Number
from grounding.tasks.label.encodings import Encodings
from grounding.tasks.video.find import find
from grounding.web.answers import PlainRoute, answer, raw_body, read
from grounding.web.context import Context


class DescribeAsked(BaseModel):
    """What to describe: a box or a point, or neither for the whole picture; with `text` where its words point."""

    model_config = ConfigDict(extra="forbid")

    box: Corners | None = None
    point: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None
    text: str = Field("", strict=True, max_length=300)
    frame: int | None = Field(None, strict=True, ge=0, le=10_000_000)


class FindAsked(BaseModel):
    """The sentence that one of the tracks is looked for by."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(strict=True, min_length=1, max_length=300)


FILMS_KEPT = 4


def describe_routes(on: Context) -> APIRouter:
    router, looks = APIRouter(prefix="/api/items/{item}", route_class=PlainRoute), Encodings(FILMS_KEPT)

    @router.post("/describe")
    def describe(request: Request, item: str, body: Annotated[bytes, Depends(raw_body)]):
        asked, about = read(DescribeAsked, body), on.item(request, item)
        return answer(on.works.labelled(about, on.works.describe(about, **asked.model_dump())))

    @router.post("/find")
    def find_track(request: Request, item: str, body: Annotated[bytes, Depends(raw_body)]):
        asked, captioner = read(FindAsked, body), on.works.tools.captioner
        return answer(find(on.store, on.item(request, item), captioner and captioner(), asked.text, looks))

    return router
