"""The menu: every model by its name, nothing loaded before it is asked for, models of other people named behind a colon."""

import subprocess
import sys

import pytest

from grounding import catalog, model_cache
from grounding.services import model_choice
from tests.models import tiny


def test_nothing_heavy_is_imported_for_the_menu():
    heavy = (
        "import sys; from grounding import catalog, model_cache; print([m for m in ('torch', 'transformers', 'torchvision', "
        "'cv2', 'spacy') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True).stdout == "[]\n"


def test_the_first_of_a_menu_is_what_ships():
    for seam in catalog.SEAMS.values():
        assert not next(iter(seam.menu.values())).argument_hint, seam
    assert catalog.builtin_names("grounder")[0] == "default" and "grounding-dino" not in catalog.builtin_names("grounder")


def test_every_entry_says_what_a_person_should_know():
    for seam in catalog.SEAMS.values():
        for entry in seam.menu.values():
            assert entry.title and entry.licence and entry.note and entry.size_mb >= 0
            assert entry.argument_hint or not entry.default_argument


def test_a_model_is_named_behind_its_colon_and_shared():
    name = f"owl-vit:{tiny.owlvit()},score=0.2"
    assert model_cache.make("grounder", name) is model_cache.make("grounder", name)
    assert model_cache.make("grounder", name)._min_score == 0.2


def test_only_the_models_used_last_stay_in_memory():
    folder = tiny.owlvit()
    first = model_cache.make("grounder", f"owl-vit:{folder},score=0.3")
    for score in (0.4, 0.5):
        model_cache.make("grounder", f"owl-vit:{folder},score={score}")
    assert model_cache.make("grounder", f"owl-vit:{folder},score=0.5") is not first
    assert model_cache.make("grounder", f"owl-vit:{folder},score=0.3") is not first


def test_a_grounder_as_a_detector_shares_its_weights(tmp_path):
    (tmp_path / "names.txt").write_text("door handle\n")
    detector = model_cache.make("detector", f"owl-vit:{tiny.owlvit()},score=0.1,labels={tmp_path / 'names.txt'}")
    assert detector.class_names == ("door handle",)
    assert detector.grounder is model_cache.make("grounder", f"owl-vit:{tiny.owlvit()},score=0.1")


@pytest.mark.parametrize("seam, name, words", [
    ("grounder", "nobody", "there is no grounder called 'nobody'"), ("detector", "ssd:weights.pb", "comes with Deixis"),
    ("detector", "detectron2", "detectron2:MODEL"), ("detector", "transformers:", "transformers:MODEL"),
    ("grounder", "owl-vit:a/b,colour=red", "cannot be understood"), ("grounder", "florence:/nowhere", "no folder"),
])  # fmt: skip
def test_what_cannot_be_had_is_said_in_a_sentence(seam, name, words):
    with pytest.raises(ValueError, match=words) as error:
        model_cache.make(seam, name)
    assert "\n" not in str(error.value)


def test_options_alone_go_with_the_model_that_is_taken_by_default(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ValueError, match="IDEA-Research/grounding-dino-tiny at v0 is not on this machine"):
        model_cache.make("grounder", "grounding-dino:,revision=v0")


@pytest.mark.parametrize("seam", catalog.SEAMS)
def test_what_ships_of_a_seam_is_what_its_protocol_says(seam):
    assert isinstance(model_cache.make(seam), catalog.SEAMS[seam].protocol) and catalog.SEAMS[seam].name == seam


def test_only_seams_that_a_project_may_choose_are_timed():
    assert set(model_choice.TIMERS) == set(catalog.CHOOSABLE) == {seam.name for seam in catalog.SEAMS.values() if seam.choosable}


def test_the_embedded_models_share_one_backbone_that_tells_its_levels():
    backbone = model_cache.make("backbone")
    assert model_cache.load_backbone() is backbone and backbone.detector is model_cache.make("detector", "ssd")
    assert backbone.levels["ssd19"] == (576, 19, 19) and set(backbone.detector.feature_levels) <= set(backbone.levels)
