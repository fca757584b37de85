"""Imported tracks: what a file says of the things in a video, as it is kept; what the video cannot hold is left out
piece by piece, and named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from grounding.data import Annotation, Size, Track
from grounding.exchange.videos import Film, Stretch, Tube
from grounding.store import Item
from grounding.tasks.label.annotate import Refused, check_value

Note = tuple[str, bool]  # a sentence without its subject, and whether it tells of something that stayed out


def misfit(item: Item, film: Film) -> tuple[bool, str]:
    """Whether tracks cannot be of this video, and what is to be said of it, "" for nothing. One frame more than told is what the last
    one of a file often comes to; more of them, where the file is sure of its own frames, those of a task that ends before its video does."""
    count, told = item.frame_count or 0, len(film)
    ends_early = film.counted and told < count - 1
    if item.kind != "video" or told > count or ends_early and not film.parts:
        return True, f"has not the {told} frames that its tracks were drawn on; they stayed out: load the video they were drawn on"
    if all(film.size) and film.size != item.size:
        return True, (f"is {item.width} x {item.height}, but its tracks are for {film.size.width} x {film.size.height}; they stayed out: "
                      "load the video they were drawn on")
    if ends_early:
        return False, f"has {count} frames, its tracks are of a task of frames {film.parts[0][0]} to {told - 1}; nothing is said of the others"
    return False, f"has {count} frames, its tracks tell of {told}; nothing is said of the last one" if film.counted and told < count else ""


def track_value(tube: Tube, label: str, item: Item) -> tuple[dict | None, list[Note]]:
    """The value of a track, None where nothing of it can be kept; and what of it came in changed or stayed out."""
    track, notes = _in_picture(replace(tube.track, label=label, caption=""), item.size)
    try:
        value = check_value("track", track.to_value("accepted", tube.covered), item)
    except Refused as error:
        return None, [(f"has a track that stayed out: {error}", True)]
    if tube.track.caption:
        value = _with(value, {"caption": tube.track.caption}, tube.track.caption, item, notes)
    kept: list[dict] = []
    for stretch in _cut(tube.stretches, item.frame_count or 0, notes):
        value = _with(value, {"captions": [*kept, stretch._asdict()]}, stretch.text, item, notes)
        kept = value.get("captions", [])
    return value, notes


def says_more(film: Film, item: Item, values: Iterable[dict], history: list[Annotation]) -> bool:
    """Whether a file is about a part of a video of which nothing has come in yet, but for what two neighbouring parts share."""
    covered = np.zeros(item.frame_count or 0, bool)
    for annotation in history:
        if annotation.kind == "track" and annotation.state == "accepted" and annotation.value:
            frames = Track.from_value(annotation.value).frames
            covered[frames.min(initial=len(covered)) : frames.max(initial=-1) + 1] = True
    if film.counted and len(film) >= len(covered) - 1:
        return False
    cores = [_own(first, last, film.overlap, len(covered)) for first, last in film.parts]
    known = [annotation.value for annotation in history]
    return bool(cores) and not any(covered[core].any() for core in cores) and all(value not in known for value in values)


def _own(first: int, last: int, overlap: int, count: int) -> slice:
    """The frames of a part without those that it shares with its neighbours; all of it where it has none of its own."""
    start, end = first + (overlap if first else 0), last + 1 - (overlap if last < count - 1 else 0)
    return slice(start, end) if start < end else slice(first, last + 1)


def _in_picture(track: Track, size: Size) -> tuple[Track, list[Note]]:
    """A track without the frames in which nothing of it lies inside the picture; one that is never inside stays as it is."""
    x0, y0, x1, y1 = track.boxes.xyxy.T
    inside = (np.minimum(x1, size.width) > np.maximum(x0, 0)) & (np.minimum(y1, size.height) > np.maximum(y0, 0))
    if inside.all() or not inside.any():
        return track, []
    outside = track.frames[~inside]
    note = f"has a {track.label} with boxes that cover nothing of the picture in {len(outside)} frames from {outside[0]} on; it counts as hidden there"
    return replace(track, frames=track.frames[inside], boxes=track.boxes[inside], keyframes=track.keyframes[inside]), [(note, False)]


def _cut(stretches: Iterable[Stretch], count: int, notes: list[Note]) -> list[Stretch]:
    """The stretches before the end of the video."""
    kept = []
    for stretch in stretches:
        if stretch.end >= count:
            cut = "was cut there" if stretch.start < count else "stayed out"
            why = f"has {count} frames, and a sentence {stretch.text[:60]!r} about frames {stretch.start} to {stretch.end}, which {cut}"
            notes.append((why, stretch.start >= count))
        if stretch.start < count:
            kept.append(stretch._replace(end=min(stretch.end, count - 1)))
    return kept


def _with(value: dict, more: dict, text: str, item: Item, notes: list[Note]) -> dict:
    """The value with more said in it; as it was where that is refused."""
    try:
        return check_value("track", value | more, item)
    except Refused as error:
        notes.append((f"has a sentence {text[:60]!r} that stayed out, its track came in: {error}", True))
        return value
