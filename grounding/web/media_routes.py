"""Routes of pixels: photos, thumbnails, videos and single frames, by the item's id and nothing else."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from grounding.data.media_kinds import VIDEO_KINDS
from grounding.store import Item, NotFound
from grounding.web.answers import JsonErrorRoute
from grounding.web.context import ApiContext
from grounding.web.photos import DECODING_VERSION, MIME_TYPES, encode_image

FRAME_QUALITY = 92
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Under an address with its version a picture never changes, so a browser need not ask again; only that browser keeps it.
CACHE_FOREVER = "private, max-age=31536000, immutable"
REVALIDATE = "private, no-cache"


def media_routes(context: ApiContext) -> APIRouter:
    router = APIRouter(prefix="/media/{item}", route_class=JsonErrorRoute)

    @router.get("/image")
    def image(request: Request, item: str):
        stored_item = context.item(request, item)
        if stored_item.kind != "photo":
            raise NotFound(f"{stored_item.name} is a video; ask for one of its frames")
        return _not_modified(request, stored_item, "image") or _file_response(
            request, context.images.image(stored_item), stored_item, "image"
        )

    @router.get("/thumb")
    def thumb(request: Request, item: str):
        stored_item = context.item(request, item)
        first_frame = None if stored_item.kind == "photo" else lambda: context.videos.frame(context.store, stored_item, 0).pixels
        return _not_modified(request, stored_item, "thumb") or _file_response(
            request, context.images.thumb(stored_item, first_frame), stored_item, "thumb"
        )

    @router.get("/video")
    def video(request: Request, item: str):
        stored_item = context.item(request, item)
        if stored_item.kind != "video":
            raise NotFound(f"{stored_item.name} is a photo; ask for its image")
        path = context.store.media_path(stored_item)
        if not path.is_file():
            raise NotFound(f"the file of {stored_item.name} is gone from the data folder; load it again")
        return FileResponse(path, media_type=VIDEO_KINDS[stored_item.ext].mime, headers=_cache_headers(request, stored_item, "video"))

    @router.get("/frames/{number}")
    def frame(request: Request, item: str, number: int):
        stored_item = context.item(request, item)
        not_modified = _not_modified(request, stored_item, f"frame{number}")
        if not_modified:
            return not_modified
        pixels = context.videos.frame(context.store, stored_item, number).pixels
        headers = _cache_headers(request, stored_item, f"frame{number}")
        return Response(encode_image(pixels, "jpg", FRAME_QUALITY), media_type=MIME_TYPES["jpg"], headers=headers)

    return router


def _cache_headers(request: Request, item: Item, variant: str) -> dict[str, str]:
    current_version = request.query_params.get("v") == str(DECODING_VERSION)
    return {
        **SAFE_HEADERS,
        "Cache-Control": CACHE_FOREVER if current_version else REVALIDATE,
        "ETag": f'"{item.sha256[:24]}-{variant}-{DECODING_VERSION}"',
    }


def _not_modified(request: Request, item: Item, variant: str) -> Response | None:
    headers = _cache_headers(request, item, variant)
    same = request.headers.get("if-none-match") == headers["ETag"]
    return Response(status_code=304, headers=headers) if same else None


def _file_response(request: Request, path: Path, item: Item, variant: str) -> FileResponse:
    return FileResponse(path, media_type=MIME_TYPES[path.suffix[1:]], headers=_cache_headers(request, item, variant))
