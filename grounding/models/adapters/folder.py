"""Folder: a model of transformers as files: where it lies, whether all that is needed is there, and a digest of it."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from grounding.models.adapters.source import ModelSource, ModelSourceError
from grounding.nn.files.weights import sha256_of

# what is fetched of a hub repository: data, never code, never pickles
FILE_PATTERNS = ["*.json", "*.txt", "*.model", "*.safetensors"]
TOKENIZER_FILES = (("tokenizer.json",), ("vocab.json", "merges.txt"), ("vocab.txt",), ("*.model",))  # each is a whole tokenizer


def is_offline() -> bool:
    """Whether nothing may be downloaded; the page never downloads by itself."""
    return os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")


def fetch_folder(source: ModelSource) -> Path:
    """The folder of a model: one of this machine, or a snapshot of the hub, downloaded where that is allowed. Raises
    ModelSourceError, also where it holds no configuration or no weights."""
    folder = Path(source.model).expanduser()
    if folder.is_dir():
        return _checked_folder(folder, source)
    if source.model.startswith((".", "/", "~")) or source.model.count("/") != 1:
        raise ModelSourceError(
            f"there is no folder {source.model}; name a folder with config.json and *.safetensors, or an id of the "
            "Hugging Face hub such as IDEA-Research/grounding-dino-tiny"
        )
    try:
        from huggingface_hub import snapshot_download

        found = snapshot_download(
            source.model, revision=source.revision or None, allow_patterns=FILE_PATTERNS, local_files_only=is_offline()
        )
    except Exception as error:  # no network, no such model, a gate, a full disk: each is a kind of its own there
        raise ModelSourceError(_fetch_error(source, error)) from error
    return _checked_folder(Path(found), source)


def read_model_type(folder: Path, source: ModelSource) -> str:
    """The kind of model, as config.json says it. Raises ModelSourceError."""
    try:
        return str(_read_json(folder / "config.json")["model_type"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelSourceError(
            f"config.json of {source.model} does not say which kind of model it is; {_download_advice(source)}"
        ) from error


def check_inputs(folder: Path, source: ModelSource, needs_tokenizer: bool) -> None:
    """Raises ModelSourceError where a file is missing that prepares pixels, or (`needs_tokenizer`) phrases: the library would go on
    without it."""
    tokenizer = "tokenizer (tokenizer.json, or vocab.json with merges.txt, or vocab.txt), so it could not read a phrase"
    _require(source, [(_has_image_processor(folder), "settings that say how pixels are prepared (preprocessor_config.json)"),
                    (not needs_tokenizer or _has_tokenizer(folder), tokenizer)])


def folder_digest(folder: Path) -> str:
    """Hex digits that change with the weights, the configuration and what prepares the input."""
    hasher = hashlib.sha256()
    for path in sorted({path for pattern in FILE_PATTERNS for path in folder.glob(pattern)}):
        hasher.update(f"{path.name} {sha256_of(path)}".encode())
    return hasher.hexdigest()


def _checked_folder(folder: Path, source: ModelSource) -> Path:
    weights = "weights in safetensors (other kinds can hold code and are not read)"
    _require(
        source,
        [((folder / "config.json").is_file(), "config.json"), (bool(list(folder.glob("*.safetensors"))), weights)],
    )
    return folder


def _require(source: ModelSource, needed: list[tuple[bool, str]]) -> None:
    for present, what in needed:
        if not present:
            raise ModelSourceError(
                f"{source.model} has no {what}; {_download_advice(source)}, or save it there with save_pretrained"
            )


def _has_image_processor(folder: Path) -> bool:
    """Whether it is said how large a picture should be and how it is normalised; newer folders say so inside
    processor_config.json."""
    try:
        return (folder / "preprocessor_config.json").is_file() or "image_processor" in _read_json(
            folder / "processor_config.json"
        )
    except (OSError, ValueError, TypeError):
        return False


def _has_tokenizer(folder: Path) -> bool:
    return any(all(list(folder.glob(name)) for name in whole) for whole in TOKENIZER_FILES)


def _read_json(path: Path):
    return json.loads(path.read_text("utf8"))


def _fetch_error(source: ModelSource, error: Exception) -> str:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    what = f"{source.model}{f' at {source.revision}' if source.revision else ''}"
    if kinds & {"GatedRepoError"}:
        return (
            f"{what} asks you to accept its terms: do so on its page of huggingface.co, run: hf auth login, then "
            f"{_download_advice(source)}"
        )
    if "RevisionNotFoundError" in kinds:
        return (
            f"{source.model} has no revision {source.revision}; leave revision= out, or name a branch, tag or commit "
            "it has"
        )
    if kinds & {"RepositoryNotFoundError", "HFValidationError"}:
        return f"{what} is no folder here and no model on the Hugging Face hub; check how it is written"
    why = (
        "and nothing is downloaded here (HF_HUB_OFFLINE=1)"
        if is_offline()
        else "and could not be downloaded; check the network"
    )
    return f"{what} is not on this machine {why}. On a machine with a network {_download_advice(source)}"


def _download_advice(source: ModelSource) -> str:
    """How to get a model beforehand."""
    if Path(source.model).expanduser().is_dir() or source.model.count("/") != 1:
        return "download the whole model again"
    revision = f" --revision {source.revision}" if source.revision else ""
    return f"run: hf download {source.model}{revision} --local-dir FOLDER, and name FOLDER instead"
