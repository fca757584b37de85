"""Guard: what every request has to pass and every answer carries, whoever answers it."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from grounding.web.refusals import Plain, refuse

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SAFE = ("GET", "HEAD", "OPTIONS")
# Gradio builds functions from text and writes styles and scripts into the page, so both "unsafe" words are needed.
POLICY = {
    "default-src": "'self'", "script-src": "'self' 'unsafe-inline' 'unsafe-eval'", "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:", "media-src": "'self' blob:", "font-src": "'self' data:", "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:", "object-src": "'none'", "base-uri": "'self'", "form-action": "'self'",
}


class Guard:
    """ASGI middleware. `hosts` are the names this app answers to (None = any, behind a proxy that checks them itself).

    A page of another site may neither write (Origin, Sec-Fetch-Site) nor reach us under a name of its own (Host).
    `frames` are the sites that may show the app inside a page of theirs.
    """

    def __init__(self, app, hosts: Collection[str] | None = LOOPBACK, frames: Collection[str] = ()):
        self.app, self.hosts = app, hosts
        policy = POLICY | {"frame-ancestors": " ".join(("'self'", *frames))}
        self._headers = [(b"content-security-policy", "; ".join(f"{name} {value}" for name, value in policy.items()).encode()),
                         (b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin")]

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "websocket":  # nothing here speaks over one
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        why, send = self.refused(scope["method"], headers), self._dressed(send)
        if why:
            await refuse(send, 403, why)
        else:
            await Plain(send, trusted=True).run(self.app, scope, receive)

    def refused(self, method: str, headers: dict[bytes, str]) -> str:
        """Why this request is not served, or an empty string."""
        host = headers.get(b"host", "")
        if self.hosts is not None and _name(host) not in self.hosts:
            return "this address is not one of this app; open it by the address it printed when it started"
        if method in SAFE:
            return ""
        origin = headers.get(b"origin")
        foreign = headers.get(b"sec-fetch-site", "same-origin") not in ("same-origin", "none")
        if foreign or (origin is not None and urlsplit(origin).netloc != host):
            return "another site tried to change something here; open the app itself and do it there"
        return ""

    def _dressed(self, send):
        async def sending(message):
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message = {**message, "headers": [*message["headers"], *(h for h in self._headers if h[0] not in given)]}
            await send(message)
        return sending


def _name(host: str) -> str:
    """The host without its port."""
    return urlsplit(f"//{host}").hostname or "" if _plausible(host) else ""


def _plausible(host: str) -> bool:
    return bool(host) and not any(c in host for c in "/\\@ ") and (host.count("[") == host.count("]") == host.startswith("["))

