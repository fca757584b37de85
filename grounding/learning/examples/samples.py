"""Samples: photos with phrases become the batches that training eats; it does not matter who wrote the phrases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.examples.flickr30k import Phrase
from grounding.learning.examples.text_cache import Phrasebook
from grounding.learning.grounding.losses import Truth
from grounding.nn.grounding import batches

SWAP = {"left": "right", "right": "left", "leftmost": "rightmost", "rightmost": "leftmost"}


@dataclass(frozen=True)
class Lesson:
    """What is taught about one photo: its file's digest, its phrases, and every word said of it (so that absent things are known)."""

    digest: str
    phrases: tuple[Phrase, ...]
    said: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Diet:
    """How lessons are put together."""

    photos: int = 16  # in a batch
    phrases: int = 16  # of a photo, at most; the weightier the likelier
    absent: int = 1  # phrases of other photos, to learn "there is none"
    dim: float = 0.5  # how often the detector is made to seem less sure than it was
    mirror: bool = True  # half of the photos, if their mirrored features are in the cache
    seed: int = 0


def mirrored_text(text: str) -> str:
    """Left and right exchanged as whole words: "the right dog" is "the left dog" in a mirror, "bright" stays."""
    return re.sub(r"[A-Za-z]+", lambda found: _swapped(found.group()), text)


def _swapped(word: str) -> str:
    other = SWAP.get(word.lower())
    if other is None:
        return word
    return other.capitalize() if word[0].isupper() else other


def mirrored_boxes(boxes: np.ndarray) -> np.ndarray:
    """(T, 4) fractions of the picture, seen in a mirror."""
    return boxes[:, [2, 1, 0, 3]] * np.float32([-1, 1, -1, 1]) + np.float32([1, 0, 1, 0])


def all_texts(lessons: Sequence[Lesson]) -> set[str]:
    """Every text a phrasebook needs: as said and as said of the mirror image."""
    texts = {phrase.text for lesson in lessons for phrase in lesson.phrases}
    return texts | {mirrored_text(text) for text in texts}


def mixed(first: Sequence[Lesson], second: Sequence[Lesson], share: float) -> list[Lesson]:
    """The lessons of `first` with the phrases of `second` about the same photos added, these weighing `share` of what they did."""
    others = {lesson.digest: lesson for lesson in second}
    result = []
    for lesson in first:
        other = others.pop(lesson.digest, Lesson(lesson.digest, ()))
        result.append(Lesson(lesson.digest, lesson.phrases + _lighter(other.phrases, share), lesson.said | other.said))
    return result + [Lesson(other.digest, _lighter(other.phrases, share), other.said) for other in others.values()]


def _lighter(phrases: Sequence[Phrase], share: float) -> tuple[Phrase, ...]:
    return tuple(replace(phrase, weight=phrase.weight * share) for phrase in phrases)


class Batches:
    """`batches(step)` -> (scenes, words, truth); the same step gives the same batch, whatever was asked before."""

    def __init__(self, lessons: Sequence[Lesson], cache: FeatureCache, book: Phrasebook, names: int, diet: Diet = Diet()):
        self.lessons = [lesson for lesson in lessons if lesson.phrases]
        if not self.lessons:
            raise ValueError("there is nothing to learn from: no photo has a phrase")
        self.cache, self.book, self.names, self.diet = cache, book, names, diet

    @property
    def per_epoch(self) -> int:
        """Steps in which every photo comes once."""
        return max(1, len(self.lessons) // self.diet.photos)

    def __call__(self, step: int):
        epoch, place = divmod(step, self.per_epoch)
        order = np.random.default_rng([self.diet.seed, epoch]).permutation(len(self.lessons))
        rows = order[place * self.diet.photos:(place + 1) * self.diet.photos]
        rng = np.random.default_rng([self.diet.seed, 7, step])
        chosen = [self._one(self.lessons[row], rng) for row in rows]
        features, phrases = zip(*chosen)
        words = batches.words([[self.book[phrase.text] for phrase in asked] for asked in phrases])
        return batches.scenes(features, self.names), words, truth_of(phrases)

    def _one(self, lesson: Lesson, rng):
        """Features of the photo or of its mirror image, and the phrases drawn for this step."""
        count = min(self.diet.phrases, len(lesson.phrases))
        weights = np.array([phrase.weight for phrase in lesson.phrases])
        asked = [lesson.phrases[row] for row in rng.choice(len(weights), count, replace=False, p=weights / weights.sum())]
        asked += [phrase for _ in range(self.diet.absent) if (phrase := self._absent(lesson, rng))]
        turned = self.diet.mirror and rng.random() < 0.5 and self.cache.has(lesson.digest, True)
        if turned:
            asked = [Phrase(mirrored_text(p.text), mirrored_boxes(p.boxes), p.type, p.chain, p.weight) for p in asked]
        features = self.cache.read(lesson.digest, turned)
        if rng.random() < self.diet.dim:
            features = replace(features, scores=features.scores * np.float32(rng.uniform(0.1, 1)))
        return features, asked

    def _absent(self, lesson: Lesson, rng) -> Phrase | None:
        """A phrase of another photo none of whose last words was said of this one; None if chance found none."""
        other = self.lessons[rng.integers(len(self.lessons))]
        phrase = other.phrases[rng.integers(len(other.phrases))]
        if not lesson.said or phrase.type in ("scene", "people") or heads(phrase.text) & lesson.said:
            return None
        return Phrase(phrase.text, np.zeros((0, 4), np.float32), "absent")


def heads(text: str) -> set[str]:
    """The words of a phrase that name things, roughly: all but the first of several, with and without a plural s."""
    found = re.findall(r"[a-z]+", text.lower())
    found = found[1:] or found
    return set(found) | {word.removesuffix("s") for word in found}


def truth_of(phrases: Sequence[Sequence[Phrase]]) -> Truth:
    """Lays the boxes of all phrases of all photos side by side."""
    most = max(len(asked) for asked in phrases)
    deep = max([len(phrase.boxes) for asked in phrases for phrase in asked] + [1])
    boxes, real = torch.zeros(len(phrases), most, deep, 4), torch.zeros(len(phrases), most, deep, dtype=torch.bool)
    weight = torch.zeros(len(phrases), most)
    for photo, asked in enumerate(phrases):
        for row, phrase in enumerate(asked):
            count = len(phrase.boxes)
            boxes[photo, row, :count] = torch.from_numpy(phrase.boxes)
            real[photo, row, :count], weight[photo, row] = True, phrase.weight
    return Truth(boxes, real, weight)
