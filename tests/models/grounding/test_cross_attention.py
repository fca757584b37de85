"""The grounder's thresholds: no box below `min_score`, further boxes from `extra_box_score` on."""

import json
import shutil

import pytest

from grounding import catalog, model_cache
from grounding.data import Query
from grounding.models.grounding.cross_attention import CrossAttentionGrounder
from grounding.synthetic import draw_scene

CARD = catalog.ASSETS / "grounder-fast.json"
PHRASE = "the person"


@pytest.fixture(scope="module")
def grounded():
    """A grounder, an encoded scene, and the best score of a phrase in it."""
    grounder = CrossAttentionGrounder(CARD, model_cache.load_backbone, min_score=0.0, extra_box_score=1.1)
    encoded = grounder.encode(draw_scene(3).image)
    return grounder, encoded, float(grounder._score_candidates(encoded, [PHRASE])[1].max())


def ground_with(grounded, min_score: float, extra_box_score: float = 1.1):
    """The regions of the same network with other thresholds."""
    grounder, encoded, _ = grounded
    previous = grounder.min_score, grounder.extra_box_score
    grounder.min_score, grounder.extra_box_score = min_score, extra_box_score
    try:
        return grounder.ground_in(encoded, Query(PHRASE))
    finally:
        grounder.min_score, grounder.extra_box_score = previous


def test_a_best_score_below_the_minimum_gives_no_box(grounded):
    assert len(ground_with(grounded, grounded[2] + 1e-4)) == 0


def test_a_best_score_at_the_minimum_gives_one_box(grounded):
    assert len(ground_with(grounded, grounded[2])) == len(ground_with(grounded, 0.0)) == 1


def test_further_boxes_are_returned_from_extra_box_score_on(grounded):
    many = ground_with(grounded, 0.0, extra_box_score=0.0)
    second = float(many.scores[1])
    assert (
        len(many) > 1
        and len(ground_with(grounded, 0.0, extra_box_score=second)) == 2
        and len(ground_with(grounded, 0.0, extra_box_score=second + 1e-4)) == 1
    )
    assert many.boxes.xyxy[0].tolist() == ground_with(grounded, 0.0).boxes.xyxy[0].tolist()


def test_the_thresholds_default_to_those_of_the_calibration(tmp_path):
    card = json.loads(CARD.read_text())
    calibration = card["training"]["calibration"]
    assert (CrossAttentionGrounder(CARD).min_score, CrossAttentionGrounder(CARD).extra_box_score) == (
        calibration["least"],
        calibration["more"],
    )
    assert (CrossAttentionGrounder(CARD, min_score=0.0).min_score, CrossAttentionGrounder(CARD, extra_box_score=1.0).extra_box_score) == (
        0.0,
        1.0,
    )
    for suffix in (".json", ".safetensors"):
        shutil.copy(CARD.with_suffix(suffix), tmp_path / f"other{suffix}")
    del card["training"]["calibration"]
    (tmp_path / "other.json").write_text(json.dumps(card))
    assert (CrossAttentionGrounder(tmp_path / "other.json").min_score, CrossAttentionGrounder(tmp_path / "other.json").extra_box_score) == (
        0.05,
        0.5,
    )
