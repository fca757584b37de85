"""Loading: a folder of weights and the network it belongs to, checked, and every way it can fail as one sentence with the cure."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grounding.models.adapters.source import Source, SourceError
from grounding.nn.weights import sha256_of

FILES = ["*.json", "*.txt", "*.model", "*.safetensors"]  # what is fetched of a hub repository: data, never code, never pickles
INSTALL = {"transformers": "requirements.txt", "torchvision": "requirements-models.txt", "detectron2": "requirements-detectron2.txt"}


@dataclass(frozen=True)
class Loaded:
    """A network that is ready to answer, what prepares its input, and its version NAME@HASH of the weights."""

    model: Any
    processor: Any
    version: str
    device: str


def load(source: Source, name: str, network: str, processor: str = "AutoProcessor", types: Collection[str] = ()) -> Loaded:
    """Loads `network` and `processor` (class names of transformers) from safetensors, without running any code of the repository.

    `types`: the model types that fit, as config.json says them; empty: whatever the class takes. Raises SourceError.
    """
    folder = fetched(source)
    kind = _kind(folder, source)
    if types and kind not in types:
        raise SourceError(f"{source.model} holds a {kind} model; {name} takes {' or '.join(sorted(types))}, so choose another entry of the catalog or another model")
    transformers = package_transformers()
    with quiet(transformers):
        try:
            prepares = getattr(transformers, processor).from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            model, told = getattr(transformers, network).from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, output_loading_info=True)
        except Exception as error:  # transformers raises of many kinds; all mean that this folder does not give this model
            raise SourceError(f"{source.model} cannot be loaded as {name} ({_short(error)}); save it again with save_pretrained, or download it again") from error
    if told["missing_keys"] or told.get("mismatched_keys"):
        missing = sorted([*map(str, told["missing_keys"]), *map(str, told.get("mismatched_keys") or ())])
        raise SourceError(f"the weights in {source.model} do not fit {name}: {len(missing)} of its tensors are missing or of another shape "
                          f"({missing[0][:80]}); download the model again or choose another")
    return Loaded(placed(model, source.device), prepares, f"{name}@{digest(folder)}", source.device)


def package(name: str) -> Any:
    """An optional package, imported now. Raises SourceError with the line that installs it."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise _missing(name, error) from error


def package_transformers() -> Any:
    """transformers, imported now: it takes seconds. Raises SourceError."""
    try:
        import transformers
    except ImportError as error:
        raise _missing("transformers", error) from error
    return transformers


def offline() -> bool:
    """Whether nothing may be downloaded; the page never downloads by itself."""
    return os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")


def fetched(source: Source) -> Path:
    """The folder of a model: one of this machine, or a snapshot of the hub, downloaded where that is allowed. Raises SourceError."""
    here = Path(source.model).expanduser()
    if here.is_dir():
        return _whole(here, source)
    if source.model.startswith((".", "/", "~")) or source.model.count("/") != 1:
        raise SourceError(f"there is no folder {source.model}; name a folder with config.json and *.safetensors, or an id of the Hugging Face hub such as "
                          "IDEA-Research/grounding-dino-tiny")
    try:
        from huggingface_hub import snapshot_download

        found = snapshot_download(source.model, revision=source.revision or None, allow_patterns=FILES, local_files_only=offline())
    except Exception as error:  # no network, no such model, a gate, a full disk: each is a kind of its own there
        raise SourceError(_not_fetched(source, error)) from error
    return _whole(Path(found), source)


def digest(folder: Path) -> str:
    """8 hex digits that change with the weights of a folder."""
    whole = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        whole.update(sha256_of(path).encode())
    return whole.hexdigest()[:8]


def placed(model: Any, device: str) -> Any:
    """The network on its device, ready to answer and not to learn. Raises SourceError for a device that is not there."""
    return model.to(checked_device(device)).eval().requires_grad_(False)


def checked_device(device: str) -> str:
    """The device itself, if PyTorch can use it here. Raises SourceError."""
    import torch

    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}.get(device.partition(":")[0])
    if there is None:
        raise SourceError(f"a device is cpu, cuda or mps; got {device!r}")
    if not there:
        raise SourceError(f"this machine has no {device} that PyTorch can use; leave device={device} out to compute on the processor")
    return device


class quiet:
    """While it lasts, transformers draws no progress bars and gives no advice."""

    def __init__(self, transformers: Any):
        self._log = transformers.utils.logging

    def __enter__(self) -> None:
        self._level = self._log.get_verbosity()
        self._bars = self._log.is_progress_bar_enabled()
        self._log.set_verbosity_error()
        self._log.disable_progress_bar()

    def __exit__(self, *_) -> None:
        self._log.set_verbosity(self._level)
        if self._bars:
            self._log.enable_progress_bar()


def _missing(name: str, error: ImportError) -> SourceError:
    how = "--no-build-isolation " if name == "detectron2" else ""  # it is built against the torch that is installed
    return SourceError(f"this model needs the package {name}, which is not installed ({_short(error)}); run: pip install {how}-r {INSTALL[name]}")


def _whole(folder: Path, source: Source) -> Path:
    for pattern, what in (("config.json", "config.json"), ("*.safetensors", "weights in safetensors (other kinds can hold code and are not read)")):
        if not list(folder.glob(pattern)):
            raise SourceError(f"{source.model} has no {what}; {_by_hand(source)}, or save it there with save_pretrained")
    return folder


def _kind(folder: Path, source: Source) -> str:
    try:
        return str(json.loads((folder / "config.json").read_text("utf8"))["model_type"])
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise SourceError(f"config.json of {source.model} does not say which kind of model it is; {_by_hand(source)}") from error


def _not_fetched(source: Source, error: Exception) -> str:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    what = f"{source.model}{f' at {source.revision}' if source.revision else ''}"
    if kinds & {"GatedRepoError"}:
        return f"{what} asks you to accept its terms: do so on its page of huggingface.co, run: hf auth login, then {_by_hand(source)}"
    if "RevisionNotFoundError" in kinds:
        return f"{source.model} has no revision {source.revision}; leave revision= out, or name a branch, tag or commit it has"
    if kinds & {"RepositoryNotFoundError", "HFValidationError"}:
        return f"{what} is no folder here and no model on the Hugging Face hub; check how it is written"
    why = "and nothing is downloaded here (HF_HUB_OFFLINE=1)" if offline() else "and could not be downloaded; check the network"
    return f"{what} is not on this machine {why}. On a machine with a network {_by_hand(source)}"


def _by_hand(source: Source) -> str:
    """How to get a model beforehand."""
    if Path(source.model).expanduser().is_dir() or source.model.count("/") != 1:
        return "download the whole model again"
    revision = f" --revision {source.revision}" if source.revision else ""
    return f"run: hf download {source.model}{revision} --local-dir FOLDER, and name FOLDER instead"


def _short(error: Exception) -> str:
    """The first line of an error, not longer than a person reads."""
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return line[:160].rstrip(".")
