"""Pictures out: what stands in a project, item by item, as the pictures that an export writes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from grounding.data import Annotation, Track
from grounding.data.media import FrameTable, open_video
from grounding.data.tracks import covered_frames
from grounding.exchange.names import NameBook
from grounding.exchange.photos import Category, FilmTable, FrameOf, Phrase, Picture, Thing
from grounding.exchange.upright import is_as_shown, write_upright
from grounding.store import Item, Store

Photo = Path | Callable[[BinaryIO], None] | None
_TURNABLE = ("jpg", "png", "webp", "tif")  # formats that carry an EXIF orientation


@dataclass(frozen=True)
class Choice:
    """What goes out. See `publish` for the meaning of each."""

    include: str = "accepted"
    empty: bool = True
    photos: bool = True
    frames: str = "annotated"
    frame_format: str = "png"


@dataclass
class Gallery:
    """The pictures of one export, one item at a time; remembers the names, numbers and labels it gave."""

    store: Store
    project: str
    choice: Choice
    numbers: dict[str, int] = field(default_factory=dict)  # label -> category id
    skipped: list[tuple[str, str]] = field(default_factory=list)  # (name, sentence)
    _used: set[str] = field(default_factory=set)
    _book: NameBook = field(default_factory=NameBook)
    _ids: set[int] = field(default_factory=set)

    def pictures(self, item: Item, annotations: list[Annotation]) -> Iterator[tuple[Picture | FilmTable, Photo]]:
        """The photo, or for a video its frame table and then its frames, each with what writes its pixels."""
        kept = self.kept(item, annotations)
        if not kept and not self.choice.empty:
            return
        if item.kind == "photo":
            yield self._photo(item, kept)
        else:
            yield from self._film(item, kept)

    def categories(self, labels) -> list[Category]:
        """The labels of the project and those that went out, by number."""
        names = self._used | {label.name for label in labels}
        self.numbers |= {label.name: label.id for label in labels}
        return sorted((Category(self.numbers[name], name) for name in names), key=lambda category: category.id)

    def kept(self, item: Item, annotations: list[Annotation]) -> list[Annotation]:
        """What goes out of an item. A phrase brings the things it points at; without one of them it stays here."""
        standing = {a.object: a for a in annotations if a.state != "rejected"}
        kept = {a.object for a in standing.values() if self.choice.include == "proposals" or a.state == "accepted"}
        for phrase in [standing[name] for name in sorted(kept) if standing[name].kind == "phrase"]:
            targets = set(phrase.value.get("targets", ()))
            if targets <= standing.keys():
                kept |= targets
            else:
                kept.discard(phrase.object)
                self.skipped.append((item.name, f"{item.name}: the phrase {phrase.value['text'][:60]!r} points at a thing that was "
                                                "deleted or rejected; point it at another"))
        return [a for a in annotations if a.object in kept]

    def _photo(self, item: Item, kept: list[Annotation]) -> tuple[Picture, Photo]:
        boxes = [a for a in kept if a.kind == "box"]
        things = tuple(self._thing(a.value["box"], a) for a in boxes)
        phrases = _phrases(kept, {a.object: index for index, a in enumerate(boxes)}, whole=True)
        name = self._book.take(item.name)
        picture = Picture(self._number(item.id), name, item.size, things, phrases, original=_unless(name, item.name))
        return picture, self._original(item) if self.choice.photos else None

    def _original(self, item: Item) -> Photo:
        """The original bytes where they show what is annotated, else the photo written anew."""
        path = self.store.media_path(item)
        if not path.is_file():
            raise FileNotFoundError(path)
        if item.ext in _TURNABLE and not is_as_shown(path, item.name, item.size):
            return lambda target: write_upright(path, target)
        return path

    def _film(self, item: Item, kept: list[Annotation]) -> Iterator[tuple[Picture | FilmTable, Photo]]:
        pts_s = self.store.pts(item.id)
        folder = self.folder_of(item)
        tracks = [_Seen(a) for a in kept if a.kind == "track"]
        captions = tuple((number, part["start"], part["end"], part["text"]) for number, seen in enumerate(tracks, 1)
                         for part in seen.annotation.value.get("captions", ()))
        table = FilmTable(
            folder, tuple(pts_s.tolist()), self.choice.frames, captions, original=_unless(folder, item.name)
        )
        yield table, self.store.media_path(item) if self.choice.photos else None
        frames = self._frames(tracks, len(pts_s))
        if not frames:
            return
        with open_video(self.store.media_path(item), FrameTable(pts_s), item.name) as video:
            for index in frames:
                name = f"{folder}/frame_{index:06d}.{self.choice.frame_format}"
                things, places = self._things_at(tracks, index)
                picture = Picture(self._number(item.id, index), name, item.size, things, _phrases(kept, places, whole=False),
                                  FrameOf(folder, index, float(pts_s[index])))
                yield picture, _pixel_writer(video, index, self.choice.frame_format) if self.choice.photos else None

    def _frames(self, tracks: list[_Seen], count: int) -> list[int]:
        """Which frames of a video of `count` go out, rising."""
        if self.choice.frames == "all":
            return list(range(count))
        chosen = set()
        for seen in tracks:
            chosen |= seen.keys if self.choice.frames == "keyframes" else set(seen.track.frames.tolist())
        return sorted(frame for frame in chosen if frame < count)

    def _things_at(self, tracks: list[_Seen], frame: int) -> tuple[tuple[Thing, ...], dict[str, int]]:
        """What is seen in a frame, and at which place each object stands."""
        things: list[Thing] = []
        places: dict[str, int] = {}
        for number, seen in enumerate(tracks, 1):
            box = seen.track.at(frame)
            if box is None:
                continue
            places[seen.annotation.object] = len(things)
            more = {"caption": seen.track.caption} if seen.track.caption else {}
            things.append(self._thing(box, seen.annotation, track_id=number, keyframe=frame in seen.keys, occluded=frame in seen.covered, **more))
        return tuple(things), places

    def _thing(self, box, annotation: Annotation, **more) -> Thing:
        value = annotation.value
        attributes = {"score": value.get("score", 1.0), "author": annotation.author, "state": annotation.state,
                      "occluded": value.get("occluded", False)}
        return Thing(tuple(box), self.category_of(value["label"]), attributes | more)

    def category_of(self, label: str) -> int:
        """The number of a label, which from now on counts among those that went out."""
        self._used.add(label)
        if label not in self.numbers:  # said for the first time while the export runs
            self.numbers |= {known.name: known.id for known in self.store.vocabulary(self.project)}
        return self.numbers[label]

    def folder_of(self, item: Item) -> str:
        """A relative name for a video that nothing else of the export has."""
        return self._book.take_folder(item.name)

    def _number(self, item_id: str, frame: int = 0) -> int:
        """A number that a photo or frame has in every export, below 2**53 so that JavaScript reads it too."""
        number = int(item_id[:12], 16) + frame + 1
        while number in self._ids:
            number += 1
        self._ids.add(number)
        return number


class _Seen:
    """A track as it goes out: interpolated, which of its frames a person or model set, and in which it is partly covered."""

    def __init__(self, annotation: Annotation):
        value = annotation.value
        self.annotation = annotation
        self.track = Track.from_value(value)
        self.covered = covered_frames(value)
        self.keys: set[int] = set(self.track.frames[self.track.keyframes].tolist())


def _unless(name: str, original: str) -> str:
    """What an item is called, where that is not its name in the export."""
    return original if original != name else ""


def _phrases(kept: list[Annotation], places: dict[str, int], whole: bool) -> tuple[Phrase, ...]:
    """The phrases of a picture. Of a video's (`whole` False) some targets may be out of sight; where all are, it is left out."""
    phrases = []
    for annotation in kept:
        if annotation.kind != "phrase":
            continue
        value, wanted = annotation.value, annotation.value.get("targets", ())
        targets = tuple(places[name] for name in wanted if name in places)
        if len(targets) < len(wanted) and (whole or not targets):
            continue
        attributes = {"author": annotation.author, "state": annotation.state, "origin": value.get("origin", "person"),
                      "score": value.get("score", 1.0)}
        attributes |= {key: value[key] for key in ("rule", "unique") if value.get(key) is not None}
        phrases.append(Phrase(value["text"], targets, attributes))
    return tuple(phrases)


def _pixel_writer(video, index: int, form: str) -> Callable[[BinaryIO], None]:
    def write(target: BinaryIO) -> None:
        target.write(encoded(video.frame(index).pixels, form))
    return write


def encoded(pixels: np.ndarray, form: str) -> bytes:
    """(H, W, 3) uint8 as a PNG, exactly, or as a JPEG of quality 95."""
    from PIL import Image as Pillow

    data = io.BytesIO()
    options = {"format": "PNG", "compress_level": 1} if form == "png" else {"format": "JPEG", "quality": 95, "subsampling": 0}
    Pillow.fromarray(pixels).save(data, **options)
    return data.getvalue()
