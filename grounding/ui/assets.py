"""The files of the front end: served below an address that changes whenever one of them does."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

ADDRESS = "/frontend"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
FOLDER = Path(__file__).with_name("frontend")


@cache
def contents() -> dict[str, bytes]:
    """The files by their path below the folder ("kit/api.js"), read once."""
    found = sorted(path for path in FOLDER.rglob("*") if path.suffix in TYPES)
    return {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in found}


def text(name: str) -> str:
    return contents()[name].decode()


@cache
def address() -> str:
    """Where the files are; it changes whenever one of them does, so that browsers may keep them for ever."""
    digest = hashlib.sha256()
    for name, content in sorted(contents().items()):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return f"{ADDRESS}/{digest.hexdigest()[:16]}"


def routes() -> list[Route]:
    """The routes that serve the files, for a FastAPI or Starlette app (`app.router.routes += routes()`)."""
    return [Route(f"{address()}/{{name:path}}", _serve, methods=["GET"])]


def _serve(request: Request) -> Response:
    name = request.path_params["name"]
    content = contents().get(name)
    if content is None:
        return PlainTextResponse("there is no such file of the front end", 404)
    kind = TYPES[name[name.rindex("."):]]
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(content, headers={**headers, "Content-Type": kind})
