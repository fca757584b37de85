"""Storage: a trained network as two files, a safetensors file of float16 weights and a JSON model card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from grounding.machine.disk import write_atomic
from grounding.nn.files.legacy_names import current_config, current_state
from grounding.nn.files.weights import WeightsError
from grounding.nn.grounding.network import GroundingConfig, GroundingNet


def save_network(net: GroundingNet, path: Path | str, facts: dict) -> Path:
    """Writes PATH.safetensors and PATH.json (`facts`, the configuration and the sha256 of the weights); returns the
    path of the JSON file.

    The JSON file is moved into place last, so an interrupted write never leaves a mismatched pair.
    """
    weights, card_path = _paths_of(path)
    half_precision = {name: value.detach().to(torch.float16).contiguous() for name, value in net.state_dict().items()}
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


def load_network(path: Path | str, build: Callable[[dict], Any] | None = None, model_kind: str = "grounder") -> tuple[Any, dict]:
    """The network in float32 and evaluation mode, and its model card. Raises WeightsError for a missing, damaged or
    incompatible file.

    `build` makes a network from the configuration in the card; by default it makes a GroundingNet.
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
        net = (build or _build_grounding_net)(dict(card["shape"]))
        net.load_state_dict({name: value.float() for name, value in current_state(load(content)).items()})
    except (SafetensorError, RuntimeError, TypeError, KeyError) as error:
        raise WeightsError(f"{weights.name} does not fit this version of the network ({str(error)[:120]}); train it again") from error
    return net.eval(), card


def _build_grounding_net(config: dict) -> GroundingNet:
    levels = tuple((str(name), int(count)) for name, count in config.pop("levels"))
    return GroundingNet(GroundingConfig(levels=levels, **config))


def _paths_of(path: Path | str) -> tuple[Path, Path]:
    path = Path(path)
    stem = path.with_suffix("") if path.suffix in (".json", ".safetensors") else path
    return stem.with_name(stem.name + ".safetensors"), stem.with_name(stem.name + ".json")
