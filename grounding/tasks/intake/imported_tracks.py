"""Imported tracks: what a file says of the things in a video, as it is kept; what the video cannot hold is left out
piece by piece, and named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from grounding.data import Annotation, CaptionSpan, Size, Track, TrackValue
from grounding.exchange.videos import TrackAnnotation, VideoAnnotations
from grounding.store import Item
from grounding.tasks.label.annotate import InvalidEdit, check_value

Note = tuple[str, bool]  # a sentence without its subject, and whether it tells of something that stayed out


def check_video_match(item: Item, video: VideoAnnotations) -> tuple[bool, str]:
    """Whether tracks cannot be of this video, and what is to be said of it, "" for nothing. One frame more than told is what the last
    one of a file often comes to; more of them, where the file is sure of its own frames, those of a task that ends
    before its video does."""
    count, frame_count = item.frame_count or 0, len(video)
    ends_early = video.frame_count_known and frame_count < count - 1
    if item.kind != "video" or frame_count > count or ends_early and not video.frame_ranges:
        return True, f"has not the {frame_count} frames that its tracks were drawn on; they stayed out: load the video they were drawn on"
    if all(video.size) and video.size != item.size:
        return True, (f"is {item.width} x {item.height}, but its tracks are for {video.size.width} x {video.size.height}; they stayed out: "
                      "load the video they were drawn on")
    if ends_early:
        return (
            False,
            f"has {count} frames, its tracks are of a task of frames {video.frame_ranges[0][0]} to "
            f"{frame_count - 1}; nothing is said of the others",
        )
    return (
        False,
        f"has {count} frames, its tracks tell of {frame_count}; nothing is said of the last one"
        if video.frame_count_known and frame_count < count
        else "",
    )


def track_value(object_track: TrackAnnotation, label: str, item: Item) -> tuple[TrackValue | None, list[Note]]:
    """The value of a track, None where nothing of it can be kept; and what of it came in changed or stayed out."""
    track, notes = _drop_outside(replace(object_track.track, label=label, caption=""), item.size)
    try:
        drawn = TrackValue.from_track(track, "accepted", object_track.occluded_frames)
        value = check_value("track", drawn.to_json(), item)
    except InvalidEdit as error:
        return None, [(f"has a track that stayed out: {error}", True)]
    if object_track.track.caption:
        value = _try_update(value, {"caption": object_track.track.caption}, object_track.track.caption, item, notes)
    for span in _clip_captions(object_track.caption_spans, item.frame_count or 0, notes):
        value = _try_update(value, {"captions": (*(value.captions or ()), span)}, span.text, item, notes)
    return value, notes


def adds_new_part(video: VideoAnnotations, item: Item, values: Iterable[TrackValue], history: list[Annotation]) -> bool:
    """Whether a file is about a part of a video of which nothing has come in yet, but for what two neighbouring parts share."""
    annotated = np.zeros(item.frame_count or 0, bool)
    for annotation in history:
        if annotation.kind == "track" and annotation.state == "accepted" and annotation.value:
            frames = annotation.value.to_track().frames
            annotated[frames.min(initial=len(annotated)) : frames.max(initial=-1) + 1] = True
    if video.frame_count_known and len(video) >= len(annotated) - 1:
        return False
    cores = [_core_frames(first, last, video.overlap, len(annotated)) for first, last in video.frame_ranges]
    values_before = [annotation.value for annotation in history]
    return bool(cores) and not any(annotated[core].any() for core in cores) and all(value not in values_before for value in values)


def _core_frames(first: int, last: int, overlap: int, count: int) -> slice:
    """The frames of a part without those that it shares with its neighbours; all of it where it has none of its own."""
    start, end = first + (overlap if first else 0), last + 1 - (overlap if last < count - 1 else 0)
    return slice(start, end) if start < end else slice(first, last + 1)


def _drop_outside(track: Track, size: Size) -> tuple[Track, list[Note]]:
    """A track without the frames in which nothing of it lies inside the picture; one that is never inside stays as it is."""
    x0, y0, x1, y1 = track.boxes.xyxy.T
    inside = (np.minimum(x1, size.width) > np.maximum(x0, 0)) & (np.minimum(y1, size.height) > np.maximum(y0, 0))
    if inside.all() or not inside.any():
        return track, []
    outside = track.frames[~inside]
    note = (
        f"has a {track.label} with boxes that cover nothing of the picture in {len(outside)} frames from "
        f"{outside[0]} on; it counts as hidden there"
    )
    return replace(track, frames=track.frames[inside], boxes=track.boxes[inside], keyframes=track.keyframes[inside]), [(note, False)]


def _clip_captions(spans: Iterable[CaptionSpan], count: int, notes: list[Note]) -> list[CaptionSpan]:
    """The caption spans before the end of the video; one that reaches over it is cut there."""
    kept = []
    for span in spans:
        if span.end >= count:
            cut = "was cut there" if span.start < count else "stayed out"
            why = f"has {count} frames, and a sentence {span.text[:60]!r} about frames {span.start} to {span.end}, which {cut}"
            notes.append((why, span.start >= count))
        if span.start < count:
            kept.append(replace(span, end=min(span.end, count - 1)))
    return kept


def _try_update(value: TrackValue, more: dict, text: str, item: Item, notes: list[Note]) -> TrackValue:
    """The value with more said in it; as it was where that is refused."""
    try:
        return check_value("track", replace(value, **more).to_json(), item)
    except InvalidEdit as error:
        notes.append((f"has a sentence {text[:60]!r} that stayed out, its track came in: {error}", True))
        return value
