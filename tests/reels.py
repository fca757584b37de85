"""Reels: tiny films as numbered pictures, in which one textured thing moves over a textured ground; the truth is known."""

from pathlib import Path

import numpy as np
from PIL import Image

from grounding.data import Boxes, Track
from grounding.tasks.intake.frame_folders import FrameFolder

WIDTH, HEIGHT, SIDE = 200, 120, 30


def noise(rng: np.random.Generator, height: int, width: int, colour) -> np.ndarray:
    """(height, width, 3) uint8 patches of four pixels around a tint."""
    coarse = rng.integers(-60, 60, (height // 4 + 1, width // 4 + 1, 1)).repeat(4, 0).repeat(4, 1)[:height, :width]
    return np.clip(np.array(colour) + coarse, 0, 255).astype(np.uint8)


def object_corner(frame: int) -> tuple[int, int]:
    """Left and top of the thing."""
    return 20 + 3 * frame, 40 + int(15 * np.sin(frame / 6))


def draw_video(folder: Path, count: int = 40, hidden: range = range(0)) -> tuple[FrameFolder, Track]:
    """A reel of `count` frames in `folder`, and where the thing is in the frames in which it is not hidden."""
    rng = np.random.default_rng(5)
    background, patch = noise(rng, HEIGHT, WIDTH, (90, 120, 90)), noise(rng, SIDE, SIDE, (190, 70, 60))
    folder.mkdir(parents=True, exist_ok=True)
    visible = []
    for frame in range(count):
        pixels = background.copy()
        if frame not in hidden:
            x, y = object_corner(frame)
            pixels[y : y + SIDE, x : x + SIDE] = patch
            visible.append((frame, (x, y, x + SIDE, y + SIDE)))
        Image.fromarray(pixels).save(folder / f"{frame + 1:05d}.png", compress_level=1)
    boxes = Boxes(np.array([box for _, box in visible]))
    return FrameFolder.of(folder), Track(np.array([frame for frame, _ in visible]), boxes, np.ones(len(visible), bool), "toy")
