"""OWL: finds what a phrase means by comparing it with every patch of the picture; OWL-ViT and OWLv2 (through transformers)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grounding.data import Query, Regions, Size
from grounding.data.media_image import Image
from grounding.models.adapters import answers
from grounding.models.adapters.compute import numbers
from grounding.models.adapters.loading import load
from grounding.models.adapters.source import Source

LEAST = 0.1  # the authors' threshold; scores of these models are low


@dataclass(frozen=True)
class Patches:
    """A picture before any phrase: `features` (1, P, D) of its patches and the box each proposes, `boxes` (P, 4) x0 y0 x1 y1 in pixels."""

    size: Size
    features: Any
    boxes: Any


@dataclass(frozen=True)
class Names:
    """Names encoded once for any number of pictures: `vectors` (K, D) of length 1."""

    names: tuple[str, ...]
    vectors: Any


class Owl:
    """OWL-ViT (Minderer et al. 2022) and OWLv2 (2023). The picture is seen once; each further phrase costs a pass of
    the small text network, names that were encoded beforehand nothing."""

    def __init__(self, source: Source):
        loaded = load(source, "owl", "AutoModelForZeroShotObjectDetection", types=("owlvit", "owlv2"), least=LEAST)
        self._model, self._processor = loaded.model, loaded.processor
        self.version, self.compute = loaded.version, loaded.compute
        self._trunk = getattr(self._model, self._model.config.model_type)
        self._least, self._lock, self.batch = loaded.least, threading.Lock(), loaded.compute.batch

    def encode(self, image: Image) -> Patches:
        """One pass of the vision network; the boxes do not depend on any phrase."""
        return self.encode_all([image])[0]

    def encode_all(self, images: Sequence[Image]) -> list[Patches]:
        """As `encode` of each, `batch` pictures in one pass: all are made equally large."""
        return [
            patches
            for start in range(0, len(images), self.batch)
            for patches in self._seen(images[start : start + self.batch])
        ]

    def encode_names(self, names: Sequence[str]) -> Names:
        """What `ground_names` needs of a list of names; safe to keep and to share."""
        for name in names:
            answers.checked(Query(name))
        return Names(tuple(names), self._told(names))

    def ground_names(self, encoded: Patches, names: Names) -> list[Regions]:
        """For each name what `ground_in` answers of it."""
        return [self._compared(encoded, vector, name) for name, vector in zip(names.names, names.vectors)]

    def ground_in(self, encoded: Patches, query: Query) -> Regions:
        """Best first, labelled with the caller's phrases; empty where nothing scores at least the threshold."""
        return answers.each(lambda phrase: self._compared(encoded, self._told([phrase])[0], phrase), query)

    def ground(self, image: Image, query: Query) -> Regions:
        return self.ground_in(self.encode(image), query)

    def _seen(self, images: Sequence[Image]) -> list[Patches]:
        import torch

        inputs = self._processor.image_processor(
            images=[answers.pixels(image) for image in images], return_tensors="pt", input_data_format="channels_last"
        )
        with self.compute.computing():
            grid = self._model.image_embedder(self.compute.moved(inputs["pixel_values"]))[0]  # (B, rows, columns, D)
            features = grid.flatten(1, 2)
            centred = (
                self._model.box_predictor(features, grid).float().cpu()
            )  # (B, P, 4) centre and extent, as fractions
            corners = torch.cat([centred[..., :2] - centred[..., 2:] / 2, centred[..., :2] + centred[..., 2:] / 2], -1)
            return [
                Patches(
                    image.size,
                    features[row : row + 1],
                    corners[row] * torch.tensor(self._stretch(image.size), dtype=torch.float32),
                )
                for row, image in enumerate(images)
            ]

    def _told(self, phrases: Sequence[str]) -> Any:
        """(K, D) vectors of length 1."""
        with self.compute.computing():
            told = self._trunk.get_text_features(**self._words(phrases)).pooler_output
            return told / told.norm(dim=-1, keepdim=True)

    def _compared(self, encoded: Patches, vector: Any, phrase: str) -> Regions:
        with self.compute.computing():
            logits = self._model.class_predictor(encoded.features, vector[None, None])[0]  # (1, P, 1)
            scores = numbers(logits[0, :, 0].float().sigmoid())
        return answers.pointed(numbers(encoded.boxes), scores, phrase, encoded.size, self._least)

    def _stretch(self, size: Size) -> tuple[float, float, float, float]:
        """What fractions are fractions of: OWL-ViT squashes the picture to a square, OWLv2 pads it at the right or at the bottom."""
        if self._model.config.model_type == "owlv2":
            return (float(max(size)),) * 4
        return (float(size.width), float(size.height)) * 2

    def _words(self, phrases: Sequence[str]) -> dict:
        longest = self._model.config.text_config.max_position_embeddings
        with self._lock:  # tokenizers keep a state while they cut a text short
            words = self._processor.tokenizer(
                [phrase.lower() for phrase in phrases],
                return_tensors="pt",
                padding="max_length",
                truncation=True,
                max_length=longest,
            )
        return self.compute.given({name: words[name] for name in ("input_ids", "attention_mask")})
