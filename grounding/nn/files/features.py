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


def pack_features(features: ImageFeatures) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """(arrays, facts) for `write_arrays`; levels as float16."""
    arrays = {f"level.{name}": np.ascontiguousarray(grid, np.float16) for name, grid in features.levels.items()}
    arrays |= {"boxes": features.boxes.astype(np.float32), "classes": features.classes.astype(np.int16),
               "scores": features.scores.astype(np.float32)}
    return arrays, {"aspect": json.dumps(float(features.aspect_ratio))}


def unpack_features(arrays: dict[str, np.ndarray], facts: dict[str, str]) -> ImageFeatures:
    """What `pack_features` was given."""
    levels = {name[6:]: grid for name, grid in arrays.items() if name.startswith("level.")}
    return ImageFeatures(levels, arrays["boxes"], arrays["classes"], arrays["scores"], json.loads(facts["aspect"]))


def write_arrays(path: Path, arrays: dict[str, np.ndarray], backbone: str, facts: dict[str, str]) -> None:
    """One safetensors file that names the frozen networks; it appears complete or not at all."""
    write_atomic(path, save(arrays, facts | {"backbone": backbone}))


def read_arrays(path: Path, backbone: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """(arrays, facts); FeatureFileError if the file is damaged or other networks made it."""
    try:
        with safe_open(path, "numpy") as file:
            facts = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}
    except (SafetensorError, OSError) as error:
        raise FeatureFileError(f"the features in {path} cannot be read ({error}); delete the file and it is made again") from error
    made_by = facts.get("backbone", "unknown")
    if made_by != backbone:
        raise FeatureFileError(f"the features in {path.name} were made by {made_by}, this model needs {backbone}; "
                               "choose another cache folder or delete this one")
    return arrays, facts
