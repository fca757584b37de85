"""Small films whose every frame carries its own number as a barcode, to check that the frame asked for is the frame shown."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

BITS = 12
CELLS = BITS + 2  # a white and a black cell first, so that the reader knows what white and black became


def draw_frame(number: int, size=(320, 192)) -> np.ndarray:
    """(H, W, 3) uint8: the number in binary along the top third, something that moves below it."""
    width, height = size
    pixels = np.full((height, width, 3), 90, np.uint8)
    for cell, white in enumerate([1, 0] + [number >> bit & 1 for bit in range(BITS)]):
        left, right = cell * width // CELLS, (cell + 1) * width // CELLS
        pixels[: height // 3, left:right] = 235 if white else 16
    x = number * 7 % (width - 40)
    pixels[height // 2 : height // 2 + 40, x : x + 40] = (200, 60, 40)
    return pixels


def read_number(pixels: np.ndarray) -> int:
    """The number in a painted frame of any size, upright."""
    height, width = pixels.shape[:2]
    row = pixels[height // 6].astype(int).mean(-1)
    levels = [row[int((cell + 0.3) * width / CELLS) : int((cell + 0.7) * width / CELLS)].mean() for cell in range(CELLS)]
    middle = (levels[0] + levels[1]) / 2
    return sum((level > middle) << bit for bit, level in enumerate(levels[2:]))


def write_video(path: Path, count=60, codec="h264", rate=Fraction(30), times_s=None, size=(320, 192), options=None,
          rotation=0, matrix=None, pixel_shape=None, draw=draw_frame, time_base=Fraction(1, 90_000)) -> Path:
    """A film of `count` painted frames; `times_s` gives each frame's own time (else even, from 0)."""
    times_s = times_s if times_s is not None else [n / rate for n in range(count)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options={str(k): str(v) for k, v in (options or {}).items()})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = time_base
        if pixel_shape:
            stream.codec_context.sample_aspect_ratio = pixel_shape
        if rotation:
            stream.set_display_rotation(rotation)
        if matrix:  # (a, b, c, d) as in an SVG transform, of -1, 0 and 1
            a, b, c, d = (int(x) << 16 for x in matrix)
            stream.set_display_matrix([a, b, 0, c, d, 0, 0, 0, 1 << 30])
        for number, time_s in enumerate(times_s):
            frame = av.VideoFrame.from_ndarray(draw(number, size), format="rgb24")
            frame.pts, frame.time_base = round(time_s / time_base), time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def index_first(source: Path, target: Path) -> Path:
    """The same film with its index before its frames, as downloads have it."""
    with av.open(str(source)) as old, av.open(str(target), "w", options={"movflags": "faststart"}) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    return target
