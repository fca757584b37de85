"""Films: what every format says about a video and the things in it, before it is spelled in any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Protocol

import numpy as np

from grounding.data import Size, Track
from grounding.data.media_kinds import VIDEOS
from grounding.exchange.atomic_writer import Outlet, outlet
from grounding.exchange.photos import Category, Fault

DIGITS = 2  # decimals of a pixel; CVAT and the page write as many
_ENDINGS = {*VIDEOS, "m4v", "mpeg", "3gp", "mts"}  # names of files that may be a video; what it is, its bytes say


class Stretch(NamedTuple):
    """A sentence about a thing that holds from frame `start` to frame `end`, both included."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Tube:
    """One thing in a video: its track (label, score and the caption of its whole life in it), a number from 1 on, and the category of
    its label; the frames in which it is partly covered, and captions of stretches, in order."""

    id: int
    category: int
    track: Track
    covered: frozenset[int] = frozenset()
    stretches: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class FilmPhrase:
    """A sentence and the ids of the tubes it points at."""

    text: str
    targets: tuple[int, ...]
    attributes: Mapping[str, object] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Film:
    """A video by its relative name, upright size, the times of all its frames, its things and sentences about them.

    Not `counted` is one whose format did not tell how many frames it has, so that the last with a box had to do. A size
    of (0, 0) was not told. `file` is the video's own name where the format tells it. `parts` are the first and last
    frames of the stretches that the files of a reader are about, where these may be a part of the video; `overlap`
    frames of one may stand in the next too.
    """

    name: str
    size: Size
    pts_s: tuple[float, ...]
    tubes: tuple[Tube, ...] = ()
    phrases: tuple[FilmPhrase, ...] = ()
    counted: bool = True
    file: str = field(default="", compare=False)
    parts: tuple[tuple[int, int], ...] = ()
    overlap: int = 0
    # what the video is called, where `name` had to be spelled otherwise
    original: str = field(default="", compare=False)
    # the folder of pictures that are its frames, where a file tells of one
    stills: str = field(default="", compare=False)

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


class FilmWriter(Protocol):
    """Writes one film at a time, with the video itself where one is given; ends with `finish`."""

    def add(self, film: Film, video: Path | None = None) -> None: ...

    def finish(self, categories: Iterable[Category]) -> None: ...


def write_with(make: Callable[[Outlet, bool], FilmWriter], films: FilmSet, folder: Path, keyframes_only: bool = False) -> None:
    """All films at once, without their videos, to a folder or a .zip."""
    with outlet(folder) as out:
        writer = make(out, keyframes_only)
        for film in films.films:
            writer.add(film)
        writer.finish(films.categories)


def category_numbers(tracks: Iterable[Track]) -> dict[str, int]:
    """The labels of tracks, numbered from 1 on in their order."""
    return {name: number for number, name in enumerate(dict.fromkeys(track.label for track in tracks), 1)}


def shown(track: Track, keyframes_only: bool, count: int) -> list[tuple[int, tuple[float, float, float, float], bool]]:
    """(frame, box, whether it is a keyframe) of a track where it is seen, before frame `count`; as the page shows it."""
    rows = zip(track.frames.tolist(), track.boxes.xyxy.tolist(), track.keyframes.tolist())
    return [(frame, tuple(round(x, DIGITS) for x in box), key) for frame, box, key in rows if frame < count and (key or not keyframes_only)]


def spaced(fps: float, count: int) -> tuple[float, ...]:
    """The times of `count` frames of a format that knows a rate only."""
    return tuple(round(number / fps, 6) for number in range(count))


def joined(a: Film, b: Film) -> Film | None:
    """What two files say of different parts of one video, as one; None where one is about all of it or of the other's
    part."""
    nested = any(_within(x, y) or _within(y, x) for x in a.parts for y in b.parts)
    if not a.parts or not b.parts or nested or a.size != b.size and all(a.size) and all(b.size):
        return None
    taken = max((tube.id for tube in a.tubes), default=0)
    tubes = a.tubes + tuple(replace(tube, id=taken + number) for number, tube in enumerate(b.tubes, 1))
    return replace(
        max(a, b, key=len),
        name=a.name,
        size=max(a.size, b.size),
        tubes=tubes,
        parts=a.parts + b.parts,
        overlap=max(a.overlap, b.overlap),
    )


def _within(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return b[0] <= a[0] and a[1] <= b[1]


def is_named_like_a_video(name: str) -> bool:
    return PurePosixPath(name).suffix.lower().lstrip(".") in _ENDINGS


def beside(film: Film) -> str:
    """Where the video itself lies in an export: in the folder named after it, under its own name."""
    return f"{film.name}/{PurePosixPath(film.name).name}"


def copy_video(out: Outlet, film: Film, video: Path | None) -> None:
    """The original bytes into the export; None leaves them out."""
    if video is not None:
        out.copy(beside(film), video)
