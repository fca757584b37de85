"""Corrections: what people said about the photos of a project, as lessons for the grounder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grounding.data import Annotation
from grounding.learning.examples.flickr30k import Phrase
from grounding.learning.examples.samples import Lesson, heads

FEWEST_PHRASES, FEWEST_PHOTOS = 10, 5  # less than this teaches nothing that can be told from luck


@dataclass(frozen=True)
class Corrected:
    """One photo a person worked on: what is taught about it, and how many boxes and phrases a person decided on."""

    sha256: str
    lesson: Lesson
    boxes: int
    phrases: int
    rejected: int


def corrected_photos(project: Iterable[tuple]) -> Iterator[Corrected]:
    """From the store's (item, current annotations) pairs; photos nobody touched and videos are passed over."""
    for item, annotations in project:
        if item.kind == "photo" and any(a.by_person for a in annotations):
            yield _corrected(item, annotations)


def _corrected(item, annotations: Sequence[Annotation]) -> Corrected:
    size = np.float32([item.width, item.height, item.width, item.height])
    standing = [a for a in annotations if a.state == "accepted"]
    boxes = {a.object: np.float32(a.value["box"]) / size for a in standing if a.kind == "box"}
    told = [a for a in annotations if a.kind == "phrase" and a.by_person]
    phrases = [phrase for a in told if (phrase := _phrase(a, boxes)) is not None]
    phrases += _names(standing, boxes, {phrase.text.casefold() for phrase in phrases})
    said = frozenset(word for phrase in phrases if len(phrase.boxes) for word in heads("x " + phrase.text))
    return Corrected(item.sha256, Lesson(item.sha256, tuple(phrases), said), sum(a.kind == "box" and a.by_person for a in annotations),
                     sum(a.state == "accepted" for a in told), sum(a.state == "rejected" for a in told))


def _phrase(a: Annotation, boxes: dict[str, np.ndarray]) -> Phrase | None:
    """An accepted phrase points at its boxes, or at nothing if a person said so; a rejected one teaches only where its boxes are gone
    (the thing is not there); a badly worded one would teach something false."""
    targets = [boxes[target] for target in a.value.get("targets", ()) if target in boxes]
    pointed = bool(a.value.get("targets"))
    if a.state == "accepted" and (targets or not pointed):
        return Phrase(a.value["text"], np.float32(targets).reshape(-1, 4), "phrase")
    if a.state == "rejected" and pointed and not targets:
        return Phrase(a.value["text"], np.zeros((0, 4), np.float32), "rejected", weight=0.3)
    return None


def _names(standing: Sequence[Annotation], boxes: dict[str, np.ndarray], told: set[str]) -> Iterator[Phrase]:
    """The label of a box a person drew, moved or accepted, as a phrase that points at all boxes of that label."""
    labels = {a.value.get("label", "") for a in standing if a.kind == "box" and a.by_person}
    for label in sorted(labels):
        if any(sign.isalnum() for sign in label) and label.casefold() not in told:
            same = [boxes[a.object] for a in standing if a.kind == "box" and a.value.get("label") == label]
            yield Phrase(label, np.stack(same), "label", weight=0.5)


def parted(photos: Sequence[Corrected]) -> tuple[list[Corrected], list[Corrected]]:
    """Photos to learn from and photos held out (a fifth, the same ones every time as long as no photo is added).

    Raises ValueError where there is too little to learn from and to check on.
    """
    photos = sorted((photo for photo in photos if photo.lesson.phrases), key=lambda photo: photo.sha256)
    count = sum(len(photo.lesson.phrases) for photo in photos)
    if count < FEWEST_PHRASES or len(photos) < FEWEST_PHOTOS:
        raise ValueError(f"there are {count} corrected phrases and names in {len(photos)} photos; to learn from them and check on others "
                         f"takes {FEWEST_PHRASES} in {FEWEST_PHOTOS}: accept, edit or add some more")
    held = photos[::5]
    return [photo for row, photo in enumerate(photos) if row % 5], held
