"""Storage: a trained network as two files, a safetensors file of half-precision weights and a JSON page about it."""

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

from grounding.machine.disk import write_whole
from grounding.nn.files.weights import WeightsError
from grounding.nn.grounding.network import GroundingNet, Shape


def save_network(net: GroundingNet, path: Path | str, about: dict) -> Path:
    """Writes PATH.safetensors and PATH.json (shape, sha256 and what `about` says); the JSON file's path.

    The JSON file is moved into place last, so a kill never leaves a pair that does not belong together.
    """
    weights, page = _pair(path)
    halves = {name: value.detach().to(torch.float16).contiguous() for name, value in net.state_dict().items()}
    content = save(halves)
    told = about | {"weights": weights.name, "sha256": hashlib.sha256(content).hexdigest(), "shape": asdict(net.shape)}
    write_whole(weights, content)
    write_whole(page, json.dumps(told, indent=1).encode())
    return page


def read_page(path: Path | str, what: str = "grounder") -> dict:
    """What the JSON page of a network says; WeightsError if it is missing or damaged. `what` it is, for people."""
    page = _pair(path)[1]
    try:
        told = json.loads(page.read_text("utf-8"))
        return told | {"weights": str(told["weights"]), "sha256": str(told["sha256"]), "shape": dict(told["shape"])}
    except FileNotFoundError as error:
        raise WeightsError(f"there is no {what} at {page}; train one, or choose a name of the catalog") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{page.name} is not the page of a {what} ({error}); copy it again with its weights") from error


def load_network(path: Path | str, build: Callable[[dict], Any] | None = None, what: str = "grounder") -> tuple[Any, dict]:
    """The network in float32, ready to answer, and its page. Raises WeightsError before a damaged file is used.

    `build` makes a network of the shape that the page tells, without it a GroundingNet.
    """
    told = read_page(path, what)
    weights = _pair(path)[1].with_name(told["weights"])
    if not weights.is_file():
        raise WeightsError(f"the weights file {weights.name} is missing beside its page; copy both files")
    content = weights.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != told["sha256"]:
        raise WeightsError(f"the weights file {weights.name} is damaged or cut short: {len(content):,} bytes with a sha256 that begins "
                           f"with {found[:12]}, expected {told['sha256'][:12]}; copy it again")
    try:
        net = (build or _grounding)(dict(told["shape"]))
        net.load_state_dict({name: value.float() for name, value in load(content).items()})
    except (SafetensorError, RuntimeError, TypeError, KeyError) as error:
        raise WeightsError(f"{weights.name} does not fit this version of the network ({str(error)[:120]}); train it again") from error
    return net.eval(), told


def _grounding(shape: dict) -> GroundingNet:
    levels = tuple((str(name), int(count)) for name, count in shape.pop("levels"))
    return GroundingNet(Shape(levels=levels, **shape))


def _pair(path: Path | str) -> tuple[Path, Path]:
    path = Path(path)
    stem = path.with_suffix("") if path.suffix in (".json", ".safetensors") else path
    return stem.with_name(stem.name + ".safetensors"), stem.with_name(stem.name + ".json")
