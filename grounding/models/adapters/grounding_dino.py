"""Grounding DINO: finds what a phrase means, slowly and well, in pictures of any kind (through transformers)."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from grounding.data import Query, Regions, Size
from grounding.data.media_image import Image
from grounding.models.adapters import answers
from grounding.models.adapters.compute import to_numpy
from grounding.models.adapters.loading import load_model
from grounding.models.adapters.source import ModelSource

MIN_SCORE = 0.25  # the authors' box threshold


@dataclass(frozen=True)
class PreparedImage:
    """A picture resized and normalised: tensors `pixel_values` (1, 3, h, w) and `pixel_mask` (1, h, w), and its original size."""

    size: Size
    inputs: dict


class GroundingDino:
    """Grounding DINO (Liu et al. 2023). Words and pixels are fused from the first layer on, so nothing but the pixels can be kept of
    a picture: `encode` only prepares them, and every phrase costs a whole pass. Phrases are asked one by one."""

    def __init__(self, source: ModelSource):
        loaded = load_model(
            source,
            "grounding-dino",
            "AutoModelForZeroShotObjectDetection",
            model_types=("grounding-dino", "mm-grounding-dino"),
            min_score=MIN_SCORE,
        )
        self._model, self._processor = loaded.model, loaded.processor
        self.version, self.compute = loaded.version, loaded.compute
        self._min_score, self._tokenizer_lock = loaded.min_score, threading.Lock()

    def encode(self, image: Image) -> PreparedImage:
        """Pixels as the network wants them; quick."""
        inputs = self._processor.image_processor(
            images=[answers.copy_pixels(image)], return_tensors="pt", input_data_format="channels_last"
        )
        return PreparedImage(
            image.size,
            self.compute.inputs_to_device({name: inputs[name] for name in ("pixel_values", "pixel_mask") if name in inputs}),
        )

    def ground_in(self, encoded: PreparedImage, query: Query) -> Regions:
        """Best first, labelled with the caller's phrases; empty where nothing scores at least the threshold."""
        return answers.ground_each(lambda phrase: self._ground_phrase(encoded, phrase), query)

    def ground(self, image: Image, query: Query) -> Regions:
        return self.ground_in(self.encode(image), query)

    def _ground_phrase(self, encoded: PreparedImage, phrase: str) -> Regions:
        words = self._tokenize(phrase)
        with self.compute.inference():
            outputs = self.compute.outputs_to_cpu(self._model(**encoded.inputs, **self.compute.inputs_to_device(words)))
        found = self._processor.post_process_grounded_object_detection(
            outputs,
            words["input_ids"],
            threshold=self._min_score,
            text_threshold=self._min_score,
            target_sizes=[(encoded.size.height, encoded.size.width)],
        )[0]
        return answers.phrase_regions(to_numpy(found["boxes"]), to_numpy(found["scores"]), phrase, encoded.size, self._min_score)

    def _tokenize(self, phrase: str) -> dict:
        """Token ids of a phrase as the network was taught to read them: lower case, with one full stop at its end."""
        plain = " ".join(phrase.lower().replace(".", " ").replace("?", " ").split()) + "."
        with self._tokenizer_lock:  # tokenizers keep a state while they cut a text short
            words = self._processor.tokenizer([plain], return_tensors="pt", return_token_type_ids=True, truncation=True,
                                              max_length=self._model.config.max_text_len)
        return {name: words[name] for name in ("input_ids", "token_type_ids", "attention_mask")}
