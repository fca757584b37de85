"""Pictures: what every format says about a photo, before it is spelled in any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grounding.data import Size


@dataclass(frozen=True)
class Category:
    """A label by number; ids start at 1 and mean the same in every export of a project."""

    id: int
    name: str


@dataclass(frozen=True)
class Thing:
    """A box: `box` is (x0, y0, x1, y1), float pixels of the upright photo. `attributes` are JSON scalars."""

    box: tuple[float, float, float, float]
    category: int
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Phrase:
    """A text and the things it points at, as indices into the picture's things; none of them = "there is none"."""

    text: str
    targets: tuple[int, ...] = ()
    attributes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class FrameOf:
    """Which frame of which video a picture is: `index` counts decoded frames from 0, `pts_s` as the container says."""

    video: str
    index: int
    pts_s: float


@dataclass(frozen=True)
class Picture:
    """A photo or a video frame: its relative `name`, upright `size`, things and phrases; `id` > 0.

    A size of (0, 0) is one that was not told. `file` is where a reader found the photo, a name in its tree. `original`
    is what the photo is called where `name` had to be spelled otherwise, so that every system takes it.
    """

    id: int
    name: str
    size: Size
    things: tuple[Thing, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    frame: FrameOf | None = None
    file: str = field(default="", compare=False)
    original: str = field(default="", compare=False)


@dataclass(frozen=True)
class FilmTable:
    """The frame table of a video: `pts_s` of every decoded frame, also of those that are not written.

    `written` says which are: "annotated", "keyframes" or "all". `file` is where a reader found the video itself. `captions` are about
    stretches of its tracks: (track_id, first frame, last frame, sentence).
    """

    name: str
    pts_s: tuple[float, ...]
    written: str = "annotated"
    captions: tuple[tuple[object, int, int, str], ...] = ()
    file: str = field(default="", compare=False)
    original: str = field(default="", compare=False)  # as of a Picture


@dataclass(frozen=True)
class Fault:
    """Something wrong with what was read: `where`, and `why` with the cure. `skipped`: it was left out, not mended."""

    where: str
    why: str
    skipped: bool = True


@dataclass(frozen=True)
class Dataset:
    """What a reader found. Faults never stop the rest."""

    categories: tuple[Category, ...] = ()
    pictures: tuple[Picture, ...] = ()
    films: tuple[FilmTable, ...] = ()
    faults: tuple[Fault, ...] = field(default=(), compare=False)
