"""Encodings: what a grounder saw in the pictures that were asked about last, so that each further phrase is cheap."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

KEPT = 32  # of about a megabyte each


class Encodings:
    """Remembers the newest; of several who want the same one, the first makes it and the others wait."""

    def __init__(self, kept: int = KEPT):
        self._kept, self._lock = kept, threading.Lock()
        self._made: OrderedDict[Hashable, Any] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The encoding under `key`, made now if it is not there."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            try:
                with self._lock:
                    if key in self._made:
                        self._made.move_to_end(key)
                        return self._made[key]
                return self._keep(key, make())
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def _keep(self, key: Hashable, made: Any) -> Any:
        with self._lock:
            self._made[key] = made
            while len(self._made) > self._kept:
                self._made.popitem(last=False)
        return made
