"""JSON responses, request bodies, and the mapping from exceptions to error responses of one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from grounding.data.media import MediaError
from grounding.machine.errors import DiskFullError, as_machine_error
from grounding.services.errors import user_message
from grounding.services.jobs import to_jsonable
from grounding.services.quota import OverQuota
from grounding.store import Conflict, NotFound
from grounding.tasks.label.annotate import first_error

MAX_JSON_BYTES = 16 << 20  # bytes; 300 tracks with 300 keyframes each are 4 MB
Model = TypeVar("Model", bound=BaseModel)


class Forbidden(PermissionError):
    """The visitor may not see this."""


class TooLarge(ValueError):
    """More than the server takes at once."""


class TooSlow(ValueError):
    """The body did not come in time."""


def json_response(value: Any, status: int = 200) -> Response:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "replace"), status, media_type="application/json", headers={"Cache-Control": "no-store"})


def error_response(error: Exception) -> Response:
    """Which status, and the sentence. Errors nobody foresaw are logged; the browser gets an id only."""
    machine_failure = as_machine_error(error)
    if machine_failure is not None:  # 5xx: the page keeps what it sent and tries again
        return json_response({"error": user_message(error)}, 507 if isinstance(machine_failure, DiskFullError) else 503)
    if isinstance(error, Conflict):
        return json_response({"error": str(error), "revision": error.revision, "annotations": [to_jsonable(a) for a in error.current]}, 409)
    if isinstance(error, HTTPException):
        return json_response({"error": str(error.detail)}, error.status_code)
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        return json_response({"error": f"{' '.join(str(part) for part in first['loc'][1:])}: {first['msg']}"}, 400)
    for kind, status in ((OverQuota, 429), (Forbidden, 403), (PermissionError, 403), (NotFound, 404), (TooLarge, 413), (TooSlow, 408)):
        if isinstance(error, kind) and not (isinstance(error, PermissionError) and error.errno):
            return json_response({"error": str(error)}, status)
    if isinstance(error, FileNotFoundError):
        return json_response({"error": "the file of this item is gone from the data folder; load it again"}, 404)
    status = 400 if isinstance(error, (ValueError, MediaError)) and not isinstance(error, UnicodeError) else 500
    return json_response({"error": user_message(error)}, status)


class JsonErrorRoute(APIRoute):
    """A route whose errors become plain answers."""

    def get_route_handler(self) -> Callable:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:
                return error_response(error)

        return handled


async def json_body(request: Request) -> bytes:
    """The whole body of a request for JSON."""
    return await read_body(request, MAX_JSON_BYTES)


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The whole body; TooLarge beyond this many bytes."""
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > max_bytes:
            raise TooLarge(f"this request is larger than {max_bytes >> 20} MB; send it in parts")
        pieces.append(piece)
    return b"".join(pieces)


def parse_body(model: type[Model], body: bytes) -> Model:
    """A body as the model; a ValueError that says what is wrong with it."""
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise ValueError(f"this request cannot be understood: {first_error(error)}") from None
