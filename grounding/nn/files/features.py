"""Features: the output of the frozen networks for one image; the caller keeps them, writes them to disk and reads them for training."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from grounding.machine.disk import write_atomic


class FeatureFileError(ValueError):
    """A feature file is damaged or was written by other networks."""


@dataclass(frozen=True)
class ImageFeatures:
    """`levels`: name to (channels, rows, columns) float16. Proposals: `boxes` (P, 4) x0 y0 x1 y1 as fractions of the
    image, `classes` (P,) indices in the detector's class list, `scores` (P,) in [0, 1], best first. `aspect_ratio`:
    width / height."""

    levels: dict[str, np.ndarray]
    boxes: np.ndarray
    classes: np.ndarray
    scores: np.ndarray
    aspect_ratio: float


def write_features(path: Path, features: ImageFeatures, backbone: str) -> None:
    """Writes one safetensors file, atomically."""
    tensors = {f"level.{name}": np.ascontiguousarray(grid, np.float16) for name, grid in features.levels.items()}
    tensors |= {"boxes": features.boxes.astype(np.float32), "classes": features.classes.astype(np.int16),
                "scores": features.scores.astype(np.float32)}
    write_atomic(path, save(tensors, {"backbone": backbone, "aspect": json.dumps(float(features.aspect_ratio))}))


def read_features(path: Path, backbone: str) -> ImageFeatures:
    """Raises FeatureFileError if other networks wrote the file or if it is damaged."""
    try:
        with safe_open(path, "numpy") as file:
            made_by = (file.metadata() or {}).get("backbone", "unknown")
            if made_by != backbone:
                raise FeatureFileError(
                    f"the features in {path.name} were made by {made_by}, this model needs {backbone}; "
                    "choose another cache folder or delete this one"
                )
            tensors = {name: file.get_tensor(name) for name in file.keys()}
            aspect = json.loads(file.metadata()["aspect"])
    except (SafetensorError, OSError, KeyError) as error:
        raise FeatureFileError(f"the features in {path} cannot be read ({error}); delete the file and it is made again") from error
    levels = {name[6:]: grid for name, grid in tensors.items() if name.startswith("level.")}
    return ImageFeatures(levels, tensors["boxes"], tensors["classes"], tensors["scores"], aspect)
