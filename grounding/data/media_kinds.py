"""Kinds of media: what a file is, told by its first bytes, never by its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grounding.data.media_refused import describe_unsupported

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


PHOTO_KINDS = {ext: MediaKind("photo", name, ext, mime) for ext, name, mime in (
    ("jpg", "JPEG", "image/jpeg"), ("png", "PNG", "image/png"), ("webp", "WEBP", "image/webp"),
    ("bmp", "BMP", "image/bmp"), ("gif", "GIF", "image/gif"), ("tif", "TIFF", "image/tiff"))}

VIDEO_KINDS = {ext: MediaKind("video", name, ext, mime) for ext, name, mime in (
    ("mp4", "mov", "video/mp4"), ("mov", "mov", "video/quicktime"), ("webm", "matroska", "video/webm"),
    ("mkv", "matroska", "video/x-matroska"), ("avi", "avi", "video/x-msvideo"), ("ts", "mpegts", "video/mp2t"),
    ("m2ts", "mpegts", "video/mp2t"), ("m2v", "mpegvideo", "video/mpeg"), ("mxf", "mxf", "application/mxf"), ("dv", "dv", "video/x-dv"),
    ("mpg", "mpeg", "video/mpeg"), ("flv", "flv", "video/x-flv"), ("ogv", "ogg", "video/ogg"), ("wmv", "asf", "video/x-ms-wmv"))}

ACCEPTED_FORMATS = "JPEG, PNG, WebP, BMP, GIF and TIFF photos, and MP4, MOV, WebM, MKV, AVI, AVCHD, MPEG, FLV, OGV and WMV videos"

BROWSER_CODECS = {"mp4": {"h264", "vp9", "av1"}, "mov": {"h264"}, "webm": {"vp8", "vp9", "av1"}}

MIN_FRAME_GAP_S = 0.004  # frames closer than this cannot be told apart by a browser's player; 240 frames a second can
# codecs whose player looks past the frame it seeks; of the others it shows the first frame that the usual step brings
# to the time
LOOKAHEAD_CODECS = {"h264"}

SIGNATURES = (
    (b"\xff\xd8\xff", PHOTO_KINDS["jpg"]), (b"\x89PNG\r\n\x1a\n", PHOTO_KINDS["png"]), (b"GIF87a", PHOTO_KINDS["gif"]),
    (b"GIF89a", PHOTO_KINDS["gif"]), (b"II*\x00", PHOTO_KINDS["tif"]), (b"MM\x00*", PHOTO_KINDS["tif"]),
    (b"II+\x00", PHOTO_KINDS["tif"]), (b"MM\x00+", PHOTO_KINDS["tif"]), (b"\x00\x00\x01\xba", VIDEO_KINDS["mpg"]),
    (b"\x00\x00\x01\xb3", VIDEO_KINDS["m2v"]), (b"\x06\x0e\x2b\x34\x02\x05\x01\x01", VIDEO_KINDS["mxf"]),
    (b"\x1f\x07\x00", VIDEO_KINDS["dv"]), (b"FLV\x01", VIDEO_KINDS["flv"]), (b"OggS", VIDEO_KINDS["ogv"]),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", VIDEO_KINDS["wmv"]),
)

# what a file may begin with
MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"uuid", b"styp", b"sidx", b"moof")

HEIF_BRANDS = (b"crx ", b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")


def kind_of(source: str | Path | bytes, name: str = "") -> MediaKind:
    """What this file (or these bytes) is; `MediaError` where it is neither a photo nor a video we take."""
    name = name or display_name_of(source)
    head = source[:HEAD_BYTES] if isinstance(source, (bytes, bytearray)) else _read_header(Path(source), name)
    if not head:
        raise MediaError(f"{name} is empty (0 bytes); copy or download it again")
    kind = _match_signature(head)
    if kind is None:
        raise MediaError(f"{name} is {describe_unsupported(head)}; Deixis takes {ACCEPTED_FORMATS}")
    return kind


def playable_in_browser(container: str, codec: str) -> bool:
    """Whether a current Chromium, with no codec bought for it, plays this; `container` is a `MediaKind.ext`."""
    return codec in BROWSER_CODECS.get(container, ())


def seekable_in_browser(codec: str, pts_s: np.ndarray, frame_rate: float) -> bool:
    """Whether the frames at these times (N,) lie far enough apart for a browser's player to seek each of them.

    `frame_rate` is what the container states. The player's answer is compared with the frame table all the same; this spares the attempt.
    """
    if len(pts_s) < 2:
        return True
    usual_s = 1 / frame_rate if frame_rate else float(np.median(np.diff(pts_s)))
    return float(np.diff(pts_s).min()) >= (MIN_FRAME_GAP_S if codec in LOOKAHEAD_CODECS else max(MIN_FRAME_GAP_S, usual_s / 2)) - 1e-6


def display_name_of(source) -> str:
    """The display name of a path; bytes have none of their own."""
    return "the file" if isinstance(source, (bytes, bytearray)) else Path(source).name


def _read_header(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise MediaError(f"{name} cannot be read ({error.strerror or error}); check that it exists and is a file") from error


def _match_signature(head: bytes) -> MediaKind | None:
    if head[8:12] == b"CR\x02\x00":  # Canon's raw looks like a TIFF file
        return None
    for start, kind in SIGNATURES:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF":
        return {b"WEBP": PHOTO_KINDS["webp"], b"AVI ": VIDEO_KINDS["avi"]}.get(head[8:12])
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124):
        return PHOTO_KINDS["bmp"]
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return VIDEO_KINDS["webm"] if b"webm" in head[:64] else VIDEO_KINDS["mkv"]
    if head[4:8] in MP4_BOXES:
        return _base_media(head)
    return _transport_stream(head)


def _transport_stream(head: bytes) -> MediaKind | None:
    """MPEG transport streams: packets of 188 bytes that begin with 0x47, with a time before each (AVCHD, Blu-ray) or a checksum behind it.

    A recording may begin within a packet; then more packets have to bear it out.
    """
    for packet, first, ext in ((188, 0, "ts"), (192, 4, "m2ts"), (204, 0, "ts")):
        for start in range(packet):
            sync_bytes = head[start::packet]
            if set(sync_bytes) == {0x47} and len(sync_bytes) >= (2 if start == first else 8):
                return VIDEO_KINDS[ext]
    return None


def _base_media(head: bytes) -> MediaKind | None:
    """ISO base media: MP4 and MOV are ours, HEIC and AVIF stills are not."""
    if head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS:
        return None
    return VIDEO_KINDS["mp4"] if head[4:8] == b"ftyp" and head[8:12] != b"qt  " else VIDEO_KINDS["mov"]
