"""Writing MOT."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from grounding.exchange.atomic_writer import AtomicWriter
from grounding.exchange.photos import Category
from grounding.exchange.videos import VideoAnnotations, copy_video, visible_boxes, write_video_set


class MotWriter:
    """Writes one film at a time; end with `finish`."""

    def __init__(self, out: AtomicWriter, keyframes_only: bool = False):
        self._out, self._keyframes_only = out, keyframes_only
        self._video_names: list[str] = []

    def add(self, video: VideoAnnotations, video_file: Path | None = None) -> None:
        copy_video(self._out, video, video_file)
        rows = [
            (frame, track_annotation, box)
            for track_annotation in video.tracks
            for frame, box, _ in visible_boxes(track_annotation.track, self._keyframes_only, len(video))
        ]
        rows.sort(key=lambda row: (row[0], row[1].id))
        with self._out.open(f"{video.name}/gt/gt.txt") as target:
            for frame, track_annotation, (x0, y0, x1, y1) in rows:
                numbers = (
                    frame + 1, track_annotation.id, x0, y0, round(x1 - x0, 2), round(y1 - y0, 2), 1,
                    track_annotation.category, int(frame not in track_annotation.occluded_frames),
                )
                target.write((",".join(map(_format_number, numbers)) + "\n").encode())
        with self._out.open(f"{video.name}/seqinfo.ini") as target:
            target.write(_seqinfo_text(video).encode())
        self._video_names.append(video.name)

    def finish(self, categories: Iterable[Category]) -> None:
        """Writes what the classes are called beside every film; numbers that no label has are lines of their own number."""
        names = {category.id: category.name for category in categories}
        lines = [" ".join(names.get(number, str(number)).split()) for number in range(1, max(names, default=0) + 1)]
        for name in self._video_names:
            with self._out.open(f"{name}/gt/labels.txt") as target:
                target.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))


write = partial(write_video_set, MotWriter)


def _seqinfo_text(video: VideoAnnotations) -> str:
    name = " ".join(video.name.split())
    values = {"name": name, "imDir": "img1", "frameRate": _format_number(video.fps), "seqLength": len(video), "imWidth": video.size.width,
              "imHeight": video.size.height, "imExt": ".jpg"}
    values |= {"originalName": " ".join(video.original_name.split())} if video.original_name else {}
    return "[Sequence]\n" + "".join(f"{key}={value}\n" for key, value in values.items())


def _format_number(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".") if isinstance(number, float) else str(number)

