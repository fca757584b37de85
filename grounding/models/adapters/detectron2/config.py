"""Configurations of Detectron2: YAML files with their bases, read here as data and from this machine alone."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grounding.models.adapters.detectron2.arithmetic import ExpressionError, evaluate
from grounding.models.adapters.loading import import_package
from grounding.models.adapters.source import ModelSourceError, first_line

URL = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.\-]*://")  # http://, detectron2://, catalog:// and all others
BASE_KEY = "_BASE_"
EVAL_TAG = "tag:yaml.org,2002:python/object/apply:eval"  # how the model zoo writes the anchor sizes of RetinaNet
MAX_FILE_BYTES = 1 << 20  # bytes of a file
MAX_VALUES = 20_000  # values of a configuration, so that one written to explode does not
UNSUPPORTED = {
    "ProposalNetwork": "finds places without saying what they are",
    "SemanticSegmentor": "colours pixels and finds no things",
}


def load_config(name: str) -> Any:
    """Detectron2's configuration of a .yaml file or of a name of its model zoo, with all that the file and its bases
    say. No address in it is followed and none is left in it but that of MODEL.WEIGHTS, which is a sentence for people.
    Raises ModelSourceError."""
    from detectron2.config import get_cfg

    settings = _read_with_bases(_find_file(name), ())
    cfg = get_cfg()
    with tempfile.TemporaryDirectory(prefix="deixis-") as folder:
        import yaml

        merged_file = Path(folder) / Path(name).name
        merged_file.write_text(yaml.safe_dump(settings), "utf8")
        try:
            cfg.merge_from_file(str(merged_file), allow_unsafe=False)
        except Exception as error:  # unknown keys and values of another type: each of a kind of its own
            raise ModelSourceError(
                f"the configuration {name} cannot be read by Detectron2 ({first_line(error)}); {_suggestion()}"
            ) from error
    weights = cfg.MODEL.WEIGHTS
    _clear_urls(cfg)
    cfg.MODEL.WEIGHTS = weights
    _check_supported(cfg, name)
    return cfg


def is_url(text: Any) -> bool:
    """Whether this names a place on another machine, or one that only a handler of Detectron2 knows."""
    return isinstance(text, str) and URL.match(text) is not None


def num_classes(cfg: Any) -> int:
    """How many classes the network tells apart, without the background."""
    return int(
        cfg.MODEL.RETINANET.NUM_CLASSES
        if cfg.MODEL.META_ARCHITECTURE == "RetinaNet"
        else cfg.MODEL.ROI_HEADS.NUM_CLASSES
    )


def _find_file(name: str) -> Path:
    """The file of a configuration. Raises ModelSourceError."""
    if is_url(name):
        raise ModelSourceError(f"{name} is an address, and nothing is fetched here; download the file and name it")
    path = Path(name).expanduser()
    if path.suffix not in (".yaml", ".yml"):
        raise ModelSourceError(
            f"{name} is no .yaml configuration; configurations written in Python would run code and are not read"
        )
    if path.is_file():
        return path
    zoo = import_package("detectron2.model_zoo")
    try:
        return Path(zoo.get_config_file(name))
    except RuntimeError as error:
        raise ModelSourceError(f"there is no configuration {name}; {_suggestion()}") from error


def _suggestion() -> str:
    return "name a .yaml file of yours or one of its model zoo, such as COCO-Detection/faster_rcnn_R_50_FPN_3x.yaml"


def _read_with_bases(path: Path, open_files: tuple[Path, ...]) -> dict:
    """What a file says, over what its bases say; `open_files`: the files that include this one. Raises ModelSourceError."""
    if path.resolve() in open_files:
        raise ModelSourceError(f"the configuration {path.name} is a base of itself; take {BASE_KEY} out of one of its files")
    settings = _load_yaml(path)
    bases = settings.pop(BASE_KEY, [])
    merged: dict = {}
    for base in bases if isinstance(bases, list) else [bases]:
        _merge(_read_with_bases(_find_base(base, path), (*open_files, path.resolve())), merged, path)
    _merge(settings, merged, path)
    return merged


def _find_base(base: Any, path: Path) -> Path:
    """The file that `path` names as its base. Raises ModelSourceError for an address."""
    if not isinstance(base, str) or is_url(base):
        raise ModelSourceError(
            f"the base of {path.name} is {base!r}, and nothing is fetched here; download that file and write its path "
            f"behind {BASE_KEY}:"
        )
    base_path = path.parent / Path(base).expanduser()
    if not base_path.is_file():
        raise ModelSourceError(
            f"the base of {path.name} is missing: there is no file {base_path}; put it there or change {BASE_KEY}"
        )
    return base_path


def _load_yaml(path: Path) -> dict:
    """The YAML of one file, with no code in it. Raises ModelSourceError."""
    import yaml

    SafeReader = _safe_loader()
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ModelSourceError(f"{path.name} is larger than any configuration ({MAX_FILE_BYTES >> 20} MB); name the right file")
        settings = yaml.load(path.read_text("utf8"), Loader=SafeReader)
        count = sum(1 for _ in zip(range(MAX_VALUES + 1), _iter_values(settings)))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ExpressionError, RecursionError) as error:
        raise ModelSourceError(
            f"the configuration {path.name} cannot be read as data ({_error_text(error)}); write plain YAML, or name another "
            "file"
        ) from error
    if not isinstance(settings, dict) or count > MAX_VALUES:
        raise ModelSourceError(
            f"{path.name} is no configuration of Detectron2: names with values were wanted, at most {MAX_VALUES:,}; name "
            "another file"
        )
    return settings


def _error_text(error: Exception) -> str:
    return getattr(error, "problem", None) or first_line(error)


def _safe_loader() -> Any:
    """PyYAML's safe loader, which also reads the zoo's arithmetic; all other tags of Python are refused by it."""
    import yaml

    class SafeReader(yaml.SafeLoader):
        pass

    def expression(loader, node):
        arguments = loader.construct_sequence(node) if isinstance(node, yaml.SequenceNode) else []
        if len(arguments) != 1 or not isinstance(arguments[0], str):
            raise ExpressionError("an expression of Python is no plain arithmetic")
        return evaluate(arguments[0])

    SafeReader.add_constructor(EVAL_TAG, expression)
    return SafeReader


def _iter_values(value: Any) -> Iterator[Any]:
    """Every value in nested dicts and lists."""
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ():
        yield from _iter_values(inner)


def _merge(overrides: dict, base: dict, path: Path) -> None:
    """Merges `overrides` into `base`; the same names are overwritten, sections are merged. Raises ModelSourceError where a value
    meets a section."""
    for name, value in overrides.items():
        if isinstance(value, dict) and name in base:
            if not isinstance(base[name], dict):
                raise ModelSourceError(f"{path.name} has a section {name} where its base has a value; change one of them")
            _merge(value, base[name], path)
        else:
            base[name] = value


def _clear_urls(node: Any) -> None:
    """Empties every address, so that nothing that builds the network can follow one; all weights come from the person's
    file."""
    for name, value in node.items():
        if isinstance(value, dict):
            _clear_urls(value)
        elif is_url(value):
            node[name] = ""
        elif isinstance(value, (list, tuple)) and any(map(is_url, value)):
            node[name] = type(value)(inner for inner in value if not is_url(inner))


def _check_supported(cfg: Any, name: str) -> None:
    """Raises ModelSourceError for a network that does not answer with boxes and classes of photos."""
    model, architecture = cfg.MODEL, cfg.MODEL.META_ARCHITECTURE
    if architecture in UNSUPPORTED:
        raise ModelSourceError(
            f"{name} describes a {architecture}, which {UNSUPPORTED[architecture]}; choose a configuration of a detector"
        )
    if model.LOAD_PROPOSALS or model.PROPOSAL_GENERATOR.NAME == "PrecomputedProposals":
        raise ModelSourceError(
            f"{name} describes a network that wants boxes computed beforehand (LOAD_PROPOSALS); choose one that finds "
            "its own"
        )
    if model.PROPOSAL_GENERATOR.NAME == "RRPN" or model.ROI_HEADS.NAME == "RROIHeads":
        raise ModelSourceError(f"{name} describes a network that answers with turned boxes; choose one with upright boxes")
    if cfg.INPUT.FORMAT not in ("RGB", "BGR"):
        raise ModelSourceError(f"{name} wants pixels as {cfg.INPUT.FORMAT} (INPUT.FORMAT); only RGB and BGR can be given")
