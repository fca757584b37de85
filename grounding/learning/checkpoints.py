"""Checkpoints: everything that resuming an interrupted training run needs, in one safetensors file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from grounding.machine.disk import write_atomic


class CheckpointError(ValueError):
    """A checkpoint is damaged or belongs to another run."""


def save_checkpoint(path: Path, net, ema, optimizer, schedule, step: int) -> None:
    """Written to a temporary file and moved into place, so that an interruption leaves the older one intact."""
    tensors = {f"net.{name}": value for name, value in net.state_dict().items()}
    tensors |= {f"kept.{name}": value.clone() for name, value in ema.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{name}": value for name, value in state.items()}
    content = save(
        {name: value.contiguous() for name, value in tensors.items()},
        {"step": str(step), "schedule": json.dumps(asdict(schedule))},
    )
    write_atomic(path, content)


def load_checkpoint(path: Path, net, ema, optimizer, schedule) -> int:
    """Restores everything; returns the step to resume at. Raises CheckpointError if it is damaged or of another schedule."""
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"the checkpoint {path} cannot be read ({error}); delete it and train from the start") from error
    if json.loads(metadata["schedule"]) != asdict(schedule):
        raise CheckpointError(f"the checkpoint {path} is of a run with another schedule or seed; "
                              "use the same settings to resume, or another output file")
    net.load_state_dict(_select_prefix("net.", tensors))
    ema.load_state_dict(_select_prefix("kept.", tensors))
    state = optimizer.state_dict()
    state["state"] = {}
    for name, value in _select_prefix("adam.", tensors).items():
        index, part = name.split(".")
        state["state"].setdefault(int(index), {})[part] = value
    optimizer.load_state_dict(state)
    return int(metadata["step"])


def _select_prefix(prefix: str, tensors: dict) -> dict:
    return {name[len(prefix):]: value for name, value in tensors.items() if name.startswith(prefix)}
