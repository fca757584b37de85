"""Weights: every version is kept, one is in use, and going back is always possible."""

import json
import os

import pytest

from grounding.services import model_choice
from grounding.tasks.improve import weights
from grounding.tasks.label import templates


@pytest.fixture
def project(store):
    return store.create_project("Street", ["dog"]).id


def learn(store, project, name: str, after: float, moment: int) -> None:
    """Puts weights on the shelf as a training does."""
    folder = weights.project_folder(store, project)
    folder.mkdir(parents=True, exist_ok=True)
    facts = {"before": 0.5, "after": after, "phrases": 40, "photos": 8, "held_out_phrases": 11}
    (folder / f"{name}.json").write_text(json.dumps({"training": facts}))
    (folder / f"{name}.safetensors").write_bytes(b"weights")
    os.utime(folder / f"{name}.json", (moment, moment))


def test_at_first_the_shipped_weights_serve(store, project):
    assert weights.versions(store, project) == []
    assert weights.active_weights(store, project) is None


def test_versions_come_newest_first_with_what_they_reached(store, project):
    learn(store, project, "old", 0.6, 1000)
    learn(store, project, "new", 0.7, 2000)
    found = weights.versions(store, project)
    assert [(v.name, v.before, v.after, v.in_use) for v in found] == [("new", 0.5, 0.7, False), ("old", 0.5, 0.6, False)]


def test_what_the_held_out_photos_told_stands_with_what_follows(store, project):
    learn(store, project, "new", 0.7, 1000)
    page = weights.project_folder(store, project) / "new.json"
    facts = json.loads(page.read_text())["training"]
    assert weights.versions(store, project)[0].comparison == ""
    page.write_text(json.dumps({"training": {**facts, "told": "Too few to tell: 1 of 4.", "better": False}}))
    assert weights.versions(store, project)[0].comparison.startswith(
        "Too few to tell: 1 of 4. What served before goes on serving; you may choose"
    )


def test_a_choice_holds_and_can_be_taken_back(store, project):
    learn(store, project, "old", 0.6, 1000)
    learn(store, project, "new", 0.7, 2000)
    for name in ("new", "old"):
        weights.activate(store, project, name)
        assert weights.active_weights(store, project).stem == name
        assert [v.name for v in weights.versions(store, project) if v.in_use] == [name]
    weights.activate(store, project, weights.SHIPPED)
    assert weights.active_weights(store, project) is None
    assert len(weights.versions(store, project)) == 2


@pytest.mark.parametrize("name", ["gone", "../../deixis", "/etc/passwd", "in_use"])
def test_only_weights_on_the_shelf_can_be_chosen(store, project, name):
    learn(store, project, "old", 0.6, 1000)
    with pytest.raises(ValueError, match="choose others"):
        weights.activate(store, project, name)


def test_half_written_weights_never_serve(store, project):
    learn(store, project, "old", 0.6, 1000)
    weights.activate(store, project, "old")
    (weights.project_folder(store, project) / "old.safetensors").unlink()
    assert weights.active_weights(store, project) is None
    assert weights.versions(store, project) == []


def test_projects_learn_apart(store, project):
    other = store.create_project("Kitchen", ["cup"]).id
    learn(store, project, "old", 0.6, 1000)
    weights.activate(store, project, "old")
    assert weights.active_weights(store, other) is None
    weights.discard(store.folder, project)
    assert weights.active_weights(store, project) is None


@pytest.mark.parametrize("content", ["", "{half", "[]"])
@pytest.mark.parametrize(
    "file, ask",
    [
        ("in_use.json", weights.active_weights),
        (model_choice.FILE, model_choice.chosen_models),
        (templates.FILE, templates.disabled_templates),
    ],
)
def test_a_damaged_file_of_a_choice_is_named_with_its_cure(store, project, file, ask, content):
    weights.project_folder(store, project).mkdir(parents=True)
    (weights.project_folder(store, project) / file).write_text(content)
    with pytest.raises(ValueError, match=f"models/{project}/{file} of the data folder is damaged; delete it"):
        ask(store, project)
