"""Corrections: human annotations of the photos of a project, as training examples for the grounder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grounding.data import Annotation
from grounding.learning.examples.flickr30k import Phrase
from grounding.learning.examples.samples import Example, head_words

MIN_PHRASES, MIN_PHOTOS = 10, 5  # a gain from fewer could not be told from chance


@dataclass(frozen=True)
class CorrectedPhoto:
    """One photo a person annotated: its training example, and how many boxes and phrases a person decided on."""

    sha256: str
    example: Example
    num_boxes: int
    num_accepted: int
    num_rejected: int


def corrected_photos(annotated_items: Iterable[tuple]) -> Iterator[CorrectedPhoto]:
    """From the store's (item, current annotations) pairs; photos without human annotations and videos are skipped."""
    for item, annotations in annotated_items:
        if item.kind == "photo" and any(a.by_person for a in annotations):
            yield _corrected_photo(item, annotations)


def _corrected_photo(item, annotations: Sequence[Annotation]) -> CorrectedPhoto:
    size = np.float32([item.width, item.height, item.width, item.height])
    accepted = [a for a in annotations if a.state == "accepted"]
    boxes = {a.object: np.float32(a.value.box) / size for a in accepted if a.kind == "box"}
    human_phrases = [a for a in annotations if a.kind == "phrase" and a.by_person]
    phrases = [phrase for a in human_phrases if (phrase := _parse_phrase(a, boxes)) is not None]
    phrases += _label_phrases(accepted, boxes, {phrase.text.casefold() for phrase in phrases})
    mentioned_words = frozenset(word for phrase in phrases if len(phrase.boxes) for word in head_words("x " + phrase.text))
    return CorrectedPhoto(
        item.sha256,
        Example(item.sha256, tuple(phrases), mentioned_words),
        num_boxes=sum(a.kind == "box" and a.by_person for a in annotations),
        num_accepted=sum(a.state == "accepted" for a in human_phrases),
        num_rejected=sum(a.state == "rejected" for a in human_phrases),
    )


def _parse_phrase(annotation: Annotation, boxes: dict[str, np.ndarray]) -> Phrase | None:
    """An accepted phrase refers to its boxes, or to nothing if a person said so; a rejected one is used only where its boxes are gone
    (there is no such object); a badly worded one would be a false example."""
    targets = [boxes[target] for target in annotation.targets if target in boxes]
    had_targets = bool(annotation.targets)
    if annotation.state == "accepted" and (targets or not had_targets):
        return Phrase(annotation.value.text, np.float32(targets).reshape(-1, 4), "phrase")
    if annotation.state == "rejected" and had_targets and not targets:
        return Phrase(annotation.value.text, np.zeros((0, 4), np.float32), "rejected", weight=0.3)
    return None


def _label_phrases(accepted: Sequence[Annotation], boxes: dict[str, np.ndarray], known_texts: set[str]) -> Iterator[Phrase]:
    """The label of a box a person drew, moved or accepted, as a phrase that refers to all boxes of that label."""
    labels = {a.label for a in accepted if a.kind == "box" and a.by_person}
    for label in sorted(labels):
        if any(char.isalnum() for char in label) and label.casefold() not in known_texts:
            same = [boxes[a.object] for a in accepted if a.kind == "box" and a.label == label]
            yield Phrase(label, np.stack(same), "label", weight=0.5)


def split_photos(photos: Sequence[CorrectedPhoto]) -> tuple[list[CorrectedPhoto], list[CorrectedPhoto]]:
    """Photos to train on and photos held out (a fifth, the same ones every time as long as no photo is added).

    Raises ValueError where there are too few to train on and to validate on.
    """
    photos = sorted((photo for photo in photos if photo.example.phrases), key=lambda photo: photo.sha256)
    count = sum(len(photo.example.phrases) for photo in photos)
    if count < MIN_PHRASES or len(photos) < MIN_PHOTOS:
        raise ValueError(f"there are {count} corrected phrases and names in {len(photos)} photos; to learn from them and check on others "
                         f"takes {MIN_PHRASES} in {MIN_PHOTOS}: accept, edit or add some more")
    held_out = photos[::5]
    return [photo for row, photo in enumerate(photos) if row % 5], held_out
