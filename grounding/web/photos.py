"""The image cache: photos and thumbnails for the browser, decoded, rotated upright, encoded again and cached on disk."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import numpy as np

from grounding.data.media import open_image
from grounding.machine.disk import write_atomic
from grounding.store import Item, Store

THUMB_SIDE = 320  # pixels of the long side
QUALITY, THUMB_QUALITY = 92, 82
MAX_LOSSLESS_PIXELS = 1_000_000  # pixels: up to here graphics are kept without loss
DECODING_VERSION = 2  # raised when photos are decoded to other pixels than before, so that none is shown as it was
MAX_CONCURRENT_DECODES = 3  # pictures decoded at the same time; each can take hundreds of megabytes
MIME_TYPES = {"jpg": "image/jpeg", "png": "image/png"}


class ImageCache:
    """Paths of encoded pictures, made on first demand. Files are made beside their place and renamed."""

    def __init__(self, store: Store):
        self._store, self._folder = store, store.folder / "cache" / "pictures"
        self._decode_slots = threading.BoundedSemaphore(MAX_CONCURRENT_DECODES)

    def image(self, item: Item) -> Path:
        """The whole photo: JPEG, or PNG where the original is a small graphic."""
        lossless = item.ext in ("png", "gif", "bmp") and item.width * item.height <= MAX_LOSSLESS_PIXELS
        return self._cached_file(item, "png" if lossless else "jpg", lambda: self._decode(item), QUALITY)

    def thumb(self, item: Item, pixels=None) -> Path:
        """Small; `pixels()` gives the picture to shrink where the item is no photo."""
        return self._cached_file(item, "thumb.jpg", lambda: shrink((pixels or (lambda: self._decode(item)))(), THUMB_SIDE), THUMB_QUALITY)

    def _decode(self, item: Item) -> np.ndarray:
        return open_image(self._store.media_path(item), item.name, size=item.size).pixels

    def _cached_file(self, item: Item, suffix: str, pixels, quality: int) -> Path:
        path = self._folder / item.sha256[:2] / f"{item.sha256}.{DECODING_VERSION}.{suffix}"
        if path.exists():
            return path
        with self._decode_slots:
            if path.exists():
                return path
            data = encode_image(pixels(), suffix.rpartition(".")[2] or suffix, quality)
        write_atomic(path, data)
        return path


def encode_image(pixels: np.ndarray, image_format: str, quality: int = QUALITY) -> bytes:
    """`pixels` (H, W, 3) uint8 RGB as "jpg" or "png", without any metadata."""
    from PIL import Image as Pillow

    out, image = io.BytesIO(), Pillow.fromarray(pixels)
    if image_format == "png":
        image.save(out, "PNG", compress_level=3)
    else:
        image.save(out, "JPEG", quality=quality, subsampling=0 if quality > 90 else 2)
    return out.getvalue()


def shrink(pixels: np.ndarray, side: int) -> np.ndarray:
    """(h, w, 3) with the long side at most `side` pixels."""
    from PIL import Image as Pillow

    image = Pillow.fromarray(pixels)
    image.thumbnail((side, side), Pillow.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(image)
