"""Tracks in COCO: frames of a video that were written one by one become tracks of that video again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from grounding.data import Boxes, CaptionSpan, Size, Track
from grounding.data.keyframe_simplification import simplify_track
from grounding.exchange.photos import Fault, ImageAnnotations, ObjectAnnotation, Phrase, VideoFrameTable
from grounding.exchange.values import is_id, normalize_id
from grounding.exchange.videos import TrackAnnotation, VideoAnnotations, VideoPhrase


def build_video(
    table: VideoFrameTable, images: Sequence[ImageAnnotations], labels: Mapping[int, str], faults: list[Fault] | None = None
) -> VideoAnnotations:
    """A video with the tracks annotated in its frames (`images`), and their phrases; what is left out is added to `faults`.

    Where every annotated frame was written, an object is not visible in a frame without its box; where only keyframes were,
    boxes between them are interpolated. Annotations without a track_id are left out.
    """
    faults = [] if faults is None else faults
    images, size = _ordered_frames(table, images, faults)
    boxes_by_track: dict[object, dict[int, ObjectAnnotation]] = defaultdict(dict)
    phrases_by_key: dict[tuple[str, tuple[object, ...]], Phrase] = {}
    duplicate_boxes = 0
    for image in images:
        for annotation in image.objects:
            duplicate_boxes += _track_id(annotation) is not None and image.frame.index in boxes_by_track[_track_id(annotation)]
            boxes_by_track[_track_id(annotation)].setdefault(image.frame.index, annotation)
        for phrase in image.phrases:
            phrases_by_key.setdefault((phrase.text, tuple(_track_id(image.objects[place]) for place in phrase.targets)), phrase)
    boxes_by_track.pop(None, None)
    numbers_by_track = {number: place for place, number in enumerate(boxes_by_track, 1)}
    caption_spans = [(number, CaptionSpan(*rest)) for number, *rest in table.captions]
    tracks = tuple(
        _build_track(
            numbers_by_track[number],
            list(rows.items()),
            labels,
            table.frames_written == "keyframes",
            sorted(part for other, part in caption_spans if other == number),
        )
        for number, rows in boxes_by_track.items()
    )
    phrases = tuple(VideoPhrase(phrase.text, tuple(numbers_by_track[number] for number in numbers), phrase.attributes)
                    for (_, numbers), phrase in phrases_by_key.items() if set(numbers) <= numbers_by_track.keys())
    _report_lost(
        table.name,
        {
            "boxes without a track_id, so nobody can know their thing": sum(
                _track_id(annotation) is None for image in images for annotation in image.objects
            ),
            "boxes of a track_id that the same frame holds already; the first was kept": duplicate_boxes,
            "captions of a track_id that no box has": sum(number not in numbers_by_track for number, _ in caption_spans),
            "phrases about a box without a track_id": len(phrases_by_key) - len(phrases),
        },
        faults,
    )
    return VideoAnnotations(table.name, size, table.pts_s, tracks, phrases, original_name=table.original_name)


def _ordered_frames(table: VideoFrameTable, images: Sequence[ImageAnnotations], faults: list[Fault]) -> tuple[list[ImageAnnotations], Size]:
    """The frames of the film in order, one for each index and of one size, and that size, (0, 0) where none is told."""
    sizes = Counter(image.size for image in images if all(image.size))
    size = max(sizes, key=sizes.__getitem__, default=Size(0, 0))
    frames: dict[int, ImageAnnotations] = {}
    outside = other_size = repeated = 0
    for image in sorted(images, key=lambda image: image.frame.index):
        if not 0 <= image.frame.index < len(table.pts_s):
            outside += 1
        elif all(image.size) and image.size != size:
            other_size += 1
        else:
            repeated += image.frame.index in frames
            frames.setdefault(image.frame.index, image)
    _report_lost(table.name, {f"images whose frame_index is none of its {len(table.pts_s)} frames": outside,
                            f"images of another size than {size.width} x {size.height}, which its other frames have": other_size,
                            "images of a frame that an earlier image is of; the first was kept": repeated}, faults)
    return list(frames.values()), size


def _report_lost(name: str, counts: Mapping[str, int], faults: list[Fault]) -> None:
    faults += [Fault(name, f"has {count} {what}; left out: correct the file") for what, count in counts.items() if count]


def _track_id(annotation: ObjectAnnotation) -> object:
    number = annotation.attributes.get("track_id")
    return normalize_id(number) if is_id(number) else None


def _build_track(
    number: int,
    rows: list[tuple[int, ObjectAnnotation]],
    labels: Mapping[int, str],
    keyframes_only: bool,
    caption_spans: Sequence[CaptionSpan],
) -> TrackAnnotation:
    objects = [annotation for _, annotation in rows]
    flags = [annotation.attributes.get("keyframe") is not False for annotation in objects]
    caption, score = (
        next((annotation.attributes[key] for annotation in objects if key in annotation.attributes), None) for key in ("caption", "score")
    )
    sound = isinstance(score, (int, float)) and not isinstance(score, bool) and 0 <= score <= 1
    track = Track(
        np.array([frame for frame, _ in rows]),
        Boxes(np.array([annotation.box for annotation in objects])),
        flags,
        labels[objects[0].category],
        caption if isinstance(caption, str) else "",
        float(score) if sound else 1.0,
    )
    occluded = {frame for frame, annotation in rows if annotation.attributes.get("occluded") is True}
    if keyframes_only:
        keys = [key for key in track.keyframe_list() if not key.outside]
        ends = [key.frame for key in keys[1:]] + [keys[-1].frame + 1]
        occluded = {frame for key, end in zip(keys, ends) if key.frame in occluded for frame in range(key.frame, end)}
        track = Track.from_keyframes(keys, track.label, track.caption, track.score)
    else:
        track = simplify_track(track, track.frames[track.keyframes].tolist())
    return TrackAnnotation(number, objects[0].category, track, frozenset(occluded), tuple(caption_spans))
