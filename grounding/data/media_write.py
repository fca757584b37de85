"""Writing media: pixels become PNG photos and H.264 films that any browser plays."""

from __future__ import annotations

import io
from collections.abc import Iterable

import numpy as np

from grounding.data.boxes import Size


def encode_png(pixels: np.ndarray) -> bytes:
    """(H, W, 3) uint8 RGB as a PNG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=4)
    return file.getvalue()


def encode_mp4(frames: Iterable[np.ndarray], size: Size, fps: int) -> bytes:
    """An MP4 of (H, W, 3) uint8 RGB frames, every frame kept, easy to scrub (a key frame each second, none open).

    Width and height of `size` are even, as H.264 wants them.
    """
    import av

    if size.width % 2 or size.height % 2:
        raise ValueError(f"an H.264 film has even sides; got {size.width} x {size.height}")
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps, options={"crf": "19", "preset": "veryfast", "g": str(fps), "bf": "2"})
        stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
        for pixels in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()
