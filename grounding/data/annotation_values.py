"""Annotation values: what an annotation says, one frozen class a kind, and the JSON in which it is stored and sent.

`state` None means: accepted where a person is the author, proposed where a model is. An optional field is None where
its JSON key is absent. `extra` holds the keys of a newer version, which come back unchanged.
Names reserved for later kinds: Mask, Span, Narration, NamedEntity.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Len

from grounding.data.constraints import MAX_TEXT_LENGTH, Corners, Extra, FrameNumber, Id, Label, Score, State, Text
from grounding.data.json_rows import row_from_json, row_to_json
from grounding.data.tracks import Keyframe, Track


@dataclass(frozen=True, kw_only=True, slots=True)
class BoxValue:
    """An object in a photo: x0, y0, x1, y1 in pixels of the upright original."""

    state: State | None = None
    score: Score = 1.0
    box: Corners
    label: Label
    occluded: bool | None = None
    locked: bool | None = None
    extra: Extra = ()

    def to_json(self) -> dict:
        return row_to_json(self)

    @classmethod
    def from_json(cls, data: dict) -> BoxValue:
        return row_from_json(cls, data)


@dataclass(frozen=True, kw_only=True, slots=True)
class PhraseValue:
    """Words that point at 0..n objects, by their object ids."""

    state: State | None = None
    score: Score = 1.0
    text: Text
    targets: Annotated[tuple[Id, ...], Len(0, 10_000)] = ()
    origin: Literal["template", "model", "person"] = "person"
    rule: Annotated[str, Len(0, 200)] | None = None
    unique: bool | None = None
    extra: Extra = ()

    def to_json(self) -> dict:
        return row_to_json(self)

    @classmethod
    def from_json(cls, data: dict) -> PhraseValue:
        return row_from_json(cls, data)


@dataclass(frozen=True, order=True, slots=True)
class CaptionSpan:
    """A sentence about an object that holds from frame `start` to frame `end`, both included."""

    start: FrameNumber
    end: FrameNumber
    text: Text
    extra: Extra = ()

    @classmethod
    def from_json(cls, data: dict) -> CaptionSpan:
        return row_from_json(cls, data)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackValue:
    """An object through a video, by its keyframes; `caption` is about the whole track, each of `captions` about a span
    of frames."""

    state: State | None = None
    score: Score = 1.0
    label: Label
    caption: Annotated[str, Len(0, MAX_TEXT_LENGTH)] = ""
    captions: Annotated[tuple[CaptionSpan, ...], Len(0, 1_000)] | None = None
    keyframes: Annotated[tuple[Keyframe, ...], Len(1, 100_000)]
    locked: bool | None = None
    extra: Extra = ()

    def to_json(self) -> dict:
        return row_to_json(self)

    @classmethod
    def from_json(cls, data: dict) -> TrackValue:
        return row_from_json(cls, data, {"keyframes": Keyframe, "captions": CaptionSpan})

    @classmethod
    def from_track(cls, track: Track, state: State = "proposed", occluded: Collection[int] = ()) -> TrackValue:
        """Boxes to a hundredth of a pixel. `occluded`: frames in which the object is partly occluded."""
        keys = tuple(_rounded(key, key.frame in occluded) for key in track.keyframes_with_occlusion(occluded))
        score = round(float(track.score), 4)
        return cls(label=track.label, caption=track.caption, state=state, score=score, keyframes=keys)

    def to_track(self) -> Track:
        """Interpolated between the keyframes."""
        return Track.from_keyframes(self.keyframes, self.label, self.caption, float(self.score))

    def occluded_frames(self) -> frozenset[int]:
        """Frames in which the object is seen but partly occluded: from an `occluded` keyframe to the next."""
        keys = sorted(self.keyframes, key=lambda key: key.frame)
        ends = [key.frame for key in keys[1:]] + [keys[-1].frame + 1] if keys else []
        spans = [range(key.frame, end) for key, end in zip(keys, ends) if key.occluded and not key.outside]
        return frozenset(frame for span in spans for frame in span)


def _rounded(key: Keyframe, occluded: bool) -> Keyframe:
    box = tuple(round(x, 2) for x in key.box)
    return Keyframe(key.frame, box, key.outside, True if occluded and not key.outside else None)  # type: ignore[arg-type]


Value = BoxValue | PhraseValue | TrackValue


@dataclass(frozen=True)
class AnnotationKind:
    """A kind of annotation: the class of its values, the media it stands on, the export formats that write it."""

    value: type[Value]
    media: tuple[str, ...]
    exporters: tuple[str, ...]


KINDS = {
    "box": AnnotationKind(BoxValue, ("photo",), ("coco",)),
    "track": AnnotationKind(TrackValue, ("video",), ("coco", "mot", "cvat", "vidstg")),
    "phrase": AnnotationKind(PhraseValue, ("photo", "video"), ("coco", "vidstg")),
}


def value_from_json(kind: str, data: dict | None) -> Value | None:
    """The value of an annotation of this kind as it is stored; None stands for a deleted object."""
    return None if data is None else KINDS[kind].value.from_json(data)
