"""OWL: finds what a phrase means by comparing it with every patch of the picture; OWL-ViT and OWLv2 (through transformers)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grounding.data import Query, Regions, Size
from grounding.data.media_image import Image
from grounding.models.adapters import answers
from grounding.models.adapters.compute import to_numpy
from grounding.models.adapters.loading import load_model
from grounding.models.adapters.source import ModelSource

MIN_SCORE = 0.1  # the authors' threshold; scores of these models are low


@dataclass(frozen=True)
class EncodedPatches:
    """A picture before any phrase: `features` (1, P, D) of its patches and the box each proposes, `boxes` (P, 4) x0 y0 x1 y1 in pixels."""

    size: Size
    features: Any
    boxes: Any


@dataclass(frozen=True)
class EncodedNames:
    """Names encoded once for any number of images: `embeddings` (K, D) of length 1."""

    names: tuple[str, ...]
    embeddings: Any


class Owl:
    """OWL-ViT (Minderer et al. 2022) and OWLv2 (2023). The picture is seen once; each further phrase costs a pass of
    the small text network, names that were encoded beforehand nothing."""

    def __init__(self, source: ModelSource):
        loaded = load_model(source, "owl", "AutoModelForZeroShotObjectDetection", model_types=("owlvit", "owlv2"), min_score=MIN_SCORE)
        self._model, self._processor = loaded.model, loaded.processor
        self.version, self.compute = loaded.version, loaded.compute
        self._base_model = getattr(self._model, self._model.config.model_type)
        self._min_score, self._tokenizer_lock, self.batch_size = loaded.min_score, threading.Lock(), loaded.compute.batch_size

    def encode(self, image: Image) -> EncodedPatches:
        """One pass of the vision network; the boxes do not depend on any phrase."""
        return self.encode_batch([image])[0]

    def encode_batch(self, images: Sequence[Image]) -> list[EncodedPatches]:
        """As `encode` of each, `batch_size` images in one pass: all are made equally large."""
        return [
            patches
            for start in range(0, len(images), self.batch_size)
            for patches in self._encode_batch(images[start : start + self.batch_size])
        ]

    def encode_names(self, names: Sequence[str]) -> EncodedNames:
        """What `ground_names` needs of a list of names; safe to keep and to share."""
        for name in names:
            answers.validated_phrases(Query(name))
        return EncodedNames(tuple(names), self._encode_texts(names))

    def ground_names(self, encoded: EncodedPatches, names: EncodedNames) -> list[Regions]:
        """For each name what `ground_in` answers of it."""
        return [self._score_patches(encoded, vector, name) for name, vector in zip(names.names, names.embeddings)]

    def ground_in(self, encoded: EncodedPatches, query: Query) -> Regions:
        """Best first, labelled with the caller's phrases; empty where nothing scores at least the threshold."""
        return answers.ground_each(lambda phrase: self._score_patches(encoded, self._encode_texts([phrase])[0], phrase), query)

    def ground(self, image: Image, query: Query) -> Regions:
        return self.ground_in(self.encode(image), query)

    def _encode_batch(self, images: Sequence[Image]) -> list[EncodedPatches]:
        import torch

        inputs = self._processor.image_processor(
            images=[answers.copy_pixels(image) for image in images], return_tensors="pt", input_data_format="channels_last"
        )
        with self.compute.inference():
            grid = self._model.image_embedder(self.compute.to_device(inputs["pixel_values"]))[0]  # (B, rows, columns, D)
            features = grid.flatten(1, 2)
            centre_boxes = (
                self._model.box_predictor(features, grid).float().cpu()
            )  # (B, P, 4) centre and extent, as fractions
            corners = torch.cat([centre_boxes[..., :2] - centre_boxes[..., 2:] / 2, centre_boxes[..., :2] + centre_boxes[..., 2:] / 2], -1)
            return [
                EncodedPatches(
                    image.size,
                    features[row : row + 1],
                    corners[row] * torch.tensor(self._box_scale(image.size), dtype=torch.float32),
                )
                for row, image in enumerate(images)
            ]

    def _encode_texts(self, phrases: Sequence[str]) -> Any:
        """(K, D) vectors of length 1."""
        with self.compute.inference():
            embeddings = self._base_model.get_text_features(**self._tokenize(phrases)).pooler_output
            return embeddings / embeddings.norm(dim=-1, keepdim=True)

    def _score_patches(self, encoded: EncodedPatches, vector: Any, phrase: str) -> Regions:
        with self.compute.inference():
            logits = self._model.class_predictor(encoded.features, vector[None, None])[0]  # (1, P, 1)
            scores = to_numpy(logits[0, :, 0].float().sigmoid())
        return answers.phrase_regions(to_numpy(encoded.boxes), scores, phrase, encoded.size, self._min_score)

    def _box_scale(self, size: Size) -> tuple[float, float, float, float]:
        """What fractions are fractions of: OWL-ViT squashes the picture to a square, OWLv2 pads it at the right or at the bottom."""
        if self._model.config.model_type == "owlv2":
            return (float(max(size)),) * 4
        return (float(size.width), float(size.height)) * 2

    def _tokenize(self, phrases: Sequence[str]) -> dict:
        max_tokens = self._model.config.text_config.max_position_embeddings
        with self._tokenizer_lock:  # tokenizers keep a state while they cut a text short
            words = self._processor.tokenizer(
                [phrase.lower() for phrase in phrases],
                return_tensors="pt",
                padding="max_length",
                truncation=True,
                max_length=max_tokens,
            )
        return self.compute.inputs_to_device({name: words[name] for name in ("input_ids", "attention_mask")})
