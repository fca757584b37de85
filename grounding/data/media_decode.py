"""Decoding: which frames a video file really gives, and how to reach one of them exactly."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from grounding.data.boxes import Size
from grounding.data.media_image import MAX_PIXELS, upright
from grounding.data.media_kinds import MediaError, MediaKind, kind_of

AHEAD = 48  # frames: up to here decoding on is cheaper than seeking
BACKOFF = (0, 1, 16, 128)  # how many frames before the wanted one a seek aims, until one lands early enough
KEPT_FRAMES = 64
EXIF_OF_MATRIX = {(1, 0, 0, 1): 1, (-1, 0, 0, 1): 2, (-1, 0, 0, -1): 3, (1, 0, 0, -1): 4,
                  (0, 1, 1, 0): 5, (0, 1, -1, 0): 6, (0, -1, -1, 0): 7, (0, -1, 1, 0): 8}


@dataclass(frozen=True)
class Facts:
    """What a video file turned out to be.

    `timed`: its frames carry times of their own, so they can be sought. `fresh`: each key frame stands alone, nothing
    after it builds on what came before; browsers stumble over films where that is not so (open GOPs, gradual refresh).
    `rate` is the number of frames a second that the container states, 0 where it states none.
    """

    size: Size
    codec: str
    container: str
    pts_s: np.ndarray
    timed: bool
    fresh: bool
    warning: str
    rate: float = 0.0


def survey(path: Path, name: str, kind: MediaKind, known_s: np.ndarray | None = None) -> Facts:
    """Decodes every frame once and says what there is; with times known from an earlier survey only the first frame."""
    stream = Stream(path, name, kind)
    try:
        pts, size, whole = [], None, 0
        for frame in stream:
            size = size or _checked_size(frame, stream.pixel_shape, name)
            pts.append(frame.pts)
            whole += frame.pict_type == av.video.frame.PictureType.I
            if known_s is not None:
                break
        if size is None:
            raise MediaError(f"{name} holds no frame that can be decoded; export or download it again")
        if known_s is not None:
            return Facts(size, stream.codec, kind.ext, known_s, _starts_at(pts[0], known_s, stream), True, "")
        return Facts(
            size,
            stream.codec,
            kind.ext,
            *_times(pts, stream),
            stream.fresh(whole),
            stream.damage(len(pts)),
            float(stream.stream.average_rate or 0),
        )
    finally:
        stream.close()


class Stream:
    """The video stream of a file, as an iterator of decoded frames in the order they are shown.

    Packets that cannot be decoded are counted in `errors` and passed over.
    """

    def __init__(self, path: Path, name: str, kind: MediaKind):
        self.errors = 0
        self.packets = self._keys = 0
        self._key_pts, self._leading = None, False
        self.name = name
        self._container = _opened(path, name, kind)
        try:
            self.stream = _video_stream(self._container, name)
        except MediaError:
            self._container.close()
            raise
        self.stream.thread_type = "AUTO"
        self.codec = self.stream.codec_context.codec.canonical_name
        self.pixel_shape = self.stream.sample_aspect_ratio or 1

    def __iter__(self) -> Iterator[av.VideoFrame]:
        packets = self._container.demux(self.stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError:  # the file ends or breaks here; what is in the decoder can still be had
                self.errors += 1
                packet = None
            self._note(packet)
            yield from self._decoded(packet)
            if packet is None:
                return

    def seek(self, pts_s: float):
        """Goes to a point to decode from, at or before this time if the file knows one."""
        self._container.seek(int(round(pts_s / self.stream.time_base)), stream=self.stream, backward=True)

    def damage(self, decoded: int) -> str:
        """After the last frame: a sentence about what could not be decoded, or nothing."""
        promised = self.stream.frames
        if not self.errors and self.packets >= promised:
            return ""
        whole = f" of {promised}" if promised > decoded else ""
        return f"{self.name} is damaged or ends too early; {decoded}{whole} frames could be decoded and are kept"

    def fresh(self, whole: int) -> bool:
        """After the last frame, of which `whole` were coded without any other: whether each key frame stands alone."""
        return not self._leading and self._keys <= max(whole, 1)

    def close(self):
        self._container.close()

    def _note(self, packet):
        if packet is None or not packet.size:
            return
        self.packets += 1
        if packet.is_keyframe:
            self._keys, self._key_pts = self._keys + 1, packet.pts
        elif self._keys > 1 and None not in (packet.pts, self._key_pts) and packet.pts < self._key_pts:
            self._leading = True

    def _decoded(self, packet) -> list[av.VideoFrame]:
        try:
            return self.stream.codec_context.decode(packet) if packet is None else packet.decode()
        except av.error.EOFError:
            return []
        except av.error.FFmpegError:
            self.errors += 1
            return []


class Decoder:
    """Reaches any frame of a known table exactly. Not for two threads at once."""

    def __init__(self, path: Path, name: str, pts_s: np.ndarray, timed: bool, keep_bytes: int):
        self._path, self._name, self._pts_s, self._timed = path, name, pts_s, timed
        self._kept: OrderedDict[int, av.VideoFrame] = OrderedDict()
        self._keep_bytes = keep_bytes
        self._stream = None
        self._rewind(0)

    def fetch(self, index: int) -> av.VideoFrame:
        """The decoded frame `index`."""
        if index in self._kept:
            return self._kept[index]
        if self._position < index <= self._position + AHEAD:
            frame = self._forward(index)
            if frame is not None:
                return frame
        for back in (*BACKOFF, index):
            if back <= index and self._rewind(index - back):
                frame = self._forward(index)
                if frame is not None:
                    return frame
        raise MediaError(f"frame {index} of {self._name} can no longer be decoded; the file has changed, load it again")

    def close(self):
        self._kept.clear()
        if self._stream:
            self._stream.close()
        self._stream = None

    def _rewind(self, index: int) -> bool:
        """Makes the next decoded frame one at or before `index`, as well as the file allows; False where it cannot seek."""
        if index > 0 and self._timed:
            return self._seek(index)
        self.close()
        self._stream = Stream(self._path, self._name, kind_of(self._path, self._name))
        self._frames, self._position, self._clean = iter(self._stream), -1, True
        return True

    def _seek(self, index: int) -> bool:
        try:
            self._stream.seek(float(self._pts_s[index]))
        except av.error.FFmpegError:
            return False
        self._frames, self._position, self._clean = iter(self._stream), -1, False
        return True

    def _forward(self, index: int) -> av.VideoFrame | None:
        """Decodes on to frame `index`; None once it is clear that it does not come."""
        for frame in self._frames:
            self._clean = self._clean or frame.key_frame  # before a key frame, pictures may lack what they build on
            found = self._index_of(frame) if self._clean else None
            if found is None or found <= self._position:
                continue
            self._position = found
            self._keep(found, frame)
            if found >= index:
                return frame if found == index else None
        self._position = len(self._pts_s)
        return None

    def _index_of(self, frame: av.VideoFrame) -> int | None:
        if not self._timed:
            return self._position + 1
        time_s = frame.pts * float(frame.time_base) if frame.pts is not None else np.nan
        index = int(np.searchsorted(self._pts_s, time_s - 1e-7))
        return index if index < len(self._pts_s) and abs(self._pts_s[index] - time_s) < 1e-6 else None

    def _keep(self, index: int, frame: av.VideoFrame):
        limit = min(KEPT_FRAMES, self._keep_bytes // (frame.width * frame.height * 3 // 2 + 1))
        if limit:
            self._kept[index] = frame
        while len(self._kept) > limit:
            self._kept.popitem(last=False)


def rgb(frame: av.VideoFrame, size: Size) -> np.ndarray:
    """(H, W, 3) uint8 RGB of `size`, turned upright, pixels made square."""
    orientation = _orientation(frame)
    width, height = (size.height, size.width) if orientation >= 5 else size
    pixels = frame.to_ndarray(format="rgb24", width=width, height=height)
    return np.ascontiguousarray(upright(pixels, orientation))


def _opened(path: Path, name: str, kind: MediaKind):
    try:  # the container's name is given, and only files allowed, so that no playlist inside can reach elsewhere
        return av.open(str(path), format=kind.format, options={"protocol_whitelist": "file"}, metadata_errors="ignore")
    except av.error.FFmpegError as error:
        raise MediaError(f"{name} cannot be opened as {kind.ext.upper()} video: it ends too early or is damaged; "
                         "export or download it again") from error


def _video_stream(container, name: str):
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            if stream.codec_context is None:
                raise MediaError(f"{name} uses a video codec that is not known here; convert it to H.264 MP4")
            return stream
    raise MediaError(f"{name} has sound or data but no video in it; choose a file with a picture")


def _checked_size(frame: av.VideoFrame, pixel_shape, name: str) -> Size:
    """Upright size in square pixels, as a browser shows it."""
    width, height = frame.width, frame.height
    if not 0 < width * height <= MAX_PIXELS:
        raise MediaError(f"{name} has frames of {width} x {height} pixels, which cannot be shown; scale it first")
    shape = float(pixel_shape)
    if 1 < shape < 8:
        width = round(width * shape)
    elif 0.125 < shape < 1:
        height = round(height / shape)
    return Size(height, width) if _orientation(frame) >= 5 else Size(width, height)


def _orientation(frame: av.VideoFrame) -> int:
    """The display matrix as an EXIF orientation, 1..8."""
    data = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return 1
    a, b, _, c, d = np.frombuffer(data, "<i4")[:5].tolist()
    return EXIF_OF_MATRIX.get(tuple(int(np.sign(x)) if abs(x) > 1 << 14 else 0 for x in (a, b, c, d)), 1)


def _times(pts: list[int | None], stream: Stream) -> tuple[np.ndarray, bool]:
    """Seconds of each frame and whether they are the file's own.

    Damage can make a frame come twice or late: then only those that rise count. Frames without rising times are spread
    evenly, half a frame late, so that `_starts_at` can tell them from times of the file.
    """
    timed = None not in pts
    rising = timed and all(a < b for a, b in zip(pts, pts[1:]))
    if rising or (timed and stream.errors):
        return np.unique(np.maximum.accumulate(np.array(pts, np.int64))) * float(stream.stream.time_base), True
    rate = float(stream.stream.average_rate or stream.stream.guessed_rate or 25)
    return (np.arange(len(pts)) + 0.5) / rate, False


def _starts_at(first: int | None, known_s: np.ndarray, stream: Stream) -> bool:
    """Whether a table of times is the file's own, told by its first frame."""
    return first is not None and abs(first * float(stream.stream.time_base) - known_s[0]) < 1e-6
