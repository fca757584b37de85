"""Known: what people have said of an item already, so that models need not say it again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from grounding.data import Annotation, Boxes, BoxValue, TrackValue, current, iou

SAME_OBJECT_IOU = 0.6  # boxes of one class that overlap by this IoU are the same thing


@dataclass(frozen=True)
class DecidedObject:
    """A form in which a thing was once said; `current_id` is its object id, None if people rejected or deleted it."""

    label: str
    box: tuple[float, ...]
    frames: tuple[int, int] | None  # first and last keyframe of a track
    current_id: str | None


@dataclass(frozen=True)
class DecidedObjects:
    """Everything a person made, accepted, changed, rejected, deleted or pointed at, in all the forms it ever had."""

    objects: tuple[DecidedObject, ...]
    texts: frozenset[str]

    @classmethod
    def of(cls, history: Iterable[Annotation]) -> DecidedObjects:
        """From the whole log of an item."""
        history = list(history)
        current_versions = [a for a in current(history) if a.state != "rejected"]
        touched = {a.object for a in history if a.by_person}
        touched |= {target for a in current_versions if a.by_person for target in a.targets}
        alive = {a.object for a in current_versions}
        versions = [a for a in history if a.object in touched and a.value is not None]
        objects = [_decided_object(a, a.object if a.object in alive else None) for a in versions if a.kind != "phrase"]
        return cls(tuple(objects), frozenset(_normalize(a.value.text) for a in versions if a.kind == "phrase"))

    def find(self, value: BoxValue | TrackValue) -> DecidedObject | None:
        """The known thing that a proposed box or track is about; one that still stands before one that does not."""
        proposed = _object_of(value, None)
        same = [decided for decided in self.objects if decided.label == proposed.label and decided.frames == proposed.frames]
        if not same:
            return None
        overlap = iou(_boxes([proposed]), _boxes(same))[0]
        best = max(range(len(same)), key=lambda i: (overlap[i] >= SAME_OBJECT_IOU, same[i].current_id is not None, overlap[i]))
        return same[best] if overlap[best] >= SAME_OBJECT_IOU else None

    def has_phrase(self, text: str) -> bool:
        """Whether somebody has decided about these words."""
        return _normalize(text) in self.texts


def _decided_object(a: Annotation, current_id: str | None) -> DecidedObject:
    return _object_of(a.value, current_id)


def _object_of(value: BoxValue | TrackValue, current_id: str | None) -> DecidedObject:
    label = value.label.casefold()
    if isinstance(value, BoxValue):
        return DecidedObject(label, value.box, None, current_id)
    keys = value.keyframes
    return DecidedObject(label, keys[0].box, (keys[0].frame, keys[-1].frame), current_id)


def _boxes(objects: list[DecidedObject]) -> Boxes:
    return Boxes(np.array([decided.box for decided in objects], np.float32))


def _normalize(text: str) -> str:
    return " ".join(text.casefold().split())
