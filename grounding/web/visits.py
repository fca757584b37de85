"""Visit cookies: on a public Space every browser has a signed token, which tells the routes which project is its own."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import urllib.parse
from collections.abc import Callable

VISIT_COOKIE, NAME_COOKIE = "deixis_visit", "deixis_name"
VISIT_SCOPE_KEY = "deixis.visit"  # of a scope: (token, whether the browser itself sent it)


class VisitMiddleware:
    """ASGI middleware around the whole app: gives each browser a token in a cookie, signed with a secret of this start.

    A cookie with another signature is ignored and replaced by a new token.
    """

    def __init__(self, app: Callable, secret: bytes = b""):
        self.app, self._secret = app, secret or secrets.token_bytes(32)

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        token = self._verified_token(_cookie(scope, VISIT_COOKIE))
        known = bool(token)
        if not known:
            token = secrets.token_urlsafe(24)
            send = _with_cookie(send, f"{token}.{self._signature(token)}", scope)
        await self.app({**scope, VISIT_SCOPE_KEY: (token, known)}, receive, send)

    def _verified_token(self, cookie: str) -> str:
        """The token of a cookie whose signature is ours; empty otherwise."""
        token, _, signature = cookie.partition(".")
        return token if hmac.compare_digest(signature.encode(), self._signature(token).encode()) else ""

    def _signature(self, token: str) -> str:
        return hmac.new(self._secret, token.encode(), hashlib.sha256).hexdigest()


def visit_token(scope) -> str:
    """The visitor's token, as VisitMiddleware has put it into an ASGI scope (a Starlette request's `.scope`); empty where it did not."""
    return scope.get(VISIT_SCOPE_KEY, ("", False))[0]


def confirmed_token(scope) -> str:
    """The token that the browser itself sent; empty where it got one only now, and nobody knows whether it keeps it."""
    token, known = scope.get(VISIT_SCOPE_KEY, ("", False))
    return token if known else ""


def client_address(scope, proxies: int = 1) -> str:
    """Where a request comes from: what the outermost of our own proxies has written, of IPv6 the network; empty if that
    is no address.

    Each proxy adds the address it was called from at the end of X-Forwarded-For, so what stands before is what the
    sender made up.
    """
    forwarded = (
        b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for").decode("latin-1").split(",")
    )
    peer = (scope.get("client") or ("",))[0]
    hops = [hop.strip() for hop in forwarded if hop.strip()]
    return _normalized_address(hops[-min(proxies, len(hops))] if hops and proxies else peer)


def _normalized_address(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    return str(found if found.version == 4 else ipaddress.ip_network((found, 64), strict=False))


def read_name_cookie(scope) -> str:
    """The name a person gave on the page, as it was typed; empty where there is none."""
    return urllib.parse.unquote(_cookie(scope, NAME_COOKIE), errors="ignore")


def _cookie(scope, cookie_name: str) -> str:
    """The value of the first cookie of this name, or an empty string."""
    for name, value in scope["headers"]:
        for part in value.decode("latin-1").split(";") if name == b"cookie" else ():
            key, _, found = part.strip().partition("=")
            if key == cookie_name:
                return found
    return ""


def _with_cookie(send, token: str, scope):
    forwarded = dict(scope["headers"]).get(b"x-forwarded-proto", b"").decode("latin-1")
    secure = "https" in (scope.get("scheme"), forwarded)
    # A Space stands in a frame of another site: only a partitioned, secure cookie reaches it there.
    attributes = "SameSite=None; Secure; Partitioned" if secure else "SameSite=Lax"
    line = f"{VISIT_COOKIE}={token}; Path=/; HttpOnly; Max-Age=7200; {attributes}".encode()

    async def sending(message):
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"set-cookie", line)]}
        await send(message)

    return sending
