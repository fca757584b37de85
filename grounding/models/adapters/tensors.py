"""Tensors: files of weights that a person names, read as data only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grounding.models.adapters.source import ModelSourceError


def read_tensors(path: Path) -> dict[str, Any]:
    """Named tensors of a .safetensors, .pth or .pt file; a checkpoint's "model" or "state_dict" is looked into. Raises ModelSourceError."""
    import torch

    if not path.is_file():
        raise ModelSourceError(f"there is no file of weights at {path}; check how it is written")
    if path.suffix not in (".safetensors", ".pth", ".pt"):
        raise ModelSourceError(
            f"{path.name} is no .safetensors or .pth file; files of other kinds can hold code and are not read (a .pkl "
            f"of Detectron2's model zoo: python -m grounding convert-weights {path.name} {path.stem}.safetensors)"
        )
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        contents = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # damaged files and files with code in them fail in many ways
        raise ModelSourceError(f"{path.name} cannot be read as weights alone: it is damaged or holds code; save only the tensors, "
                          "as torch.save(model.state_dict(), FILE) does") from error
    for inner in ("model", "state_dict"):
        if isinstance(contents, dict) and isinstance(contents.get(inner), dict):
            contents = contents[inner]
    if not isinstance(contents, dict) or not contents or not all(isinstance(value, torch.Tensor) for value in contents.values()):
        raise ModelSourceError(f"{path.name} holds no named tensors; save them with torch.save(model.state_dict(), FILE)")
    return contents
