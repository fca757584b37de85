"""Detectors of Detectron2: any configuration with weights, with masks and attributes where the network has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from grounding.data import Regions
from grounding.data.media_image import Image
from grounding.models.adapters import answers
from grounding.models.adapters.loading import checked_device, package
from grounding.models.adapters.source import Source, SourceError
from grounding.models.adapters.tensors import names_of, read_tensors
from grounding.nn.weights import sha256_of

LEAST = 0.3
ATTRIBUTES = ("attr_classes", "pred_attr", "pred_attributes")  # what attribute heads call the best attribute of each thing
ATTRIBUTE_SCORES = ("attr_scores", "attr_prob", "attribute_scores")


class Detectron2Detector:
    """`model` is a .yaml configuration, yours or one of the model zoo (COCO-Detection/faster_rcnn_R_50_FPN_3x.yaml), `weights` a .pth or
    .safetensors file. Class names come from the metadata of the configuration's test set, or from the file `labels`."""

    proposes_from = 0.0  # all that it answers is proposed: its threshold is that of its authors, or the one a person set

    def __init__(self, source: Source):
        package("detectron2")
        self._source = source
        cfg = _configured(source)
        self._predictor, path = _predictor(cfg, source)
        self._metadata, self._names = _metadata(cfg), names_of(source.labels) if source.labels else ()
        self.version = f"detectron2-{Path(source.model).stem}@{sha256_of(path)[:8]}"
        self._least = LEAST if source.score is None else source.score

    def detect(self, image: Image) -> Regions:
        """What scores at least the threshold, best first; with masks where the network draws them."""
        return self.look(image)[0]

    def look(self, image: Image) -> tuple[Regions, list[tuple[str, float]]]:
        """As `detect`, and for each region its best attribute with its score, ("", 0) where it has none.

        The second list is empty where the network has no attribute head.
        """
        found = self._instances(image)
        names = self._names or tuple(getattr(self._metadata, "thing_classes", ()))
        given = (found.pred_boxes.tensor.numpy(), found.scores.numpy(), [_named(names, number) for number in found.pred_classes.tolist()],
                 image.size, self._least)
        told = _attributes(found, self._metadata)
        masks = np.asarray(found.pred_masks) if found.has("pred_masks") else None
        return answers.regions(*given, masks), [told[row] for row in answers.rows(*given)] if told else []

    def _instances(self, image: Image) -> Any:
        """Detectron2's Instances of a picture, on the processor. Its predictor takes BGR pixels, whatever the network was trained on."""
        import torch

        with torch.inference_mode():
            return self._predictor(np.ascontiguousarray(image.pixels[:, :, ::-1]))["instances"].to("cpu")


def _configured(source: Source) -> Any:
    """The configuration, read without any code in it; a trained threshold lower than ours stays. Raises SourceError."""
    from detectron2 import model_zoo
    from detectron2.config import get_cfg

    path = Path(source.model).expanduser()
    if path.suffix not in (".yaml", ".yml"):
        raise SourceError(f"{source.model} is no .yaml configuration; configurations written in Python would run code and are not read")
    cfg = get_cfg()
    try:
        cfg.merge_from_file(str(path) if path.is_file() else model_zoo.get_config_file(source.model), allow_unsafe=False)
    except Exception as error:  # unknown keys, YAML with code in it, no such file: each of a kind of its own
        raise SourceError(f"the configuration {source.model} cannot be read by Detectron2; name a .yaml file of yours or one of its model zoo, "
                          "such as COCO-Detection/faster_rcnn_R_50_FPN_3x.yaml") from error
    cfg.MODEL.DEVICE = checked_device(source.device)
    cfg.MODEL.ROI_HEADS.SCORE_THRESH_TEST = min(cfg.MODEL.ROI_HEADS.SCORE_THRESH_TEST, LEAST if source.score is None else source.score)
    return cfg


def _predictor(cfg: Any, source: Source) -> tuple[Any, Path]:
    """Detectron2's predictor with the weights in it, and the file they came from. They are read by us: Detectron2 would run code in them."""
    from detectron2.engine import DefaultPredictor

    named = source.weights or str(cfg.MODEL.WEIGHTS)
    if not source.weights and not Path(named).is_file():
        raise SourceError(f"say which weights belong to {source.model}: detectron2:{source.model},weights=FILE, a .pth or .safetensors file")
    path = Path(named).expanduser()
    tensors = read_tensors(path)
    cfg.MODEL.WEIGHTS = ""  # so that the predictor loads none by itself
    predictor = DefaultPredictor(cfg)
    wanted = {name: value.shape for name, value in predictor.model.state_dict().items() if name not in ("pixel_mean", "pixel_std")}
    amiss = [name for name, shape in wanted.items() if name not in tensors or tensors[name].shape != shape]
    if amiss:
        raise SourceError(f"the weights in {path.name} do not fit {source.model}: {len(amiss)} of its tensors are missing or of another shape "
                          f"({amiss[0]}); name the file that was trained with this configuration")
    predictor.model.load_state_dict(tensors, strict=False)
    predictor.model.requires_grad_(False)
    return predictor, path


def _metadata(cfg: Any) -> Any:
    from detectron2.data import MetadataCatalog

    return MetadataCatalog.get(cfg.DATASETS.TEST[0]) if len(cfg.DATASETS.TEST) else None


def _attributes(found: Any, metadata: Any) -> list[tuple[str, float]]:
    """The best attribute of each thing and its score; empty where there is no attribute head or nobody named the attributes."""
    head = next((name for name in ATTRIBUTES if found.has(name)), None)
    names = tuple(getattr(metadata, "attr_classes", ()) or getattr(metadata, "attribute_classes", ()))
    if head is None or not names:
        return []
    scores = next((name for name in ATTRIBUTE_SCORES if found.has(name)), None)
    sure = found.get(scores).tolist() if scores else [1.0] * len(found)
    return [(names[number], float(chance)) if 0 <= number < len(names) else ("", 0.0)
            for number, chance in zip(found.get(head).tolist(), sure)]


def _named(names: tuple[str, ...], number: int) -> str:
    """A class name; where nobody named the classes, their numbers."""
    return names[number] if number < len(names) else "" if names else f"class {number}"
