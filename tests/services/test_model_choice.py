"""Choice: a model is tried before it serves, and going back is always possible."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PIL import Image as Pillow

from grounding.data import Boxes, Regions
from grounding.data.media_image import Image
from grounding.data.progress import run_to_end
from grounding.models.adapters.named import OpenVocabularyDetector
from grounding.models.detection.ssd import CLASS_NAMES
from grounding.models.scripted import ScriptedDetector, ScriptedGrounder
from grounding.models.tracking.motion_tracker import MotionTracker
from grounding.services import model_choice
from grounding.services.job_kinds import FollowJob, SelectModelJob
from grounding.services.job_services import JobServices
from grounding.services.jobs import Jobs
from grounding.services.model_provider import ModelProvider
from grounding.tasks.intake.load import load
from grounding.tasks.label.propose import PhraseGenerator, propose, propose_item
from tests import barcode

DOG = Regions(Boxes([[1, 1, 9, 9]]), [0.9], ["dog"])
TWO = Regions(Boxes([[1, 1, 30, 30], [40, 40, 60, 48]]), [0.9, 0.8], ["dog", "dog"])
FAINT = Regions(Boxes([[1, 1, 9, 9]]), [0.2], ["dog"])
MENU = {
    ("detector", ""): ScriptedDetector(default=TWO),
    ("detector", "other:x"): ScriptedDetector(default=DOG),
    ("grounder", ""): ScriptedGrounder(),
    ("grounder", "other"): ScriptedGrounder({model_choice.PHRASE: FAINT}),
}


def make(seam, name):
    if (seam, name) not in MENU:
        raise ValueError(f"there is no {seam} called {name!r}")
    return MENU[seam, name]


@pytest.fixture
def project(store):
    return store.create_project("Street", ["dog"]).id


@pytest.fixture
def works(store):
    jobs = Jobs(store)
    yield JobServices(
        store,
        jobs,
        ModelProvider(
            {"generator": list} | {seam: partial(make, seam, "") for seam in ("detector", "grounder", "tracker")}, model_by_name=make
        ),
    )
    jobs.close()


def test_at_first_what_ships_serves(store, project, works):
    assert model_choice.chosen_models(store, project) == {"detector": "", "grounder": "", "tracker": ""}
    assert works.models.detector(project) is MENU["detector", ""] and works.models.grounder(project) is MENU["grounder", ""]


def test_what_works_serves_and_what_ships_comes_back(store, project, works):
    for seam, name in (("detector", "other:x"), ("grounder", "other")):
        done = works.jobs.wait(works.start(SelectModelJob(project, seam, name)))
        assert done.state == "done" and done.result["version"] == MENU[seam, name].version and "serves in this project now" in done.note
    assert works.models.detector(project) is MENU["detector", "other:x"] and works.models.grounder(project) is MENU["grounder", "other"]
    works.jobs.wait(works.start(SelectModelJob(project, "detector", model_choice.SHIPPED)))
    assert model_choice.chosen_models(store, project) == {"detector": "", "grounder": "other", "tracker": ""}


def test_the_tracker_that_was_chosen_follows_and_what_the_other_proposed_goes(store, project, works, monkeypatch, tmp_path):
    monkeypatch.setitem(MENU, ("tracker", ""), MotionTracker())
    monkeypatch.setitem(MENU, ("tracker", "slow"), MotionTracker(max_age=99))
    monkeypatch.setitem(MENU, ("detector", ""), ScriptedDetector(default=DOG))
    monkeypatch.setattr(MotionTracker, "version", property(lambda self: f"{'slow' if self.max_age == 99 else 'motion'}-tracker@1"))
    run_to_end(load(store, project, [barcode.write_video(tmp_path / "film.mp4", count=6)]))
    (item,) = store.items(project)
    for name, author in (("", "model:motion-tracker@1"), ("slow", "model:slow-tracker@1"), ("", "model:motion-tracker@1")):
        done = works.jobs.wait(works.start(SelectModelJob(project, "tracker", name)))
        assert done.state == "done" and "a frame with two things" in done.note
        works.jobs.wait(works.start(FollowJob(project, [item.id])))
        assert [a.author for a in store.current(item.id) if a.kind == "track"] == [author]


def test_what_does_not_load_changes_nothing_and_says_why(store, project, works):
    done = works.jobs.wait(works.start(SelectModelJob(project, "detector", "nobody")))
    assert done.state == "failed" and done.error == "there is no detector called 'nobody'"
    assert model_choice.chosen_models(store, project)["detector"] == ""


def test_a_choice_holds_for_its_project_alone_and_goes_with_it(store, project):
    other = store.create_project("Kitchen").id
    model_choice.choose_model(store, project, "detector", "other:x")
    assert model_choice.chosen_models(store, other)["detector"] == ""
    with pytest.raises(ValueError, match="one of detector, grounder, tracker"):
        model_choice.choose_model(store, project, "captioner", "x")
    with pytest.raises(ValueError, match="at most"):
        model_choice.choose_model(store, project, "detector", "x" * 2000)


def test_proposals_of_the_detector_of_before_go_unless_a_person_touched_them(store, project, works, tmp_path):
    Pillow.new("RGB", (64, 48), "teal").save(tmp_path / "a.png")
    item = store.add_item(
        project, name="a.png", kind="photo", sha256=store.add_file(tmp_path / "a.png", "png"), ext="png", size=(64, 48)
    )

    def boxes():
        return sorted(tuple(a.value.box) for a in store.current(item.id) if a.kind == "box")

    quiet = PhraseGenerator(lambda regions, size, pixels=None, **_: [], "none@1")
    list(propose(store, project, works.models.detector(project), quiet))
    first, second = sorted((a for a in store.current(item.id)), key=lambda a: a.value.box)
    store.append(item.id, [first.edited(replace(first.value, state="accepted"), "person:ann")], edit="1")
    works.jobs.wait(works.start(SelectModelJob(project, "detector", "other:x")))
    for _ in range(2):
        list(propose(store, project, works.models.detector(project), quiet))
        assert boxes() == [(1, 1, 9, 9), (1, 1, 30, 30)]


def test_a_detector_that_finds_what_it_is_told_to_looks_for_the_labels_of_the_project(store, project, works, monkeypatch):
    monkeypatch.setitem(MENU, ("detector", "named"), OpenVocabularyDetector(MENU["grounder", "other"]))
    works.jobs.wait(works.start(SelectModelJob(project, "detector", "named")))
    assert works.models.detector(project).class_names == ("dog",)
    detector = works.models.detector(project).with_class_names([model_choice.PHRASE])
    low = propose_item(Image(np.zeros((48, 64, 3), np.uint8), "grey"), detector, lambda *_: [])
    assert [row.value.score for row in low] == [0.2]  # our own detector proposes from 0.4 on
    empty = store.create_project("No labels").id
    model_choice.choose_model(store, empty, "detector", "named")
    assert works.models.detector(empty).class_names == CLASS_NAMES


def test_trying_says_how_long_it_took():
    grounder = run_to_end(model_choice.try_model(make, "grounder", "other"))
    assert grounder.version == MENU["grounder", "other"].version and grounder.photo_s >= 0 and "a phrase" in grounder.summary()
    assert "a phrase" not in run_to_end(model_choice.try_model(make, "detector", "other:x")).summary()
