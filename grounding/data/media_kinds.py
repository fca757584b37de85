"""Kinds of media: what a file is, told by its first bytes, never by its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grounding.data.media_refused import guess

HEAD_BYTES = 4096


class MediaError(ValueError):
    """A photo or video that cannot be used: which one, what is wrong with it, and what to do about it."""


@dataclass(frozen=True)
class MediaKind:
    """`kind` is "photo" or "video"; `format` is Pillow's name of the format, or FFmpeg's of the container."""

    kind: str
    format: str
    ext: str
    mime: str


PHOTOS = {ext: MediaKind("photo", name, ext, mime) for ext, name, mime in (
    ("jpg", "JPEG", "image/jpeg"), ("png", "PNG", "image/png"), ("webp", "WEBP", "image/webp"),
    ("bmp", "BMP", "image/bmp"), ("gif", "GIF", "image/gif"), ("tif", "TIFF", "image/tiff"))}

VIDEOS = {ext: MediaKind("video", name, ext, mime) for ext, name, mime in (
    ("mp4", "mov", "video/mp4"), ("mov", "mov", "video/quicktime"), ("webm", "matroska", "video/webm"),
    ("mkv", "matroska", "video/x-matroska"), ("avi", "avi", "video/x-msvideo"), ("ts", "mpegts", "video/mp2t"),
    ("m2ts", "mpegts", "video/mp2t"), ("m2v", "mpegvideo", "video/mpeg"), ("mxf", "mxf", "application/mxf"), ("dv", "dv", "video/x-dv"),
    ("mpg", "mpeg", "video/mpeg"), ("flv", "flv", "video/x-flv"), ("ogv", "ogg", "video/ogg"), ("wmv", "asf", "video/x-ms-wmv"))}

ACCEPTED = "JPEG, PNG, WebP, BMP, GIF and TIFF photos, and MP4, MOV, WebM, MKV, AVI, AVCHD, MPEG, FLV, OGV and WMV videos"

BROWSER_CODECS = {"mp4": {"h264", "vp9", "av1"}, "mov": {"h264"}, "webm": {"vp8", "vp9", "av1"}}

MIN_STEP_S = 0.004  # frames closer than this cannot be told apart by a browser's player; 240 frames a second can
# codecs whose player looks past the frame it seeks; of the others it shows the first frame that the usual step brings
# to the time
DECODE_AHEAD = {"h264"}

STARTS = (
    (b"\xff\xd8\xff", PHOTOS["jpg"]), (b"\x89PNG\r\n\x1a\n", PHOTOS["png"]), (b"GIF87a", PHOTOS["gif"]),
    (b"GIF89a", PHOTOS["gif"]), (b"II*\x00", PHOTOS["tif"]), (b"MM\x00*", PHOTOS["tif"]), (b"II+\x00", PHOTOS["tif"]), (b"MM\x00+", PHOTOS["tif"]),
    (b"\x00\x00\x01\xba", VIDEOS["mpg"]), (b"\x00\x00\x01\xb3", VIDEOS["m2v"]), (b"\x06\x0e\x2b\x34\x02\x05\x01\x01", VIDEOS["mxf"]),
    (b"\x1f\x07\x00", VIDEOS["dv"]), (b"FLV\x01", VIDEOS["flv"]), (b"OggS", VIDEOS["ogv"]),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", VIDEOS["wmv"]),
)

# what a file may begin with
MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"uuid", b"styp", b"sidx", b"moof")

STILL_BRANDS = (b"crx ", b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")


def kind_of(source: str | Path | bytes, name: str = "") -> MediaKind:
    """What this file (or these bytes) is; `MediaError` where it is neither a photo nor a video we take."""
    name = name or name_of(source)
    head = source[:HEAD_BYTES] if isinstance(source, (bytes, bytearray)) else _head(Path(source), name)
    if not head:
        raise MediaError(f"{name} is empty (0 bytes); copy or download it again")
    kind = _known(head)
    if kind is None:
        raise MediaError(f"{name} is {guess(head)}; Deixis takes {ACCEPTED}")
    return kind


def playable_in_browser(container: str, codec: str) -> bool:
    """Whether a current Chromium, with no codec bought for it, plays this; `container` is a `MediaKind.ext`."""
    return codec in BROWSER_CODECS.get(container, ())


def resolved_in_browser(codec: str, pts_s: np.ndarray, rate: float) -> bool:
    """Whether the frames at these times (N,) lie far enough apart for a browser's player to seek each of them.

    `rate` is what the container states. The player's answer is compared with the frame table all the same; this spares the attempt.
    """
    if len(pts_s) < 2:
        return True
    usual_s = 1 / rate if rate else float(np.median(np.diff(pts_s)))
    return float(np.diff(pts_s).min()) >= (MIN_STEP_S if codec in DECODE_AHEAD else max(MIN_STEP_S, usual_s / 2)) - 1e-6


def name_of(source) -> str:
    """The display name of a path; bytes have none of their own."""
    return "the file" if isinstance(source, (bytes, bytearray)) else Path(source).name


def _head(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise MediaError(f"{name} cannot be read ({error.strerror or error}); check that it exists and is a file") from error


def _known(head: bytes) -> MediaKind | None:
    if head[8:12] == b"CR\x02\x00":  # Canon's raw looks like a TIFF file
        return None
    for start, kind in STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF":
        return {b"WEBP": PHOTOS["webp"], b"AVI ": VIDEOS["avi"]}.get(head[8:12])
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124):
        return PHOTOS["bmp"]
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return VIDEOS["webm"] if b"webm" in head[:64] else VIDEOS["mkv"]
    if head[4:8] in MP4_BOXES:
        return _base_media(head)
    return _transport_stream(head)


def _transport_stream(head: bytes) -> MediaKind | None:
    """MPEG transport streams: packets of 188 bytes that begin with 0x47, with a time before each (AVCHD, Blu-ray) or a checksum behind it.

    A recording may begin within a packet; then more packets have to bear it out.
    """
    for packet, first, ext in ((188, 0, "ts"), (192, 4, "m2ts"), (204, 0, "ts")):
        for start in range(packet):
            marks = head[start::packet]
            if set(marks) == {0x47} and len(marks) >= (2 if start == first else 8):
                return VIDEOS[ext]
    return None


def _base_media(head: bytes) -> MediaKind | None:
    """ISO base media: MP4 and MOV are ours, HEIC and AVIF stills are not."""
    if head[4:8] == b"ftyp" and head[8:12] in STILL_BRANDS:
        return None
    return VIDEOS["mp4"] if head[4:8] == b"ftyp" and head[8:12] != b"qt  " else VIDEOS["mov"]
