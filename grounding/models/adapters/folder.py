"""Folder: a model of transformers as files: where it lies, whether all that is needed is there, and a digest of it."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from grounding.models.adapters.source import Source, SourceError
from grounding.nn.files.weights import sha256_of

# what is fetched of a hub repository: data, never code, never pickles
FILES = ["*.json", "*.txt", "*.model", "*.safetensors"]
WORDS = (("tokenizer.json",), ("vocab.json", "merges.txt"), ("vocab.txt",), ("*.model",))  # each is a whole tokenizer


def offline() -> bool:
    """Whether nothing may be downloaded; the page never downloads by itself."""
    return os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on")


def fetched(source: Source) -> Path:
    """The folder of a model: one of this machine, or a snapshot of the hub, downloaded where that is allowed. Raises
    SourceError, also where it holds no configuration or no weights."""
    here = Path(source.model).expanduser()
    if here.is_dir():
        return _whole(here, source)
    if source.model.startswith((".", "/", "~")) or source.model.count("/") != 1:
        raise SourceError(
            f"there is no folder {source.model}; name a folder with config.json and *.safetensors, or an id of the "
            "Hugging Face hub such as IDEA-Research/grounding-dino-tiny"
        )
    try:
        from huggingface_hub import snapshot_download

        found = snapshot_download(
            source.model, revision=source.revision or None, allow_patterns=FILES, local_files_only=offline()
        )
    except Exception as error:  # no network, no such model, a gate, a full disk: each is a kind of its own there
        raise SourceError(_not_fetched(source, error)) from error
    return _whole(Path(found), source)


def kind_of(folder: Path, source: Source) -> str:
    """The kind of model, as config.json says it. Raises SourceError."""
    try:
        return str(_json(folder / "config.json")["model_type"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(
            f"config.json of {source.model} does not say which kind of model it is; {_by_hand(source)}"
        ) from error


def check_inputs(folder: Path, source: Source, words: bool) -> None:
    """Raises SourceError where a file is missing that prepares pixels, or (`words`) phrases: the library would go on
    without it."""
    tokenizer = "tokenizer (tokenizer.json, or vocab.json with merges.txt, or vocab.txt), so it could not read a phrase"
    _check(source, [(_prepares_pixels(folder), "settings that say how pixels are prepared (preprocessor_config.json)"),
                    (not words or _reads_words(folder), tokenizer)])


def digest(folder: Path) -> str:
    """Hex digits that change with the weights, the configuration and what prepares the input."""
    whole = hashlib.sha256()
    for path in sorted({path for pattern in FILES for path in folder.glob(pattern)}):
        whole.update(f"{path.name} {sha256_of(path)}".encode())
    return whole.hexdigest()


def _whole(folder: Path, source: Source) -> Path:
    weights = "weights in safetensors (other kinds can hold code and are not read)"
    _check(
        source,
        [((folder / "config.json").is_file(), "config.json"), (bool(list(folder.glob("*.safetensors"))), weights)],
    )
    return folder


def _check(source: Source, needed: list[tuple[bool, str]]) -> None:
    for there, what in needed:
        if not there:
            raise SourceError(
                f"{source.model} has no {what}; {_by_hand(source)}, or save it there with save_pretrained"
            )


def _prepares_pixels(folder: Path) -> bool:
    """Whether it is said how large a picture should be and how it is normalised; newer folders say so inside
    processor_config.json."""
    try:
        return (folder / "preprocessor_config.json").is_file() or "image_processor" in _json(
            folder / "processor_config.json"
        )
    except (OSError, ValueError, TypeError):
        return False


def _reads_words(folder: Path) -> bool:
    return any(all(list(folder.glob(name)) for name in whole) for whole in WORDS)


def _json(path: Path):
    return json.loads(path.read_text("utf8"))


def _not_fetched(source: Source, error: Exception) -> str:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    what = f"{source.model}{f' at {source.revision}' if source.revision else ''}"
    if kinds & {"GatedRepoError"}:
        return (
            f"{what} asks you to accept its terms: do so on its page of huggingface.co, run: hf auth login, then "
            f"{_by_hand(source)}"
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
        if offline()
        else "and could not be downloaded; check the network"
    )
    return f"{what} is not on this machine {why}. On a machine with a network {_by_hand(source)}"


def _by_hand(source: Source) -> str:
    """How to get a model beforehand."""
    if Path(source.model).expanduser().is_dir() or source.model.count("/") != 1:
        return "download the whole model again"
    revision = f" --revision {source.revision}" if source.revision else ""
    return f"run: hf download {source.model}{revision} --local-dir FOLDER, and name FOLDER instead"
