"""Connections: how the server of a public Space closes those that say nothing, or say it too slowly."""

from __future__ import annotations

from uvicorn.protocols.http.h11_impl import H11Protocol, h11  # pyright: ignore[reportPrivateImportUsage]

HEADERS_TIMEOUT_S = 15  # how long the first line and the headers of a request may take
UNREAD_BODY_TIMEOUT_S = 120  # how long the rest of a body is thrown away that was answered before its end
MAX_CONNECTIONS = 800  # connections; 200 visits with two streams and some requests each


class TimedProtocol(H11Protocol):
    """HTTP as uvicorn speaks it, with a time for the headers of each request: uvicorn's own ends at the first byte."""

    _timer = None

    def connection_made(self, transport) -> None:
        super().connection_made(transport)
        self._set_timer()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._set_timer()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._set_timer()

    def connection_lost(self, exc) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def _set_timer(self) -> None:
        """Runs while headers are awaited, or the rest of a body that nobody reads; what arrives meanwhile does not prolong it."""
        idle, unread_body = self.conn.their_state is h11.IDLE, self.conn.our_state is h11.DONE and self.conn.their_state is h11.SEND_BODY
        if not (idle or unread_body):
            self._stop_timer()
        elif self._timer is None:
            self._timer = self.loop.call_later(HEADERS_TIMEOUT_S if idle else UNREAD_BODY_TIMEOUT_S, self.transport.abort)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None


def uvicorn_settings() -> dict:
    """What uvicorn is told on a Space."""
    return {
        "http": TimedProtocol,
        "limit_concurrency": MAX_CONNECTIONS,
        "timeout_keep_alive": 20,
        "backlog": 256,
        "ws": "none",
        "h11_max_incomplete_event_size": 32 << 10,
    }
