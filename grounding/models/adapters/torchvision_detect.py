"""Detectors of torchvision: any architecture of torchvision.models.detection by its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grounding.data import Regions
from grounding.data.media_image import Image
from grounding.models.adapters import answers
from grounding.models.adapters.batches import in_batches
from grounding.models.adapters.compute import Compute, numbers
from grounding.models.adapters.folder import offline
from grounding.models.adapters.labels import names_of
from grounding.models.adapters.loading import fingerprint, package, settled
from grounding.models.adapters.source import Source, SourceError
from grounding.models.adapters.tensors import read_tensors
from grounding.nn.files.weights import sha256_of

LEAST = 0.3
INSIDE = 0.5  # from this chance on a pixel belongs to a mask
OPTIONS = ("device", "precision", "weights", "labels", "score")


class TorchvisionDetector:
    """`model` names the architecture (fasterrcnn_resnet50_fpn_v2), `weights` a .safetensors or .pth file of yours;
    without one torchvision's own weights (COCO) are taken from its cache, or downloaded where that is allowed. `labels`
    names your classes, without the background. Photos of one size go through the network together; a lower precision is
    that of PyTorch's autocast, the weights stay as they are."""

    proposes_from = 0.0  # all that it answers is proposed: its threshold is that of its authors, or the one a person set

    def __init__(self, source: Source):
        package("torchvision")
        _known(source.taking("torchvision", *OPTIONS).model)
        self.compute = Compute.of(source)
        path = Path(source.weights).expanduser() if source.weights else _published(source.model)
        self._names = ("__background__", *names_of(source.labels)) if source.labels else tuple(_default(source.model).meta["categories"])
        self._least, self.batch = LEAST if source.score is None else source.score, self.compute.batch
        self._model = settled(_network(source, read_tensors(path), len(self._names)), self.compute)
        _lower_threshold(self._model, self._least)
        self.version = (
            f"{source.model}@{fingerprint(sha256_of(path), self._names, self._least, self.compute.precision)}"
        )

    def detect(self, image: Image) -> Regions:
        """What scores at least the threshold, best first; with masks where the network draws them."""
        return self.detect_all([image])[0]

    def detect_all(self, images: Sequence[Image]) -> list[Regions]:
        """For each image what `detect` answers of it."""
        return in_batches(images, [image.size for image in images], self.batch, self._ask)

    def _ask(self, images: list[Image]) -> list[Regions]:
        import torch

        pixels = [
            torch.from_numpy(answers.pixels(image)).permute(2, 0, 1).float().div(255).to(self.compute.device)
            for image in images
        ]  # (3, H, W)
        with self.compute.computing(mixed=True):
            found = self._model(pixels)
        return [self._regions(row, image) for row, image in zip(found, images)]

    def _regions(self, found: dict, image: Image) -> Regions:
        keep = found["scores"] >= self._least
        names = [self._names[number] for number in found["labels"][keep].tolist()]
        masks = numbers(found["masks"][keep, 0] > INSIDE) if "masks" in found else None
        return answers.regions(
            numbers(found["boxes"][keep]), numbers(found["scores"][keep]), names, image.size, self._least, masks
        )


def _known(architecture: str) -> None:
    """Raises SourceError for a name that is none of torchvision's detectors."""
    from torchvision.models import detection, list_models

    names = list_models(module=detection)
    if architecture not in names:
        raise SourceError(f"torchvision has no detector {architecture!r}; choose one of {', '.join(names)}")


def _default(architecture: str) -> Any:
    """Torchvision's own weights of an architecture: an address and class names."""
    from torchvision.models import get_model_weights

    return get_model_weights(architecture).DEFAULT


def _published(architecture: str) -> Path:
    """The file of torchvision's own weights in its cache, downloaded and checked where that is allowed."""
    import torch

    known = _default(architecture)
    name = known.url.rsplit("/", 1)[-1]
    path = Path(torch.hub.get_dir()) / "checkpoints" / name
    cure = f"download {known.url} and say torchvision:{architecture},weights=FILE"
    if path.is_file():
        return path
    if offline():
        raise SourceError(f"the weights {name} are not on this machine and nothing is downloaded here; {cure}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        torch.hub.download_url_to_file(known.url, str(path), hash_prefix=name.rsplit("-", 1)[-1].removesuffix(".pth"), progress=False)
    except (OSError, RuntimeError) as error:
        raise SourceError(f"the weights {name} are not on this machine and could not be downloaded; {cure}") from error
    return path


def _network(source: Source, tensors: dict, classes: int) -> Any:
    """The architecture with these weights in it. Raises SourceError where they do not fit."""
    from torchvision.models import get_model

    model = get_model(source.model, weights=None, weights_backbone=None, num_classes=classes)
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise SourceError(f"the weights do not fit {source.model} with {classes} classes (background counted); name the classes of yours, "
                          "one a line, in a file: labels=FILE") from error
    return model


def _lower_threshold(model: Any, least: float) -> None:
    """Lets the network answer all that scores at least `least`; its own threshold may be higher."""
    for holder, name in ((model, "score_thresh"), (getattr(model, "roi_heads", None), "score_thresh")):
        if hasattr(holder, name):
            setattr(holder, name, min(getattr(holder, name), least))
