"""Zero shot: any network of transformers that finds named things it was not trained on (OmDet-Turbo, and those to come)."""

from __future__ import annotations

import inspect
import threading
from typing import Any

from grounding.data import Query, Regions
from grounding.data.media_image import Image
from grounding.models.adapters import answers
from grounding.models.adapters.compute import numbers
from grounding.models.adapters.loading import load
from grounding.models.adapters.source import Source

LEAST = 0.2


class ZeroShot:
    """Whatever AutoModelForZeroShotObjectDetection takes. Of such a network nothing is known but that it wants pixels and words at once,
    so `encode` keeps the picture as it is and every phrase costs a whole pass. Grounding DINO and OWL have quicker ways of their own."""

    def __init__(self, source: Source):
        loaded = load(source, "zero-shot", "AutoModelForZeroShotObjectDetection", least=LEAST)
        self._model, self._processor, self.compute = loaded.model, loaded.processor, loaded.compute
        kind, _, digest = loaded.version.partition("@")
        self.version = f"{kind}-{self._model.config.model_type}@{digest}"
        self._least, self._lock = loaded.least, threading.Lock()

    def encode(self, image: Image) -> Image:
        """The picture itself."""
        return image

    def ground_in(self, encoded: Image, query: Query) -> Regions:
        """Best first, labelled with the caller's phrases; empty where nothing scores at least the threshold."""
        return answers.each(lambda phrase: self._ask(encoded, phrase), query)

    def ground(self, image: Image, query: Query) -> Regions:
        return self.ground_in(self.encode(image), query)

    def _ask(self, image: Image, phrase: str) -> Regions:
        plain = " ".join(phrase.lower().replace(".", " ").split())
        with self._lock:  # tokenizers keep a state while they cut a text short
            inputs = self._processor(images=[answers.pixels(image)], text=[[plain]], return_tensors="pt")
        with self.compute.computing():
            outputs = self.compute.read(self._model(**self.compute.given(inputs)))
        found = self._boxes(outputs, inputs, plain, image)
        return answers.pointed(numbers(found["boxes"]), numbers(found["scores"]), phrase, image.size, self._least)

    def _boxes(self, outputs: Any, inputs: Any, plain: str, image: Image) -> dict:
        """The processor's own reading of the outputs; processors differ in what they want to be told."""
        read = self._processor.post_process_grounded_object_detection
        offered = {"input_ids": inputs.get("input_ids"), "text_labels": [[plain]], "threshold": self._least, "text_threshold": self._least,
                   "target_sizes": [(image.size.height, image.size.width)]}
        wanted = inspect.signature(read).parameters
        return read(outputs, **{name: value for name, value in offered.items() if name in wanted and value is not None})[0]
