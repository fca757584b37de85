"""Shell, choice: which store, folder and models a command works with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of lines for people.")]
Detector = Annotated[str, typer.Option(help="Which detector of the catalog to use; docs/models.md tells how to name one of others.")]


def open_store():
    import atexit

    from grounding.store import Store

    store = Store.open()
    atexit.register(store.close)  # the database is one file again
    return store


def open_models(*seams: str, **names: str) -> dict[str, Any]:
    """Models of the catalog by seam; an empty name is its default, a .json or .safetensors file a grounder trained here."""
    from grounding import catalog

    def model(seam: str, name: str) -> Any:
        trained = Path(name).suffix in (".json", ".safetensors") and name.partition(":")[0] not in catalog.MENUS[seam]
        return _trained(Path(name)) if trained else catalog.make(seam, name)

    return {seam: model(seam, names.get(seam, "")) for seam in seams}


def choice_of(store, project: str, seam: str) -> str:
    """The model that was chosen for a project on its page; for the grounder also what it learned there."""
    from grounding.services import model_choice
    from grounding.tasks.improve import weights

    project = store.project(project).id
    learned = weights.in_use(store, project) if seam == "grounder" else None
    return model_choice.chosen(store, project)[seam] or (str(learned) if learned else "")


def folder_of_data(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError(f"{path} is no folder; name one with entities.jsonl.gz, photos_full/ and photos_224/")
    return path


def _trained(weights: Path) -> Any:
    from grounding import catalog
    from grounding.models.grounding.cross_attention import CrossAttentionGrounder

    page = weights.with_suffix(".json")
    if not page.is_file():
        raise ValueError(f"there are no weights at {weights}; train them with: python -m grounding train grounder --out {weights}")
    return CrossAttentionGrounder(page, catalog.eyes)
