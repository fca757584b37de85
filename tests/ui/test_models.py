"""The Models tab: what was picked and typed becomes the name a project keeps, and back; every model says its terms."""

import json
from types import SimpleNamespace

import pytest

from grounding import catalog
from grounding.models.adapters.compute import ComputeConfig
from grounding.services.model_choice import ModelTrial
from grounding.ui import help_texts, mistakes
from grounding.ui.models import ABOUT, ABOUT_NAMES, join_choice, split_choice


@pytest.mark.parametrize(("seam", "picked", "typed", "kept"), [
    ("detector", "ssd", "left over", ""), ("detector", "d-fine", " ", "d-fine"), ("grounder", "default", "", ""),
    ("grounder", "pseudo", "x", "pseudo"),
    ("grounder", "owl-vit", " ~/owl,device=cuda ", "owl-vit:~/owl,device=cuda"),
    ("detector", "transformers", "C:\\models\\x", "transformers:C:\\models\\x"),
])  # fmt: skip
def test_a_choice_is_kept_as_it_is_written_in_the_shell(seam, picked, typed, kept):
    menu = catalog.SEAMS[seam].menu
    assert join_choice(picked, typed, menu) == kept
    again = split_choice(kept, menu)
    assert join_choice(*again, menu) == kept and again[0] == (picked if kept else next(iter(menu)))


def test_a_model_that_left_the_menu_is_shown_as_what_ships():
    assert split_choice("gone:x", catalog.DETECTORS) == ("ssd", "")


def test_every_model_has_its_card_with_licence_size_and_note():
    page = help_texts.model_cards(catalog)
    for menu in (catalog.DETECTORS, catalog.GROUNDERS, catalog.TRACKERS):
        for name, entry in menu.items():
            assert entry.title in page and entry.licence in page
            assert not entry.argument_hint or f"{name}:..." in page


def test_only_a_finished_job_has_mistakes_to_show():
    report = {"right": 1, "phrases": 1200, "photos": 2, "grounder": "g@1", "rows": [{"phrase": "x"}]}
    told = json.loads(mistakes.grid_value(SimpleNamespace(state="done", result=report)))
    assert told["rows"] == report["rows"] and told["summary"].startswith("1 of 1,200 phrases on 2 photos")
    assert (
        json.loads(mistakes.grid_value(SimpleNamespace(state="failed", result=None)))
        == json.loads(mistakes.grid_value(None))
        == {"rows": []}
    )


def test_the_page_says_which_models_run_on_the_graphics_card():
    assert (
        "Those that come with Deixis run on its processor" in ABOUT and "people run on its graphics card where PyTorch can use one" in ABOUT
    )
    assert "precision=" in ABOUT_NAMES and "device=" in ABOUT_NAMES
    tried = ModelTrial("detector", "x", "x@1", 1.0, 0.2, 0.0, str(ComputeConfig("cuda:0", "bfloat16")))
    assert "on this machine (on the graphics card (cuda:0) in bfloat16)" in tried.summary()
