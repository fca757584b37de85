"""Features: what the frozen networks saw in one picture; kept by the caller, written to disk, read while training."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from grounding.machine.disk import write_whole


class CacheError(ValueError):
    """A file of features is damaged or was made by other networks."""


@dataclass(frozen=True)
class Features:
    """`levels`: name to (channels, rows, columns) float16. Proposals: `boxes` (P, 4) x0 y0 x1 y1 as fractions of the picture,
    `classes` (P,) places in the detector's list of names, `scores` (P,), best first. `aspect`: width / height."""

    levels: dict[str, np.ndarray]
    boxes: np.ndarray
    classes: np.ndarray
    scores: np.ndarray
    aspect: float


def write_features(path: Path, features: Features, backbone: str) -> None:
    """One safetensors file; it appears whole or not at all."""
    tensors = {f"level.{name}": np.ascontiguousarray(grid, np.float16) for name, grid in features.levels.items()}
    tensors |= {"boxes": features.boxes.astype(np.float32), "classes": features.classes.astype(np.int16),
                "scores": features.scores.astype(np.float32)}
    write_whole(path, save(tensors, {"backbone": backbone, "aspect": json.dumps(float(features.aspect))}))


def read_features(path: Path, backbone: str) -> Features:
    """Raises CacheError if other networks wrote the file or it is damaged."""
    try:
        with safe_open(path, "numpy") as file:
            made_by = (file.metadata() or {}).get("backbone", "unknown")
            if made_by != backbone:
                raise CacheError(f"the features in {path.name} were made by {made_by}, this model needs {backbone}; "
                                 "choose another cache folder or delete this one")
            tensors = {name: file.get_tensor(name) for name in file.keys()}
            aspect = json.loads(file.metadata()["aspect"])
    except (SafetensorError, OSError, KeyError) as error:
        raise CacheError(f"the features in {path} cannot be read ({error}); delete the file and it is made again") from error
    levels = {name[6:]: grid for name, grid in tensors.items() if name.startswith("level.")}
    return Features(levels, tensors["boxes"], tensors["classes"], tensors["scores"], aspect)
