"""Upright: photos leave with their pixels the way they are shown, so that every reader agrees where a box lies."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

from grounding.data import Size
from grounding.data.media import open_image
from grounding.data.media_image import check_size, read_image_header

ORIENTATION = 0x0112  # the EXIF tag
_LOSSLESS = {"PNG": {}, "WEBP": {"lossless": True, "exact": True}, "TIFF": {}}


def read_orientation(path: Path) -> tuple[int, Size]:
    """A photo's EXIF orientation, 1 to 8 (1 = upright), and its size as stored, read from its head alone."""
    return read_image_header(path)[:2]


def is_stored_upright(path: Path, name: str = "", size: Size | None = None) -> bool:
    """Whether any reader of a photo's own file sees the picture that is annotated: upright, and the first of its file.
    `size` is the one that its annotations are drawn for; MediaError where the photo has another."""
    orientation, stored_size, first = read_image_header(path, name)
    check_size(Size(stored_size.height, stored_size.width) if orientation >= 5 else stored_size, size, name)
    return orientation == 1 and first


def write_upright(path: Path, target: BinaryIO) -> None:
    """A photo anew as it is shown: pixels upright, no orientation left, colours and format as they were (JPEG at
    quality 95)."""
    from PIL import Image as Pillow

    with Pillow.open(path) as image:
        form = image.format
        kept = (
            {"icc_profile": image.info.get("icc_profile"), "exif": _exif_without_orientation(image)}
            if read_image_header(path)[2]
            else {}
        )
    pixels, data = Pillow.fromarray(open_image(path).pixels), io.BytesIO()
    if form in _LOSSLESS:
        pixels.save(data, form, **kept, **_LOSSLESS[form])
    else:
        pixels.save(data, "JPEG", quality=95, subsampling=0, **kept)
    target.write(data.getbuffer())


def orient_box(box: tuple[float, float, float, float], orientation: int, size: Size) -> tuple[float, float, float, float]:
    """A box in pixels as stored (of `size`) brought to the upright photo, for an EXIF orientation of 1 to 8."""
    x0, y0, x1, y1 = box
    width, height = size
    if orientation in (2, 3):
        x0, x1 = width - x1, width - x0
    if orientation in (3, 4):
        y0, y1 = height - y1, height - y0
    if orientation in (6, 7):
        y0, y1 = height - y1, height - y0
    if orientation in (7, 8):
        x0, x1 = width - x1, width - x0
    return (y0, x0, y1, x1) if orientation >= 5 else (x0, y0, x1, y1)


def _exif_without_orientation(image) -> bytes:
    exif = image.getexif()
    exif.pop(ORIENTATION, None)
    return exif.tobytes()
