"""Error responses: every 4xx or 5xx has one sentence as JSON, also those of other libraries."""

from __future__ import annotations

import json
import logging

from grounding.services.errors import log_unexpected

ERROR_MESSAGES = {
    401: "this browser is not known here; reload the page",
    403: "this address is not part of this app; open the page itself",
    404: "there is nothing at this address; open the page itself",
    405: "this address does not take such a request; see docs/api.md",
    413: "this request is too large; send less at once",
    416: "this file is shorter than the range that was asked for; ask from its start",
    503: "the app is busy; try again in a moment",
}
UNREADABLE_MESSAGE = "this request cannot be understood; reload the page and try again"

log = logging.getLogger("deixis")


async def send_error(send, status: int, message: str, body_unread: bool = False) -> None:
    """Sends the whole answer; where the request was left unread the server hangs up, so as not to take in the rest of
    it."""
    body = json.dumps({"error": message}, ensure_ascii=False).encode("utf-8", "replace")
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()),
               (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"),
               *([(b"connection", b"close")] if body_unread else [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class JsonErrors:
    """The `send` of an app whose errors are replaced by one sentence; with `trust_json` those that are JSON pass,
    for they are ours."""

    def __init__(self, send, trust_json: bool):
        self._send, self._trust_json = send, trust_json
        self._status, self._started = 0, False

    async def run(self, app, scope, receive) -> None:
        """Serves the request; what the app did not foresee is logged, and the browser gets its number only."""
        try:
            await app(scope, receive, self.send)
        except Exception as error:
            await self._send_failure(error)
            return
        if self._status:
            await send_error(self._send, self._status, ERROR_MESSAGES.get(self._status, UNREADABLE_MESSAGE))

    async def _send_failure(self, error: Exception) -> None:
        if not self._started:
            await send_error(self._send, 500, log_unexpected(error))
        elif self._trust_json:
            raise error  # the server hangs up, so that nobody takes half a file for a whole one
        else:  # an event stream, which has told of the error in its own way
            log.info("a stream ended early", exc_info=error)
            await self._send({"type": "http.response.body", "body": b""})

    async def send(self, message) -> None:
        if message["type"] == "http.response.start":
            pass_through = message["status"] < 400 or self._trust_json and _is_json(message)
            self._status = 0 if pass_through else message["status"]
            self._started = not self._status
        if self._started:
            await self._send(message)


def _is_json(message) -> bool:
    types = (value for name, value in message["headers"] if name.lower() == b"content-type")
    return any(value.startswith(b"application/json") for value in types)
