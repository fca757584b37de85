"""The request guard: checks of every request, and security headers on every response."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Collection
from urllib.parse import unquote_to_bytes

from grounding.web.policy import content_security_policy
from grounding.web.refusals import JsonErrors, send_error

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
HOST_PATTERN = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_][A-Za-z0-9_.-]{0,254}))(?::([0-9]{1,5}))?")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")


class RequestGuard:
    """ASGI middleware. `hosts` are the names this app answers to (None = any, behind a proxy that checks them itself).

    A page of another site may neither write (Origin, Sec-Fetch-Site) nor reach us under a name of its own (Host).
    `frame_ancestors` are the sites that may embed the app.
    """

    def __init__(self, app, hosts: Collection[str] | None = LOOPBACK, frame_ancestors: Collection[str] = ()):
        self.app, self.hosts = app, hosts
        self._headers = [
            (b"content-security-policy", content_security_policy(frame_ancestors)),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
        ]

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "websocket":  # nothing here speaks over one
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, send = {name: value.decode("latin-1") for name, value in scope["headers"]}, self._with_headers(send)
        reason = malformed_reason(scope, headers)
        status, reason = (400, reason) if reason and self.is_known_host(headers) else (403, self.refusal_reason(scope["method"], headers))
        if reason:
            await send_error(send, status, reason)
        else:
            await JsonErrors(send, trust_json=True).run(self.app, scope, receive)

    def is_known_host(self, headers: dict[bytes, str]) -> bool:
        """Whether the app was reached under a name of its own."""
        return self.hosts is None or _host_name(headers.get(b"host", "")) in self.hosts

    def refusal_reason(self, method: str, headers: dict[bytes, str]) -> str:
        """Why this request is not served, or an empty string."""
        if not self.is_known_host(headers):
            return "this address is not one of this app; open it by the address it printed when it started"
        if method in SAFE_METHODS:
            return ""
        host, origin = headers.get(b"host", "").lower(), headers.get(b"origin")
        cross_site = headers.get(b"sec-fetch-site", "same-origin") not in ("same-origin", "none")
        if cross_site or (origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}")):
            return "another site tried to change something here; open the app itself and do it there"
        return ""

    def _with_headers(self, send):
        async def sending(message):
            if message["type"] == "http.response.start":
                names_present = {name.lower() for name, _ in message["headers"]}
                message = {**message, "headers": [*message["headers"], *(h for h in self._headers if h[0] not in names_present)]}
            await send(message)
        return sending


def malformed_reason(scope, headers: dict[bytes, str]) -> str:
    """What in the first line or the headers of a request is not of its form, as a sentence, or an empty string."""
    for name, is_valid in HEADER_CHECKS.items():
        if name in headers and not is_valid(headers[name]):
            return f"the {name.decode().title()} header of this request is malformed; open the app by its address"
    if CONTROL_CHARACTERS.search(scope["path"]) or CONTROL_CHARACTERS.search(unquote_to_bytes(scope["query_string"]).decode("latin-1")):
        return "the address of this request holds control characters; open the app by its address"
    return ""


def _host_name(host: str) -> str:
    """The host without its port; empty where it is malformed."""
    found = HOST_PATTERN.fullmatch(host)
    if not found or int(found[3] or 0) > 65535 or (found[1] and not _is_ipv6(found[1])):
        return ""
    return (found[1] or found[2]).lower()


def _is_ipv6(address: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(ipaddress.IPv6Address(address))
    return False


def _are_host_names(hosts: str) -> bool:
    return all(_host_name(host.strip()) for host in hosts.split(","))


def _is_origin(origin: str) -> bool:
    scheme, found, host = origin.partition("://")
    return origin == "null" or bool(found and re.fullmatch("[A-Za-z][A-Za-z0-9+.-]*", scheme) and _host_name(host))


HEADER_CHECKS = {  # what later readers of these headers take for granted
    b"host": _host_name, b"x-forwarded-host": _are_host_names, b"origin": _is_origin,
    b"x-forwarded-proto": re.compile(r"[a-z]{2,5}(\s*,\s*[a-z]{2,5})*").fullmatch,
}  # fmt: skip
