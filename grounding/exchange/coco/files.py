"""Finding COCO: which files of a tree are COCO sets, by their names or by what they hold, and which JSON files are
something else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grounding.exchange.archive import FileTree
from grounding.exchange.json_kinds import COCO, COCO_PHRASES, classify_json

_INSTANCES = re.compile(r"instances[^/]*\.json", re.IGNORECASE)
_PHRASES = re.compile(r"g?refs[^/]*\.json", re.IGNORECASE)


@dataclass(frozen=True)
class JsonFiles:
    """The JSON files of a tree: `sets` are COCO, `phrases` belong to them, `others` are (name, what it is and the
    cure)."""

    sets: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()


def json_files(tree: FileTree, only: str = "") -> JsonFiles:
    """Every .json of a tree by what it is; with `only`, that file and phrases. Beside files called instances*.json no
    other of the same folder is a set."""
    names = [
        name
        for name in tree.names()
        if name.lower().endswith(".json") and (not only or name == only or _PHRASES.fullmatch(name.rpartition("/")[2]))
    ]
    sets = [name for name in names if _INSTANCES.fullmatch(name.rpartition("/")[2])]
    phrases = [name for name in names if name != only and _PHRASES.fullmatch(name.rpartition("/")[2])]
    taken, others = {base_folder(name) for name in sets}, []
    for name in names:
        if name in sets or name in phrases:
            continue
        kind = classify_json(tree, name)
        if kind == COCO and base_folder(name) not in taken:
            sets.append(name)
        elif kind == COCO:
            others.append((name, "a COCO set beside one that was read; load it alone to have it"))
        elif kind == COCO_PHRASES:
            phrases.append(name)
        elif kind:
            others.append((name, kind))
    return JsonFiles(tuple(sets), tuple(phrases), tuple(others))


def base_folder(file: str) -> str:
    """The folder that a set starts in ("" or ending in "/"): that of its JSON file, or the one around
    `annotations/`."""
    folder = file.rpartition("/")[0]
    outer, _, last = folder.rpartition("/")
    folder = outer if last == "annotations" else folder
    return f"{folder}/" if folder else ""
