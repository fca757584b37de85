"""The allow-list of Gradio's routes: the few that the page uses. Every other one is refused.

Gradio brings routes that read files, fetch addresses, take uploads and run components. The page needs none of them: its
values are texts, numbers and lists of those, and its pictures go over our own routes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Annotated

from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr
from starlette.concurrency import run_in_threadpool

from grounding.services.quota import OverQuota
from grounding.web.answers import TooLarge, TooSlow, read, whole_body
from grounding.web.policy import PageResponse
from grounding.web.refusals import SENTENCES, PlainErrors, refuse
from grounding.web.sessions import Sessions
from grounding.web.visits import brought

# What Gradio may read of a request. Not Origin, for it would invite other sites in by its own rule, nor tokens.
HEADERS = {
    b"accept",
    b"accept-encoding",
    b"accept-language",
    b"content-length",
    b"content-type",
    b"cookie",
    b"host",
    b"if-match",
    b"if-modified-since",
    b"if-none-match",
    b"if-range",
    b"range",
    b"user-agent",
    b"x-forwarded-host",
    b"x-forwarded-proto",
}
HASH = r"[A-Za-z0-9_-]{1,64}"
ALLOWED = {
    "GET": (r"/|/config|/theme\.css|/favicon\.ico|/manifest\.json|/assets/\w[\w.-]*|/static(/\w[\w.-]*)+"
            rf"|/gradio_api/(app_id|queue/data|heartbeat/{HASH})"),
    "HEAD": "/",
    "POST": "/gradio_api/queue/join",
}  # fmt: skip
_ALLOWED = {method: re.compile(paths, re.ASCII) for method, paths in ALLOWED.items()}
STATUSES = (TooLarge, 413), (TooSlow, 408), (OverQuota, 429), (PermissionError, 403), (ValueError, 400)  # the first that fits
MOST_EVENT = 4 << 20  # bytes; 10,000 labels of 200 letters are 2 MB

Plainest = StrictBool | StrictInt | StrictFloat | StrictStr | None
Value = Plainest | Annotated[list[Plainest], Field(max_length=10_000)]


class Event(BaseModel):
    """What the page's script sends: no value in it is a dict, so none can be a file."""

    model_config = ConfigDict(extra="forbid")

    data: list[Value] = Field(max_length=100)
    fn_index: StrictInt
    session_hash: str = Field(pattern=f"^{HASH}$")
    trigger_id: StrictInt | None = None
    event_data: dict[str, Value] | None = None


def allow_only_used(app: FastAPI, blocks, enter: Callable[[dict], None] | None = None) -> FastAPI:
    """Restricts the Gradio page `blocks` that was mounted last to the routes that it uses."""
    mount = app.router.routes[-1]
    sessions = Sessions(blocks._queue) if enter else None
    mount.app = AllowedRoutes(mount.app, blocks.fns, enter, blocks.head, app.state.frames, sessions)
    return app


class AllowedRoutes:
    """ASGI middleware around Gradio. `events` are the numbers of the page's events; before one runs, `enter(scope)`
    prepares what the visitor finds, and may raise PermissionError to keep somebody out. `head` is what Gradio adds to
    the page's head."""

    def __init__(
        self,
        app,
        events: Collection[int],
        enter: Callable[[dict], None] | None = None,
        head: str = "",
        frames: Collection[str] = (),
        sessions: Sessions | None = None,
    ):
        self.app, self.events, self.enter, self.head, self.frames, self.sessions = app, events, enter, head, frames, sessions

    async def __call__(self, scope, receive, send) -> None:
        if not is_allowed(scope["method"], scope["path"]):
            status = 403 if scope["path"].lstrip("/").startswith("gradio_api") else 404
            await refuse(send, status, SENTENCES[status], unread=scope["method"] == "POST")
            return
        dropped = set()
        if scope["path"] == "/":
            send, dropped = PageResponse(send, scope, self.head, self.frames).send, {b"accept-encoding"}
        try:
            if scope["method"] == "POST":
                scope, receive = await self._checked(scope, receive)
            elif self.sessions:
                self.sessions.check(_session(scope), brought(scope))
        except (ValueError, PermissionError) as error:
            await refuse(send, _status(error), str(error), unread=isinstance(error, (TooLarge, TooSlow)))
            return
        scope = {**scope, "headers": [header for header in scope["headers"] if header[0] in HEADERS - dropped]}
        await PlainErrors(send, trusted=False).run(self.app, scope, receive)

    async def _checked(self, scope, receive):
        """The event, read and written anew, so that Gradio sees what was checked and nothing else."""
        event = read(Event, await whole_body(Request(scope, receive), MOST_EVENT))
        if event.fn_index not in self.events:
            raise ValueError("the page has no such event; reload it")
        if self.enter:
            await run_in_threadpool(self.enter, scope)
        if self.sessions:
            self.sessions.begin(event.session_hash, brought(scope))
        body = event.model_dump_json(exclude_unset=True).encode()
        headers = [*(h for h in scope["headers"] if h[0] not in (b"content-length", b"content-type")),
                   (b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
        given = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receiving():
            return next(given, None) or await receive()

        return {**scope, "headers": headers}, receiving


def _session(scope) -> str:
    """The session that a stream of the page is asked for; what is no stream has none of that name."""
    if scope["path"].endswith("/queue/data"):
        return Request(scope).query_params.get("session_hash", "")
    return scope["path"].rpartition("/heartbeat/")[2]


def _status(error: Exception) -> int:
    return next(status for kind, status in STATUSES if isinstance(error, kind))


def is_allowed(method: str, path: str) -> bool:
    """Whether the page uses this method on this path, letter by letter."""
    return method in _ALLOWED and _ALLOWED[method].fullmatch(path) is not None
