"""Imports point down only: the layers of docs/house.md, held against what the files import."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

FLOORS = [
    ("app",),
    ("grounding.ui", "grounding.web", "grounding.__main__", "grounding.cli", "pseudo_query.__main__"),
    ("grounding.services", "grounding.tasks", "grounding.catalog", "grounding.model_cache"),
    ("grounding.models", "grounding.learning", "grounding.methods"),
    ("grounding.store", "grounding.exchange", "grounding.synthetic", "grounding.protocols", "pseudo_query"),
    ("grounding.nn", "grounding.data"),
    ("grounding.machine",),
]
APART = [  # pairs that stand on one floor and may not know each other
    ("grounding.ui", "grounding.web"), ("grounding.models", "grounding.methods"), ("grounding.nn", "grounding.data"),
    ("grounding.store", "grounding.exchange"),
]  # fmt: skip
FORBIDDEN = {  # what a room may never import, at any depth of its own files
    "grounding.machine": {"numpy", "torch", "sqlalchemy", "gradio", "cv2", "spacy", "transformers"},
    "grounding.data": {"torch", "sqlalchemy", "gradio", "cv2", "spacy", "transformers"},
    "grounding.ui": {"torch", "sqlalchemy", "grounding.models", "grounding.nn", "grounding.learning"},
    "grounding.tasks": {"grounding.models", "grounding.methods", "gradio", "torch"},
    "grounding.store": {"torch", "gradio"},
    "grounding.exchange": {"torch", "gradio", "sqlalchemy"},
    "pseudo_query": {"torch", "grounding.store", "grounding.tasks", "grounding.models"},
}


def python_files() -> list[Path]:
    return sorted([ROOT / "app.py", *(ROOT / "grounding").rglob("*.py"), *(ROOT / "pseudo_query").rglob("*.py")])


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    found = set()
    package = module_of(path).split(".")
    package = package if path.name == "__init__.py" else package[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) + "." if node.level else ""
            module = (base + (node.module or "")).rstrip(".")
            found |= {module} | {f"{module}.{name.name}" for name in node.names}
    return found


def room_of(module: str) -> tuple[int, str] | None:
    """(floor, room) of a module of ours, the longest name that fits; None for other people's."""
    fits = [(len(room), level, room) for level, rooms in enumerate(FLOORS) for room in rooms
            if module == room or module.startswith(room + ".")]
    return max(fits)[1:] if fits else None


def points_up_or_aside(here, there) -> bool:
    aside = (here[1], there[1]) in APART or (there[1], here[1]) in APART
    return here[1] != there[1] and (there[0] < here[0] or aside)


def test_imports_point_down():
    wrong = []
    for path in python_files():
        here = room_of(module_of(path))
        found = [name for name in imports_of(path) if here and room_of(name) and points_up_or_aside(here, room_of(name))]
        wrong += [f"{module_of(path)} imports {name}" for name in found]
    assert wrong == []


def test_no_room_imports_what_it_must_not_know():
    wrong = []
    for path in python_files():
        here = room_of(module_of(path))
        forbidden = FORBIDDEN.get(here[1], set()) if here else set()
        found = [name for name in imports_of(path) if any(name == no or name.startswith(no + ".") for no in forbidden)]
        wrong += [f"{module_of(path)} imports {name}" for name in found]
    assert wrong == []


def test_pseudo_queries_need_values_and_spacy_only():
    allowed = {"grounding.data", "grounding.machine", "spacy", "pseudo_query"}
    for path in (ROOT / "pseudo_query").rglob("*.py"):
        if path.name == "__main__.py":
            continue
        ours = {name for name in imports_of(path) if name.split(".")[0] in ("grounding", "spacy", "torch", "cv2", "gradio")}
        assert {n for n in ours if not any(n == a or n.startswith(a + ".") for a in allowed)} == set(), path


def test_every_file_belongs_to_a_floor():
    homeless = [module_of(path) for path in python_files() if room_of(module_of(path)) is None]
    assert homeless in ([], ["grounding"])
