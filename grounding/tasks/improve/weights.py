"""Weights: what the grounder learned in a project. Every version is kept, one is in use, and going back is always possible."""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grounding.machine.disk import write_atomic
from grounding.store import Store

SHIPPED = ""  # the name of the weights that came with the app
CALIBRATION_NOTES = {  # what a score means, by what it was calibrated on
    "project": "Its scores are calibrated on the held-out photos of this project.",
    "earlier project": (
        "Its scores are not calibrated anew: too little was held out. They are scaled as an earlier training "
        "calibrated them."
    ),
    "base": (
        "Its scores are not calibrated on this project: too little was held out. They are scaled as those of the "
        "weights it learned from, and may be too sure or not sure enough here."
    ),
}  # fmt: skip
_CHOICE = "in_use.json"


@dataclass(frozen=True)
class WeightsVersion:
    """Weights learned in a project. `before` and `after` are accuracies in [0, 1] on the held-out photos, None if none was asked."""

    name: str
    made: str
    before: float | None
    after: float | None
    phrases: int
    photos: int
    held_out_phrases: int
    in_use: bool
    calibrated_on: str = "base"  # see CALIBRATED
    comparison: str = ""  # whether the difference can be told from chance, in a sentence


def project_folder(store: Store, project_id: str) -> Path:
    """The folder of a project's weights."""
    return store.folder / "models" / store.project(project_id).id


def read_choices(store: Store, project_id: str, file: str) -> dict:
    """What people chose in a project, from a JSON file on its shelf; empty where nothing was chosen."""
    path, stored = project_folder(store, project_id) / file, None
    if not path.is_file():
        return {}
    with contextlib.suppress(ValueError):
        stored = json.loads(path.read_bytes())
    if not isinstance(stored, dict):
        place = path.relative_to(store.folder)
        raise ValueError(f"the file {place} of the data folder is damaged; delete it, then choose again what it held")
    return stored


def versions(store: Store, project_id: str) -> list[WeightsVersion]:
    """The newest first; empty before the first training."""
    folder, used = project_folder(store, project_id), _active_name(store, project_id)
    pages = sorted((page for page in folder.glob("*.json") if page.name != _CHOICE), key=lambda page: page.stat().st_mtime, reverse=True)
    return [_version(page, page.stem == used) for page in pages if page.with_suffix(".safetensors").is_file()]


def active_weights(store: Store, project_id: str) -> Path | None:
    """The JSON page of the weights that serve; None for those that came with the app."""
    used = _active_name(store, project_id)
    return project_folder(store, project_id) / f"{used}.json" if used else None


def activate(store: Store, project_id: str, name: str) -> None:
    """Lets these weights serve from now on; SHIPPED goes back to those of the app. Raises ValueError if there are none of that name."""
    names = {version.name for version in versions(store, project_id)}
    if name != SHIPPED and name not in names:
        raise ValueError("these weights are not there any more; choose others from the list")
    write_atomic(project_folder(store, project_id) / _CHOICE, json.dumps({"name": name}).encode())


def discard(folder: Path, project_id: str) -> None:
    """Deletes all that was learned in a project that is gone; `folder` is the data folder."""
    shutil.rmtree(folder / "models" / project_id, ignore_errors=True)


def _active_name(store: Store, project_id: str) -> str:
    name = read_choices(store, project_id, _CHOICE).get("name", SHIPPED)
    return name if (project_folder(store, project_id) / f"{name}.safetensors").is_file() else SHIPPED


def _version(page: Path, used: bool) -> WeightsVersion:
    facts = json.loads(page.read_text()).get("training", {})
    made = datetime.fromtimestamp(page.stat().st_mtime, UTC).isoformat(timespec="seconds")
    counts = [int(facts.get(name, 0)) for name in ("phrases", "photos", "held_out_phrases")]
    return WeightsVersion(
        page.stem,
        made,
        facts.get("before"),
        facts.get("after"),
        *counts,
        used,
        str(facts.get("calibrated_on", "base")),
        _comparison_of(facts),
    )


def _comparison_of(facts: dict) -> str:
    """What the held-out photos said of a training, and what followed; empty for one of before that was asked."""
    if "told" not in facts:
        return ""
    then = (
        "The new weights took over."
        if facts["better"]
        else "What served before goes on serving; you may choose the new weights yourself."
    )
    return f"{facts['told']} {then}"
