"""Visits: on a public Space every visitor carries a token, and reaches only what belongs to it."""

from __future__ import annotations

import http.cookies
import json
import re
import secrets
from collections.abc import Callable
from typing import Any

from grounding.store import NotFound, Store

COOKIE = "deixis_visit"
_TOKEN = re.compile(r"^[A-Za-z0-9_-]{20,64}$")
_OWNED = re.compile(r"^/(?:api/(projects|items|jobs|exports)|(media))/([^/]+)(?:/.*)?$")
_ANSWERS = {403: "This belongs to another visitor, or its hour is over. Reload the page to get a fresh project.",
            405: "A visitor has one project and cannot make another. Run Deixis on your own machine to make more."}  # fmt: skip


class Visits:
    """ASGI middleware around the whole app; `guests` (grounding.tasks.guests) knows whose is what.

    It gives each browser a token in a cookie, and answers 403 to every address under /api and /media that names
    something of another visitor, something unknown, or nothing known here.
    """

    def __init__(self, app: Callable, guests: Any, store: Store):
        self.app, self.guests, self.store = app, guests, store

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        token, fresh = visitor(scope)
        if fresh:
            scope["headers"] = [*scope["headers"], (b"cookie", f"{COOKIE}={token}".encode())]
            send = _with_cookie(send, token, scope)
        status = self._refusal(scope["method"], scope["path"], token)
        if status:
            await _answer(send, status)
            return
        await self.app(scope, receive, send)

    def _refusal(self, method: str, path: str, token: str) -> int | None:
        if not path.startswith(("/api/", "/media/")):
            return None
        if path == "/api/projects":
            return None if method in ("GET", "HEAD") else 405
        project = self._project_of(path)
        return None if project is not None and self.guests.may_see(token, project) else 403

    def _project_of(self, path: str) -> str | None:
        match = _OWNED.match(path)
        if match is None:
            return None
        kind, name = match[1] or match[2], match[3]
        try:
            if kind == "projects":
                return name
            if kind in ("jobs", "exports"):
                return self._project_of_job(name)
            return self.store.item(name).project
        except NotFound:
            return None

    def _project_of_job(self, name: str) -> str | None:
        job = self.store.job(name)
        return job.project or (self.store.item(job.item).project if job.item else None)


def visitor(scope) -> tuple[str, bool]:
    """The token of a request, and whether it had to be made."""
    for name, value in scope["headers"]:
        if name == b"cookie":
            cookie = http.cookies.SimpleCookie()
            cookie.load(value.decode("latin-1"))
            if COOKIE in cookie and _TOKEN.match(cookie[COOKIE].value):
                return cookie[COOKIE].value, False
    return secrets.token_urlsafe(24), True


def _with_cookie(send, token: str, scope):
    forwarded = dict(scope["headers"]).get(b"x-forwarded-proto", b"").decode("latin-1")
    secure = "https" in (scope.get("scheme"), forwarded)
    # A Space stands in a frame of another site: only a partitioned, secure cookie reaches it there.
    where = "SameSite=None; Secure; Partitioned" if secure else "SameSite=Lax"
    line = f"{COOKIE}={token}; Path=/; HttpOnly; Max-Age=7200; {where}".encode()

    async def sending(message):
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"set-cookie", line)]}
        await send(message)

    return sending


async def _answer(send, status: int) -> None:
    body = json.dumps({"error": _ANSWERS[status]}).encode()
    headers = [(b"content-type", b"application/json"), (b"x-content-type-options", b"nosniff"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
