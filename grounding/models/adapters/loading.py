"""Loading: the network of a folder with what prepares its input, checked, and every way it can fail as one sentence
with the cure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grounding.models.adapters.compute import Compute
from grounding.models.adapters.folder import check_inputs, digest, fetched, kind_of
from grounding.models.adapters.source import Source, SourceError, short

INSTALL = {"transformers": "requirements.txt", "torchvision": "requirements-models.txt", "detectron2": "requirements-detectron2.txt"}
TOLD_APART = ("dog", "cat")  # two phrases that no tokenizer may read alike


@dataclass(frozen=True)
class Loaded:
    """A network that is ready to answer, what prepares its input, where it computes, the least score it answers, and
    its version NAME@HASH: of the weights and of all that changes an answer."""

    model: Any
    processor: Any
    compute: Compute
    least: float
    version: str


def load(
    source: Source,
    name: str,
    network: str,
    processor: str = "AutoProcessor",
    types: Collection[str] = (),
    least: float = 0.0,
    takes: Collection[str] = (),
    settings: str = "",
) -> Loaded:
    """Loads `network` and `processor` (class names of transformers) from safetensors, without running any code of the
    repository.

    `types`: the model types that fit, as config.json says them; empty: whatever the class takes. `least`: the threshold
    of its authors. `takes`: options beyond those of all; `settings`: what they hold, for the version. Raises
    SourceError.
    """
    source.taking(name, "revision", "device", "precision", "score", *takes)
    compute, words = Compute.of(source), processor == "AutoProcessor"
    folder = fetched(source)
    kind = kind_of(folder, source)
    if types and kind not in types:
        raise SourceError(f"{source.model} holds a {kind} model; {name} takes {' or '.join(sorted(types))}, so choose another entry of the catalog or another model")
    check_inputs(folder, source, words)
    try:
        prepares, model, told = _read(folder, network, processor, compute)
    except Exception as error:  # transformers raises of many kinds; all mean that this folder does not give this model
        raise SourceError(
            f"{source.model} cannot be loaded as {name} ({short(error)}); save it again with save_pretrained, or "
            "download it again"
        ) from error
    _check(source, name, told, prepares if words else None)
    least = least if source.score is None else source.score
    version = f"{name}@{fingerprint(digest(folder), compute.precision, least, settings)}"
    return Loaded(settled(model, compute), prepares, compute, least, version)


def _read(folder: Path, network: str, processor: str, compute: Compute) -> tuple[Any, Any, dict]:
    """The processor, the network, and what transformers says of the tensors that did not fit."""
    transformers = package_transformers()
    safe = {"local_files_only": True, "trust_remote_code": False}
    with quiet(transformers):
        prepares = getattr(transformers, processor).from_pretrained(folder, **safe)
        model, told = getattr(transformers, network).from_pretrained(
            folder, **safe, use_safetensors=True, output_loading_info=True, dtype=compute.dtype
        )
    return prepares, model, told


def settled(model: Any, compute: Compute) -> Any:
    """The network on its device, ready to answer and not to learn."""
    return model.to(compute.device).eval().requires_grad_(False)


def fingerprint(*parts: Any) -> str:
    """8 hex digits that change with any of the parts."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:8]


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


def _check(source: Source, name: str, told: dict, prepares: Any) -> None:
    """Raises SourceError where tensors are missing, or where what prepares phrases cannot tell them apart."""
    if told["missing_keys"] or told.get("mismatched_keys"):
        missing = sorted([*map(str, told["missing_keys"]), *map(str, told.get("mismatched_keys") or ())])
        raise SourceError(
            f"the weights in {source.model} do not fit {name}: {len(missing)} of its tensors are missing or of another "
            f"shape ({missing[0][:80]}); download the model again or choose another"
        )
    if prepares is None:
        return
    if not (hasattr(prepares, "tokenizer") and hasattr(prepares, "image_processor")):
        raise SourceError(
            f"{source.model} lacks what prepares pixels or phrases for {name}; download the whole model again"
        )
    one, other = (list(prepares.tokenizer(word)["input_ids"]) for word in TOLD_APART)
    if one == other:
        raise SourceError(
            f"the tokenizer of {source.model} reads every phrase alike: its vocabulary is missing or damaged; download "
            "the whole model again"
        )


def _missing(name: str, error: ImportError) -> SourceError:
    root = name.partition(".")[0]
    how = "--no-build-isolation " if root == "detectron2" else ""  # it is built against the torch that is installed
    return SourceError(
        f"this model needs the package {name}, which is not installed ({short(error)}); run: pip install {how}-r "
        f"{INSTALL[root]}"
    )
