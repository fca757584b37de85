"""Publish: what stands in a project goes out to a folder or a .zip that other tools read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grounding.data import Annotation, Progress
from grounding.data.media import MediaError
from grounding.exchange.atomic_writer import open_atomic_writer
from grounding.exchange.coco import CocoWriter
from grounding.exchange.photos import ImageAnnotations
from grounding.exchange.videos import VideoAnnotations
from grounding.services import upkeep
from grounding.store import Item, Store
from grounding.tasks.publish.photos import ExportOptions, ExportSelection
from grounding.tasks.publish.videos import WRITERS, write_videos

FORMATS = {  # name -> what to say of it
    "coco": "COCO: photos and frames of videos, for CVAT, FiftyOne and pycocotools; phrases beside it as gRefCOCO",
    "mot": "MOT: one gt.txt a video, for TrackEval and CVAT; no captions",
    "cvat": "CVAT video XML 1.1: keyframes and captions, one annotations.xml a video",
    "vidstg": "VidSTG: sentences with their extent in time, boxes as in VidOR",
}
OPTION_VALUES = {"include": ("accepted", "proposals"), "frames": ("annotated", "keyframes", "all"), "frame_format": ("png", "jpg")}


@dataclass
class PublishReport:
    """What was written to `out`; `skipped` holds (name, a sentence that names it and the cure)."""

    out: Path
    images: int = 0
    boxes: int = 0
    phrases: int = 0
    videos: int = 0  # of the formats about videos, as are tracks
    tracks: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def summary(self) -> str:
        """One line for people."""
        left = f", {len(self.skipped)} left out" if self.skipped else ""
        what = f"{self.videos} videos with {self.tracks} tracks" if self.videos else f"{self.images} images with {self.boxes} boxes"
        return f"{what} and {self.phrases} phrases written{left}"


def publish(store: Store, project_id: str, out: Path | str, format: str = "coco", include: str = "accepted", *,
            empty: bool = True, photos: bool = True, frames: str = "annotated", frame_format: str = "png") -> Iterator[Progress]:
    """Writes a project to `out` (a .zip by its name, else a folder); the last progress holds a PublishReport.

    `include`: "accepted" is what people made or accepted, "proposals" adds the rest that nobody rejected.
    `empty=False` leaves out photos without a box or phrase, `photos=False` all pixels. Of a video come the frames where
    something is seen ("annotated"), those in which a box was set ("keyframes"), or "all", as decoded: png (exact) or jpg.
    The formats about videos write no frames but the video itself, and boxes of keyframes only, or of all frames.
    Nothing is at `out` before everything is; stopping in between leaves what was there before.
    """
    if format not in FORMATS:
        raise ValueError(f"the formats to publish in are {', '.join(FORMATS)}; got {format!r}")
    for name, value in (("include", include), ("frames", frames), ("frame_format", frame_format)):
        if value not in OPTION_VALUES[name]:
            raise ValueError(f"{name} is one of {', '.join(OPTION_VALUES[name])}; got {value!r}")
    project, report = store.project(project_id), PublishReport(Path(out))
    options = ExportOptions(include, empty, photos, frames, frame_format)
    selection = ExportSelection(store, project.id, options, skipped=report.skipped)
    counts = store.counts(project.id)
    total = counts["new"] + counts["in_progress"] + counts["done"]
    if format in WRITERS:
        yield from _publish_videos(selection, format, project.labels, report, total)
        return
    with upkeep.export_marker(store, Path(out)), open_atomic_writer(Path(out)) as opened, CocoWriter(opened) as writer:
        for number, (item, annotations) in enumerate(store.annotations(project.id)):
            yield Progress(number, total, item.name)
            for _ in _write(selection, writer, item, annotations, report):
                yield Progress(number, total, item.name)
        writer.finish(selection.collect_categories(project.labels))
    yield Progress(total, total, report.summary(), report)


def _publish_videos(selection: ExportSelection, format: str, labels, report: PublishReport, total: int) -> Iterator[Progress]:
    done = 0
    with upkeep.export_marker(selection.store, report.out), open_atomic_writer(report.out) as opened:
        for step in write_videos(selection, format, opened, labels):
            if isinstance(step, VideoAnnotations):
                report.videos += 1
                report.tracks += len(step.tracks)
                report.phrases += len(step.phrases)
                continue
            yield Progress(done, total, step.name)
            done += 1
    yield Progress(total, total, report.summary(), report)


def _write(
    selection: ExportSelection, writer: CocoWriter, item: Item, annotations: list[Annotation], report: PublishReport
) -> Iterator[None]:
    """Writes one item; yields after each picture. One whose file is lost or cannot be read is named, and the others go
    on."""
    try:
        for picture, photo in selection.images(item, annotations):
            if not isinstance(picture, ImageAnnotations):
                writer.add_video(picture, photo)
                continue
            writer.add(picture, photo)
            report.images += 1
            report.boxes += len(picture.objects)
            report.phrases += len(picture.phrases)
            yield
    except (MediaError, OSError) as error:
        why = _read_failure(error, item, selection.store.media_path(item))
        if not why:
            raise
        report.skipped.append((item.name, f"{why}; load {item.name} again, then move the old one to the trash"))


def _read_failure(error: Exception, item: Item, path: Path) -> str:
    """Why the file of an item could not be read; "" for an error of the place that is written to."""
    if isinstance(error, MediaError):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return f"the file of {item.name} is gone from the data folder"
    if error.errno is None or error.filename and str(error.filename) == str(path):
        return f"the file of {item.name} in the data folder cannot be read"
    return ""
