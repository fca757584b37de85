"""Samples: training batches from photos with phrases, whoever wrote the phrases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.examples.flickr30k import Phrase
from grounding.learning.examples.text_cache import TextEmbeddingCache
from grounding.learning.grounding.losses import GroundingTargets
from grounding.nn.grounding import batches

MIRROR_WORDS = {"left": "right", "right": "left", "leftmost": "rightmost", "rightmost": "leftmost"}


@dataclass(frozen=True)
class Example:
    """One training photo: its file's digest, its phrases, and every word its descriptions use (so that negatives can be sampled)."""

    digest: str
    phrases: tuple[Phrase, ...]
    mentioned_words: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SamplingConfig:
    """How batches are sampled."""

    photos_per_batch: int = 16
    phrases_per_photo: int = 16  # at most, sampled by weight
    negatives_per_photo: int = 1  # phrases of other photos, which refer to nothing in this one
    score_scaling_rate: float = 0.5  # how often all detection scores are scaled down
    mirror_photos: bool = True  # half of the photos, if their mirrored features are in the cache
    seed: int = 0


def mirror_text(text: str) -> str:
    """Left and right exchanged as whole words: "the right dog" is "the left dog" in a mirror, "bright" stays."""
    return re.sub(r"[A-Za-z]+", lambda match: _mirror_word(match.group()), text)


def _mirror_word(word: str) -> str:
    swapped = MIRROR_WORDS.get(word.lower())
    if swapped is None:
        return word
    return swapped.capitalize() if word[0].isupper() else swapped


def mirror_boxes(boxes: np.ndarray) -> np.ndarray:
    """(T, 4) fractions of the image, mirrored."""
    return boxes[:, [2, 1, 0, 3]] * np.float32([-1, 1, -1, 1]) + np.float32([1, 0, 1, 0])


def all_texts(examples: Sequence[Example]) -> set[str]:
    """Every text that a text cache needs: as it is and mirrored."""
    texts = {phrase.text for example in examples for phrase in example.phrases}
    return texts | {mirror_text(text) for text in texts}


def merge_examples(first: Sequence[Example], second: Sequence[Example], weight: float) -> list[Example]:
    """The examples of `first` with the phrases of `second` about the same photos added, their weights multiplied by `weight`."""
    others = {example.digest: example for example in second}
    result = []
    for example in first:
        other = others.pop(example.digest, Example(example.digest, ()))
        phrases = example.phrases + _scale_weights(other.phrases, weight)
        result.append(Example(example.digest, phrases, example.mentioned_words | other.mentioned_words))
    return result + [Example(other.digest, _scale_weights(other.phrases, weight), other.mentioned_words) for other in others.values()]


def _scale_weights(phrases: Sequence[Phrase], factor: float) -> tuple[Phrase, ...]:
    return tuple(replace(phrase, weight=phrase.weight * factor) for phrase in phrases)


class BatchLoader:
    """`loader(step)` -> (images, texts, targets); the same step always gives the same batch."""

    def __init__(self, examples: Sequence[Example], cache: FeatureCache, text_cache: TextEmbeddingCache, num_classes: int,
                 sampling: SamplingConfig = SamplingConfig()):
        self.examples = [example for example in examples if example.phrases]
        if not self.examples:
            raise ValueError("there is nothing to learn from: no photo has a phrase")
        self.cache, self.text_cache, self.num_classes, self.sampling = cache, text_cache, num_classes, sampling

    @property
    def steps_per_epoch(self) -> int:
        """Steps in which every photo comes once."""
        return max(1, len(self.examples) // self.sampling.photos_per_batch)

    def __call__(self, step: int):
        epoch, batch_index = divmod(step, self.steps_per_epoch)
        order = np.random.default_rng([self.sampling.seed, epoch]).permutation(len(self.examples))
        rows = order[batch_index * self.sampling.photos_per_batch:(batch_index + 1) * self.sampling.photos_per_batch]
        rng = np.random.default_rng([self.sampling.seed, 7, step])
        chosen = [self._sample_photo(self.examples[row], rng) for row in rows]
        features, phrases = zip(*chosen)
        texts = batches.batch_texts([[self.text_cache[phrase.text] for phrase in row_phrases] for row_phrases in phrases])
        return batches.batch_images(features, self.num_classes), texts, collate_targets(phrases)

    def _sample_photo(self, example: Example, rng):
        """Features of the photo or of its mirror image, and the phrases drawn for this step."""
        count = min(self.sampling.phrases_per_photo, len(example.phrases))
        weights = np.array([phrase.weight for phrase in example.phrases])
        sampled = [example.phrases[row] for row in rng.choice(len(weights), count, replace=False, p=weights / weights.sum())]
        sampled += [phrase for _ in range(self.sampling.negatives_per_photo) if (phrase := self._sample_negative(example, rng))]
        mirrored = self.sampling.mirror_photos and rng.random() < 0.5 and self.cache.has(example.digest, True)
        if mirrored:
            sampled = [Phrase(mirror_text(p.text), mirror_boxes(p.boxes), p.category, p.chain, p.weight) for p in sampled]
        features = self.cache.read(example.digest, mirrored)
        if rng.random() < self.sampling.score_scaling_rate:
            features = replace(features, scores=features.scores * np.float32(rng.uniform(0.1, 1)))
        return features, sampled

    def _sample_negative(self, example: Example, rng) -> Phrase | None:
        """A phrase of another photo none of whose head words is mentioned for this one; None if the one drawn does not qualify."""
        other = self.examples[rng.integers(len(self.examples))]
        phrase = other.phrases[rng.integers(len(other.phrases))]
        if not example.mentioned_words or phrase.category in ("scene", "people") or head_words(phrase.text) & example.mentioned_words:
            return None
        return Phrase(phrase.text, np.zeros((0, 4), np.float32), "absent")


def head_words(text: str) -> set[str]:
    """The words of a phrase that name things, roughly: all but the first of several, with and without a plural s."""
    words = re.findall(r"[a-z]+", text.lower())
    words = words[1:] or words
    return set(words) | {word.removesuffix("s") for word in words}


def collate_targets(phrases: Sequence[Sequence[Phrase]]) -> GroundingTargets:
    """Pads the boxes of all phrases of all photos into tensors."""
    max_phrases = max(len(row_phrases) for row_phrases in phrases)
    max_boxes = max([len(phrase.boxes) for row_phrases in phrases for phrase in row_phrases] + [1])
    boxes, valid = torch.zeros(len(phrases), max_phrases, max_boxes, 4), torch.zeros(len(phrases), max_phrases, max_boxes, dtype=torch.bool)
    weight = torch.zeros(len(phrases), max_phrases)
    for photo, row_phrases in enumerate(phrases):
        for row, phrase in enumerate(row_phrases):
            count = len(phrase.boxes)
            boxes[photo, row, :count] = torch.from_numpy(phrase.boxes)
            valid[photo, row, :count], weight[photo, row] = True, phrase.weight
    return GroundingTargets(boxes, valid, weight)
