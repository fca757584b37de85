"""Describe: say what is in a box or under a click, or find where each word of a person's sentence points."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from grounding.data import Boxes
from grounding.data.captions import Caption
from grounding.data.media_image import Image
from grounding.protocols import Captioner
from grounding.tasks.label.encodings import EncodingCache


def describe(
    image: Image | Callable[[], Image],
    captioner: Captioner,
    box: Sequence[float] | None = None,
    point: Sequence[float] | None = None,
    text: str = "",
    encodings: EncodingCache | None = None,
    key: Hashable = None,
) -> dict:
    """{"text", "score", "words": [{"text", "x", "y"}], "box"}; pixels of the upright picture.

    Without `text` the captioner says what is in the box, or in what lies under the point (without both: in the whole picture). With
    `text` it says where each word of that sentence points, and its score how well it fits. `image` may be a function that opens it;
    with `encodings` and a `key` a picture that was seen is not opened again. Raises ValueError where box and point are both given.
    """
    if box is not None and point is not None:
        raise ValueError("give a box or a point to describe, not both")

    def encode():
        return captioner.encode(image() if callable(image) else image)

    encoded = encode() if encodings is None or key is None else encodings.get((captioner.version, key), encode)
    box = _clip_box(captioner.box_at(encoded, *point) if point is not None else box or (0, 0, *encoded.size), encoded.size)
    caption: Caption = (
        captioner.locate_words_in(encoded, text, box) if text.strip() else captioner.describe_in(encoded, Boxes(np.float32([box])))[0]
    )
    return caption.to_json() | {"box": [round(float(edge), 2) for edge in box]}


def _clip_box(box: Sequence[float], size) -> tuple[float, ...]:
    """Put in order and cut to the picture; ValueError where nothing of it is left."""
    x0, x1 = sorted((box[0], box[2]))
    y0, y1 = sorted((box[1], box[3]))
    cut = (max(x0, 0.0), max(y0, 0.0), min(x1, size.width), min(y1, size.height))
    if cut[2] - cut[0] < 1 or cut[3] - cut[1] < 1:
        corners = [round(float(edge), 1) for edge in box]
        raise ValueError(f"the box {corners} lies outside the picture of {size.width} x {size.height} pixels; draw it inside")
    return cut
