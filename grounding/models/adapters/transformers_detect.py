"""Detectors of transformers: RT-DETR, D-FINE, DETR, YOLOS and whatever else finds a fixed list of classes there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grounding.data import Regions
from grounding.data.media_image import Image
from grounding.models.adapters import answers
from grounding.models.adapters.batches import run_in_batches
from grounding.models.adapters.compute import to_numpy
from grounding.models.adapters.labels import read_class_names
from grounding.models.adapters.loading import load_model
from grounding.models.adapters.source import ModelSource, ModelSourceError

MIN_SCORE = 0.3


class TransformersDetector:
    """Whatever AutoModelForObjectDetection takes; class names are those of its config.json, or of the file `labels`,
    spelt as COCO spells them. Photos that are equally large once they are prepared go through the network together."""

    proposal_threshold = 0.0  # all that it answers is proposed: its threshold is that of its authors, or the one a person set

    def __init__(self, source: ModelSource):
        given_names = read_class_names(source.labels) if source.labels else ()
        loaded = load_model(
            source,
            "transformers",
            "AutoModelForObjectDetection",
            "AutoImageProcessor",
            min_score=MIN_SCORE,
            extra_options=("labels",),
            settings=repr(given_names),
        )
        self._model, self._processor, self.compute, self._min_score = (
            loaded.model,
            loaded.processor,
            loaded.compute,
            loaded.min_score,
        )
        self._class_names = (
            read_class_names(source.labels, self._model.config.num_labels)
            if given_names
            else _config_class_names(self._model.config, source)
        )
        kind, _, digest = loaded.version.partition("@")
        self.version, self.batch_size = f"{kind}-{self._model.config.model_type}@{digest}", loaded.compute.batch_size

    def detect(self, image: Image) -> Regions:
        """What scores at least the threshold, best first."""
        return self.detect_batch([image])[0]

    def detect_batch(self, images: Sequence[Image]) -> list[Regions]:
        """For each image what `detect` answers of it."""
        prepared = [
            (
                image.size,
                self._processor(images=[answers.copy_pixels(image)], return_tensors="pt", input_data_format="channels_last"),
            )
            for image in images
        ]
        return run_in_batches(prepared, [inputs["pixel_values"].shape for _, inputs in prepared], self.batch_size, self._predict)

    def _predict(self, prepared: list) -> list[Regions]:
        """The answers for pictures that are equally large by now."""
        import torch

        sizes = [size for size, _ in prepared]
        inputs = {
            name: torch.cat([each[name] for _, each in prepared])
            for name in ("pixel_values", "pixel_mask")
            if name in prepared[0][1]
        }
        with self.compute.inference():
            outputs = self.compute.outputs_to_cpu(self._model(**self.compute.inputs_to_device(inputs)))
        found = self._processor.post_process_object_detection(
            outputs, threshold=self._min_score, target_sizes=torch.tensor([[size.height, size.width] for size in sizes])
        )
        return [
            answers.to_regions(
                to_numpy(row["boxes"]),
                to_numpy(row["scores"]),
                [self._class_names[number] for number in row["labels"].tolist()],
                size,
                self._min_score,
            )
            for row, size in zip(found, sizes)
        ]


def _config_class_names(config, source: ModelSource) -> tuple[str, ...]:
    """The class names of config.json. Raises ModelSourceError where a class has none: its boxes would be lost."""
    names = {int(number): str(name) for number, name in config.id2label.items()}
    missing = [number for number in range(config.num_labels) if number not in names]
    if missing:
        raise ModelSourceError(
            f"config.json of {Path(source.model).name} names {config.num_labels - len(missing)} of {config.num_labels} "
            "classes; give the names of all, one a line, in a file: labels=FILE"
        )
    return tuple(names[number] for number in range(config.num_labels))
