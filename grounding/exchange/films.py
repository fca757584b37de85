"""Films: what every format says about a video and the things in it, before it is spelled in any of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from grounding.data import Size, Track
from grounding.exchange.outlet import Outlet
from grounding.exchange.pictures import Category, Fault

DIGITS = 2  # decimals of a pixel; CVAT and the page write as many


@dataclass(frozen=True)
class Tube:
    """One thing in a video: its track (label and caption in it), a number from 1 on, and the category of its label.

    `occluded` are the keyframes from which to the next it is partly covered.
    """

    id: int
    category: int
    track: Track
    occluded: frozenset[int] = frozenset()


@dataclass(frozen=True)
class FilmPhrase:
    """A sentence and the ids of the tubes it points at; `span` is its first and last frame where it is about a stretch only."""

    text: str
    targets: tuple[int, ...]
    span: tuple[int, int] | None = None


@dataclass(frozen=True)
class Film:
    """A video by its relative name, upright size, the times of all its frames, its things and sentences about them."""

    name: str
    size: Size
    pts_s: tuple[float, ...]
    tubes: tuple[Tube, ...] = ()
    phrases: tuple[FilmPhrase, ...] = ()

    @property
    def fps(self) -> float:
        """Frames a second, as the middle of the steps between frames says; 25 where there is one frame."""
        steps = np.diff(np.array(self.pts_s))
        return round(float(1 / np.median(steps)), 3) if len(steps) else 25.0

    def __len__(self) -> int:
        return len(self.pts_s)


@dataclass(frozen=True)
class FilmSet:
    """What a reader found. Faults never stop the rest."""

    categories: tuple[Category, ...] = ()
    films: tuple[Film, ...] = ()
    faults: tuple[Fault, ...] = field(default=(), compare=False)


def shown(track: Track, keyframes_only: bool, count: int) -> list[tuple[int, tuple[float, float, float, float], bool]]:
    """(frame, box, whether it is a keyframe) of a track where it is seen, before frame `count`; as the page shows it."""
    rows = zip(track.frames.tolist(), track.boxes.xyxy.tolist(), track.keyframes.tolist())
    return [(frame, tuple(round(x, DIGITS) for x in box), key) for frame, box, key in rows if frame < count and (key or not keyframes_only)]


def spaced(fps: float, count: int) -> tuple[float, ...]:
    """The times of `count` frames of a format that knows a rate only."""
    return tuple(round(number / fps, 6) for number in range(count))


def beside(film: Film) -> str:
    """Where the video itself lies in an export: in the folder named after it, under its own name."""
    return f"{film.name}/{PurePosixPath(film.name).name}"


def copy_video(out: Outlet, film: Film, video: Path | None) -> None:
    """The original bytes into the export; None leaves them out."""
    if video is not None:
        out.copy(beside(film), video)
