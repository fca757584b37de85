"""The allow-list of Gradio's routes: the few that the page uses. Every other one is refused.

Gradio brings routes that read files, fetch addresses, take uploads and run components. The page needs none of them: its
values are texts, numbers and lists of those, and its pictures go over our own routes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Annotated, Any

from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr
from starlette.concurrency import run_in_threadpool

from grounding.services.quota import OverQuota
from grounding.web.answers import TooLarge, TooSlow, parse_body, read_body
from grounding.web.policy import PolicySender
from grounding.web.refusals import ERROR_MESSAGES, JsonErrors, send_error
from grounding.web.sessions import PageSessions
from grounding.web.visits import confirmed_token

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
SESSION_HASH = r"[A-Za-z0-9_-]{1,64}"
ALLOWED_PATHS = {
    "GET": (r"/|/config|/theme\.css|/favicon\.ico|/manifest\.json|/assets/\w[\w.-]*|/static(/\w[\w.-]*)+"
            rf"|/gradio_api/(app_id|queue/data|heartbeat/{SESSION_HASH})"),
    "HEAD": "/",
    "POST": "/gradio_api/queue/join",
}  # fmt: skip
_ALLOWED_PATTERNS = {method: re.compile(paths, re.ASCII) for method, paths in ALLOWED_PATHS.items()}
ERROR_STATUSES = (TooLarge, 413), (TooSlow, 408), (OverQuota, 429), (PermissionError, 403), (ValueError, 400)  # the first that fits
MAX_EVENT_BYTES = 4 << 20  # bytes; 10,000 labels of 200 letters are 2 MB

JsonScalar = StrictBool | StrictInt | StrictFloat | StrictStr | None
EventValue = JsonScalar | Annotated[list[JsonScalar], Field(max_length=10_000)]


class PageEvent(BaseModel):
    """What the page's script sends: no value in it is a dict, so none can be a file."""

    model_config = ConfigDict(extra="forbid")

    data: list[EventValue] = Field(max_length=100)
    fn_index: StrictInt
    session_hash: str = Field(pattern=f"^{SESSION_HASH}$")
    trigger_id: StrictInt | None = None
    event_data: dict[str, EventValue] | None = None


def restrict_routes(app: FastAPI, blocks, prepare_visit: Callable[[dict], None] | None = None) -> FastAPI:
    """Restricts the Gradio page `blocks` that was mounted last to the routes that it uses."""
    mount: Any = app.router.routes[-1]
    sessions = PageSessions(blocks._queue) if prepare_visit else None
    mount.app = AllowedRoutes(mount.app, blocks.fns, prepare_visit, blocks.head, app.state.frame_ancestors, sessions)
    return app


class AllowedRoutes:
    """ASGI middleware around Gradio. `event_ids` are the numbers of the page's events; before one runs,
    `prepare_visit(scope)` is called, which may raise PermissionError to deny access. `head_html` is what Gradio adds to
    the page's head."""

    def __init__(
        self,
        app,
        event_ids: Collection[int],
        prepare_visit: Callable[[dict], None] | None = None,
        head_html: str = "",
        frame_ancestors: Collection[str] = (),
        sessions: PageSessions | None = None,
    ):
        self.app, self.event_ids, self.prepare_visit = app, event_ids, prepare_visit
        self.head_html, self.frame_ancestors, self.sessions = head_html, frame_ancestors, sessions

    async def __call__(self, scope, receive, send) -> None:
        if not is_allowed(scope["method"], scope["path"]):
            status = 403 if scope["path"].lstrip("/").startswith("gradio_api") else 404
            await send_error(send, status, ERROR_MESSAGES[status], body_unread=scope["method"] == "POST")
            return
        dropped_headers = set()
        if scope["path"] == "/":
            send, dropped_headers = PolicySender(send, scope, self.head_html, self.frame_ancestors).send, {b"accept-encoding"}
        try:
            if scope["method"] == "POST":
                scope, receive = await self._rewrite_event(scope, receive)
            elif self.sessions:
                self.sessions.check_owner(_session_of(scope), confirmed_token(scope))
        except (ValueError, PermissionError) as error:
            await send_error(send, _error_status(error), str(error), body_unread=isinstance(error, (TooLarge, TooSlow)))
            return
        scope = {**scope, "headers": [header for header in scope["headers"] if header[0] in HEADERS - dropped_headers]}
        await JsonErrors(send, trust_json=False).run(self.app, scope, receive)

    async def _rewrite_event(self, scope, receive):
        """The event, read and written anew, so that Gradio sees what was checked and nothing else."""
        event = parse_body(PageEvent, await read_body(Request(scope, receive), MAX_EVENT_BYTES))
        if event.fn_index not in self.event_ids:
            raise ValueError("the page has no such event; reload it")
        if self.prepare_visit:
            await run_in_threadpool(self.prepare_visit, scope)
        if self.sessions:
            self.sessions.begin_event(event.session_hash, confirmed_token(scope))
        body = event.model_dump_json(exclude_unset=True).encode()
        headers = [*(h for h in scope["headers"] if h[0] not in (b"content-length", b"content-type")),
                   (b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
        messages = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive_checked():
            return next(messages, None) or await receive()

        return {**scope, "headers": headers}, receive_checked


def _session_of(scope) -> str:
    """The session that a stream of the page is asked for; what is no stream has none of that name."""
    if scope["path"].endswith("/queue/data"):
        return Request(scope).query_params.get("session_hash", "")
    return scope["path"].rpartition("/heartbeat/")[2]


def _error_status(error: Exception) -> int:
    return next(status for kind, status in ERROR_STATUSES if isinstance(error, kind))


def is_allowed(method: str, path: str) -> bool:
    """Whether the page uses this method on this path, letter by letter."""
    return method in _ALLOWED_PATTERNS and _ALLOWED_PATTERNS[method].fullmatch(path) is not None
