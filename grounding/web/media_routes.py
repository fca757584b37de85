"""Routes of pixels: photos, thumbnails, videos and single frames, by the item's id and nothing else."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from grounding.data.media_kinds import VIDEOS
from grounding.store import Item, NotFound
from grounding.web.answers import PlainRoute
from grounding.web.context import Context
from grounding.web.photos import DECODING, TYPES, encoded

FRAME_QUALITY = 92
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Under an address with its version a picture never changes, so a browser need not ask again; only that browser keeps it.
FOREVER = "private, max-age=31536000, immutable"
ASK_AGAIN = "private, no-cache"


def media_routes(on: Context) -> APIRouter:
    router = APIRouter(prefix="/media/{item}", route_class=PlainRoute)

    @router.get("/image")
    def image(request: Request, item: str):
        known = on.item(request, item)
        if known.kind != "photo":
            raise NotFound(f"{known.name} is a video; ask for one of its frames")
        return _unchanged(request, known, "image") or _file(request, on.pictures.image(known), known, "image")

    @router.get("/thumb")
    def thumb(request: Request, item: str):
        known = on.item(request, item)
        first = None if known.kind == "photo" else lambda: on.films.frame(on.store, known, 0).pixels
        return _unchanged(request, known, "thumb") or _file(request, on.pictures.thumb(known, first), known, "thumb")

    @router.get("/video")
    def video(request: Request, item: str):
        known = on.item(request, item)
        if known.kind != "video":
            raise NotFound(f"{known.name} is a photo; ask for its image")
        path = on.store.media_path(known)
        if not path.is_file():
            raise NotFound(f"the file of {known.name} is gone from the data folder; load it again")
        return FileResponse(path, media_type=VIDEOS[known.ext].mime, headers=_headers(request, known, "video"))

    @router.get("/frames/{number}")
    def frame(request: Request, item: str, number: int):
        known = on.item(request, item)
        same = _unchanged(request, known, f"frame{number}")
        if same:
            return same
        pixels = on.films.frame(on.store, known, number).pixels
        headers = _headers(request, known, f"frame{number}")
        return Response(encoded(pixels, "jpg", FRAME_QUALITY), media_type=TYPES["jpg"], headers=headers)

    return router


def _headers(request: Request, item: Item, what: str) -> dict[str, str]:
    newest = request.query_params.get("v") == str(DECODING)
    return {**SAFE, "Cache-Control": FOREVER if newest else ASK_AGAIN, "ETag": f'"{item.sha256[:24]}-{what}-{DECODING}"'}


def _unchanged(request: Request, item: Item, what: str) -> Response | None:
    headers = _headers(request, item, what)
    same = request.headers.get("if-none-match") == headers["ETag"]
    return Response(status_code=304, headers=headers) if same else None


def _file(request: Request, path: Path, item: Item, what: str) -> FileResponse:
    return FileResponse(path, media_type=TYPES[path.suffix[1:]], headers=_headers(request, item, what))
