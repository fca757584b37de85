"""Training from a folder and from a project's corrections, on pictures small enough to draw."""

import gzip
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from grounding.data import new_id
from grounding.data.media import Image
from grounding.data.progress import run_to_end
from grounding.learning.examples.corrections import corrected_photos
from grounding.learning.grounding import calibration
from grounding.nn.files.storage import load_network, save_network
from grounding.nn.grounding.network import build_grounder
from grounding.tasks.improve import improve, weights
from tests.annotated import annotation
from tests.models.toy_backbone import ToyBackbone, draw


@pytest.fixture
def school(tmp_path):
    return improve.training_context(ToyBackbone, tmp_path / "cache", workers=1)


@pytest.fixture
def folder(tmp_path):
    """Seven photos with a red and a blue square; number 10 is held out."""
    place, rows = tmp_path / "data" / "photos_full", []
    place.mkdir(parents=True)
    for number in range(9, 16):
        pixels, boxes = draw(number)
        Pillow.fromarray(pixels).save(place / f"{number}_x.png")
        said = [{"chain": name, "types": ["other"], "phrase": f"the {name} thing", "span": [0, 5]} for name in boxes]
        rows.append({"id": str(number), "file": f"{number}_x.png", "width": 64, "height": 48, "fullres": True, "split": "train",
                     "boxes": {name: [box] for name, box in boxes.items()}, "sentences": [{"text": "red and blue", "phrases": said}]})
    with gzip.open(place.parent / "entities.jsonl.gz", "wt") as file:
        file.write("\n".join(map(json.dumps, rows)))
    return place.parent


def test_training_from_human_phrases_learns_and_says_how_well(folder, school, tmp_path):
    report = run_to_end(improve.train_grounder(folder, "human", tmp_path / "mine", school, steps=16, mirrored=False))
    assert report["photos"] == 6 and report["phrases"] == 12
    assert report["held_out"]["phrases"] == 2 and report["held_out"]["accuracy"] >= 0.5
    net, page = load_network(tmp_path / "mine.json", build_grounder)
    assert page["training"]["source"] == "human" and page["eyes"] == ToyBackbone.version
    assert not list(tmp_path.glob("*checkpoint*"))


def test_training_from_pseudo_queries_opens_no_human_phrase(folder, school, tmp_path):
    (folder / "entities.jsonl.gz").unlink()
    report = run_to_end(improve.train_grounder(folder, "pseudo", tmp_path / "pseudo.safetensors", school, steps=1))
    assert report["held_out"] is None and report["phrases"] > 10
    assert (tmp_path / "pseudo.json").exists()


def test_an_unknown_source_is_a_sentence(folder, school, tmp_path):
    with pytest.raises(ValueError, match="pseudo, human, both"):
        run_to_end(improve.train_grounder(folder, "magic", tmp_path / "mine", school))


@pytest.fixture
def project(new_store, tmp_path):
    """A store and a project of six photos, where a person accepted two boxes and wrote two phrases each."""
    store = new_store()
    project = store.create_project("squares")
    for number in range(6):
        pixels, boxes = draw(100 + number)
        Pillow.fromarray(pixels).save(tmp_path / "new.png")
        sha = store.add_file(tmp_path / "new.png", "png")
        item = store.add_item(project.id, name=f"{number}.png", kind="photo", sha256=sha, ext="png", size=(64, 48))
        things = [annotation(item.id, "box", {"box": box, "label": name, "state": "accepted"}, "person:ada") for name, box in boxes.items()]
        said = [annotation(item.id, "phrase", {"text": f"the {a.label} thing", "targets": [a.object], "state": "accepted"},
                           "person:ada") for a in things]
        store.append(item.id, things + said, new_id())
    return store, project.id


def test_corrections_are_counted(project):
    assert improve.count_corrections(*project) == {"photos": 6, "boxes": 12, "phrases": 12, "rejected": 0}


def test_what_is_still_missing_is_said_beforehand(project, new_store):
    assert improve.missing_for_training(*project) == ""
    store = new_store()
    assert "So far there are 0 on 0" in improve.missing_for_training(store, store.create_project("empty").id)
    full, project_id = project
    for item in list(full.all_items(project_id))[:3]:
        full.trash_items([item.id])
    assert improve.missing_for_training(full, project_id).startswith(
        "Learning takes at least 10 examples (phrases, and labels of boxes) on 5 photos. So far there are 12 on 3"
    )


def test_phrases_labels_and_rejections_become_lessons(project):
    store, project_id = project
    item, annotations = next(store.annotations(project_id))
    box, said = annotations[0], next(a for a in annotations if a.kind == "phrase")
    gone = said.edited(replace(said.value, state="rejected"), "person:ada")
    store.append(item.id, [gone, box.edited(None, "person:ada")], new_id())
    photo = next(corrected_photos([(store.item(item.id), store.current(item.id))]))
    told = {phrase.text: len(phrase.boxes) for phrase in photo.example.phrases}
    other = next(a for a in annotations if a.kind == "box" and a.id != box.id).value.label
    assert told[f"the {other} thing"] == 1 and told[other] == 1
    assert told[said.value.text] == 0  # its box is gone: there is none


