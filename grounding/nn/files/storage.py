"""Storage: a trained network as two files, safetensors of float16 weights and a JSON model card; any other tensors with
their settings as one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import Tensor, nn

from grounding.machine.disk import write_atomic
from grounding.nn.files.legacy_names import current_config, current_state
from grounding.nn.files.weights import WeightsError
from grounding.nn.sites import host_state


def save_network(net: nn.Module, path: Path | str, facts: dict) -> Path:
    """Writes PATH.safetensors and PATH.json (`facts`, the configuration and the sha256 of the weights); returns the
    path of the JSON file.

    The JSON file is moved into place last, so an interrupted write never leaves a mismatched pair.
    """
    weights, card_path = _paths_of(path)
    half_precision = {name: value.detach().to(torch.float16).contiguous() for name, value in host_state(net).items()}
    content = save(half_precision)
    card = facts | {"weights": weights.name, "sha256": hashlib.sha256(content).hexdigest(), "shape": asdict(net.config)}
    write_atomic(weights, content)
    write_atomic(card_path, json.dumps(card, indent=1).encode())
    return card_path


def read_model_card(path: Path | str, model_kind: str = "grounder") -> dict:
    """The JSON model card of a network; WeightsError if it is missing or damaged. `model_kind` names the model in that message."""
    card_path = _paths_of(path)[1]
    try:
        card = json.loads(card_path.read_text("utf-8"))
        return card | {"weights": str(card["weights"]), "sha256": str(card["sha256"]), "shape": current_config(card["shape"])}
    except FileNotFoundError as error:
        raise WeightsError(f"there is no {model_kind} at {card_path}; train one, or choose a name of the catalog") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{card_path.name} is not the model card of a {model_kind} ({error}); copy it again with its weights") from error


def load_network(path: Path | str, build: Callable[[dict], Any], model_kind: str = "grounder") -> tuple[Any, dict]:
    """The network in float32 and evaluation mode, and its model card. Raises WeightsError for a missing, damaged or
    incompatible file.

    `build` makes the network of the configuration in the card.
    """
    card = read_model_card(path, model_kind)
    weights = _paths_of(path)[1].with_name(card["weights"])
    if not weights.is_file():
        raise WeightsError(f"the weights file {weights.name} is missing beside its model card; copy both files")
    content = weights.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != card["sha256"]:
        raise WeightsError(f"the weights file {weights.name} is damaged or cut short: {len(content):,} bytes with a sha256 that begins "
                           f"with {digest[:12]}, expected {card['sha256'][:12]}; copy it again")
    try:
        net = build(dict(card["shape"]))
        net.load_state_dict({name: value.float() for name, value in current_state(load(content)).items()})
    except (SafetensorError, RuntimeError, TypeError, KeyError) as error:
        raise WeightsError(f"{weights.name} does not fit this version of the network ({str(error)[:120]}); train it again") from error
    return net.eval(), card


def save_tensors(path: Path | str, tensors: Mapping[str, Tensor], settings: Any, **facts: str) -> Path:
    """Any tensors with their settings (a dataclass or a mapping that JSON can hold) and further `facts`; the file
    appears whole or not at all."""
    settings = asdict(settings) if is_dataclass(settings) else dict(settings)
    stored = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_atomic(Path(path), save(stored, facts | {"settings": json.dumps(settings)}))
    return Path(path)


def load_tensors(path: Path | str) -> tuple[dict[str, Tensor], dict[str, Any], dict[str, str]]:
    """(tensors, settings, facts) as they were saved, a tuple among the settings as a list; WeightsError for a damaged file."""
    try:
        with safe_open(path, "pt") as file:
            facts = dict(file.metadata() or {})
            settings = json.loads(facts.pop("settings"))
            return {name: file.get_tensor(name) for name in file.keys()}, settings, facts
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise WeightsError(f"{Path(path).name} cannot be read as tensors with their settings ({error}); copy it again") from error


def _paths_of(path: Path | str) -> tuple[Path, Path]:
    path = Path(path)
    stem = path.with_suffix("") if path.suffix in (".json", ".safetensors") else path
    return stem.with_name(stem.name + ".safetensors"), stem.with_name(stem.name + ".json")
