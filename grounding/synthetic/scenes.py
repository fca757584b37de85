"""Scenes: drawn photos of parks, streets, beaches and kitchens, with the truth about every thing in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grounding.data import Boxes, Query, Regions, Size
from grounding.data.media import Image
from grounding.synthetic.backgrounds import PLACES
from grounding.synthetic.compositions import CASTS
from grounding.synthetic.objects import Actor

SEEN = 0.3  # a thing of which less than this share can be seen does not count as there


@dataclass(frozen=True, eq=False)
class Scene:
    """`image` and its truth: `regions` (score 1), and `phrases` that each fit exactly the regions they name as targets."""

    image: Image
    regions: Regions
    phrases: tuple[Query, ...]


def draw_scene(seed: int, size: Size = Size(960, 640), place: str | None = None) -> Scene:
    """A scene from nothing but its seed: the same every time. `place` is one of PLACES, else the seed chooses."""
    rng = np.random.default_rng(seed)
    place = place or str(rng.choice(list(PLACES)))
    ground = PLACES[place](size, rng)
    actors = CASTS[place](ground, size, rng)
    pixels, boxes = paint(ground.pixels, actors)
    seen = [row for row, box in enumerate(boxes) if box is not None]
    regions = Regions(Boxes(np.array([boxes[row] for row in seen])), np.ones(len(seen)), tuple(actors[row].label for row in seen))
    return Scene(Image(pixels, f"drawn {place} {seed}"), regions, tuple(phrases_of([actors[row] for row in seen])))


def paint(background: np.ndarray, actors: list[Actor]) -> tuple[np.ndarray, list[tuple[float, ...] | None]]:
    """The picture with all actors, those lower in it in front, and the box of what can be seen of each (None: too little)."""
    pixels = background.copy()
    owner = np.full(pixels.shape[:2], -1, np.int32)
    order = sorted(range(len(actors)), key=lambda row: actors[row].y)
    for row in order:
        _shade(pixels, actors[row])
    for row in order:
        _place(pixels, owner, actors[row], row)
    return pixels, [_visible_box(owner, actor, row) for row, actor in enumerate(actors)]


def phrases_of(actors: list[Actor]) -> list[Query]:
    """Each name that fits one actor and no other, as a phrase with its target."""
    named: dict[str, list[int]] = {}
    for row, actor in enumerate(actors):
        for name in actor.names:
            named.setdefault(f"the {name}", []).append(row)
    return [Query(text, targets=(tuple(rows),), origin="template") for text, rows in named.items() if len(rows) == 1]


def _window(shape, left: int, top: int, width: int, height: int):
    """The slices of picture and sprite where they overlap; None where they do not."""
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + width, shape[1]), min(top + height, shape[0])
    if x0 >= x1 or y0 >= y1:
        return None
    return (slice(y0, y1), slice(x0, x1)), (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))


def _place(pixels, owner, actor: Actor, row: int):
    sprite = actor.sprite
    window = _window(owner.shape, round(actor.x) + sprite.left, round(actor.y) + sprite.top, *sprite.pixels.shape[1::-1])
    if window is None:
        return
    there, here = window
    alpha = sprite.pixels[here][..., 3:].astype(np.uint16)
    pixels[there] = (pixels[there] * (255 - alpha) + sprite.pixels[here][..., :3] * alpha + 127) // 255
    owner[there][alpha[..., 0] > 127] = row


def _shade(pixels, actor: Actor):
    """A soft shadow on the ground, falling a little to the right."""
    if not actor.shadow:
        return
    x0, _, x1, _ = actor.sprite.box
    rx, ry = actor.shadow * (x1 - x0) * 0.62, max(3.0, actor.shadow * (x1 - x0) * 0.13)
    cx, cy = actor.x + (x0 + x1) / 2 + rx * 0.14, actor.y - ry * 0.1
    window = _window(pixels.shape, int(cx - rx), int(cy - ry), int(2 * rx) + 2, int(2 * ry) + 2)
    if window is None:
        return
    (rows, columns), _ = window
    y, x = np.ogrid[rows, columns]
    far = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2
    dark = 0.36 * np.clip(1 - far, 0, 1) ** 0.8
    patch = pixels[rows, columns]
    pixels[rows, columns] = (patch * (1 - dark[..., None]) + np.array([24, 30, 52]) * dark[..., None] + 0.5).astype(np.uint8)


def _visible_box(owner, actor: Actor, row: int) -> tuple[float, ...] | None:
    sprite, left, top = actor.sprite, round(actor.x), round(actor.y)
    window = _window(owner.shape, left + sprite.left, top + sprite.top, *sprite.pixels.shape[1::-1])
    if window is None:
        return None
    (rows, columns), _ = window
    mine = owner[rows, columns] == row
    if mine.sum() < max(SEEN * (sprite.pixels[..., 3] > 127).sum(), 24):
        return None
    ys, xs = np.flatnonzero(mine.any(1)) + rows.start, np.flatnonzero(mine.any(0)) + columns.start
    seen = np.array([xs[0], ys[0], xs[-1] + 1, ys[-1] + 1], float)
    full = np.array(sprite.box) + (left, top, left, top)
    box = np.where(np.abs(full - seen) <= 1, full, seen)  # the drawn edge is finer than a pixel where nothing hides it
    height, width = owner.shape
    return tuple(np.clip(box, 0, [width, height, width, height]).tolist())
