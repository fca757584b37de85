"""Pictures out: what stands in a project, item by item, as the pictures that an export writes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from grounding.data import Annotation, BoxValue, Track
from grounding.data.media import FrameTable, open_video
from grounding.exchange.names import NameAllocator
from grounding.exchange.photos import Category, FrameReference, ImageAnnotations, ObjectAnnotation, Phrase, VideoFrameTable
from grounding.exchange.upright import is_stored_upright, write_upright
from grounding.store import Item, Store

PixelSource = Path | Callable[[BinaryIO], None] | None
_TURNABLE = ("jpg", "png", "webp", "tif")  # formats that carry an EXIF orientation


@dataclass(frozen=True)
class ExportOptions:
    """What goes out. See `publish` for the meaning of each."""

    include: str = "accepted"
    empty: bool = True
    photos: bool = True
    frames: str = "annotated"
    frame_format: str = "png"


@dataclass
class ExportSelection:
    """The pictures of one export, one item at a time; remembers the names, numbers and labels it gave."""

    store: Store
    project: str
    options: ExportOptions
    category_ids: dict[str, int] = field(default_factory=dict)  # label -> category id
    skipped: list[tuple[str, str]] = field(default_factory=list)  # (name, sentence)
    _used_labels: set[str] = field(default_factory=set)
    _names: NameAllocator = field(default_factory=NameAllocator)
    _ids: set[int] = field(default_factory=set)

    def images(self, item: Item, annotations: list[Annotation]) -> Iterator[tuple[ImageAnnotations | VideoFrameTable, PixelSource]]:
        """The photo, or for a video its frame table and then its frames, each with what writes its pixels."""
        kept = self.select(item, annotations)
        if not kept and not self.options.empty:
            return
        if item.kind == "photo":
            yield self._photo(item, kept)
        else:
            yield from self._video(item, kept)

    def collect_categories(self, labels) -> list[Category]:
        """The labels of the project and those that went out, by number."""
        names = self._used_labels | {label.name for label in labels}
        self.category_ids |= {label.name: label.id for label in labels}
        return sorted((Category(self.category_ids[name], name) for name in names), key=lambda category: category.id)

    def select(self, item: Item, annotations: list[Annotation]) -> list[Annotation]:
        """What goes out of an item. A phrase brings the things it points at; without one of them it stays here."""
        current = {a.object: a for a in annotations if a.state != "rejected"}
        kept = {a.object for a in current.values() if self.options.include == "proposals" or a.state == "accepted"}
        for phrase in [current[name] for name in sorted(kept) if current[name].kind == "phrase"]:
            targets = set(phrase.targets)
            if targets <= current.keys():
                kept |= targets
            else:
                kept.discard(phrase.object)
                self.skipped.append((item.name, f"{item.name}: the phrase {phrase.value.text[:60]!r} points at a thing that was "
                                                "deleted or rejected; point it at another"))
        return [a for a in annotations if a.object in kept]

    def _photo(self, item: Item, kept: list[Annotation]) -> tuple[ImageAnnotations, PixelSource]:
        boxes = [a for a in kept if a.kind == "box"]
        objects = tuple(self._object(a.value.box, a) for a in boxes)
        phrases = _phrases(kept, {a.object: index for index, a in enumerate(boxes)}, require_all=True)
        name = self._names.allocate(item.name)
        picture = ImageAnnotations(
            self._image_id(item.id), name, item.size, objects, phrases, original_name=_original_name(name, item.name)
        )
        return picture, self._original(item) if self.options.photos else None

    def _original(self, item: Item) -> PixelSource:
        """The original bytes where they show what is annotated, else the photo written anew."""
        path = self.store.media_path(item)
        if not path.is_file():
            raise FileNotFoundError(path)
        if item.ext in _TURNABLE and not is_stored_upright(path, item.name, item.size):
            return lambda target: write_upright(path, target)
        return path

    def _video(self, item: Item, kept: list[Annotation]) -> Iterator[tuple[ImageAnnotations | VideoFrameTable, PixelSource]]:
        pts_s = self.store.pts(item.id)
        folder = self.video_folder(item)
        tracks = [_ExportTrack(a) for a in kept if a.kind == "track"]
        captions = tuple((number, part.start, part.end, part.text) for number, track in enumerate(tracks, 1)
                         for part in track.annotation.value.captions or ())
        table = VideoFrameTable(
            folder, tuple(pts_s.tolist()), self.options.frames, captions, original_name=_original_name(folder, item.name)
        )
        yield table, self.store.media_path(item) if self.options.photos else None
        frames = self._frames(tracks, len(pts_s))
        if not frames:
            return
        with open_video(self.store.media_path(item), FrameTable(pts_s), item.name) as video:
            for index in frames:
                name = f"{folder}/frame_{index:06d}.{self.options.frame_format}"
                objects, index_of = self._objects_at(tracks, index)
                picture = ImageAnnotations(
                    self._image_id(item.id, index),
                    name,
                    item.size,
                    objects,
                    _phrases(kept, index_of, require_all=False),
                    FrameReference(folder, index, float(pts_s[index])),
                )
                yield picture, _pixel_writer(video, index, self.options.frame_format) if self.options.photos else None

    def _frames(self, tracks: list[_ExportTrack], count: int) -> list[int]:
        """Which frames of a video of `count` go out, rising."""
        if self.options.frames == "all":
            return list(range(count))
        selected = set()
        for export_track in tracks:
            selected |= export_track.keyframes if self.options.frames == "keyframes" else set(export_track.track.frames.tolist())
        return sorted(frame for frame in selected if frame < count)

    def _objects_at(self, tracks: list[_ExportTrack], frame: int) -> tuple[tuple[ObjectAnnotation, ...], dict[str, int]]:
        """What is seen in a frame, and at which place each object stands."""
        objects: list[ObjectAnnotation] = []
        index_of: dict[str, int] = {}
        for number, export_track in enumerate(tracks, 1):
            box = export_track.track.box_at(frame)
            if box is None:
                continue
            index_of[export_track.annotation.object] = len(objects)
            more = {"caption": export_track.track.caption} if export_track.track.caption else {}
            objects.append(
                self._object(
                    box,
                    export_track.annotation,
                    track_id=number,
                    keyframe=frame in export_track.keyframes,
                    occluded=frame in export_track.occluded,
                    **more,
                )
            )
        return tuple(objects), index_of

    def _object(self, box, annotation: Annotation, **more) -> ObjectAnnotation:
        value = annotation.value
        attributes = {"score": value.score, "author": annotation.author, "state": annotation.state,
                      "occluded": isinstance(value, BoxValue) and bool(value.occluded)}
        return ObjectAnnotation(tuple(box), self.category_id(value.label), attributes | more)

    def category_id(self, label: str) -> int:
        """The number of a label, which from now on counts among those that went out."""
        self._used_labels.add(label)
        if label not in self.category_ids:  # said for the first time while the export runs
            self.category_ids |= {known.name: known.id for known in self.store.vocabulary(self.project)}
        return self.category_ids[label]

    def video_folder(self, item: Item) -> str:
        """A relative name for a video that nothing else of the export has."""
        return self._names.allocate_folder(item.name)

    def _image_id(self, item_id: str, frame: int = 0) -> int:
        """A number that a photo or frame has in every export, below 2**53 so that JavaScript reads it too."""
        number = int(item_id[:12], 16) + frame + 1
        while number in self._ids:
            number += 1
        self._ids.add(number)
        return number


class _ExportTrack:
    """A track as it goes out: interpolated, which of its frames a person or model set, and in which it is partly covered."""

    def __init__(self, annotation: Annotation):
        self.annotation = annotation
        self.track: Track = annotation.value.to_track()
        self.occluded = annotation.value.occluded_frames()
        self.keyframes: set[int] = set(self.track.frames[self.track.keyframes].tolist())


def _original_name(name: str, original: str) -> str:
    """What an item is called, where that is not its name in the export."""
    return original if original != name else ""


def _phrases(kept: list[Annotation], index_of: dict[str, int], require_all: bool) -> tuple[Phrase, ...]:
    """The phrases of a picture. Of a video's (`require_all` False) some targets may be out of sight; where all are, it is left out."""
    phrases = []
    for annotation in kept:
        if annotation.kind != "phrase":
            continue
        value, wanted = annotation.value, annotation.targets
        targets = tuple(index_of[name] for name in wanted if name in index_of)
        if len(targets) < len(wanted) and (require_all or not targets):
            continue
        attributes = {"author": annotation.author, "state": annotation.state, "origin": value.origin, "score": value.score}
        attributes |= {key: kept for key, kept in (("rule", value.rule), ("unique", value.unique)) if kept is not None}
        phrases.append(Phrase(value.text, targets, attributes))
    return tuple(phrases)


def _pixel_writer(video, index: int, form: str) -> Callable[[BinaryIO], None]:
    def write(target: BinaryIO) -> None:
        target.write(encode_image(video.frame(index).pixels, form))
    return write


def encode_image(pixels: np.ndarray, form: str) -> bytes:
    """(H, W, 3) uint8 as a PNG, exactly, or as a JPEG of quality 95."""
    from PIL import Image as Pillow

    data = io.BytesIO()
    options = {"format": "PNG", "compress_level": 1} if form == "png" else {"format": "JPEG", "quality": 95, "subsampling": 0}
    Pillow.fromarray(pixels).save(data, **options)
    return data.getvalue()
