"""Pictures: photos as a browser gets them, decoded, turned upright and encoded anew, kept in the cache folder."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import numpy as np

from grounding.data.media import open_image
from grounding.machine.disk import write_whole
from grounding.store import Item, Store

THUMB = 320  # pixels of the long side
QUALITY, THUMB_QUALITY = 92, 82
SMALL = 1_000_000  # pixels: up to here graphics are kept without loss
DECODING = 2  # raised when photos are decoded to other pixels than before, so that none is shown as it was
AT_ONCE = 3  # pictures decoded at the same time; each can take hundreds of megabytes
TYPES = {"jpg": "image/jpeg", "png": "image/png"}


class Pictures:
    """Paths of encoded pictures, made on first demand. Files are made beside their place and renamed."""

    def __init__(self, store: Store):
        self._store, self._folder = store, store.folder / "cache" / "pictures"
        self._turn = threading.BoundedSemaphore(AT_ONCE)

    def image(self, item: Item) -> Path:
        """The whole photo: JPEG, or PNG where the original is a small graphic."""
        lossless = item.ext in ("png", "gif", "bmp") and item.width * item.height <= SMALL
        return self._made(item, "png" if lossless else "jpg", lambda: self._pixels(item), QUALITY)

    def thumb(self, item: Item, pixels=None) -> Path:
        """Small; `pixels()` gives the picture to shrink where the item is no photo."""
        return self._made(item, "thumb.jpg", lambda: shrunk((pixels or (lambda: self._pixels(item)))(), THUMB), THUMB_QUALITY)

    def _pixels(self, item: Item) -> np.ndarray:
        return open_image(self._store.media_path(item), item.name, size=item.size).pixels

    def _made(self, item: Item, form: str, pixels, quality: int) -> Path:
        path = self._folder / item.sha256[:2] / f"{item.sha256}.{DECODING}.{form}"
        if path.exists():
            return path
        with self._turn:
            if path.exists():
                return path
            data = encoded(pixels(), form.rpartition(".")[2] or form, quality)
        write_whole(path, data)
        return path


def encoded(pixels: np.ndarray, form: str, quality: int = QUALITY) -> bytes:
    """`pixels` (H, W, 3) uint8 RGB as "jpg" or "png", without any metadata."""
    from PIL import Image as Pillow

    out, picture = io.BytesIO(), Pillow.fromarray(pixels)
    if form == "png":
        picture.save(out, "PNG", compress_level=3)
    else:
        picture.save(out, "JPEG", quality=quality, subsampling=0 if quality > 90 else 2)
    return out.getvalue()


def shrunk(pixels: np.ndarray, side: int) -> np.ndarray:
    """(h, w, 3) with the long side at most `side` pixels."""
    from PIL import Image as Pillow

    picture = Pillow.fromarray(pixels)
    picture.thumbnail((side, side), Pillow.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(picture)
