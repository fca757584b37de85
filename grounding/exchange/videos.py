"""Videos: what every format says about a video and its objects, before it is written in any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Protocol

import numpy as np

from grounding.data import CaptionSpan, Size, Track
from grounding.data.media_kinds import VIDEO_KINDS
from grounding.exchange.atomic_writer import AtomicWriter, open_atomic_writer
from grounding.exchange.photos import Category, Fault

PIXEL_DECIMALS = 2  # decimals of a pixel; CVAT and the page write as many
_EXTENSIONS = {*VIDEO_KINDS, "m4v", "mpeg", "3gp", "mts"}  # names of files that may be a video; what it is, its bytes say


@dataclass(frozen=True)
class TrackAnnotation:
    """One object of a video: its track (with label, score and the caption of the whole track), a number from 1 on, the category
    of its label, the frames in which it is partly occluded, and the captions of frame spans, in order."""

    id: int
    category: int
    track: Track
    occluded_frames: frozenset[int] = frozenset()
    caption_spans: tuple[CaptionSpan, ...] = ()


@dataclass(frozen=True)
class VideoPhrase:
    """A sentence and the ids of the tracks it points at."""

    text: str
    targets: tuple[int, ...]
    attributes: Mapping[str, object] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class VideoAnnotations:
    """A video by its relative name, upright size, the times of all its frames, its tracks and sentences about them.

    `frame_count_known` is False where the format does not state the number of frames, so that the last frame with a box
    counts as the last. A size of (0, 0) is unknown. `file` is the video's own name where the format states it.
    `frame_ranges` are the first and last frames that the files of a reader cover, where these may be part of the video; `overlap`
    frames of one may stand in the next too.
    """

    name: str
    size: Size
    pts_s: tuple[float, ...]
    tracks: tuple[TrackAnnotation, ...] = ()
    phrases: tuple[VideoPhrase, ...] = ()
    frame_count_known: bool = True
    file: str = field(default="", compare=False)
    frame_ranges: tuple[tuple[int, int], ...] = ()
    overlap: int = 0
    # what the video is called, where `name` had to be spelled otherwise
    original_name: str = field(default="", compare=False)
    # the folder of pictures that are its frames, where a file tells of one
    frame_folder: str = field(default="", compare=False)

    @property
    def fps(self) -> float:
        """Frames a second, as the middle of the steps between frames says; 25 where there is one frame."""
        steps = np.diff(np.array(self.pts_s))
        return round(float(1 / np.median(steps)), 3) if len(steps) else 25.0

    def __len__(self) -> int:
        return len(self.pts_s)


@dataclass(frozen=True)
class VideoSet:
    """What a reader found. Faults never stop the rest."""

    categories: tuple[Category, ...] = ()
    videos: tuple[VideoAnnotations, ...] = ()
    faults: tuple[Fault, ...] = field(default=(), compare=False)


class VideoWriter(Protocol):
    """Writes one film at a time, with the video itself where one is given; ends with `finish`."""

    def add(self, video: VideoAnnotations, video_file: Path | None = None) -> None: ...

    def finish(self, categories: Iterable[Category]) -> None: ...


def write_video_set(
    make_writer: Callable[[AtomicWriter, bool], VideoWriter], video_set: VideoSet, folder: Path, keyframes_only: bool = False
) -> None:
    """All films at once, without their videos, to a folder or a .zip."""
    with open_atomic_writer(folder) as out:
        writer = make_writer(out, keyframes_only)
        for video in video_set.videos:
            writer.add(video)
        writer.finish(video_set.categories)


def category_numbers(tracks: Iterable[Track]) -> dict[str, int]:
    """The labels of tracks, numbered from 1 on in their order."""
    return {name: number for number, name in enumerate(dict.fromkeys(track.label for track in tracks), 1)}


def visible_boxes(track: Track, keyframes_only: bool, count: int) -> list[tuple[int, tuple[float, float, float, float], bool]]:
    """(frame, box, whether it is a keyframe) of a track where it is seen, before frame `count`; as the page shows it."""
    rows = zip(track.frames.tolist(), track.boxes.xyxy.tolist(), track.keyframes.tolist())
    return [
        (frame, tuple(round(x, PIXEL_DECIMALS) for x in box), key)
        for frame, box, key in rows
        if frame < count and (key or not keyframes_only)
    ]


def uniform_pts(fps: float, count: int) -> tuple[float, ...]:
    """The times of `count` frames of a format that knows a rate only."""
    return tuple(round(number / fps, 6) for number in range(count))


def merge_videos(a: VideoAnnotations, b: VideoAnnotations) -> VideoAnnotations | None:
    """What two files say of different parts of one video, as one; None where one is about all of it or of the other's
    part."""
    nested = any(_within(x, y) or _within(y, x) for x in a.frame_ranges for y in b.frame_ranges)
    if not a.frame_ranges or not b.frame_ranges or nested or a.size != b.size and all(a.size) and all(b.size):
        return None
    taken = max((track_annotation.id for track_annotation in a.tracks), default=0)
    tracks = a.tracks + tuple(replace(track_annotation, id=taken + number) for number, track_annotation in enumerate(b.tracks, 1))
    return replace(
        max(a, b, key=len),
        name=a.name,
        size=max(a.size, b.size),
        tracks=tracks,
        frame_ranges=a.frame_ranges + b.frame_ranges,
        overlap=max(a.overlap, b.overlap),
    )


def _within(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return b[0] <= a[0] and a[1] <= b[1]


def has_video_extension(name: str) -> bool:
    return PurePosixPath(name).suffix.lower().lstrip(".") in _EXTENSIONS


def export_video_path(video: VideoAnnotations) -> str:
    """Where the video itself lies in an export: in the folder named after it, under its own name."""
    return f"{video.name}/{PurePosixPath(video.name).name}"


def copy_video(out: AtomicWriter, video: VideoAnnotations, video_file: Path | None) -> None:
    """The original bytes into the export; None leaves them out."""
    if video_file is not None:
        out.copy(export_video_path(video), video_file)
