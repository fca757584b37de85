"""Zero shot: any network of transformers that finds named things it was not trained on (OmDet-Turbo, and those to come)."""

from __future__ import annotations

import inspect
import threading
from typing import Any

from grounding.data import Query, Regions
from grounding.data.media_image import Image
from grounding.models.adapters import answers
from grounding.models.adapters.compute import to_numpy
from grounding.models.adapters.loading import load_model
from grounding.models.adapters.source import ModelSource

MIN_SCORE = 0.2


class ZeroShotGrounder:
    """Whatever AutoModelForZeroShotObjectDetection takes. Of such a network nothing is known but that it wants pixels and words at once,
    so `encode` keeps the picture as it is and every phrase costs a whole pass. Grounding DINO and OWL have quicker ways of their own."""

    def __init__(self, source: ModelSource):
        loaded = load_model(source, "zero-shot", "AutoModelForZeroShotObjectDetection", min_score=MIN_SCORE)
        self._model, self._processor, self.compute = loaded.model, loaded.processor, loaded.compute
        kind, _, digest = loaded.version.partition("@")
        self.version = f"{kind}-{self._model.config.model_type}@{digest}"
        self._min_score, self._tokenizer_lock = loaded.min_score, threading.Lock()

    def encode(self, image: Image) -> Image:
        """The picture itself."""
        return image

    def ground_in(self, encoded: Image, query: Query) -> Regions:
        """Best first, labelled with the caller's phrases; empty where nothing scores at least the threshold."""
        return answers.ground_each(lambda phrase: self._ground_phrase(encoded, phrase), query)

    def ground(self, image: Image, query: Query) -> Regions:
        return self.ground_in(self.encode(image), query)

    def _ground_phrase(self, image: Image, phrase: str) -> Regions:
        plain = " ".join(phrase.lower().replace(".", " ").split())
        with self._tokenizer_lock:  # tokenizers keep a state while they cut a text short
            inputs = self._processor(images=[answers.copy_pixels(image)], text=[[plain]], return_tensors="pt")
        with self.compute.inference():
            outputs = self.compute.outputs_to_cpu(self._model(**self.compute.inputs_to_device(inputs)))
        found = self._post_process(outputs, inputs, plain, image)
        return answers.phrase_regions(to_numpy(found["boxes"]), to_numpy(found["scores"]), phrase, image.size, self._min_score)

    def _post_process(self, outputs: Any, inputs: Any, plain: str, image: Image) -> dict:
        """The processor's own reading of the outputs; processors differ in what they want to be told."""
        read = self._processor.post_process_grounded_object_detection
        available = {
            "input_ids": inputs.get("input_ids"),
            "text_labels": [[plain]],
            "threshold": self._min_score,
            "text_threshold": self._min_score,
            "target_sizes": [(image.size.height, image.size.width)],
        }
        accepted = inspect.signature(read).parameters
        return read(outputs, **{name: value for name, value in available.items() if name in accepted and value is not None})[0]
