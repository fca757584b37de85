"""Grounding DINO: finds what a phrase means, slowly and well, in pictures of any kind (through transformers)."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from grounding.data import Query, Regions, Size
from grounding.data.media_image import Image
from grounding.models.adapters import answers
from grounding.models.adapters.compute import numbers
from grounding.models.adapters.loading import load
from grounding.models.adapters.source import Source

LEAST = 0.25  # the authors' box threshold


@dataclass(frozen=True)
class Prepared:
    """A picture resized and normalised: tensors `pixel_values` (1, 3, h, w) and `pixel_mask` (1, h, w), and its original size."""

    size: Size
    inputs: dict


class GroundingDino:
    """Grounding DINO (Liu et al. 2023). Words and pixels are fused from the first layer on, so nothing but the pixels can be kept of
    a picture: `encode` only prepares them, and every phrase costs a whole pass. Phrases are asked one by one."""

    def __init__(self, source: Source):
        loaded = load(
            source,
            "grounding-dino",
            "AutoModelForZeroShotObjectDetection",
            types=("grounding-dino", "mm-grounding-dino"),
            least=LEAST,
        )
        self._model, self._processor = loaded.model, loaded.processor
        self.version, self.compute = loaded.version, loaded.compute
        self._least, self._lock = loaded.least, threading.Lock()

    def encode(self, image: Image) -> Prepared:
        """Pixels as the network wants them; quick."""
        inputs = self._processor.image_processor(images=[answers.pixels(image)], return_tensors="pt", input_data_format="channels_last")
        return Prepared(
            image.size,
            self.compute.given({name: inputs[name] for name in ("pixel_values", "pixel_mask") if name in inputs}),
        )

    def ground_in(self, encoded: Prepared, query: Query) -> Regions:
        """Best first, labelled with the caller's phrases; empty where nothing scores at least the threshold."""
        return answers.each(lambda phrase: self._ask(encoded, phrase), query)

    def ground(self, image: Image, query: Query) -> Regions:
        return self.ground_in(self.encode(image), query)

    def _ask(self, encoded: Prepared, phrase: str) -> Regions:
        words = self._words(phrase)
        with self.compute.computing():
            outputs = self.compute.read(self._model(**encoded.inputs, **self.compute.given(words)))
        found = self._processor.post_process_grounded_object_detection(
            outputs, words["input_ids"], threshold=self._least, text_threshold=self._least, target_sizes=[(encoded.size.height, encoded.size.width)])[0]
        return answers.pointed(numbers(found["boxes"]), numbers(found["scores"]), phrase, encoded.size, self._least)

    def _words(self, phrase: str) -> dict:
        """Token ids of a phrase as the network was taught to read them: lower case, with one full stop at its end."""
        plain = " ".join(phrase.lower().replace(".", " ").replace("?", " ").split()) + "."
        with self._lock:  # tokenizers keep a state while they cut a text short
            words = self._processor.tokenizer([plain], return_tensors="pt", return_token_type_ids=True, truncation=True,
                                              max_length=self._model.config.max_text_len)
        return {name: words[name] for name in ("input_ids", "token_type_ids", "attention_mask")}
