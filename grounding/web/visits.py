"""Visits: on a public Space every browser carries a token of its own, by which the routes know whose is what."""

from __future__ import annotations

import http.cookies
import re
import secrets
from collections.abc import Callable

COOKIE = "deixis_visit"
_TOKEN = re.compile(r"^[A-Za-z0-9_-]{20,64}$")


class Visits:
    """ASGI middleware around the whole app: gives each browser a token in a cookie."""

    def __init__(self, app: Callable):
        self.app = app

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        token = token_of(scope)
        if not token:
            token = secrets.token_urlsafe(24)
            scope = {**scope, "headers": [*scope["headers"], (b"cookie", f"{COOKIE}={token}".encode())]}
            send = _with_cookie(send, token, scope)
        await self.app(scope, receive, send)


def token_of(scope) -> str:
    """The visitor's token in the headers of an ASGI scope (a Starlette request's `.scope`); empty where there is none."""
    for name, value in scope["headers"]:
        if name == b"cookie":
            cookie = http.cookies.SimpleCookie()
            cookie.load(value.decode("latin-1"))
            if COOKIE in cookie and _TOKEN.match(cookie[COOKIE].value):
                return cookie[COOKIE].value
    return ""


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
