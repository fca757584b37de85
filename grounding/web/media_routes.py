"""Routes of pixels: photos, thumbnails, videos and single frames, by the item's id and nothing else."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from grounding.data.media_kinds import VIDEOS
from grounding.store import Item, NotFound
from grounding.web.answers import PlainRoute
from grounding.web.context import Context
from grounding.web.pictures import TYPES, encoded

FRAME_QUALITY = 92
# What an id stands for never changes, so a browser need not ask again; nobody but that browser may keep it.
FOREVER = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff",
           "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
           "Cross-Origin-Resource-Policy": "same-origin"}


def media_routes(on: Context) -> APIRouter:
    router = APIRouter(prefix="/media/{item}", route_class=PlainRoute)

    @router.get("/image")
    def image(request: Request, item: str):
        known = on.item(request, item)
        if known.kind != "photo":
            raise NotFound(f"{known.name} is a video; ask for one of its frames")
        return _unchanged(request, known, "image") or _file(on.pictures.image(known), known, "image")

    @router.get("/thumb")
    def thumb(request: Request, item: str):
        known = on.item(request, item)
        first = None if known.kind == "photo" else lambda: on.films.frame(on.store, known, 0).pixels
        return _unchanged(request, known, "thumb") or _file(on.pictures.thumb(known, first), known, "thumb")

    @router.get("/video")
    def video(request: Request, item: str):
        known = on.item(request, item)
        if known.kind != "video":
            raise NotFound(f"{known.name} is a photo; ask for its image")
        path = on.store.media_path(known)
        if not path.is_file():
            raise NotFound(f"the file of {known.name} is gone from the data folder; load it again")
        return FileResponse(path, media_type=VIDEOS[known.ext].mime, headers=_tagged(known, "video"))

    @router.get("/frames/{number}")
    def frame(request: Request, item: str, number: int):
        known = on.item(request, item)
        same = _unchanged(request, known, f"frame{number}")
        if same:
            return same
        pixels = on.films.frame(on.store, known, number).pixels
        return Response(encoded(pixels, "jpg", FRAME_QUALITY), media_type=TYPES["jpg"], headers=_tagged(known, f"frame{number}"))

    return router


def _tagged(item: Item, what: str) -> dict[str, str]:
    return {**FOREVER, "ETag": f'"{item.sha256[:24]}-{what}"'}


def _unchanged(request: Request, item: Item, what: str) -> Response | None:
    headers = _tagged(item, what)
    return Response(status_code=304, headers=headers) if request.headers.get("if-none-match") == headers["ETag"] else None


def _file(path, item: Item, what: str) -> FileResponse:
    return FileResponse(path, media_type=TYPES[path.suffix[1:]], headers=_tagged(item, what))
