"""Known: what people have said of an item already, so that models need not say it again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from grounding.data import Annotation, Boxes, current, iou

SAME = 0.6  # boxes of one class that overlap by this IoU are the same thing


@dataclass(frozen=True)
class Thing:
    """A form in which a thing was once said; `standing` is its object id, None if people rejected or deleted it."""

    label: str
    box: tuple[float, ...]
    frames: tuple[int, int] | None  # first and last keyframe of a track
    standing: str | None


@dataclass(frozen=True)
class Known:
    """Everything a person made, accepted, changed, rejected, deleted or pointed at, in all the forms it ever had."""

    things: tuple[Thing, ...]
    texts: frozenset[str]

    @classmethod
    def of(cls, history: Iterable[Annotation]) -> Known:
        """From the whole log of an item."""
        history = list(history)
        standing = [a for a in current(history) if a.state != "rejected"]
        touched = {a.object for a in history if a.by_person}
        touched |= {target for a in standing if a.by_person for target in a.value.get("targets", ())}
        alive = {a.object for a in standing}
        said = [a for a in history if a.object in touched and a.value is not None]
        things = [_thing(a, a.object if a.object in alive else None) for a in said if a.kind != "phrase"]
        return cls(tuple(things), frozenset(_folded(a.value["text"]) for a in said if a.kind == "phrase"))

    def thing(self, value: dict) -> Thing | None:
        """The known thing that a proposed box or track is about; one that still stands before one that does not."""
        wanted = _form(value, None)
        same = [thing for thing in self.things if thing.label == wanted.label and thing.frames == wanted.frames]
        if not same:
            return None
        overlap = iou(_boxes([wanted]), _boxes(same))[0]
        best = max(range(len(same)), key=lambda i: (overlap[i] >= SAME, same[i].standing is not None, overlap[i]))
        return same[best] if overlap[best] >= SAME else None

    def phrase(self, text: str) -> bool:
        """Whether somebody has decided about these words."""
        return _folded(text) in self.texts


def _thing(a: Annotation, standing: str | None) -> Thing:
    return _form(a.value, standing)


def _form(value: dict, standing: str | None) -> Thing:
    label = value.get("label", "").casefold()
    if "keyframes" not in value:
        return Thing(label, tuple(value["box"]), None, standing)
    keys = value["keyframes"]
    return Thing(label, tuple(keys[0]["box"]), (keys[0]["frame"], keys[-1]["frame"]), standing)


def _boxes(things: list[Thing]) -> Boxes:
    return Boxes(np.array([thing.box for thing in things], np.float32))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
