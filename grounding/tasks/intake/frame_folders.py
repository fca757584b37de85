"""Stills: a folder of numbered pictures, taken as the frames of a video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from grounding.data.media import Frame, FrameTable, MediaError, open_image
from grounding.exchange.archive import natural_sort_key

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")


class FrameFolder:
    """Speaks like a Video: `size`, `frames`, `frame(index)`, `read(...)`, `len`. All pictures have the size of the first."""

    def __init__(self, paths: Sequence[Path], name: str, fps: float = 25.0):
        if not paths:
            raise MediaError(f"{name} holds no pictures; put its frames there as numbered .jpg, .png or .webp files")
        self.paths, self.name = list(paths), name
        self.frames = FrameTable(np.arange(len(self.paths)) / fps)
        self.size = open_image(self.paths[0]).size

    @classmethod
    def of(cls, folder: Path, fps: float = 25.0) -> FrameFolder:
        """The pictures of a folder, in natural order of their names."""
        names = sorted(
            (path.name for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")),
            key=natural_sort_key,
        )
        return cls([folder / name for name in names], folder.name, fps)

    def frame(self, index: int) -> Frame:
        """Frame `index`, counted from 0."""
        if not 0 <= index < len(self):
            raise IndexError(f"{self.name} has frames 0 to {len(self) - 1}; frame {index} was asked for")
        image = open_image(self.paths[index])
        if image.size != self.size:
            raise MediaError(f"{self.paths[index].name} is {image.size.width} x {image.size.height}, but the frames before it are "
                             f"{self.size.width} x {self.size.height}; put pictures of one size there")
        return Frame(index, float(self.frames.pts_s[index]), image.pixels)

    def read(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Frames one by one; memory does not grow."""
        return (self.frame(index) for index in range(len(self))[slice(start, stop, step)])

    def close(self) -> None:
        """Nothing is held open."""

    def __len__(self) -> int:
        return len(self.paths)
