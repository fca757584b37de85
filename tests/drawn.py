"""Small photos drawn on the spot: a red square at a known place, in any format, turned any way."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (64, 48)
SQUARE = (8, 12, 24, 20)  # x0, y0, x1, y1 in the upright photo
_APPLY_ORIENTATION = {  # how upright pixels (H, W) are laid down so that the EXIF orientation brings them back
    1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1), 6: lambda a: np.rot90(a, 1), 7: lambda a: a[::-1, ::-1].swapaxes(0, 1), 8: lambda a: np.rot90(a, -1),
}


def pixels(seed: int = 0, size=SIZE) -> np.ndarray:
    """(H, W, 3) uint8: grey that tells seeds apart, with the red square."""
    width, height = size
    grey = np.full((height, width, 3), 60 + seed * 7 % 150, np.uint8)
    grey[0, seed % width] = 255
    x0, y0, x1, y1 = SQUARE
    grey[y0:y1, x0:x1] = (230, 20, 20)
    return grey


def encode_photo(image_format: str = "JPEG", seed: int = 0, orientation: int = 1, size=SIZE) -> bytes:
    """A photo file; its pixels are laid down for the EXIF orientation."""
    data, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(np.ascontiguousarray(_APPLY_ORIENTATION[orientation](pixels(seed, size))))
    options = {"quality": 95, "subsampling": 0} if image_format == "JPEG" else {}
    image.save(data, image_format, exif=exif if orientation != 1 else b"", **options)
    return data.getvalue()


def write_photo(path: Path, seed: int = 0, orientation: int = 1, size=SIZE) -> Path:
    """A photo at a path; its ending says the format."""
    image_format = {"jpg": "JPEG", "jpeg": "JPEG", "tif": "TIFF"}.get(path.suffix[1:].lower(), path.suffix[1:].upper())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_photo(image_format, seed, orientation, size))
    return path


def red_square(pixels: np.ndarray) -> tuple[int, int, int, int]:
    """Where the red square is: x0, y0, x1, y1."""
    red = (pixels[..., 0].astype(int) - pixels[..., 1]) > 100
    rows, columns = np.flatnonzero(red.any(1)), np.flatnonzero(red.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
