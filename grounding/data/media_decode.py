"""Decoding: which frames a video file really gives, and how to reach one of them exactly."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from grounding.data.boxes import Size
from grounding.data.media_image import MAX_PIXELS, apply_exif_orientation
from grounding.data.media_kinds import MediaError, MediaKind, kind_of

MAX_FORWARD_FRAMES = 48  # frames: up to here decoding on is cheaper than seeking
SEEK_BACKOFF = (0, 1, 16, 128)  # how many frames before the wanted one a seek aims, until one lands early enough
CACHED_FRAMES = 64
MATRIX_TO_EXIF = {(1, 0, 0, 1): 1, (-1, 0, 0, 1): 2, (-1, 0, 0, -1): 3, (1, 0, 0, -1): 4,
                  (0, 1, 1, 0): 5, (0, 1, -1, 0): 6, (0, -1, -1, 0): 7, (0, -1, 1, 0): 8}


@dataclass(frozen=True)
class VideoStreamInfo:
    """Properties of a video stream.

    `has_timestamps`: its frames carry times of their own, so it can seek. `closed_gops`: no frame after a keyframe refers to
    one before it; browsers fail on videos where that is not so (open GOPs, gradual refresh).
    `frame_rate` is the number of frames a second that the container states, 0 where it states none.
    """

    size: Size
    codec: str
    container: str
    pts_s: np.ndarray
    has_timestamps: bool
    closed_gops: bool
    warning: str
    frame_rate: float = 0.0


def probe_video(path: Path, name: str, kind: MediaKind, known_pts_s: np.ndarray | None = None) -> VideoStreamInfo:
    """Decodes every frame once and says what there is; with times known from an earlier survey only the first frame."""
    stream = VideoStream(path, name, kind)
    try:
        pts, size, intra_frames = [], None, 0
        for frame in stream:
            size = size or _display_size(frame, stream.pixel_shape, name)
            pts.append(frame.pts)
            intra_frames += frame.pict_type == av.video.frame.PictureType.I
            if known_pts_s is not None:
                break
        if size is None:
            raise MediaError(f"{name} holds no frame that can be decoded; export or download it again")
        if known_pts_s is not None:
            return VideoStreamInfo(size, stream.codec, kind.ext, known_pts_s, _first_frame_matches(pts[0], known_pts_s, stream), True, "")
        return VideoStreamInfo(
            size,
            stream.codec,
            kind.ext,
            *_frame_times(pts, stream),
            stream.has_closed_gops(intra_frames),
            stream.damage_report(len(pts)),
            float(stream.stream.average_rate or 0),
        )
    finally:
        stream.close()


class VideoStream:
    """The video stream of a file, as an iterator of decoded frames in the order they are shown.

    Packets that cannot be decoded are counted in `errors` and passed over.
    """

    def __init__(self, path: Path, name: str, kind: MediaKind):
        self.errors = 0
        self.packets = self._keyframe_count = 0
        self._keyframe_pts, self._leading = None, False
        self.name = name
        self._container = _open_container(path, name, kind)
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
            self._count_packet(packet)
            yield from self._decode(packet)
            if packet is None:
                return

    def seek(self, pts_s: float):
        """Goes to a point to decode from, at or before this time if the file knows one."""
        self._container.seek(int(round(pts_s / self.stream.time_base)), stream=self.stream, backward=True)

    def damage_report(self, decoded_frames: int) -> str:
        """After the last frame: a sentence about what could not be decoded, or nothing."""
        promised = self.stream.frames
        if not self.errors and self.packets >= promised:
            return ""
        whole = f" of {promised}" if promised > decoded_frames else ""
        return f"{self.name} is damaged or ends too early; {decoded_frames}{whole} frames could be decoded and are kept"

    def has_closed_gops(self, intra_frames: int) -> bool:
        """After the last frame, of which `whole` were coded without any other: whether each key frame stands alone."""
        return not self._leading and self._keyframe_count <= max(intra_frames, 1)

    def close(self):
        self._container.close()

    def _count_packet(self, packet):
        if packet is None or not packet.size:
            return
        self.packets += 1
        if packet.is_keyframe:
            self._keyframe_count, self._keyframe_pts = self._keyframe_count + 1, packet.pts
        elif self._keyframe_count > 1 and None not in (packet.pts, self._keyframe_pts) and packet.pts < self._keyframe_pts:
            self._leading = True

    def _decode(self, packet) -> list[av.VideoFrame]:
        try:
            return self.stream.codec_context.decode(packet) if packet is None else packet.decode()
        except av.error.EOFError:
            return []
        except av.error.FFmpegError:
            self.errors += 1
            return []


class Decoder:
    """Reaches any frame of a known table exactly. Not for two threads at once."""

    def __init__(self, path: Path, name: str, pts_s: np.ndarray, has_timestamps: bool, cache_bytes: int):
        self._path, self._name, self._pts_s, self._has_timestamps = path, name, pts_s, has_timestamps
        self._cache: OrderedDict[int, av.VideoFrame] = OrderedDict()
        self._cache_bytes = cache_bytes
        self._stream = None
        self._rewind(0)

    def decode_frame(self, index: int) -> av.VideoFrame:
        """The decoded frame `index`."""
        if index in self._cache:
            return self._cache[index]
        if self._position < index <= self._position + MAX_FORWARD_FRAMES:
            frame = self._decode_to(index)
            if frame is not None:
                return frame
        for back in (*SEEK_BACKOFF, index):
            if back <= index and self._rewind(index - back):
                frame = self._decode_to(index)
                if frame is not None:
                    return frame
        raise MediaError(f"frame {index} of {self._name} can no longer be decoded; the file has changed, load it again")

    def close(self):
        self._cache.clear()
        if self._stream:
            self._stream.close()
        self._stream = None

    def _rewind(self, index: int) -> bool:
        """Makes the next decoded frame one at or before `index`, as well as the file allows; False where it cannot seek."""
        if index > 0 and self._has_timestamps:
            return self._seek(index)
        self.close()
        self._stream = VideoStream(self._path, self._name, kind_of(self._path, self._name))
        self._frames, self._position, self._after_keyframe = iter(self._stream), -1, True
        return True

    def _seek(self, index: int) -> bool:
        try:
            self._stream.seek(float(self._pts_s[index]))
        except av.error.FFmpegError:
            return False
        self._frames, self._position, self._after_keyframe = iter(self._stream), -1, False
        return True

    def _decode_to(self, index: int) -> av.VideoFrame | None:
        """Decodes on to frame `index`; None once it is clear that it does not come."""
        for frame in self._frames:
            self._after_keyframe = self._after_keyframe or frame.key_frame  # before a key frame, pictures may lack what they build on
            found = self._index_of(frame) if self._after_keyframe else None
            if found is None or found <= self._position:
                continue
            self._position = found
            self._cache_frame(found, frame)
            if found >= index:
                return frame if found == index else None
        self._position = len(self._pts_s)
        return None

    def _index_of(self, frame: av.VideoFrame) -> int | None:
        if not self._has_timestamps:
            return self._position + 1
        time_s = frame.pts * float(frame.time_base) if frame.pts is not None else np.nan
        index = int(np.searchsorted(self._pts_s, time_s - 1e-7))
        return index if index < len(self._pts_s) and abs(self._pts_s[index] - time_s) < 1e-6 else None

    def _cache_frame(self, index: int, frame: av.VideoFrame):
        limit = min(CACHED_FRAMES, self._cache_bytes // (frame.width * frame.height * 3 // 2 + 1))
        if limit:
            self._cache[index] = frame
        while len(self._cache) > limit:
            self._cache.popitem(last=False)


def to_rgb(frame: av.VideoFrame, size: Size) -> np.ndarray:
    """(H, W, 3) uint8 RGB of `size`, turned upright, pixels made square."""
    orientation = _orientation(frame)
    width, height = (size.height, size.width) if orientation >= 5 else size
    pixels = frame.to_ndarray(format="rgb24", width=width, height=height)
    return np.ascontiguousarray(apply_exif_orientation(pixels, orientation))


def _open_container(path: Path, name: str, kind: MediaKind):
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


def _display_size(frame: av.VideoFrame, pixel_shape, name: str) -> Size:
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
    return MATRIX_TO_EXIF.get(tuple(int(np.sign(x)) if abs(x) > 1 << 14 else 0 for x in (a, b, c, d)), 1)


def _frame_times(pts: list[int | None], stream: VideoStream) -> tuple[np.ndarray, bool]:
    """Seconds of each frame and whether they are the file's own.

    Damage can make a frame come twice or late: then only those that rise count. Frames without rising times are spread
    evenly, half a frame late, so that `_first_frame_matches` can tell them from times of the file.
    """
    timed = None not in pts
    rising = timed and all(a < b for a, b in zip(pts, pts[1:]))
    if rising or (timed and stream.errors):
        return np.unique(np.maximum.accumulate(np.array(pts, np.int64))) * float(stream.stream.time_base), True
    rate = float(stream.stream.average_rate or stream.stream.guessed_rate or 25)
    return (np.arange(len(pts)) + 0.5) / rate, False


def _first_frame_matches(first: int | None, known_pts_s: np.ndarray, stream: VideoStream) -> bool:
    """Whether a table of times is the file's own, told by its first frame."""
    return first is not None and abs(first * float(stream.stream.time_base) - known_pts_s[0]) < 1e-6
