"""Films out: the videos of a project with their tracks, as the formats that are about videos write them."""

from __future__ import annotations

from collections.abc import Iterator

from grounding.data import Annotation
from grounding.exchange.atomic_writer import AtomicWriter
from grounding.exchange.cvat import CvatWriter
from grounding.exchange.mot import MotWriter
from grounding.exchange.videos import TrackAnnotation, VideoAnnotations, VideoPhrase
from grounding.exchange.vidstg import VidstgWriter
from grounding.store import Item
from grounding.tasks.publish.photos import ExportSelection

WRITERS = {"mot": MotWriter, "vidstg": VidstgWriter, "cvat": CvatWriter}


def write_videos(selection: ExportSelection, format: str, out: AtomicWriter, labels) -> Iterator[Item | VideoAnnotations]:
    """Writes every video of the project; yields each item before it and, where it was written, its film after it.

    With the choice "keyframes" only boxes that were set go out, else those between them too. Hidden frames never do.
    """
    writer = WRITERS[format](out, selection.options.frames == "keyframes")
    photos = 0
    for item, annotations in selection.store.annotations(selection.project):
        yield item
        photos += item.kind == "photo"
        kept = selection.select(item, annotations) if item.kind == "video" else []
        if item.kind != "video" or not (kept or selection.options.empty):
            continue
        video = selection.store.media_path(item)
        if selection.options.photos and not video.is_file():
            selection.skipped.append(
                (item.name, f"the file of {item.name} is gone from the data folder; load it again, then move the old one to the trash")
            )
            continue
        video_annotations = _video_annotations(selection, item, kept)
        writer.add(video_annotations, video if selection.options.photos else None)
        yield video_annotations
    writer.finish(selection.collect_categories(labels))
    if photos:
        selection.skipped.append(("photos", f"{photos} photo{'s' if photos > 1 else ''} stayed out: {format} is about videos only; publish "
                                          "photos as coco"))


def _video_annotations(selection: ExportSelection, item: Item, kept: list[Annotation]) -> VideoAnnotations:
    tracks = [a for a in kept if a.kind == "track"]
    numbers = {a.object: number for number, a in enumerate(tracks, 1)}
    tracks_out = tuple(_track_annotations(selection, numbers[a.object], a) for a in tracks)
    phrases = [VideoPhrase(a.value.text, tuple(numbers[target] for target in a.targets)) for a in kept
               if a.kind == "phrase" and set(a.targets) <= numbers.keys()]
    folder = selection.video_folder(item)
    return VideoAnnotations(
        folder,
        item.size,
        tuple(selection.store.pts(item.id).tolist()),
        tracks_out,
        tuple(phrases),
        original_name=item.name if item.name != folder else "",
    )


def _track_annotations(selection: ExportSelection, number: int, annotation: Annotation) -> TrackAnnotation:
    value = annotation.value
    return TrackAnnotation(number, selection.category_id(value.label), value.to_track(), value.occluded_frames(), value.captions or ())
