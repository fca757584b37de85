"""Detectors of torchvision: any architecture of torchvision.models.detection by its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grounding.data import Regions
from grounding.data.media_image import Image
from grounding.models.adapters import answers
from grounding.models.adapters.batches import run_in_batches
from grounding.models.adapters.compute import ComputeConfig, to_numpy
from grounding.models.adapters.folder import is_offline
from grounding.models.adapters.labels import read_class_names
from grounding.models.adapters.loading import fingerprint, import_package, prepare_for_inference
from grounding.models.adapters.source import ModelSource, ModelSourceError
from grounding.models.adapters.tensors import read_tensors
from grounding.nn.files.weights import sha256_of

MIN_SCORE = 0.3
MASK_THRESHOLD = 0.5  # from this chance on a pixel belongs to a mask
OPTIONS = ("device", "precision", "weights", "labels", "score")


class TorchvisionDetector:
    """`model` names the architecture (fasterrcnn_resnet50_fpn_v2), `weights` a .safetensors or .pth file of yours;
    without one torchvision's own weights (COCO) are taken from its cache, or downloaded where that is allowed. `labels`
    names your classes, without the background. Photos of one size go through the network together; a lower precision is
    that of PyTorch's autocast, the weights stay as they are."""

    proposal_threshold = 0.0  # all that it answers is proposed: its threshold is that of its authors, or the one a person set

    def __init__(self, source: ModelSource):
        import_package("torchvision")
        _check_architecture(source.check_options("torchvision", *OPTIONS).model)
        self.compute = ComputeConfig.from_source(source)
        path = Path(source.weights).expanduser() if source.weights else _fetch_weights(source.model)
        self._class_names = (
            ("__background__", *read_class_names(source.labels))
            if source.labels
            else tuple(_default_weights(source.model).meta["categories"])
        )
        self._min_score, self.batch_size = MIN_SCORE if source.score is None else source.score, self.compute.batch_size
        self._model = prepare_for_inference(_build_model(source, read_tensors(path), len(self._class_names)), self.compute)
        _lower_threshold(self._model, self._min_score)
        self.version = (
            f"{source.model}@{fingerprint(sha256_of(path), self._class_names, self._min_score, self.compute.precision)}"
        )

    def detect(self, image: Image) -> Regions:
        """What scores at least the threshold, best first; with masks where the network draws them."""
        return self.detect_batch([image])[0]

    def detect_batch(self, images: Sequence[Image]) -> list[Regions]:
        """For each image what `detect` answers of it."""
        return run_in_batches(images, [image.size for image in images], self.batch_size, self._predict)

    def _predict(self, images: list[Image]) -> list[Regions]:
        import torch

        pixels = [
            torch.from_numpy(answers.copy_pixels(image)).permute(2, 0, 1).float().div(255).to(self.compute.device)
            for image in images
        ]  # (3, H, W)
        with self.compute.inference(mixed_precision=True):
            found = self._model(pixels)
        return [self._to_regions(row, image) for row, image in zip(found, images)]

    def _to_regions(self, found: dict, image: Image) -> Regions:
        keep = found["scores"] >= self._min_score
        names = [self._class_names[number] for number in found["labels"][keep].tolist()]
        masks = to_numpy(found["masks"][keep, 0] > MASK_THRESHOLD) if "masks" in found else None
        return answers.to_regions(
            to_numpy(found["boxes"][keep]), to_numpy(found["scores"][keep]), names, image.size, self._min_score, masks
        )


def _check_architecture(architecture: str) -> None:
    """Raises ModelSourceError for a name that is none of torchvision's detectors."""
    from torchvision.models import detection, list_models

    names = list_models(module=detection)
    if architecture not in names:
        raise ModelSourceError(f"torchvision has no detector {architecture!r}; choose one of {', '.join(names)}")


def _default_weights(architecture: str) -> Any:
    """Torchvision's own weights of an architecture: an address and class names."""
    from torchvision.models import get_model_weights

    return get_model_weights(architecture).DEFAULT


def _fetch_weights(architecture: str) -> Path:
    """The file of torchvision's own weights in its cache, downloaded and checked where that is allowed."""
    import torch

    weights = _default_weights(architecture)
    name = weights.url.rsplit("/", 1)[-1]
    path = Path(torch.hub.get_dir()) / "checkpoints" / name
    cure = f"download {weights.url} and say torchvision:{architecture},weights=FILE"
    if path.is_file():
        return path
    if is_offline():
        raise ModelSourceError(f"the weights {name} are not on this machine and nothing is downloaded here; {cure}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        torch.hub.download_url_to_file(weights.url, str(path), hash_prefix=name.rsplit("-", 1)[-1].removesuffix(".pth"), progress=False)
    except (OSError, RuntimeError) as error:
        raise ModelSourceError(f"the weights {name} are not on this machine and could not be downloaded; {cure}") from error
    return path


def _build_model(source: ModelSource, tensors: dict, num_classes: int) -> Any:
    """The architecture with these weights in it. Raises ModelSourceError where they do not fit."""
    from torchvision.models import get_model

    model = get_model(source.model, weights=None, weights_backbone=None, num_classes=num_classes)
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise ModelSourceError(
            f"the weights do not fit {source.model} with {num_classes} classes (background counted); name the classes of yours, "
            "one a line, in a file: labels=FILE"
        ) from error
    return model


def _lower_threshold(model: Any, min_score: float) -> None:
    """Lowers the threshold of the network to `min_score` where it is higher."""
    for holder, name in ((model, "score_thresh"), (getattr(model, "roi_heads", None), "score_thresh")):
        if hasattr(holder, name):
            setattr(holder, name, min(getattr(holder, name), min_score))
