"""OWL: finds what a phrase means by comparing it with every patch of the picture; OWL-ViT and OWLv2 (through transformers)."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from grounding.data import Query, Regions, Size
from grounding.data.media_image import Image
from grounding.models.adapters import answers
from grounding.models.adapters.loading import load
from grounding.models.adapters.source import Source

LEAST = 0.1  # the authors' threshold; scores of these models are low


@dataclass(frozen=True)
class Patches:
    """A picture before any phrase: `features` (1, P, D) of its patches and the box each proposes, `boxes` (P, 4) x0 y0 x1 y1 in pixels."""

    size: Size
    features: Any
    boxes: Any


class Owl:
    """OWL-ViT (Minderer et al. 2022) and OWLv2 (2023). The picture is seen once; each further phrase costs a pass of the small text network."""

    def __init__(self, source: Source):
        self._source = source
        loaded = load(source, "owl", "AutoModelForZeroShotObjectDetection", types=("owlvit", "owlv2"))
        self._model, self._processor, self.version = loaded.model, loaded.processor, loaded.version
        self._trunk = getattr(self._model, self._model.config.model_type)
        self._least, self._lock = LEAST if source.score is None else source.score, threading.Lock()

    def encode(self, image: Image) -> Patches:
        """One pass of the vision network; the boxes do not depend on any phrase."""
        import torch

        inputs = self._processor.image_processor(images=[answers.pixels(image)], return_tensors="pt", input_data_format="channels_last")
        with torch.inference_mode():
            grid = self._model.image_embedder(inputs["pixel_values"].to(self._source.device))[0]  # (1, rows, columns, D)
            features = grid.flatten(1, 2)
            centred = self._model.box_predictor(features, grid)[0]  # (P, 4) centre and extent, as fractions
        corners = torch.cat([centred[:, :2] - centred[:, 2:] / 2, centred[:, :2] + centred[:, 2:] / 2], 1)
        return Patches(image.size, features, corners.cpu() * torch.tensor(self._stretch(image.size), dtype=torch.float32))

    def ground_in(self, encoded: Patches, query: Query) -> Regions:
        """Best first, labelled with the caller's phrases; empty where nothing scores at least the threshold."""
        return answers.each(lambda phrase: self._ask(encoded, phrase), query)

    def ground(self, image: Image, query: Query) -> Regions:
        return self.ground_in(self.encode(image), query)

    def _ask(self, encoded: Patches, phrase: str) -> Regions:
        import torch

        with torch.inference_mode():
            told = self._trunk.get_text_features(**self._words(phrase)).pooler_output  # (1, D)
            logits = self._model.class_predictor(encoded.features, (told / told.norm(dim=-1, keepdim=True))[None])[0]  # (1, P, 1)
        return answers.pointed(encoded.boxes.numpy(), logits[0, :, 0].sigmoid().cpu().numpy(), phrase, encoded.size, self._least)

    def _stretch(self, size: Size) -> tuple[float, float, float, float]:
        """What fractions are fractions of: OWL-ViT squashes the picture to a square, OWLv2 pads it at the right or at the bottom."""
        if self._model.config.model_type == "owlv2":
            return (float(max(size)),) * 4
        return (float(size.width), float(size.height)) * 2

    def _words(self, phrase: str) -> dict:
        longest = self._model.config.text_config.max_position_embeddings
        with self._lock:  # tokenizers keep a state while they cut a text short
            words = self._processor.tokenizer([phrase.lower()], return_tensors="pt", padding="max_length", truncation=True, max_length=longest)
        return {name: words[name].to(self._source.device) for name in ("input_ids", "attention_mask")}
