"""Caption sources: where training batches come from. Each always gives the same batch for the same step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from grounding.learning.captioning.clip_cache import jitter_boxes
from grounding.learning.captioning.disjoint import CaptionBatch, TaskMasks
from grounding.learning.captioning.examples import CaptionAnnotation, CaptionedPhoto, mirror_annotation
from grounding.learning.examples.feature_cache import FeatureCache
from grounding.nn.captioning.batches import ObjectFeatures, batch_objects, batch_sentences, objects_of_photo
from grounding.nn.captioning.vocabulary import Vocabulary
from grounding.nn.region_features import extract_image_cells, extract_regions


@dataclass(frozen=True)
class PhotoDataset:
    """Captioned photos with cached features: (digest of the file, captions)."""

    cache: FeatureCache
    photos: tuple[tuple[str, CaptionedPhoto], ...]

    def sample(self, rng: np.random.Generator, mirror: bool = True):
        """A photo's features and its captions, both mirrored half the time."""
        digest, photo = self.photos[rng.integers(len(self.photos))]
        is_mirrored = mirror and rng.random() < 0.5 and self.cache.has(digest, True)
        annotations = [mirror_annotation(row) for row in photo.annotations] if is_mirrored else list(photo.annotations)
        return self.cache.read(digest, is_mirrored), annotations


@dataclass(frozen=True)
class PhotoCaptionSource:
    """Batches of photos: captions and the boxes of their words, but no tracks."""

    dataset: PhotoDataset
    vocabulary: Vocabulary
    photos_per_batch: int = 6
    captions_per_photo: int = 6  # one of them about the whole photo
    seed: int = 0

    def __call__(self, step: int) -> CaptionBatch:
        rng = np.random.default_rng([self.seed, 1, step])
        annotations, object_features, images = [], [], []
        for image_index in range(self.photos_per_batch):
            features, rows = self.dataset.sample(rng)
            chosen = sample_captions(rows, self.captions_per_photo, rng)
            boxes = jitter_boxes(np.stack([row.box for row in chosen]), 0.04, rng)
            object_features += objects_of_photo(extract_regions(features, boxes), image_index)
            images.append(extract_image_cells(features))
            annotations += chosen
        return CaptionBatch(TaskMasks(captions=1, word_boxes=1), object_batch=batch_objects(object_features, images),
                            **collate_captions(annotations, self.vocabulary))


def sample_captions(rows: Sequence[CaptionAnnotation], count: int, rng: np.random.Generator) -> list[CaptionAnnotation]:
    """One caption of the whole photo and others of its objects, joined phrases being three times as likely."""
    wholes, parts = [row for row in rows if row.kind == "sentence"], [row for row in rows if row.kind != "sentence"]
    chosen = [wholes[rng.integers(len(wholes))]] if wholes else []
    weights = np.array([3.0 if row.kind == "joined" else 1.0 for row in parts])
    some = min(count - len(chosen), len(parts))
    return chosen + [parts[row] for row in rng.choice(len(parts), some, replace=False, p=weights / weights.sum())] if some else chosen


def collate_captions(annotations: Sequence[CaptionAnnotation], vocabulary: Vocabulary) -> dict:
    """The `token_ids`, `word_boxes` and `word_box_mask` of a CaptionBatch."""
    tokenized = [vocabulary.tokenize(row.text) for row in annotations]
    token_ids = batch_sentences([sentence.pieces for sentence in tokenized])
    word_box_mask = torch.zeros(len(annotations), token_ids.shape[1] - 1)
    word_boxes = torch.zeros(*word_box_mask.shape, 4)
    for index, (row, sentence) in enumerate(zip(annotations, tokenized)):
        for position, word in enumerate(sentence.word_ids):
            box = _span_box(row, sentence.word_spans[word])
            if box is not None:
                word_boxes[index, position + 1], word_box_mask[index, position + 1] = torch.from_numpy(box), 1
    return {"token_ids": token_ids, "word_boxes": word_boxes, "word_box_mask": word_box_mask}


def _span_box(annotation: CaptionAnnotation, span: tuple[int, int]) -> np.ndarray | None:
    return next((box for start, end, box in annotation.span_boxes if start <= span[0] and span[1] <= end + 1), None)


class MixedSource:
    """Each step draws one of several sources uniformly."""

    def __init__(self, sources: Sequence, seed: int = 0):
        if not sources:
            raise ValueError("there is nothing to learn from: no source was given")
        self.sources, self.seed = tuple(sources), seed

    def __call__(self, step: int) -> CaptionBatch:
        return self.sources[np.random.default_rng([self.seed, 5, step]).integers(len(self.sources))](step)


def collate_track_captions(captions: Sequence[tuple[str, ObjectFeatures]], vocabulary: Vocabulary) -> dict:
    """`object_batch`, `token_ids` and empty `word_boxes` of objects with one caption each and no known boxes of words."""
    token_ids = batch_sentences([vocabulary.tokenize(text).pieces for text, _ in captions])
    empty = torch.zeros(len(captions), token_ids.shape[1] - 1)
    return {"object_batch": batch_objects([features for _, features in captions]), "token_ids": token_ids,
            "word_boxes": torch.zeros(*empty.shape, 4), "word_box_mask": empty}
