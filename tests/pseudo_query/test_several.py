"""Labels that stand for several things at once: people, dogs, grapes."""

from dataclasses import replace

import pytest

from grounding.data import Boxes, Regions, Size
from pseudo_query import DEFAULT, TRAINING, build_scene, generate, lint
from pseudo_query.facts import Facts

SIZE = Size(640, 480)
EVERY_WORDING = replace(DEFAULT, max_per_object=100, max_plurals=3, nouns_per_object=9, other_name_rate=4.0, relation_share=1.0)
COUNTED = (
    "second", "third", "first", "left people", "left dogs", "one ", "two ", "three ", "both", "all the", "peoples",
    "larger", "nearest", "closest dogs",
)


def row(*labels):
    return Regions(Boxes([[20 + 150 * k, 200, 120 + 150 * k, 400] for k in range(len(labels))]), [0.9] * len(labels), labels)


def phrases(*labels, settings=EVERY_WORDING):
    return {c.query for seed in range(5) for c in generate(row(*labels), SIZE, settings=settings, seed=seed) if c.targets}


@pytest.mark.parametrize("label", ["people", "dogs", "grapes", "men", "cattle", "people walking", "old dogs", "wolves"])
def test_a_label_for_several_is_placed_behind_its_noun_and_never_counted(label):
    for settings in (EVERY_WORDING, replace(TRAINING, max_per_object=50), replace(EVERY_WORDING, ambiguous="all")):
        found = phrases(label, label, label, settings=settings)
        assert any(text.startswith((f"the {label} ", label)) and " left" in text for text in found)
        for text in found:
            assert text.removeprefix("the ").startswith(label), text
            assert not any(word in text for word in COUNTED) and not text.startswith(("a ", "an ")), text


def test_a_group_is_not_counted_among_the_single_ones():
    found = phrases("person", "people", "person")
    assert not any(" from the " in text or text.startswith(("both", "two", "three", "all")) for text in found), found
    assert not any(text.startswith(("the left people", "the middle people")) for text in found)


def test_a_word_for_one_is_not_said_of_a_group_but_might_mean_it():
    says, fits = Facts(build_scene(row("people", "person"), SIZE)).match_noun("person")
    assert says == 0b10 and fits == 0b11
    assert lint("the people", [0], build_scene(row("people"), SIZE)) == []


@pytest.mark.parametrize(
    "label, counted", [("scissors", "both pairs of scissors"), ("jeans", "both pairs of jeans"), ("binoculars", "both pairs of binoculars")]
)
def test_what_comes_in_pairs_is_counted_by_pairs(label, counted):
    found = phrases(label, label)
    assert f"the left {label}" in found and not any(text.startswith((f"two {label}", f"both {label}")) for text in found)
    assert {counted, counted.replace("both", "two")} & found
    assert not any("second" in text and "pair of" not in text for text in phrases(label, label, label))


def test_a_phrase_for_a_box_of_several_is_not_questioned_for_its_number():
    for label in ("dogs", "grapes", "people"):
        scene = build_scene(row(label), SIZE)
        assert lint(f"the {label}", [0], scene) == [] and lint(f"two {label}", [0], scene) == []


def test_pairs_are_read_and_counted():
    scene = build_scene(row("scissors", "scissors"), SIZE)
    assert lint("two pairs of scissors", [0, 1], scene) == []
    assert [r.kind for r in lint("three pairs of scissors", [0, 1], scene)] == ["number"]


def test_a_crowd_wears_nothing():
    import numpy as np

    scene = build_scene(row("people", "hat"), SIZE, np.full((480, 640, 3), (200, 20, 30), np.uint8))
    assert scene.objects[0].garments == ()
