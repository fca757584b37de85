"""Synthetic scenes: drawn photos of parks, streets, beaches and kitchens, with the ground truth of every object in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grounding.data import Boxes, Query, Regions, Size
from grounding.data.media import Image
from grounding.synthetic.backgrounds import BACKGROUNDS
from grounding.synthetic.compositions import COMPOSITIONS
from grounding.synthetic.objects import DrawnObject

MIN_VISIBLE_SHARE = 0.3  # an object of which less than this share is visible has no box


@dataclass(frozen=True, eq=False)
class SyntheticScene:
    """`image` and its truth: `regions` (score 1), and `phrases` that each fit exactly the regions they name as targets."""

    image: Image
    regions: Regions
    phrases: tuple[Query, ...]


def draw_scene(seed: int, size: Size = Size(960, 640), background: str | None = None) -> SyntheticScene:
    """A scene from nothing but its seed: the same every time. `background` is one of BACKGROUNDS, else the seed chooses."""
    rng = np.random.default_rng(seed)
    background = background or str(rng.choice(list(BACKGROUNDS)))
    canvas = BACKGROUNDS[background](size, rng)
    drawn = COMPOSITIONS[background](canvas, size, rng)
    pixels, boxes = render_objects(canvas.pixels, drawn)
    visible = [row for row, box in enumerate(boxes) if box is not None]
    regions = Regions(Boxes(np.array([boxes[row] for row in visible])), np.ones(len(visible)), tuple(drawn[row].label for row in visible))
    return SyntheticScene(Image(pixels, f"drawn {background} {seed}"), regions, tuple(unique_name_phrases([drawn[row] for row in visible])))


def render_objects(background: np.ndarray, drawn: list[DrawnObject]) -> tuple[np.ndarray, list[tuple[float, ...] | None]]:
    """The image with all objects, those lower in it in front, and the box of the visible part of each (None: too little)."""
    pixels = background.copy()
    owner = np.full(pixels.shape[:2], -1, np.int32)
    order = sorted(range(len(drawn)), key=lambda row: drawn[row].y)
    for row in order:
        _draw_shadow(pixels, drawn[row])
    for row in order:
        _composite_sprite(pixels, owner, drawn[row], row)
    return pixels, [_visible_box(owner, obj, row) for row, obj in enumerate(drawn)]


def unique_name_phrases(drawn: list[DrawnObject]) -> list[Query]:
    """Each name that fits one object and no other, as a phrase with its target."""
    named: dict[str, list[int]] = {}
    for row, obj in enumerate(drawn):
        for name in obj.names:
            named.setdefault(f"the {name}", []).append(row)
    return [Query(text, targets=(tuple(rows),), origin="template") for text, rows in named.items() if len(rows) == 1]


def _overlap_slices(shape, left: int, top: int, width: int, height: int):
    """The slices of image and sprite where they overlap; None where they do not."""
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + width, shape[1]), min(top + height, shape[0])
    if x0 >= x1 or y0 >= y1:
        return None
    return (slice(y0, y1), slice(x0, x1)), (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))


def _composite_sprite(pixels, owner, obj: DrawnObject, row: int):
    sprite = obj.sprite
    window = _overlap_slices(owner.shape, round(obj.x) + sprite.left, round(obj.y) + sprite.top, *sprite.pixels.shape[1::-1])
    if window is None:
        return
    image_window, sprite_window = window
    alpha = sprite.pixels[sprite_window][..., 3:].astype(np.uint16)
    pixels[image_window] = (pixels[image_window] * (255 - alpha) + sprite.pixels[sprite_window][..., :3] * alpha + 127) // 255
    owner[image_window][alpha[..., 0] > 127] = row


def _draw_shadow(pixels, obj: DrawnObject):
    """A soft shadow on the ground, falling a little to the right."""
    if not obj.shadow:
        return
    x0, _, x1, _ = obj.sprite.box
    rx, ry = obj.shadow * (x1 - x0) * 0.62, max(3.0, obj.shadow * (x1 - x0) * 0.13)
    cx, cy = obj.x + (x0 + x1) / 2 + rx * 0.14, obj.y - ry * 0.1
    window = _overlap_slices(pixels.shape, int(cx - rx), int(cy - ry), int(2 * rx) + 2, int(2 * ry) + 2)
    if window is None:
        return
    (rows, columns), _ = window
    y, x = np.ogrid[rows, columns]
    far = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2
    dark = 0.36 * np.clip(1 - far, 0, 1) ** 0.8
    patch = pixels[rows, columns]
    pixels[rows, columns] = (patch * (1 - dark[..., None]) + np.array([24, 30, 52]) * dark[..., None] + 0.5).astype(np.uint8)


def _visible_box(owner, obj: DrawnObject, row: int) -> tuple[float, ...] | None:
    sprite, left, top = obj.sprite, round(obj.x), round(obj.y)
    window = _overlap_slices(owner.shape, left + sprite.left, top + sprite.top, *sprite.pixels.shape[1::-1])
    if window is None:
        return None
    (rows, columns), _ = window
    mine = owner[rows, columns] == row
    if mine.sum() < max(MIN_VISIBLE_SHARE * (sprite.pixels[..., 3] > 127).sum(), 24):
        return None
    ys, xs = np.flatnonzero(mine.any(1)) + rows.start, np.flatnonzero(mine.any(0)) + columns.start
    visible = np.array([xs[0], ys[0], xs[-1] + 1, ys[-1] + 1], float)
    full = np.array(sprite.box) + (left, top, left, top)
    box = np.where(np.abs(full - visible) <= 1, full, visible)  # the drawn edge is finer than a pixel where nothing hides it
    height, width = owner.shape
    return tuple(np.clip(box, 0, [width, height, width, height]).tolist())
