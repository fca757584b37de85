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
class ObjectAnnotation:
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
class FrameReference:
    """Which frame of which video a picture is: `index` counts decoded frames from 0, `pts_s` as the container says."""

    video: str
    index: int
    pts_s: float


@dataclass(frozen=True)
class ImageAnnotations:
    """A photo or a video frame: its relative `name`, upright `size`, object annotations and phrases; `id` > 0.

    A size of (0, 0) is unknown. `file` is where a reader found the photo, a name in its tree. `original_name` is the
    photo's own name where `name` had to be changed so that every system accepts it.
    """

    id: int
    name: str
    size: Size
    objects: tuple[ObjectAnnotation, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    frame: FrameReference | None = None
    file: str = field(default="", compare=False)
    original_name: str = field(default="", compare=False)


@dataclass(frozen=True)
class VideoFrameTable:
    """The frame table of a video: `pts_s` of every decoded frame, also of those that are not written.

    `frames_written` says which are: "annotated", "keyframes" or "all". `file` is where a reader found the video itself.
    `captions` describe spans of its tracks: (track_id, first frame, last frame, sentence).
    """

    name: str
    pts_s: tuple[float, ...]
    frames_written: str = "annotated"
    captions: tuple[tuple[object, int, int, str], ...] = ()
    file: str = field(default="", compare=False)
    original_name: str = field(default="", compare=False)  # as of a Picture


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
    images: tuple[ImageAnnotations, ...] = ()
    videos: tuple[VideoFrameTable, ...] = ()
    faults: tuple[Fault, ...] = field(default=(), compare=False)
