"""Film cache: drawn plays as the frozen networks saw them, on disk, so that training never paints or looks again.

Each thing of each frame is kept three times: in its true box and in two that are a little off, as a detector's would be.
One more row a frame holds a box where nothing is, for false alarms.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from grounding.data import Progress
from grounding.data.media_image import Image
from grounding.machine.disk import write_whole
from grounding.nn.files.features import CacheError
from grounding.nn.tokens import looks
from grounding.synthetic.clips import Part, Play, draw_play
from grounding.synthetic.motions import Move

OFF = (0.0, 0.04, 0.09)  # how far the corners of each version lie from the truth, in sizes of the box
RECIPE = "plays-1"  # changes whenever other plays, boxes or tokens are kept


@dataclass(frozen=True, eq=False)
class SeenPlay:
    """F frames of a play with B things, each in V versions: `boxes` (F, B, V, 4) as fractions, `whole` (F, B, V, 2328),
    `cells` (F, B, V, 9, 728), `there` (F, B) bool. `parts`: what each of the first things is; those after them are false alarms."""

    parts: tuple[Part, ...]
    there: np.ndarray
    boxes: np.ndarray
    whole: np.ndarray
    cells: np.ndarray


@dataclass(frozen=True)
class FilmCache:
    """A folder with a file a play, named by its seed. `backbone` is the version of the networks that saw."""

    folder: Path
    backbone: str

    def path(self, seed: int) -> Path:
        return Path(self.folder) / f"{RECIPE}-{seed}.safetensors"

    def has(self, seed: int) -> bool:
        return self.path(seed).exists()

    def write(self, seed: int, seen: SeenPlay) -> None:
        """The file appears whole or not at all."""
        tensors = {"there": seen.there, "boxes": seen.boxes.astype(np.float32), "whole": seen.whole.astype(np.float16),
                   "cells": seen.cells.astype(np.float16)}
        write_whole(
            self.path(seed),
            save(tensors, {"backbone": self.backbone, "parts": json.dumps([asdict(p) for p in seen.parts])}),
        )

    def read(self, seed: int) -> SeenPlay:
        """Raises CacheError if the file is damaged or other networks made it."""
        path = self.path(seed)
        try:
            with safe_open(path, "numpy") as file:
                about = file.metadata()
                if about.get("backbone") != self.backbone:
                    raise CacheError(f"{path.name} was made by {about.get('backbone')}, this needs {self.backbone}; choose another cache folder")
                tensors = {name: file.get_tensor(name) for name in file.keys()}
                parts = tuple(_part(row) for row in json.loads(about["parts"]))
        except (SafetensorError, OSError, KeyError, TypeError) as error:
            raise CacheError(f"the play in {path} cannot be read ({error}); delete the file and it is made again") from error
        return SeenPlay(parts, **tensors)


def fill_plays(cache: FilmCache, seeds: Sequence[int], make_eyes: Callable) -> Iterator[Progress]:
    """Paints and sees the plays that are not in the cache yet. Stop and go on as you like."""
    wanted = [seed for seed in seeds if not cache.has(seed)]
    eyes = make_eyes() if wanted else None
    done = len(seeds) - len(wanted)
    yield Progress(done, len(seeds), "drawn films seen")
    for seed in wanted:
        cache.write(seed, see_play(draw_play(seed), eyes, seed))
        done += 1
        yield Progress(done, len(seeds), "drawn films seen")


def see_play(play: Play, eyes, seed: int) -> SeenPlay:
    """What the networks saw of every thing in every frame."""
    rng = np.random.default_rng([seed, 47])
    size = np.tile(np.float32(play.size), 2)
    things = len(play.tracks)
    there, boxes, frames = np.zeros((play.count, things + 1), bool), np.zeros((play.count, things + 1, len(OFF), 4), np.float32), []
    for index in range(play.count):
        true = [track.at(index) for track in play.tracks]
        rows = [np.float32(box) / size if box else np.float32([0, 0, 1, 1]) for box in true] + [_elsewhere(rng)]
        there[index] = [box is not None for box in true] + [rng.random() < 0.3]
        boxes[index] = np.stack([shaken(np.stack(rows), off, rng) for off in OFF], 1)
        frames.append(looks(eyes.see(Image(play.frame(index))), boxes[index].reshape(-1, 4)))
    shape = boxes.shape[:3]
    whole, cells = (np.stack([getattr(seen, name) for seen in frames]) for name in ("whole", "cells"))
    return SeenPlay(tuple(play.shown), there, boxes, whole.reshape(*shape, -1), cells.reshape(*shape, *cells.shape[2:]))


def shaken(boxes: np.ndarray, off: float, rng: np.random.Generator) -> np.ndarray:
    """(N, 4) fractions, each corner moved by about `off` of the box's size, cut to the picture and never turned over."""
    extent = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    moved = np.clip(boxes + rng.normal(0, 1, boxes.shape) * off * extent, 0, 1)
    return np.concatenate([np.minimum(moved[:, :2], moved[:, 2:]), np.maximum(moved[:, :2], moved[:, 2:])], 1).astype(np.float32)


def _elsewhere(rng: np.random.Generator) -> np.ndarray:
    extent = rng.uniform(0.1, 0.3, 2)
    corner = rng.uniform(0, 1 - extent)
    return np.float32([*corner, *(corner + extent)])


def _part(row: dict) -> Part:
    move = row.pop("move")
    return Part(**row, move=Move(**(move | {"start": tuple(move["start"])})))
