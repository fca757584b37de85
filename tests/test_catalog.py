"""The menu: every model by its name, nothing loaded before it is asked for, models of other people named behind a colon."""

import subprocess
import sys

import pytest

from grounding import catalog
from tests.models import tiny


def test_nothing_heavy_is_imported_for_the_menu():
    heavy = (
        "import sys; from grounding import catalog; print([m for m in ('torch', 'transformers', 'torchvision', "
        "'cv2', 'spacy') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True).stdout == "[]\n"


def test_the_first_of_a_menu_is_what_ships():
    for seam, menu in catalog.MENUS.items():
        assert not next(iter(menu.values())).argument_hint, seam
    assert catalog.builtin_names("grounder")[0] == "default" and "grounding-dino" not in catalog.builtin_names("grounder")


def test_every_entry_says_what_a_person_should_know():
    for menu in catalog.MENUS.values():
        for entry in menu.values():
            assert entry.title and entry.licence and entry.note and entry.size_mb >= 0
            assert entry.argument_hint or not entry.default_argument


def test_a_model_is_named_behind_its_colon_and_shared():
    name = f"owl-vit:{tiny.owlvit()},score=0.2"
    assert catalog.make("grounder", name) is catalog.make("grounder", name)
    assert catalog.make("grounder", name)._min_score == 0.2


def test_only_the_models_used_last_stay_in_memory():
    folder = tiny.owlvit()
    first = catalog.make("grounder", f"owl-vit:{folder},score=0.3")
    for score in (0.4, 0.5):
        catalog.make("grounder", f"owl-vit:{folder},score={score}")
    assert catalog.make("grounder", f"owl-vit:{folder},score=0.5") is not first
    assert catalog.make("grounder", f"owl-vit:{folder},score=0.3") is not first


def test_a_grounder_as_a_detector_shares_its_weights(tmp_path):
    (tmp_path / "names.txt").write_text("door handle\n")
    detector = catalog.make("detector", f"owl-vit:{tiny.owlvit()},score=0.1,labels={tmp_path / 'names.txt'}")
    assert detector.class_names == ("door handle",) and detector.grounder is catalog.make("grounder", f"owl-vit:{tiny.owlvit()},score=0.1")


@pytest.mark.parametrize("seam, name, words", [
    ("grounder", "nobody", "there is no grounder called 'nobody'"), ("detector", "ssd:weights.pb", "comes with Deixis"),
    ("detector", "detectron2", "detectron2:MODEL"), ("detector", "transformers:", "transformers:MODEL"),
    ("grounder", "owl-vit:a/b,colour=red", "cannot be understood"), ("grounder", "florence:/nowhere", "no folder"),
])  # fmt: skip
def test_what_cannot_be_had_is_said_in_a_sentence(seam, name, words):
    with pytest.raises(ValueError, match=words) as error:
        catalog.make(seam, name)
    assert "\n" not in str(error.value)


def test_options_alone_go_with_the_model_that_is_taken_by_default(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ValueError, match="IDEA-Research/grounding-dino-tiny at v0 is not on this machine"):
        catalog.make("grounder", "grounding-dino:,revision=v0")
