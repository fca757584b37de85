"""Shell, choice: which store, folder and models a command works with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of lines for people.")]
DetectorOption = Annotated[str, typer.Option(help="Which detector of the catalog to use; docs/models.md tells how to name one of others.")]


def open_store():
    import atexit

    from grounding.store import Store

    store = Store.open()
    atexit.register(store.close)  # the database is one file again
    return store


def open_models(*roles: str, **names: str) -> dict[str, Any]:
    """Models of the catalog by seam; an empty name is its default, a .json or .safetensors file a grounder trained here."""
    from grounding import catalog, model_cache

    def model(seam: str, name: str) -> Any:
        trained = Path(name).suffix in (".json", ".safetensors") and name.partition(":")[0] not in catalog.SEAMS[seam].menu
        return _load_trained_grounder(Path(name)) if trained else model_cache.make(seam, name)

    return {seam: model(seam, names.get(seam, "")) for seam in roles}


def chosen_model(store, project: str, seam: str) -> str:
    """The model that was chosen for a project on its page; for the grounder also what it learned there."""
    from grounding.services import model_choice
    from grounding.tasks.improve import weights

    project = store.project(project).id
    trained_weights = weights.active_weights(store, project) if seam == "grounder" else None
    return model_choice.chosen_models(store, project)[seam] or (str(trained_weights) if trained_weights else "")


def check_data_folder(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError(f"{path} is no folder; name one with entities.jsonl.gz, photos_full/ and photos_224/")
    return path


def _load_trained_grounder(weights: Path) -> Any:
    from grounding import model_cache
    from grounding.models.grounding.cross_attention import CrossAttentionGrounder

    page = weights.with_suffix(".json")
    if not page.is_file():
        raise ValueError(f"there are no weights at {weights}; train them with: python -m grounding train grounder --out {weights}")
    return CrossAttentionGrounder(page, model_cache.load_backbone)
