"""Configurations of Detectron2: YAML files with their bases, read here as data and from this machine alone."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grounding.models.adapters.detectron2.arithmetic import ExpressionError, evaluated
from grounding.models.adapters.loading import package
from grounding.models.adapters.source import SourceError, short

ADDRESS = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.\-]*://")  # http://, detectron2://, catalog:// and all others
BASE = "_BASE_"
EXPRESSION = "tag:yaml.org,2002:python/object/apply:eval"  # how the model zoo writes the anchor sizes of RetinaNet
LARGEST = 1 << 20  # bytes of a file
MOST = 20_000  # values of a configuration, so that one written to explode does not
WITHOUT = {
    "ProposalNetwork": "finds places without saying what they are",
    "SemanticSegmentor": "colours pixels and finds no things",
}


def configured(name: str) -> Any:
    """Detectron2's configuration of a .yaml file or of a name of its model zoo, with all that the file and its bases
    say. No address in it is followed and none is left in it but that of MODEL.WEIGHTS, which is a sentence for people.
    Raises SourceError."""
    from detectron2.config import get_cfg

    said = _read(_file(name), ())
    cfg = get_cfg()
    with tempfile.TemporaryDirectory(prefix="deixis-") as folder:
        import yaml

        whole = Path(folder) / Path(name).name
        whole.write_text(yaml.safe_dump(said), "utf8")
        try:
            cfg.merge_from_file(str(whole), allow_unsafe=False)
        except Exception as error:  # unknown keys and values of another type: each of a kind of its own
            raise SourceError(
                f"the configuration {name} cannot be read by Detectron2 ({short(error)}); {_cure()}"
            ) from error
    weights = cfg.MODEL.WEIGHTS
    _without_addresses(cfg)
    cfg.MODEL.WEIGHTS = weights
    _check(cfg, name)
    return cfg


def is_address(text: Any) -> bool:
    """Whether this names a place on another machine, or one that only a handler of Detectron2 knows."""
    return isinstance(text, str) and ADDRESS.match(text) is not None


def classes_of(cfg: Any) -> int:
    """How many classes the network tells apart, without the background."""
    return int(
        cfg.MODEL.RETINANET.NUM_CLASSES
        if cfg.MODEL.META_ARCHITECTURE == "RetinaNet"
        else cfg.MODEL.ROI_HEADS.NUM_CLASSES
    )


def _file(name: str) -> Path:
    """The file of a configuration. Raises SourceError."""
    if is_address(name):
        raise SourceError(f"{name} is an address, and nothing is fetched here; download the file and name it")
    path = Path(name).expanduser()
    if path.suffix not in (".yaml", ".yml"):
        raise SourceError(
            f"{name} is no .yaml configuration; configurations written in Python would run code and are not read"
        )
    if path.is_file():
        return path
    zoo = package("detectron2.model_zoo")
    try:
        return Path(zoo.get_config_file(name))
    except RuntimeError as error:
        raise SourceError(f"there is no configuration {name}; {_cure()}") from error


def _cure() -> str:
    return "name a .yaml file of yours or one of its model zoo, such as COCO-Detection/faster_rcnn_R_50_FPN_3x.yaml"


def _read(path: Path, below: tuple[Path, ...]) -> dict:
    """What a file says, over what its bases say; `below`: the files that lead here. Raises SourceError."""
    if path.resolve() in below:
        raise SourceError(f"the configuration {path.name} is a base of itself; take {BASE} out of one of its files")
    said = _loaded(path)
    bases = said.pop(BASE, [])
    whole: dict = {}
    for base in bases if isinstance(bases, list) else [bases]:
        _merge(_read(_base(base, path), (*below, path.resolve())), whole, path)
    _merge(said, whole, path)
    return whole


def _base(base: Any, path: Path) -> Path:
    """The file that `path` names as its base. Raises SourceError for an address."""
    if not isinstance(base, str) or is_address(base):
        raise SourceError(
            f"the base of {path.name} is {base!r}, and nothing is fetched here; download that file and write its path "
            f"behind {BASE}:"
        )
    place = path.parent / Path(base).expanduser()
    if not place.is_file():
        raise SourceError(
            f"the base of {path.name} is missing: there is no file {place}; put it there or change {BASE}"
        )
    return place


def _loaded(path: Path) -> dict:
    """The YAML of one file, with no code in it. Raises SourceError."""
    import yaml

    SafeReader = _safe_reader()
    try:
        if path.stat().st_size > LARGEST:
            raise SourceError(f"{path.name} is larger than any configuration ({LARGEST >> 20} MB); name the right file")
        said = yaml.load(path.read_text("utf8"), Loader=SafeReader)
        count = sum(1 for _ in zip(range(MOST + 1), _values(said)))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ExpressionError, RecursionError) as error:
        raise SourceError(
            f"the configuration {path.name} cannot be read as data ({_told(error)}); write plain YAML, or name another "
            "file"
        ) from error
    if not isinstance(said, dict) or count > MOST:
        raise SourceError(
            f"{path.name} is no configuration of Detectron2: names with values were wanted, at most {MOST:,}; name "
            "another file"
        )
    return said


def _told(error: Exception) -> str:
    return getattr(error, "problem", None) or short(error)


def _safe_reader() -> Any:
    """PyYAML's safe loader, which also reads the zoo's arithmetic; all other tags of Python are refused by it."""
    import yaml

    class SafeReader(yaml.SafeLoader):
        pass

    def expression(loader, node):
        given = loader.construct_sequence(node) if isinstance(node, yaml.SequenceNode) else []
        if len(given) != 1 or not isinstance(given[0], str):
            raise ExpressionError("an expression of Python is no plain arithmetic")
        return evaluated(given[0])

    SafeReader.add_constructor(EXPRESSION, expression)
    return SafeReader


def _values(value: Any) -> Iterator[Any]:
    """Every value in nested dicts and lists."""
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ():
        yield from _values(inner)


def _merge(over: dict, under: dict, path: Path) -> None:
    """Puts `over` into `under`; the same names are overwritten, sections are merged. Raises SourceError where a value
    meets a section."""
    for name, value in over.items():
        if isinstance(value, dict) and name in under:
            if not isinstance(under[name], dict):
                raise SourceError(f"{path.name} has a section {name} where its base has a value; change one of them")
            _merge(value, under[name], path)
        else:
            under[name] = value


def _without_addresses(node: Any) -> None:
    """Empties every address, so that nothing that builds the network can follow one; all weights come from the person's
    file."""
    for name, value in node.items():
        if isinstance(value, dict):
            _without_addresses(value)
        elif is_address(value):
            node[name] = ""
        elif isinstance(value, (list, tuple)) and any(map(is_address, value)):
            node[name] = type(value)(inner for inner in value if not is_address(inner))


def _check(cfg: Any, name: str) -> None:
    """Raises SourceError for a network that does not answer with boxes and classes of photos."""
    model, kind = cfg.MODEL, cfg.MODEL.META_ARCHITECTURE
    if kind in WITHOUT:
        raise SourceError(f"{name} describes a {kind}, which {WITHOUT[kind]}; choose a configuration of a detector")
    if model.LOAD_PROPOSALS or model.PROPOSAL_GENERATOR.NAME == "PrecomputedProposals":
        raise SourceError(
            f"{name} describes a network that wants boxes computed beforehand (LOAD_PROPOSALS); choose one that finds "
            "its own"
        )
    if model.PROPOSAL_GENERATOR.NAME == "RRPN" or model.ROI_HEADS.NAME == "RROIHeads":
        raise SourceError(f"{name} describes a network that answers with turned boxes; choose one with upright boxes")
    if cfg.INPUT.FORMAT not in ("RGB", "BGR"):
        raise SourceError(f"{name} wants pixels as {cfg.INPUT.FORMAT} (INPUT.FORMAT); only RGB and BGR can be given")
