"""Detectors of transformers: RT-DETR, D-FINE, DETR, YOLOS and whatever else finds a fixed list of classes there."""

from __future__ import annotations

from grounding.data import Regions
from grounding.data.media_image import Image
from grounding.models.adapters import answers
from grounding.models.adapters.loading import load
from grounding.models.adapters.source import Source

LEAST = 0.3


class TransformersDetector:
    """Whatever AutoModelForObjectDetection takes; class names are those of its config.json, spelt as COCO spells them."""

    proposes_from = 0.0  # all that it answers is proposed: its threshold is that of its authors, or the one a person set

    def __init__(self, source: Source):
        self._source = source
        loaded = load(source, "transformers", "AutoModelForObjectDetection", "AutoImageProcessor")
        self._model, self._processor = loaded.model, loaded.processor
        kind, _, digest = loaded.version.partition("@")
        self.version = f"{kind}-{self._model.config.model_type}@{digest}"
        self._least = LEAST if source.score is None else source.score

    def detect(self, image: Image) -> Regions:
        """What scores at least the threshold, best first."""
        import torch

        inputs = self._processor(images=[answers.pixels(image)], return_tensors="pt", input_data_format="channels_last").to(self._source.device)
        with torch.inference_mode():
            outputs = self._model(**inputs)
        found = self._processor.post_process_object_detection(outputs, threshold=self._least,
                                                              target_sizes=torch.tensor([[image.size.height, image.size.width]]))[0]
        names = [self._model.config.id2label.get(number, "") for number in found["labels"].tolist()]
        return answers.regions(found["boxes"].cpu().numpy(), found["scores"].cpu().numpy(), names, image.size, self._least)
