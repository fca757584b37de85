"""Checkpoints: everything that resuming an interrupted training run needs, in one safetensors file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from grounding.learning.trainable import copy_tensors
from grounding.machine.disk import write_atomic


class CheckpointError(ValueError):
    """A checkpoint is damaged or belongs to another run."""


def save_checkpoint(path: Path, state: dict[str, Tensor], averages: dict[str, Tensor], optimizer, schedule, step: int) -> None:
    """`state` and `averages`: what is trained, and its moving average. An interruption leaves the older file intact."""
    tensors = {f"net.{name}": value for name, value in state.items()} | {f"kept.{name}": value for name, value in averages.items()}
    for index, values in optimizer.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{name}": value for name, value in values.items()}
    content = save(
        {name: value.detach().clone().contiguous() for name, value in tensors.items()},
        {"step": str(step), "schedule": json.dumps(asdict(schedule))},
    )
    write_atomic(path, content)


def load_checkpoint(path: Path, state: dict[str, Tensor], averages: dict[str, Tensor], optimizer, schedule) -> int:
    """Restores everything in place; returns the step to resume at. Raises CheckpointError if the file is damaged or of another run."""
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"the checkpoint {path} cannot be read ({error}); delete it and train from the start") from error
    if json.loads(metadata["schedule"]) != asdict(schedule):
        raise CheckpointError(f"the checkpoint {path} is of a run with another schedule or seed; "
                              "use the same settings to resume, or another output file")
    for prefix, values in (("net.", state), ("kept.", averages)):
        saved = _select_prefix(prefix, tensors)
        if any(name not in saved or saved[name].shape != value.shape for name, value in values.items()):
            raise CheckpointError(f"the checkpoint {path} is of a run that trains other weights; delete it and train from the start")
        copy_tensors(saved, values)
    optimizer_state = optimizer.state_dict()
    optimizer_state["state"] = {}
    for name, value in _select_prefix("adam.", tensors).items():
        index, part = name.split(".")
        optimizer_state["state"].setdefault(int(index), {})[part] = value
    optimizer.load_state_dict(optimizer_state)
    return int(metadata["step"])


def _select_prefix(prefix: str, tensors: dict) -> dict:
    return {name[len(prefix):]: value for name, value in tensors.items() if name.startswith(prefix)}
