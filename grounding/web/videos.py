"""The video cache: a few videos stay open, so that stepping from frame to frame does not open the file each time."""

from __future__ import annotations

import threading
from collections import OrderedDict

from grounding.data.media import Frame, FrameTable, Video, open_video
from grounding.store import Item, NotFound, Store

MAX_OPEN_VIDEOS = 4


class VideoCache:
    """The most recently asked videos, open. Safe for several threads; frames of one video come one after another."""

    def __init__(self, max_open: int = MAX_OPEN_VIDEOS):
        self._max_open, self._lock = max_open, threading.Lock()
        self._open: OrderedDict[str, Video] = OrderedDict()

    def frame(self, store: Store, item: Item, number: int) -> Frame:
        """Exactly this frame, by the frame table made when the video came in."""
        if item.kind != "video":
            raise NotFound(f"{item.name} is a photo and has no frames")
        if not 0 <= number < (item.frame_count or 0):
            raise NotFound(f"{item.name} has frames 0 to {(item.frame_count or 0) - 1}; frame {number} was asked for")
        return self._video(store, item).frame(number)

    def close(self) -> None:
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()

    def _video(self, store: Store, item: Item) -> Video:
        with self._lock:
            if item.id in self._open:
                self._open.move_to_end(item.id)
                return self._open[item.id]
        video = open_video(store.media_path(item), FrameTable(store.pts(item.id)), item.name)
        with self._lock:
            current = self._open.setdefault(item.id, video)
            self._open.move_to_end(item.id)
            evicted = [self._open.popitem(last=False)[1] for _ in range(len(self._open) - self._max_open)]
        for old in (*evicted, *([video] if current is not video else [])):
            old.close()
        return current
