"""Caption sources: where samples come from. Each gives the same sample for the same step, whatever was asked before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from grounding.learning.captioning.clip_cache import shaken
from grounding.learning.captioning.disjoint import Sample, Switches
from grounding.learning.captioning.examples import Told, ToldPhoto, mirrored
from grounding.learning.examples.feature_cache import FeatureCache
from grounding.nn.captioning.batches import Sight, sentences, still, views
from grounding.nn.captioning.vocabulary import Vocabulary
from grounding.nn.tokens import around, looks


@dataclass(frozen=True)
class Album:
    """Photos whose features are at hand: (digest of the file, what was told of it)."""

    cache: FeatureCache
    photos: tuple[tuple[str, ToldPhoto], ...]

    def draw(self, rng: np.random.Generator, mirrors: bool = True):
        """A photo's features and what is told of it, both mirrored half the time."""
        digest, photo = self.photos[rng.integers(len(self.photos))]
        turned = mirrors and rng.random() < 0.5 and self.cache.has(digest, True)
        told = [mirrored(row) for row in photo.told] if turned else list(photo.told)
        return self.cache.read(digest, turned), told


@dataclass(frozen=True)
class PhotoSentences:
    """Photos teach sentences and the places of words; they know no tracks."""

    album: Album
    words: Vocabulary
    photos: int = 6
    each: int = 6  # sentences of a photo, one of them about all of it
    seed: int = 0

    def __call__(self, step: int) -> Sample:
        rng = np.random.default_rng([self.seed, 1, step])
        told, sights, pictures = [], [], []
        for picture in range(self.photos):
            features, rows = self.album.draw(rng)
            chosen = chosen_sentences(rows, self.each, rng)
            boxes = shaken(np.stack([row.box for row in chosen]), 0.04, rng)
            sights += still(looks(features, boxes), picture)
            pictures.append(around(features))
            told += chosen
        return Sample(Switches(sentences=1, places=1), views=views(sights, pictures), **taught(told, self.words))


def chosen_sentences(rows: Sequence[Told], count: int, rng: np.random.Generator) -> list[Told]:
    """One sentence about the whole photo and others about its parts, those that say more the likelier."""
    wholes, parts = [row for row in rows if row.kind == "sentence"], [row for row in rows if row.kind != "sentence"]
    chosen = [wholes[rng.integers(len(wholes))]] if wholes else []
    weights = np.array([3.0 if row.kind == "joined" else 1.0 for row in parts])
    some = min(count - len(chosen), len(parts))
    return chosen + [parts[row] for row in rng.choice(len(parts), some, replace=False, p=weights / weights.sum())] if some else chosen


def taught(told: Sequence[Told], words: Vocabulary) -> dict:
    """The `pieces`, `spots` and `spotted` of a sample."""
    spelled = [words.spell(row.text) for row in told]
    pieces = sentences([row.pieces for row in spelled])
    spots, spotted = torch.zeros(len(told), pieces.shape[1] - 1, 4), torch.zeros(len(told), pieces.shape[1] - 1)
    for place, (row, spell) in enumerate(zip(told, spelled)):
        for turn, word in enumerate(spell.word):
            box = _box_of(row, spell.words[word])
            if box is not None:
                spots[place, turn + 1], spotted[place, turn + 1] = torch.from_numpy(box), 1
    return {"pieces": pieces, "spots": spots, "spotted": spotted}


def _box_of(told: Told, span: tuple[int, int]) -> np.ndarray | None:
    return next((box for start, end, box in told.spots if start <= span[0] and span[1] <= end + 1), None)


class Mixed:
    """Several sources in turn, by chance and equally often; each step of one source."""

    def __init__(self, sources: Sequence, seed: int = 0):
        if not sources:
            raise ValueError("there is nothing to learn from: no source was given")
        self.sources, self.seed = tuple(sources), seed

    def __call__(self, step: int) -> Sample:
        return self.sources[np.random.default_rng([self.seed, 5, step]).integers(len(self.sources))](step)


def alone(telling: Sequence[tuple[str, Sight]], words: Vocabulary) -> dict:
    """`views`, `pieces` and empty `spots` of things with a sentence each and no known places of words."""
    pieces = sentences([words.spell(text).pieces for text, _ in telling])
    empty = torch.zeros(len(telling), pieces.shape[1] - 1)
    return {"views": views([sight for _, sight in telling]), "pieces": pieces, "spots": torch.zeros(*empty.shape, 4), "spotted": empty}
