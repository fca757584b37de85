"""Encodings: what a grounder saw in the pictures that were asked about last, so that each further phrase is cheap."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

CACHE_SIZE = 32  # of about a megabyte each


class EncodingCache:
    """Remembers the newest; of several who want the same one, the first makes it and the others wait."""

    def __init__(self, size: int = CACHE_SIZE):
        self._size, self._lock = size, threading.Lock()
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._locks: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The encoding under `key`, made now if it is not there."""
        with self._lock:
            making = self._locks.setdefault(key, threading.Lock())
        with making:
            try:
                with self._lock:
                    if key in self._values:
                        self._values.move_to_end(key)
                        return self._values[key]
                return self._keep(key, make())
            finally:
                with self._lock:
                    self._locks.pop(key, None)

    def _keep(self, key: Hashable, made: Any) -> Any:
        with self._lock:
            self._values[key] = made
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return made
