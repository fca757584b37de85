"""Films out: the videos of a project with their tracks, as the formats that are about videos write them."""

from __future__ import annotations

from collections.abc import Iterator

from grounding.data import Annotation, Track
from grounding.data.tracks import covered_frames
from grounding.exchange.atomic_writer import Outlet
from grounding.exchange.cvat import CvatWriter
from grounding.exchange.mot import MotWriter
from grounding.exchange.videos import Film, FilmPhrase, Stretch, Tube
from grounding.exchange.vidstg import VidstgWriter
from grounding.store import Item
from grounding.tasks.publish.photos import Gallery

WRITERS = {"mot": MotWriter, "vidstg": VidstgWriter, "cvat": CvatWriter}


def films(gallery: Gallery, format: str, out: Outlet, labels) -> Iterator[Item | Film]:
    """Writes every video of the project; yields each item before it and, where it was written, its film after it.

    With the choice "keyframes" only boxes that were set go out, else those between them too. Hidden frames never do.
    """
    writer = WRITERS[format](out, gallery.choice.frames == "keyframes")
    photos = 0
    for item, annotations in gallery.store.annotations(gallery.project):
        yield item
        photos += item.kind == "photo"
        kept = gallery.kept(item, annotations) if item.kind == "video" else []
        if item.kind != "video" or not (kept or gallery.choice.empty):
            continue
        video = gallery.store.media_path(item)
        if gallery.choice.photos and not video.is_file():
            gallery.skipped.append((item.name, f"the file of {item.name} is gone from the data folder; load it again, then move the old one "
                                               "to the trash"))
            continue
        film = _film(gallery, item, kept)
        writer.add(film, video if gallery.choice.photos else None)
        yield film
    writer.finish(gallery.categories(labels))
    if photos:
        gallery.skipped.append(("photos", f"{photos} photo{'s' if photos > 1 else ''} stayed out: {format} is about videos only; publish "
                                          "photos as coco"))


def _film(gallery: Gallery, item: Item, kept: list[Annotation]) -> Film:
    tracks = [a for a in kept if a.kind == "track"]
    numbers = {a.object: number for number, a in enumerate(tracks, 1)}
    tubes = tuple(_tube(gallery, numbers[a.object], a) for a in tracks)
    phrases = [FilmPhrase(a.value["text"], tuple(numbers[target] for target in a.value["targets"])) for a in kept
               if a.kind == "phrase" and set(a.value.get("targets", ())) <= numbers.keys()]
    folder = gallery.folder_of(item)
    return Film(
        folder,
        item.size,
        tuple(gallery.store.pts(item.id).tolist()),
        tubes,
        tuple(phrases),
        original=item.name if item.name != folder else "",
    )


def _tube(gallery: Gallery, number: int, annotation: Annotation) -> Tube:
    value = annotation.value
    stretches = tuple(Stretch(part["start"], part["end"], part["text"]) for part in value.get("captions", ()))
    return Tube(number, gallery.category_of(value["label"]), Track.from_value(value), covered_frames(value), stretches)
