"""The Content-Security-Policy: what a browser may run and load in our responses."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Iterable

CSP_RULES = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.S | re.I)


def content_security_policy(frame_ancestors: Iterable[str] = (), **rules: str) -> bytes:
    """The value of the header: CSP_RULES, changed by `rules`; `frame_ancestors` are the sites that may embed the app."""
    named = {name.replace("_", "-"): value for name, value in rules.items()}
    directives = CSP_RULES | named | {"frame-ancestors": " ".join(("'self'", *frame_ancestors))}
    return "; ".join(f"{name} {value}" for name, value in directives.items()).encode()


def page_security_policy(html: str, head: str, frame_ancestors: Iterable[str] = ()) -> bytes:
    """For a page of Gradio: only the inline scripts run that it was served with or has in its `head`, which Gradio adds
    later.

    Gradio makes functions of texts (`js=`, `js_on_load=`) and writes styles into the page, so two of the "unsafe" words
    remain.
    """
    scripts = dict.fromkeys(_hash(text) for text in (*INLINE_SCRIPT.findall(html), *INLINE_SCRIPT.findall(head)))
    return content_security_policy(
        frame_ancestors, script_src=" ".join(("'self'", "'unsafe-eval'", *scripts)), style_src="'self' 'unsafe-inline'"
    )


def _hash(script: str) -> str:
    """As a browser computes it: line ends are those of Unix by then."""
    text = re.sub("\r\n?", "\n", script)
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


class PolicySender:
    """The `send` of an app that answers with one page: the whole page is read before its policy is known."""

    def __init__(self, send, scope, head: str, frame_ancestors: Iterable[str]):
        self._send, self._head, self._frame_ancestors = send, head, frame_ancestors
        self._gzip = any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
        self._start, self._body = {}, b""

    async def send(self, message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if not message.get("more_body"):
            await self._send({**self._start, "headers": self._headers()})
            await self._send({"type": "http.response.body", "body": self._body})

    def _headers(self) -> list:
        """Those of the answer, with the policy of this page, which is packed where the browser takes that."""
        kept = [header for header in self._start["headers"] if header[0].lower() != b"content-length"]
        html = self._body.decode("utf-8", "replace")
        added = [(b"content-security-policy", page_security_policy(html, self._head, self._frame_ancestors))]
        if self._gzip:
            self._body = gzip.compress(self._body, 5)
            added += [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
        return [*kept, *added, (b"content-length", str(len(self._body)).encode())]
