"""Photos: any common picture file becomes upright RGB pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grounding.data.boxes import Size
from grounding.data.media_kinds import MediaError, kind_of, name_of

MAX_PIXELS = 120_000_000  # 12,000 x 10,000: above any phone or studio camera, 360 MB once decoded
ORIENTATION = 0x0112  # the EXIF tag
ANIMATED = ("GIF", "PNG", "WEBP")


@dataclass(frozen=True, eq=False)
class Image:
    """`pixels` (H, W, 3) uint8 RGB, upright, read-only; `name` is for people."""

    pixels: np.ndarray
    name: str = ""

    def __post_init__(self):
        pixels = self.pixels
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
            raise ValueError(f"an image is (H, W, 3) uint8 RGB; got {pixels.shape} {pixels.dtype}")
        pixels = pixels.view()
        pixels.setflags(write=False)
        object.__setattr__(self, "pixels", pixels)

    @property
    def size(self) -> Size:
        return Size(self.pixels.shape[1], self.pixels.shape[0])


def open_image(source: str | Path | bytes, name: str = "", max_pixels: int = MAX_PIXELS) -> Image:
    """The photo of a path or of bytes; an animated one gives its first frame. `MediaError` where it cannot be shown whole."""
    name = name or name_of(source)
    kind = kind_of(source, name)
    if kind.kind != "photo":
        raise MediaError(f"{name} is a video, not a photo; open it as a video")
    with _opened(source, kind.format, name) as picture:
        if picture.width * picture.height > max_pixels:
            raise MediaError(f"{name} has {picture.width} x {picture.height} pixels, more than the {max_pixels:,} "
                             "that are safe to open; make it smaller first")
        pixels = _decoded(picture, name)
    return Image(np.ascontiguousarray(pixels), name)


def is_animation(source, name: str = "") -> bool:
    """Whether a photo file is a moving picture, of which `open_image` gives the first. Two pictures in one JPEG (a phone's) are none. Raises MediaError."""
    name = name or name_of(source)
    format = kind_of(source, name).format
    if format not in ANIMATED:
        return False
    with _opened(source, format, name) as picture:
        return getattr(picture, "is_animated", False)


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """(H, W, ...) pixels as stored, turned the way EXIF orientation 1..8 says; anything else leaves them."""
    turns = {2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
             5: lambda a: a.swapaxes(0, 1), 6: lambda a: np.rot90(a, -1),
             7: lambda a: a.swapaxes(0, 1)[::-1, ::-1], 8: lambda a: np.rot90(a, 1)}
    return turns[orientation](pixels) if orientation in turns else pixels


def _opened(source, format: str, name: str):
    from PIL import Image as Pillow

    file = io.BytesIO(source) if isinstance(source, (bytes, bytearray)) else Path(source)
    try:
        return Pillow.open(file, formats=[format])
    except Pillow.DecompressionBombError as error:
        raise MediaError(f"{name} has far more pixels than are safe to open; make it smaller first") from error
    except Exception as error:  # a decoder fed with foreign bytes may raise anything
        raise MediaError(_damaged(name, format, error)) from error


def _decoded(picture, name: str) -> np.ndarray:
    try:
        picture.load()
        return upright(_rgb(picture), _orientation(picture))
    except Exception as error:  # a decoder fed with foreign bytes may raise anything
        raise MediaError(_damaged(name, picture.format, error)) from error


def _orientation(picture) -> int:
    """1..8 as the EXIF data says; 1 where it is missing or broken, for a photo need not be lost with its notes."""
    try:
        return picture.getexif().get(ORIENTATION, 1)
    except Exception:  # a parser fed with foreign bytes may raise anything
        return 1


def _damaged(name: str, format: str, error: Exception) -> str:
    if "truncated" in str(error).lower() or "premature" in str(error).lower() or isinstance(error, EOFError):
        return f"{name} ends too early: part of the {format} photo is missing; copy or download it again"
    return f"{name} is damaged: its {format} data cannot be read; save it again from a program that still shows it"


def _rgb(picture) -> np.ndarray:
    """(H, W, 3) uint8; transparency over white, deep greys brought to 8 bits."""
    from PIL import Image as Pillow

    if picture.mode[0] in "IF":
        greys = np.nan_to_num(np.asarray(picture).astype(np.float64))
        return np.repeat(_eight_bits(greys, deep=picture.mode.startswith("I;16"))[:, :, None], 3, 2)
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        white = Pillow.new("RGBA", layer.size, (255, 255, 255, 255))
        return np.asarray(Pillow.alpha_composite(white, layer).convert("RGB"))
    return np.asarray(picture.convert("RGB"))


def _eight_bits(greys: np.ndarray, deep: bool) -> np.ndarray:
    """uint8 from float64 greys: 16-bit ones (`deep`) by their full range, others as they are if they fit, else by the range they use."""
    low, high = greys.min(), greys.max()
    if deep or (0 <= low and 255 < high <= 65535):
        low, high = 0, 65535
    elif 0 <= low and high <= 255:
        low, high = 0, 255
    return ((greys - low) * (255 / max(high - low, 1e-9)) + 0.5).astype(np.uint8)
