"""Detectors of Detectron2: any YAML configuration of a detector with its weights, with masks where the network draws
them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from grounding.data import Regions
from grounding.data.media_image import Image
from grounding.models.adapters import answers
from grounding.models.adapters.batches import run_in_batches
from grounding.models.adapters.compute import ComputeConfig, to_numpy
from grounding.models.adapters.detectron2.config import is_url, load_config, num_classes
from grounding.models.adapters.labels import read_class_names
from grounding.models.adapters.loading import fingerprint, import_package
from grounding.models.adapters.source import ModelSource, ModelSourceError, first_line
from grounding.models.adapters.tensors import read_tensors
from grounding.nn.files.weights import sha256_of

MIN_SCORE = 0.3
OPTIONS = ("device", "precision", "weights", "labels", "score")
OUTPUT_FIELDS = ("pred_boxes", "scores", "pred_classes")  # what is read of each answer


class Detectron2Detector:
    """`model` is a .yaml configuration, yours or one of the model zoo (COCO-Detection/faster_rcnn_R_50_FPN_3x.yaml),
    `weights` a .pth or .safetensors file. Class names come from the metadata of the configuration's test set, or from
    the file `labels`. Photos of one size go through the network together; a lower precision is that of PyTorch's
    autocast, the weights stay as they are."""

    proposal_threshold = 0.0  # all that it answers is proposed: its threshold is that of its authors, or the one a person set

    def __init__(self, source: ModelSource):
        source.check_options("detectron2", *OPTIONS)
        self.compute = ComputeConfig.from_source(source)
        import_package("detectron2")
        cfg = load_config(source.model)
        self._model_name, self._class_names = source.model, _class_names(cfg, source)
        self._min_score, self.batch_size = MIN_SCORE if source.score is None else source.score, self.compute.batch_size
        for head in (cfg.MODEL.ROI_HEADS, cfg.MODEL.RETINANET):  # a trained threshold lower than ours stays
            head.SCORE_THRESH_TEST = min(head.SCORE_THRESH_TEST, self._min_score)
        path = _find_weights(cfg, source)
        cfg.MODEL.WEIGHTS = ""  # so that Detectron2 loads none by itself: it would run code in them
        settings = cfg.dump()
        cfg.MODEL.DEVICE = self.compute.device
        self._predictor = _build_predictor(cfg, source, path)
        chosen = fingerprint(sha256_of(path), settings, self._class_names, self._min_score, self.compute.precision)
        self.version = f"detectron2-{Path(source.model).stem}@{chosen}"

    def detect(self, image: Image) -> Regions:
        """What scores at least the threshold, best first; with masks where the network draws them."""
        return self.detect_batch([image])[0]

    def detect_batch(self, images: Sequence[Image]) -> list[Regions]:
        """For each image what `detect` answers of it."""
        return run_in_batches(images, [image.size for image in images], self.batch_size, self._predict)

    def _predict(self, images: list[Image]) -> list[Regions]:
        inputs = [self._prepare(image) for image in images]
        with self.compute.inference(mixed_precision=True):
            outputs = self._predictor.model(inputs)
        return [self._to_regions(output, image) for output, image in zip(outputs, images)]

    def _prepare(self, image: Image) -> dict:
        """A picture as Detectron2's predictor gives it to the network: resized, in the order of channels it was trained
        with."""
        import torch

        pixels = image.pixels if self._predictor.input_format == "RGB" else image.pixels[:, :, ::-1]
        pixels = np.ascontiguousarray(pixels)
        resized = self._predictor.aug.get_transform(pixels).apply_image(pixels)
        return {
            "image": torch.as_tensor(resized.astype("float32").transpose(2, 0, 1)),
            "height": image.size.height,
            "width": image.size.width,
        }

    def _to_regions(self, output: dict, image: Image) -> Regions:
        found = output.get("instances")
        if found is None or not all(map(found.has, OUTPUT_FIELDS)) or found.pred_boxes.tensor.shape[-1] != 4:
            raise ModelSourceError(
                f"the network of {self._model_name} answers with {', '.join(sorted(output))} and no upright boxes with "
                "classes; choose a configuration of a detector"
            )
        masks = to_numpy(found.pred_masks) if found.has("pred_masks") else None
        labels = [self._class_names[number] if self._class_names else f"class {number}" for number in found.pred_classes.tolist()]
        return answers.to_regions(
            to_numpy(found.pred_boxes.tensor), to_numpy(found.scores), labels, image.size, self._min_score, masks
        )


def _class_names(cfg: Any, source: ModelSource) -> tuple[str, ...]:
    """The class names; () where nobody named them. Raises ModelSourceError where there are more or fewer than the network
    tells apart."""
    from detectron2.data import MetadataCatalog

    classes = num_classes(cfg)
    if source.labels:
        return read_class_names(source.labels, classes)
    metadata_names = (
        tuple(getattr(MetadataCatalog.get(cfg.DATASETS.TEST[0]), "thing_classes", None) or ())
        if len(cfg.DATASETS.TEST)
        else ()
    )
    if metadata_names and len(metadata_names) != classes:
        raise ModelSourceError(
            f"{source.model} names the test set {cfg.DATASETS.TEST[0]} with {len(metadata_names)} classes, and its network tells "
            f"{classes} apart; give the names of its classes, one a line, in a file: labels=FILE"
        )
    return metadata_names


def _find_weights(cfg: Any, source: ModelSource) -> Path:
    """The file of weights: the one that was named, or the one of the configuration where that is on this machine.
    Raises ModelSourceError."""
    file_name = source.weights or str(cfg.MODEL.WEIGHTS)
    if not source.weights and (is_url(file_name) or not Path(file_name).expanduser().is_file()):
        where = f" (its configuration names {file_name}, and nothing is fetched here)" if is_url(file_name) else ""
        raise ModelSourceError(
            f"say which weights belong to {source.model}: detectron2:{source.model},weights=FILE, a .pth or "
            f".safetensors file{where}"
        )
    return Path(file_name).expanduser()


def _build_predictor(cfg: Any, source: ModelSource, path: Path) -> Any:
    """Detectron2's predictor with the weights in it; they are read by us. Raises ModelSourceError."""
    from detectron2.engine import DefaultPredictor

    tensors = read_tensors(path)
    try:
        predictor = DefaultPredictor(cfg)
    except Exception as error:  # parts that are not registered, sizes that do not fit: each of a kind of its own
        raise ModelSourceError(
            f"Detectron2 cannot build the network of {source.model} ({first_line(error)}); only parts that come with "
            "Detectron2 can be used"
        ) from error
    expected_shapes = {name: value.shape for name, value in predictor.model.state_dict().items() if name not in ("pixel_mean", "pixel_std")}
    mismatched = [name for name, shape in expected_shapes.items() if name not in tensors or tensors[name].shape != shape]
    if mismatched:
        raise ModelSourceError(
            f"the weights in {path.name} do not fit {source.model}: {len(mismatched)} of its tensors are missing or of another shape "
            f"({mismatched[0]}); name the file that was trained with this configuration"
        )
    predictor.model.load_state_dict(tensors, strict=False)
    predictor.model.requires_grad_(False)
    return predictor
