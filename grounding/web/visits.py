"""Visits: on a public Space every browser carries a token of its own, by which the routes know whose is what."""

from __future__ import annotations

import ipaddress
import re
import secrets
import urllib.parse
from collections.abc import Callable

COOKIE, NAME = "deixis_visit", "deixis_name"
NEW = "deixis.new_visit"
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
            scope = {**scope, NEW: True, "headers": [*scope["headers"], (b"cookie", f"{COOKIE}={token}".encode())]}
            send = _with_cookie(send, token, scope)
        await self.app(scope, receive, send)


def token_of(scope) -> str:
    """The visitor's token in the headers of an ASGI scope (a Starlette request's `.scope`); empty where there is none."""
    token = _cookie(scope, COOKIE)
    return token if _TOKEN.match(token) else ""


def brought(scope) -> str:
    """The token that the browser itself sent; empty where it got one only now, and nobody knows whether it keeps it."""
    return "" if scope.get(NEW) else token_of(scope)


def address_of(scope, proxies: int = 1) -> str:
    """Where a request comes from: what the outermost of our own proxies has written, of IPv6 the network; empty if that is no address.

    Each proxy adds the address it was called from at the end of X-Forwarded-For, so what stands before is what the sender made up.
    """
    told = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for").decode("latin-1").split(",")
    peer = (scope.get("client") or ("",))[0]
    hops = [hop.strip() for hop in told if hop.strip()]
    return _network(hops[-min(proxies, len(hops))] if hops and proxies else peer)


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    return str(found if found.version == 4 else ipaddress.ip_network((found, 64), strict=False))


def person_of(scope) -> str:
    """The name a person gave on the page, as it was typed; empty where there is none."""
    return urllib.parse.unquote(_cookie(scope, NAME), errors="ignore")


def _cookie(scope, wanted: str) -> str:
    """The value of the first cookie of this name, or an empty string."""
    for name, value in scope["headers"]:
        for part in value.decode("latin-1").split(";") if name == b"cookie" else ():
            key, _, found = part.strip().partition("=")
            if key == wanted:
                return found
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
