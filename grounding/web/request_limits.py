"""Request limits: how many requests one address, and all together, may have open on a public Space, and how slowly a body may come."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from grounding.web.answers import TooSlow
from grounding.web.refusals import refuse

MANY = "too many requests from here are open at once; close other tabs of this page, wait a moment and try again"
MUCH = "more was changed from here within an hour than this page takes; come back later, or run Deixis on your own machine"
SILENCE_S = 30  # how long a body may pause
PATIENCE_S, SLOWEST = 30, 16 << 10  # seconds that any body may take, and bytes a second that a longer one must bring
WRITTEN, HOUR_S = 256 << 20, 3600  # bytes of edits and events that an address may send an hour


@dataclass(frozen=True)
class Limit:
    """Requests that are counted together: how many of one address, and of all, may be open at once."""

    path: re.Pattern
    of_address: int
    in_all: int


UPLOADS = Limit(re.compile("/api/projects/[^/]+/upload"), 8, 24)
LIMITS = (  # the first that fits
    Limit(re.compile("/gradio_api/(heartbeat/.*|queue/data)"), 60, 300),  # 20 visits of 3 streams each
    Limit(re.compile("/api/items/[^/]+/(ground|describe|find|check)"), 6, 16),  # of the 40 threads of the app
    UPLOADS,
    Limit(re.compile(".*", re.S), 120, 300),
)


class RequestLimits:
    """ASGI middleware; `address_of(scope)` tells where a request comes from."""

    def __init__(self, app, address_of: Callable[[dict], str], now: Callable[[], float] = time.monotonic):
        self.app, self.address_of, self.now = app, address_of, now
        self._open: Counter = Counter()
        self._written, self._since = Counter(), now()

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit, address = next(limit for limit in LIMITS if limit.path.fullmatch(scope["path"])), self.address_of(scope)
        counted, unread = ((limit, address), (limit, None)), scope["method"] not in ("GET", "HEAD")
        if self._open[counted[0]] >= limit.of_address or self._open[counted[1]] >= limit.in_all:
            await refuse(send, 429, MANY, unread)
        elif unread and self._has_written_too_much(address):
            await refuse(send, 429, MUCH, unread)
        else:
            self._open.update(counted)
            try:
                await self.app(scope, self._paced(receive, limit, address), send)
            finally:
                self._open.subtract(counted)
                self._open = +self._open  # without those at 0

    def _has_written_too_much(self, address: str) -> bool:
        if self.now() - self._since > HOUR_S:
            self._written, self._since = Counter(), self.now()
        return self._written[address] > WRITTEN

    def _paced(self, receive, limit: Limit, address: str):
        """`receive` that raises TooSlow where a body pauses or trickles."""
        came, waited, whole = 0, 0.0, False

        async def receiving():
            nonlocal came, waited, whole
            if whole:  # only the end of the connection can come now
                return await receive()
            begun = self.now()
            try:
                message = await asyncio.wait_for(receive(), SILENCE_S)
            except asyncio.TimeoutError:
                raise TooSlow("this request stopped in the middle; send it again") from None
            size, waited = len(message.get("body", b"")), waited + self.now() - begun
            came, whole = came + size, not message.get("more_body")
            if limit is not UPLOADS:  # those have caps of their own
                self._written[address] += size
            if not whole and waited > PATIENCE_S + came / SLOWEST:
                raise TooSlow("this request came too slowly; send it again over a faster connection")
            return message

        return receiving
