"""Detectors of transformers: RT-DETR, D-FINE, DETR, YOLOS and whatever else finds a fixed list of classes there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grounding.data import Regions
from grounding.data.media_image import Image
from grounding.models.adapters import answers
from grounding.models.adapters.batches import in_batches
from grounding.models.adapters.compute import numbers
from grounding.models.adapters.labels import names_of
from grounding.models.adapters.loading import load
from grounding.models.adapters.source import Source, SourceError

LEAST = 0.3


class TransformersDetector:
    """Whatever AutoModelForObjectDetection takes; class names are those of its config.json, or of the file `labels`,
    spelt as COCO spells them. Photos that are equally large once they are prepared go through the network together."""

    proposes_from = 0.0  # all that it answers is proposed: its threshold is that of its authors, or the one a person set

    def __init__(self, source: Source):
        told = names_of(source.labels) if source.labels else ()
        loaded = load(
            source,
            "transformers",
            "AutoModelForObjectDetection",
            "AutoImageProcessor",
            least=LEAST,
            takes=("labels",),
            settings=repr(told),
        )
        self._model, self._processor, self.compute, self._least = (
            loaded.model,
            loaded.processor,
            loaded.compute,
            loaded.least,
        )
        self._names = (
            names_of(source.labels, self._model.config.num_labels) if told else _own_names(self._model.config, source)
        )
        kind, _, digest = loaded.version.partition("@")
        self.version, self.batch = f"{kind}-{self._model.config.model_type}@{digest}", loaded.compute.batch

    def detect(self, image: Image) -> Regions:
        """What scores at least the threshold, best first."""
        return self.detect_all([image])[0]

    def detect_all(self, images: Sequence[Image]) -> list[Regions]:
        """For each image what `detect` answers of it."""
        prepared = [
            (
                image.size,
                self._processor(images=[answers.pixels(image)], return_tensors="pt", input_data_format="channels_last"),
            )
            for image in images
        ]
        return in_batches(prepared, [inputs["pixel_values"].shape for _, inputs in prepared], self.batch, self._ask)

    def _ask(self, prepared: list) -> list[Regions]:
        """The answers for pictures that are equally large by now."""
        import torch

        sizes = [size for size, _ in prepared]
        inputs = {
            name: torch.cat([each[name] for _, each in prepared])
            for name in ("pixel_values", "pixel_mask")
            if name in prepared[0][1]
        }
        with self.compute.computing():
            outputs = self.compute.read(self._model(**self.compute.given(inputs)))
        found = self._processor.post_process_object_detection(
            outputs, threshold=self._least, target_sizes=torch.tensor([[size.height, size.width] for size in sizes])
        )
        return [
            answers.regions(
                numbers(row["boxes"]),
                numbers(row["scores"]),
                [self._names[number] for number in row["labels"].tolist()],
                size,
                self._least,
            )
            for row, size in zip(found, sizes)
        ]


def _own_names(config, source: Source) -> tuple[str, ...]:
    """The class names of config.json. Raises SourceError where a class has none: its boxes would be lost."""
    known = {int(number): str(name) for number, name in config.id2label.items()}
    lacking = [number for number in range(config.num_labels) if number not in known]
    if lacking:
        raise SourceError(
            f"config.json of {Path(source.model).name} names {config.num_labels - len(lacking)} of {config.num_labels} "
            "classes; give the names of all, one a line, in a file: labels=FILE"
        )
    return tuple(known[number] for number in range(config.num_labels))
