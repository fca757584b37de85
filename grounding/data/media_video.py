"""Videos: every frame has one number and one time, and the frame asked for is the frame given."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from grounding.data.boxes import Size
from grounding.data.media_image import Image
from grounding.data.media_kinds import MediaError, display_name_of, kind_of, playable_in_browser, seekable_in_browser

if TYPE_CHECKING:  # av is imported only when a video is opened
    from grounding.data.media_decode import Decoder, VideoStreamInfo


@dataclass(frozen=True, eq=False)
class FrameTable:
    """`pts_s` (N,) float64: when each frame is shown, in seconds, rising, as the container says (its start not subtracted)."""

    pts_s: np.ndarray

    def __post_init__(self):
        pts_s = np.array(self.pts_s, np.float64).reshape(-1)
        if not np.isfinite(pts_s).all() or (np.diff(pts_s) <= 0).any():
            raise ValueError("a frame table holds one rising time a frame; build it again from the video")
        pts_s.setflags(write=False)
        object.__setattr__(self, "pts_s", pts_s)

    def at(self, time_s: float) -> int:
        """The frame on screen at this time; the first before it starts, the last after its end."""
        return int(np.clip(np.searchsorted(self.pts_s, time_s, side="right") - 1, 0, len(self) - 1))

    def __len__(self) -> int:
        return len(self.pts_s)


@dataclass(frozen=True, eq=False)
class Frame:
    """Frame `index` (from 0) of a video, shown from `pts_s` seconds; `pixels` (H, W, 3) uint8 RGB, upright."""

    index: int
    pts_s: float
    pixels: np.ndarray

    @property
    def image(self) -> Image:
        return Image(self.pixels, f"frame {self.index}")


class Video:
    """An open video: `size` upright, `frames` its table. Any thread may ask for frames; close it, or use it in a `with`.

    `warning` is a sentence where part of the file is damaged and only the frames before or between can be had.
    """

    def __init__(self, path: Path, name: str, info: VideoStreamInfo, frames: FrameTable):
        self.path, self.name, self.frames = path, name, frames
        self.size: Size = info.size
        self.codec: str = info.codec
        self.container: str = info.container
        self.warning: str = info.warning
        self._info = info
        self._lock = threading.Lock()
        self._decoder = None

    @property
    def playable(self) -> bool:
        """Whether a browser shows this file itself, frame for frame.

        Answered in full by the opening that makes the frame table: keep the answer beside the table.
        """
        info = self._info
        exact = (
            info.has_timestamps
            and info.closed_gops
            and not self.warning
            and seekable_in_browser(self.codec, self.frames.pts_s, info.frame_rate)
        )
        return exact and playable_in_browser(self.container, self.codec)

    def frame(self, index: int) -> Frame:
        """Frame `index`, exactly; `IndexError` outside 0 .. len - 1."""
        if not 0 <= index < len(self):
            raise IndexError(f"{self.name} has frames 0 to {len(self) - 1}; frame {index} was asked for")
        with self._lock:
            self._decoder = self._decoder or self._new_decoder(cache_bytes=48_000_000)
            return self._frame(self._decoder, index)

    def read(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Frames start, start + step, ... before `stop`, decoded in one pass; memory does not grow."""
        decoder = self._new_decoder(cache_bytes=0)
        try:
            for index in range(len(self))[slice(start, stop, step)]:
                yield self._frame(decoder, index)
        finally:
            decoder.close()

    def close(self):
        with self._lock:
            if self._decoder:
                self._decoder.close()
            self._decoder = None

    def _new_decoder(self, cache_bytes: int):
        from grounding.data.media_decode import Decoder

        return Decoder(self.path, self.name, self.frames.pts_s, self._info.has_timestamps, cache_bytes)

    def _frame(self, decoder: Decoder, index: int) -> Frame:
        from grounding.data.media_decode import to_rgb

        return Frame(index, float(self.frames.pts_s[index]), to_rgb(decoder.decode_frame(index), self.size))

    def __len__(self) -> int:
        return len(self.frames)

    def __enter__(self) -> Video:
        return self

    def __exit__(self, *exception):
        self.close()


def open_video(path: str | Path, frames: FrameTable | None = None, name: str = "") -> Video:
    """Opens a video; without a table from an earlier time every frame is decoded once to make it. `MediaError` if none decodes."""
    from grounding.data.media_decode import probe_video

    path, name = Path(path).absolute(), name or display_name_of(path)
    kind = kind_of(path, name)
    if kind.kind != "video":
        raise MediaError(f"{name} is a photo, not a video; open it as a photo")
    info = probe_video(path, name, kind, None if frames is None else frames.pts_s)
    return Video(path, name, info, frames or FrameTable(info.pts_s))
