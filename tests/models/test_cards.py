"""Model cards: the numbers are those measured on these weights by the script in tests/benchmarks."""

import json
from pathlib import Path

import pytest

from grounding import catalog, model_cache

RESULTS = json.loads((Path(__file__).parents[1] / "benchmarks" / "results" / "grounding_accuracy.json").read_text())["grounders"]


@pytest.mark.parametrize("name", catalog.builtin_names("grounder"))
def test_a_card_quotes_the_measured_accuracy_of_these_weights(name):
    entry, report = catalog.GROUNDERS[name], RESULTS[name]
    assert model_cache.make("grounder", name).version == report["grounder"]
    assert f"**{100 * report['accuracy']:.1f} %**" in entry.card
    for share in report["by_type"].values():
        assert f"{100 * share:.1f}" in entry.card


@pytest.mark.parametrize("name", catalog.builtin_names("grounder"))
def test_a_card_names_its_data_licence_split_and_how_it_was_chosen(name):
    card = catalog.GROUNDERS[name].card
    for word in ("Flickr8k", "Flickr30k Entities", "non-commercial", "end in 0", "IoU", "Limits", "Training"):
        assert word in card, word


def test_the_shipped_default_beats_the_best_baseline_by_five_points():
    baselines = RESULTS["default"]["baselines"]
    assert RESULTS["default"]["accuracy"] >= max(baselines.values()) + 0.05
