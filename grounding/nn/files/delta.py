"""Deltas: what a method learned on top of a network, as one small safetensors file that names its host by hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from grounding.nn.files.storage import load_tensors, save_tensors
from grounding.nn.files.weights import WeightsError
from grounding.nn.sites import host_state


def save_delta(path: Path | str, weights: Mapping[str, Tensor], settings: Any, host: nn.Module) -> Path:
    """The `weights` of a graft and the settings of its method; they fit this `host` alone."""
    return save_tensors(path, weights, settings, host=host_hash(host))


def load_delta(path: Path | str, host: nn.Module) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """(weights, settings); WeightsError if the weights were learned on another host."""
    weights, settings, facts = load_tensors(path)
    learned_on, here = facts.get("host", "none"), host_hash(host)
    if learned_on != here:
        raise WeightsError(
            f"{Path(path).name} was learned on another host ({learned_on[:12]}) than this one ({here[:12]}); "
            "load the network it was learned on, or train it again on this one"
        )
    return weights, settings


def host_hash(host: nn.Module) -> str:
    """Hex sha256 of the parameters and persistent buffers of the host without what is grafted to it, read as float32.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(host_state(host).items()):
        digest.update(f"{name} {tuple(tensor.shape)} ".encode())
        digest.update(tensor.detach().to("cpu", torch.float32).contiguous().numpy().tobytes())
    return digest.hexdigest()