def test_a_project_teaches_and_both_numbers_are_said(project, school, tmp_path):
    from grounding.learning.grounding.train import build_network

    start = save_network(
        build_network(school, 0),
        tmp_path / "start",
        {"name": "start", "eyes": ToyBackbone.version, "text": "t", "names": list(ToyBackbone.class_names)},
    )
    report = run_to_end(improve.improve_project(*project, tmp_path / "better", school, start, steps=4))
    assert {"before", "after", "better"} <= set(report)
    assert report["photos"] == 4 and report["held_out_photos"] == 2
    assert report["better"] is False and report["told"].startswith(("Too few to tell", "No difference"))  # two photos never tell
    first, second = load_network(start, build_grounder)[0], load_network(tmp_path / "better.json", build_grounder)[0]
    assert any(not np.array_equal(a, b) for a, b in zip(first.parameters(), second.parameters()))


def started(school, tmp_path, **facts):
    """Weights that were calibrated elsewhere."""
    from grounding.learning.grounding.train import build_network

    net = build_network(school, 0)
    net.candidate_platt.copy_(torch.tensor([0.5, 0.25, -1.0]))
    return save_network(
        net,
        tmp_path / "start",
        {
            "name": "start",
            "eyes": ToyBackbone.version,
            "text": "t",
            "names": list(ToyBackbone.class_names),
            "training": {"calibration": {"least": 0.07, "more": 0.6}, **facts},
        },
    )


@pytest.mark.parametrize(
    "facts, told",
    [
        ({}, "base"),
        ({"calibrated_on": "base"}, "base"),
        ({"calibrated_on": "project"}, "earlier project"),
        ({"calibrated_on": "earlier project"}, "earlier project"),
    ],
)
def test_where_too_little_is_held_out_the_scores_stay_as_they_were_and_say_so(project, school, tmp_path, facts, told):
    start = started(school, tmp_path, **facts)
    report = run_to_end(improve.improve_project(*project, tmp_path / "better", school, start, steps=2))
    net, page = load_network(tmp_path / "better.json", build_grounder)
    assert report["calibrated_on"] == page["training"]["calibrated_on"] == told
    assert page["training"]["calibration"] == {"least": 0.07, "more": 0.6} and net.candidate_platt.tolist() == [0.5, 0.25, -1.0]
    assert "not calibrated" in weights.CALIBRATION_NOTES[told]


def test_where_enough_is_held_out_the_scores_are_calibrated_on_it(project, school, tmp_path, monkeypatch):
    monkeypatch.setattr(calibration, "MIN_PHRASES", 4)
    monkeypatch.setattr(calibration, "MIN_PER_OUTCOME", 0)
    report = run_to_end(improve.improve_project(*project, tmp_path / "better", school, started(school, tmp_path), steps=2))
    net, page = load_network(tmp_path / "better.json", build_grounder)
    told = page["training"]["calibration"]
    assert report["calibrated_on"] == "project" and told["phrases"] == report["held_out_phrases"] == 8
    assert net.candidate_platt.tolist() == pytest.approx(told["trust"], rel=1e-2) and net.candidate_platt.tolist() != [0.5, 0.25, -1.0]


def test_only_right_answers_or_only_wrong_ones_calibrate_nothing(school):
    for accuracy in (1.0, 0.0, 0.95, None):
        found = calibration.recalibrate(
            None,
            [],
            school.cache,
            None,
            2,
            {"accuracy": accuracy, "phrases": 150 if accuracy is not None else 0},
            {"calibration": {"least": 0.1}},
        )
        assert found == {"calibration": {"least": 0.1}, "calibrated_on": "base"}


def test_too_few_corrections_are_refused_with_the_cure(new_store, school, tmp_path):
    store = new_store()
    project = store.create_project("empty")
    with pytest.raises(ValueError, match="accept, edit or add some more"):
        run_to_end(improve.improve_project(store, project.id, tmp_path / "x", school, tmp_path / "none.json"))


def test_features_of_other_networks_are_not_in_the_way(tmp_path):
    class Later(ToyBackbone):
        version = "toy-eyes@00000001"

    first, later = (improve.training_context(eyes, tmp_path / "cache", workers=1).cache for eyes in (ToyBackbone, Later))
    digest = "0" * 64
    first.write(digest, ToyBackbone().encode(Image(draw(0)[0], "drawn")))
    assert first.has(digest) and not later.has(digest)


def test_training_goes_on_from_given_weights(folder, school, tmp_path):
    first = run_to_end(improve.train_grounder(folder, "human", tmp_path / "first", school, steps=2))
    begun = load_network(first["out"], build_grounder)[0].state_dict()
    on = run_to_end(improve.train_grounder(folder, "human", tmp_path / "on", school, steps=1, start=first["out"]))
    fresh = run_to_end(improve.train_grounder(folder, "human", tmp_path / "fresh", school, steps=1, seed=1))
    assert on["start"]["steps"] == 2 and fresh["start"] is None

    def far(told) -> float:
        state = load_network(told["out"], build_grounder)[0].state_dict()
        return sum(float((weight - begun[name]).abs().sum()) for name, weight in state.items())
    assert far(on) < 0.1 * far(fresh)
