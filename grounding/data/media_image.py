"""Photos: any common picture file becomes upright RGB pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grounding.data.boxes import Size
from grounding.data.media_depth import read_rgb16, to_8_bit
from grounding.data.media_jpeg import has_end_marker
from grounding.data.media_kinds import MediaError, display_name_of, kind_of
from grounding.data.media_tiff import ImageSource, find_full_page

MAX_PIXELS = 120_000_000  # 12,000 x 10,000: above any phone or studio camera, 360 MB once decoded
ORIENTATION, PHOTOMETRIC, SAMPLE_FORMAT = 0x0112, 262, 339  # tags of EXIF and TIFF
ANIMATED_FORMATS = ("GIF", "PNG", "WEBP")


@dataclass(frozen=True, eq=False)
class Image:
    """`pixels` (H, W, 3) uint8 RGB, upright, read-only; `name` is for people.

    `note` is a sentence where it is not all of its file; `depth` says, without the name, how more than 8 bits were brought to 8.
    """

    pixels: np.ndarray
    name: str = ""
    note: str = ""
    bit_depth_note: str = ""

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


def open_image(
    source: str | Path | bytes, name: str = "", max_pixels: int = MAX_PIXELS, size: Size | None = None, require_complete: bool = False
) -> Image:
    """The photo of a path or of bytes; an animated one gives its first frame. `MediaError` where it cannot be shown whole.

    `size` is the one that annotations of it are drawn for: a file that gives another is refused, so that no box lies
    elsewhere than it was drawn.
    `require_complete` refuses a JPEG without an end marker, which decodes where zeros fill the missing part; used at import.
    """
    name = name or display_name_of(source)
    kind = kind_of(source, name)
    if kind.kind != "photo":
        raise MediaError(f"{name} is a video, not a photo; open it as a video")
    opened, opening = _open_lazily(source, kind.format, name)
    with opened as pil_image:
        if pil_image.width * pil_image.height > max_pixels:
            raise MediaError(f"{name} has {pil_image.width} x {pil_image.height} pixels, more than the {max_pixels:,} "
                             "that are safe to open; make it smaller first")
        pixels, depth = _decode(pil_image, name)
    if require_complete and kind.format == "JPEG" and not has_end_marker(source):
        raise MediaError(_damage_message(name, "JPEG", EOFError()))
    image = Image(np.ascontiguousarray(pixels), name, opening.note, depth)
    check_size(image.size, size, name)
    return image


def check_size(size: Size, annotated_size: Size | None, name: str) -> None:
    """MediaError where annotations are drawn for another size than a photo has (None: there are none)."""
    if annotated_size not in (None, size):
        raise MediaError(
            f"{name} was annotated as {annotated_size.width} x {annotated_size.height} pixels, which is a "
            "preview in it or another photo; it has "
            f"{size.width} x {size.height}: move it to the trash and load it again"
        )


def is_animation(source, name: str = "") -> bool:
    """Whether a photo file is a moving picture, of which `open_image` gives the first. Two pictures in one JPEG (a
    phone's) are none. Raises MediaError."""
    name = name or display_name_of(source)
    format = kind_of(source, name).format
    if format not in ANIMATED_FORMATS:
        return False
    with _open_lazily(source, format, name)[0] as image:
        return getattr(image, "is_animated", False)


def read_image_header(source: str | Path | bytes, name: str = "") -> tuple[int, Size, bool]:
    """A photo's EXIF orientation (1..8, 1 = upright), its size as stored, and whether it is the first picture of its
    file. Raises MediaError."""
    name = name or display_name_of(source)
    opened, opening = _open_lazily(source, kind_of(source, name).format, name)
    with opened as image:
        orientation = _orientation(image)
        return orientation if orientation in range(1, 9) else 1, Size(*image.size), opening.is_first_page


def apply_exif_orientation(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """(H, W, ...) pixels as stored, turned the way EXIF orientation 1..8 says; anything else leaves them."""
    transforms = {2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
             5: lambda a: a.swapaxes(0, 1), 6: lambda a: np.rot90(a, -1),
             7: lambda a: a.swapaxes(0, 1)[::-1, ::-1], 8: lambda a: np.rot90(a, 1)}
    return transforms[orientation](pixels) if orientation in transforms else pixels


def _open_lazily(source, format: str, name: str):
    """The picture, not decoded yet, its orientation in its EXIF data, and where it was opened."""
    from PIL import Image as Pillow

    source = bytes(source) if isinstance(source, (bytes, bytearray)) else Path(source)
    opening = find_full_page(source, name) if format == "TIFF" else ImageSource(io.BytesIO(source) if isinstance(source, bytes) else source)
    try:
        image = Pillow.open(opening.file, formats=[format])
    except Pillow.DecompressionBombError as error:
        raise MediaError(f"{name} has far more pixels than are safe to open; make it smaller first") from error
    except Exception as error:  # a decoder fed with foreign bytes may raise anything
        raise MediaError(_damage_message(name, format, error)) from error
    if not opening.is_first_page:
        image.getexif()[ORIENTATION] = opening.orientation
    return image, opening


def _decode(image, name: str) -> tuple[np.ndarray, str]:
    """Upright pixels, and what was done to their depth."""
    try:
        data = _bytes_if_16_bit(image)
        image.load()
        pixels, change = _to_rgb(image, data)
        return apply_exif_orientation(pixels, _orientation(image)), change
    except Exception as error:  # a decoder fed with foreign bytes may raise anything
        raise MediaError(_damage_message(name, image.format, error)) from error


def _bytes_if_16_bit(image) -> bytes:
    """The whole file, before the picture is loaded, where it has 16 bits a channel, of which Pillow keeps 8; else nothing."""
    if image.mode not in ("RGB", "RGBA") or not any(";16" in str(tile.args) for tile in image.tile):
        return b""
    image.fp.seek(0)
    return image.fp.read()


def _orientation(image) -> int:
    """1..8 as the EXIF data says; 1 where it is missing or broken, for a photo need not be lost with its notes."""
    try:
        return image.getexif().get(ORIENTATION, 1)
    except Exception:  # a parser fed with foreign bytes may raise anything
        return 1


def _damage_message(name: str, format: str, error: Exception) -> str:
    from PIL import UnidentifiedImageError

    if "truncated" in str(error).lower() or "premature" in str(error).lower() or isinstance(error, EOFError):
        return f"{name} ends too early: part of the {format} photo is missing; copy or download it again"
    if format == "TIFF" and isinstance(error, (UnidentifiedImageError, KeyError)):
        return (
            f"{name} is damaged, or its TIFF pixels or compression are of a kind that cannot be read here; "
            "save it as RGB TIFF or PNG of 8 or 16 bits"
        )
    return f"{name} is damaged: its {format} data cannot be read; save it again from a program that still shows it"


def _to_rgb(image, data: bytes) -> tuple[np.ndarray, str]:
    """(H, W, 3) uint8, and what was done to its depth; transparency over white. `data` is the file of a picture of 16 bits a channel."""
    from PIL import Image as Pillow

    if image.mode[0] in "IF":
        return _gray_to_rgb(image)
    if image.mode == "LAB":
        return np.asarray(_from_lab(image)), ""
    image, change = _rgb_from_16_bit(image, data) if data else (image, "")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Pillow.new("RGBA", layer.size, (255, 255, 255, 255))
        return np.asarray(Pillow.alpha_composite(white, layer).convert("RGB")), change
    return np.asarray(image.convert("RGB")), change


def _gray_to_rgb(image) -> tuple[np.ndarray, str]:
    """Greys of 16 or 32 bits as (H, W, 3) uint8, and what was done to their depth."""
    tags = getattr(image, "tag_v2", {})
    values = np.asarray(image)
    if values.dtype == np.int32 and tags.get(SAMPLE_FORMAT, (2,))[0] == 1:
        values = values.view(np.uint32)
    gray, change = to_8_bit(values, 16 if image.mode.startswith("I;16") else 0)
    gray = 255 - gray if tags.get(PHOTOMETRIC) == 0 else gray  # white is zero
    return np.repeat(gray[:, :, None], 3, 2), change


def _rgb_from_16_bit(image, data: bytes):
    """A picture of 16 bits a channel that is dark in its upper 8 bits: its colours from all 16, and what was done."""
    from PIL import Image as Pillow

    dark = np.asarray(image.convert("RGB")).max() < 128
    values = read_rgb16(data, image.format) if dark else None
    if values is None or values.shape[:2] != (image.height, image.width):
        return image, ""
    pixels, change = to_8_bit(values, 16)
    lighter = Pillow.fromarray(pixels)
    if image.mode == "RGBA":
        lighter.putalpha(image.getchannel("A"))
    return lighter, change


def _from_lab(image):
    """CIE L*a*b* as sRGB."""
    from PIL import ImageCms

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
