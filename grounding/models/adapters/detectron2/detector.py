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
from grounding.models.adapters.batches import in_batches
from grounding.models.adapters.compute import Compute, numbers
from grounding.models.adapters.detectron2.config import classes_of, configured, is_address
from grounding.models.adapters.labels import names_of
from grounding.models.adapters.loading import fingerprint, package
from grounding.models.adapters.source import Source, SourceError, short
from grounding.models.adapters.tensors import read_tensors
from grounding.nn.files.weights import sha256_of

LEAST = 0.3
OPTIONS = ("device", "precision", "weights", "labels", "score")
FIELDS = ("pred_boxes", "scores", "pred_classes")  # what is read of each answer


class Detectron2Detector:
    """`model` is a .yaml configuration, yours or one of the model zoo (COCO-Detection/faster_rcnn_R_50_FPN_3x.yaml),
    `weights` a .pth or .safetensors file. Class names come from the metadata of the configuration's test set, or from
    the file `labels`. Photos of one size go through the network together; a lower precision is that of PyTorch's
    autocast, the weights stay as they are."""

    proposes_from = 0.0  # all that it answers is proposed: its threshold is that of its authors, or the one a person set

    def __init__(self, source: Source):
        source.taking("detectron2", *OPTIONS)
        self.compute = Compute.of(source)
        package("detectron2")
        cfg = configured(source.model)
        self._model_name, self._names = source.model, _names(cfg, source)
        self._least, self.batch = LEAST if source.score is None else source.score, self.compute.batch
        for head in (cfg.MODEL.ROI_HEADS, cfg.MODEL.RETINANET):  # a trained threshold lower than ours stays
            head.SCORE_THRESH_TEST = min(head.SCORE_THRESH_TEST, self._least)
        path = _weights(cfg, source)
        cfg.MODEL.WEIGHTS = ""  # so that Detectron2 loads none by itself: it would run code in them
        settings = cfg.dump()
        cfg.MODEL.DEVICE = self.compute.device
        self._predictor = _predictor(cfg, source, path)
        self.version = (
            f"detectron2-{Path(source.model).stem}@{fingerprint(sha256_of(path), settings, self._names, self._least, self.compute.precision)}"
        )

    def detect(self, image: Image) -> Regions:
        """What scores at least the threshold, best first; with masks where the network draws them."""
        return self.detect_all([image])[0]

    def detect_all(self, images: Sequence[Image]) -> list[Regions]:
        """For each image what `detect` answers of it."""
        return in_batches(images, [image.size for image in images], self.batch, self._ask)

    def _ask(self, images: list[Image]) -> list[Regions]:
        inputs = [self._prepared(image) for image in images]
        with self.compute.computing(mixed=True):
            outputs = self._predictor.model(inputs)
        return [self._regions(output, image) for output, image in zip(outputs, images)]

    def _prepared(self, image: Image) -> dict:
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

    def _regions(self, output: dict, image: Image) -> Regions:
        found = output.get("instances")
        if found is None or not all(map(found.has, FIELDS)) or found.pred_boxes.tensor.shape[-1] != 4:
            raise SourceError(
                f"the network of {self._model_name} answers with {', '.join(sorted(output))} and no upright boxes with "
                "classes; choose a configuration of a detector"
            )
        masks = numbers(found.pred_masks) if found.has("pred_masks") else None
        labels = [self._names[number] if self._names else f"class {number}" for number in found.pred_classes.tolist()]
        return answers.regions(
            numbers(found.pred_boxes.tensor), numbers(found.scores), labels, image.size, self._least, masks
        )


def _names(cfg: Any, source: Source) -> tuple[str, ...]:
    """The class names; () where nobody named them. Raises SourceError where there are more or fewer than the network
    tells apart."""
    from detectron2.data import MetadataCatalog

    classes = classes_of(cfg)
    if source.labels:
        return names_of(source.labels, classes)
    told = (
        tuple(getattr(MetadataCatalog.get(cfg.DATASETS.TEST[0]), "thing_classes", None) or ())
        if len(cfg.DATASETS.TEST)
        else ()
    )
    if told and len(told) != classes:
        raise SourceError(
            f"{source.model} names the test set {cfg.DATASETS.TEST[0]} with {len(told)} classes, and its network tells "
            f"{classes} apart; give the names of its classes, one a line, in a file: labels=FILE"
        )
    return told


def _weights(cfg: Any, source: Source) -> Path:
    """The file of weights: the one that was named, or the one of the configuration where that is on this machine.
    Raises SourceError."""
    named = source.weights or str(cfg.MODEL.WEIGHTS)
    if not source.weights and (is_address(named) or not Path(named).expanduser().is_file()):
        where = f" (its configuration names {named}, and nothing is fetched here)" if is_address(named) else ""
        raise SourceError(
            f"say which weights belong to {source.model}: detectron2:{source.model},weights=FILE, a .pth or "
            f".safetensors file{where}"
        )
    return Path(named).expanduser()


def _predictor(cfg: Any, source: Source, path: Path) -> Any:
    """Detectron2's predictor with the weights in it; they are read by us. Raises SourceError."""
    from detectron2.engine import DefaultPredictor

    tensors = read_tensors(path)
    try:
        predictor = DefaultPredictor(cfg)
    except Exception as error:  # parts that are not registered, sizes that do not fit: each of a kind of its own
        raise SourceError(
            f"Detectron2 cannot build the network of {source.model} ({short(error)}); only parts that come with "
            "Detectron2 can be used"
        ) from error
    wanted = {name: value.shape for name, value in predictor.model.state_dict().items() if name not in ("pixel_mean", "pixel_std")}
    amiss = [name for name, shape in wanted.items() if name not in tensors or tensors[name].shape != shape]
    if amiss:
        raise SourceError(f"the weights in {path.name} do not fit {source.model}: {len(amiss)} of its tensors are missing or of another shape "
                          f"({amiss[0]}); name the file that was trained with this configuration")
    predictor.model.load_state_dict(tensors, strict=False)
    predictor.model.requires_grad_(False)
    return predictor
