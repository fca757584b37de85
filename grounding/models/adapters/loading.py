"""Loading: the network of a folder with what prepares its input, checked, and every way it can fail as one sentence
with the cure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grounding.models.adapters.compute import ComputeConfig
from grounding.models.adapters.folder import check_inputs, fetch_folder, folder_digest, read_model_type
from grounding.models.adapters.source import ModelSource, ModelSourceError, first_line

REQUIREMENTS = {"transformers": "requirements.txt", "torchvision": "requirements-models.txt", "detectron2": "requirements-detectron2.txt"}
PROBE_WORDS = ("dog", "cat")  # two phrases that no tokenizer may read alike


@dataclass(frozen=True)
class LoadedModel:
    """A network that is ready to answer, what prepares its input, where it computes, the least score it answers, and
    its version NAME@HASH: of the weights and of all that changes an answer."""

    model: Any
    processor: Any
    compute: ComputeConfig
    min_score: float
    version: str


def load_model(
    source: ModelSource,
    name: str,
    model_class: str,
    processor_class: str = "AutoProcessor",
    model_types: Collection[str] = (),
    min_score: float = 0.0,
    extra_options: Collection[str] = (),
    settings: str = "",
) -> LoadedModel:
    """Loads `model_class` and `processor_class` (class names of transformers) from safetensors, without running any code of the
    repository.

    `model_types`: the model types that fit, as config.json says them; empty: whatever the class takes. `min_score`: the
    threshold of its authors. `extra_options`: options beyond those of all; `settings`: what they hold, for the version. Raises
    ModelSourceError.
    """
    source.check_options(name, "revision", "device", "precision", "score", *extra_options)
    compute, needs_tokenizer = ComputeConfig.from_source(source), processor_class == "AutoProcessor"
    folder = fetch_folder(source)
    kind = read_model_type(folder, source)
    if model_types and kind not in model_types:
        raise ModelSourceError(
            f"{source.model} holds a {kind} model; {name} takes {' or '.join(sorted(model_types))}, so choose "
            "another entry of the catalog or another model"
        )
    check_inputs(folder, source, needs_tokenizer)
    try:
        processor, model, loading_info = _load_pretrained(folder, model_class, processor_class, compute)
    except Exception as error:  # transformers raises of many kinds; all mean that this folder does not give this model
        raise ModelSourceError(
            f"{source.model} cannot be loaded as {name} ({first_line(error)}); save it again with save_pretrained, or "
            "download it again"
        ) from error
    _check(source, name, loading_info, processor if needs_tokenizer else None)
    min_score = min_score if source.score is None else source.score
    version = f"{name}@{fingerprint(folder_digest(folder), compute.precision, min_score, settings)}"
    return LoadedModel(prepare_for_inference(model, compute), processor, compute, min_score, version)


def _load_pretrained(folder: Path, model_class: str, processor_class: str, compute: ComputeConfig) -> tuple[Any, Any, dict]:
    """The processor, the network, and what transformers says of the tensors that did not fit."""
    transformers = import_transformers()
    safe = {"local_files_only": True, "trust_remote_code": False}
    with silent_transformers(transformers):
        processor = getattr(transformers, processor_class).from_pretrained(folder, **safe)
        model, loading_info = getattr(transformers, model_class).from_pretrained(
            folder, **safe, use_safetensors=True, output_loading_info=True, dtype=compute.dtype
        )
    return processor, model, loading_info


def prepare_for_inference(model: Any, compute: ComputeConfig) -> Any:
    """The network on its device, ready to answer and not to learn."""
    return model.to(compute.device).eval().requires_grad_(False)


def fingerprint(*parts: Any) -> str:
    """8 hex digits that change with any of the parts."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:8]


def import_package(name: str) -> Any:
    """An optional package, imported now. Raises ModelSourceError with the line that installs it."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise _missing_package(name, error) from error


def import_transformers() -> Any:
    """transformers, imported now: it takes seconds. Raises ModelSourceError."""
    try:
        import transformers
    except ImportError as error:
        raise _missing_package("transformers", error) from error
    return transformers


class silent_transformers:
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


def _check(source: ModelSource, name: str, loading_info: dict, processor: Any) -> None:
    """Raises ModelSourceError where tensors are missing, or where what prepares phrases cannot tell them apart."""
    if loading_info["missing_keys"] or loading_info.get("mismatched_keys"):
        missing = sorted([*map(str, loading_info["missing_keys"]), *map(str, loading_info.get("mismatched_keys") or ())])
        raise ModelSourceError(
            f"the weights in {source.model} do not fit {name}: {len(missing)} of its tensors are missing or of another "
            f"shape ({missing[0][:80]}); download the model again or choose another"
        )
    if processor is None:
        return
    if not (hasattr(processor, "tokenizer") and hasattr(processor, "image_processor")):
        raise ModelSourceError(
            f"{source.model} lacks what prepares pixels or phrases for {name}; download the whole model again"
        )
    one, other = (list(processor.tokenizer(word)["input_ids"]) for word in PROBE_WORDS)
    if one == other:
        raise ModelSourceError(
            f"the tokenizer of {source.model} reads every phrase alike: its vocabulary is missing or damaged; download "
            "the whole model again"
        )


def _missing_package(name: str, error: ImportError) -> ModelSourceError:
    root = name.partition(".")[0]
    how = "--no-build-isolation " if root == "detectron2" else ""  # it is built against the torch that is installed
    return ModelSourceError(
        f"this model needs the package {name}, which is not installed ({first_line(error)}); run: pip install {how}-r "
        f"{REQUIREMENTS[root]}"
    )
