"""Request limits: how many requests one address, and all together, may have open on a public Space, and how slowly a body may come."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from grounding.web.answers import TooSlow
from grounding.web.refusals import send_error

TOO_MANY_REQUESTS = "too many requests from here are open at once; close other tabs of this page, wait a moment and try again"
TOO_MUCH_WRITTEN = "more was changed from here within an hour than this page takes; come back later, or run Deixis on your own machine"
MAX_PAUSE_S = 30  # how long a body may pause
BODY_GRACE_S, MIN_BYTES_PER_S = 30, 16 << 10  # seconds that any body may take, and bytes a second that a longer one must bring
MAX_WRITTEN_BYTES, WRITE_WINDOW_S = 256 << 20, 3600  # bytes of edits and events that an address may send an hour


@dataclass(frozen=True)
class RequestLimit:
    """Requests that are counted together: how many of one address, and of all, may be open at once."""

    path: re.Pattern
    per_address: int
    overall: int


UPLOAD_LIMIT = RequestLimit(re.compile("/api/projects/[^/]+/upload"), 8, 24)
REQUEST_LIMITS = (  # the first that fits
    RequestLimit(re.compile("/gradio_api/(heartbeat/.*|queue/data)"), 60, 300),  # 20 visits of 3 streams each
    RequestLimit(re.compile("/api/items/[^/]+/(ground|describe|find|check)"), 6, 16),  # of the 40 threads of the app
    UPLOAD_LIMIT,
    RequestLimit(re.compile(".*", re.S), 120, 300),
)


class RequestLimits:
    """ASGI middleware; `address_of(scope)` tells where a request comes from."""

    def __init__(self, app, address_of: Callable[[dict], str], clock: Callable[[], float] = time.monotonic):
        self.app, self.address_of, self.now = app, address_of, clock
        self._open: Counter = Counter()
        self._written_bytes, self._since = Counter(), clock()

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit, address = next(limit for limit in REQUEST_LIMITS if limit.path.fullmatch(scope["path"])), self.address_of(scope)
        counter_keys, has_body = ((limit, address), (limit, None)), scope["method"] not in ("GET", "HEAD")
        if self._open[counter_keys[0]] >= limit.per_address or self._open[counter_keys[1]] >= limit.overall:
            await send_error(send, 429, TOO_MANY_REQUESTS, has_body)
        elif has_body and self._has_written_too_much(address):
            await send_error(send, 429, TOO_MUCH_WRITTEN, has_body)
        else:
            self._open.update(counter_keys)
            try:
                await self.app(scope, self._enforce_pace(receive, limit, address), send)
            finally:
                self._open.subtract(counter_keys)
                self._open = +self._open  # without those at 0

    def _has_written_too_much(self, address: str) -> bool:
        if self.now() - self._since > WRITE_WINDOW_S:
            self._written_bytes, self._since = Counter(), self.now()
        return self._written_bytes[address] > MAX_WRITTEN_BYTES

    def _enforce_pace(self, receive, limit: RequestLimit, address: str):
        """`receive` that raises TooSlow where a body pauses or trickles."""
        received_bytes, waited_s, complete = 0, 0.0, False

        async def receiving():
            nonlocal received_bytes, waited_s, complete
            if complete:  # only the end of the connection can come now
                return await receive()
            begun = self.now()
            try:
                message = await asyncio.wait_for(receive(), MAX_PAUSE_S)
            except TimeoutError:
                raise TooSlow("this request stopped in the middle; send it again") from None
            size, waited_s = len(message.get("body", b"")), waited_s + self.now() - begun
            received_bytes, complete = received_bytes + size, not message.get("more_body")
            if limit is not UPLOAD_LIMIT:  # those have caps of their own
                self._written_bytes[address] += size
            if not complete and waited_s > BODY_GRACE_S + received_bytes / MIN_BYTES_PER_S:
                raise TooSlow("this request came too slowly; send it again over a faster connection")
            return message

        return receiving
