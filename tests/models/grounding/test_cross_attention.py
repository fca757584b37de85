"""What the grounder answers with: nothing below one score, further boxes from another."""

import json
import shutil

import pytest

from grounding import catalog
from grounding.data import Query
from grounding.models.grounding.cross_attention import CrossAttentionGrounder
from grounding.synthetic import draw_scene

PAGE = catalog.ASSETS / "grounder-fast.json"
PHRASE = "the person"


@pytest.fixture(scope="module")
def asked():
    """A grounder, a scene as it knows it, and the best score of a phrase there."""
    grounder = CrossAttentionGrounder(PAGE, catalog.eyes, least=0.0, more=1.1)
    encoded = grounder.encode(draw_scene(3).image)
    return grounder, encoded, float(grounder._asked(encoded, [PHRASE])[1].max())


def answered(asked, least: float, more: float = 1.1):
    """What the same network answers with other thresholds."""
    grounder, encoded, _ = asked
    usual = grounder.least, grounder.more
    grounder.least, grounder.more = least, more
    try:
        return grounder.ground_in(encoded, Query(PHRASE))
    finally:
        grounder.least, grounder.more = usual


def test_a_best_score_below_the_least_is_answered_with_nothing(asked):
    assert len(answered(asked, asked[2] + 1e-4)) == 0


def test_a_best_score_from_the_least_on_is_answered(asked):
    assert len(answered(asked, asked[2])) == len(answered(asked, 0.0)) == 1


def test_further_boxes_are_answered_from_their_score_on_and_the_best_always(asked):
    many = answered(asked, 0.0, more=0.0)
    second = float(many.scores[1])
    assert len(many) > 1 and len(answered(asked, 0.0, more=second)) == 2 and len(answered(asked, 0.0, more=second + 1e-4)) == 1
    assert many.boxes.xyxy[0].tolist() == answered(asked, 0.0).boxes.xyxy[0].tolist()


def test_the_thresholds_are_those_of_the_calibration_unless_others_are_given(tmp_path):
    page = json.loads(PAGE.read_text())
    told = page["training"]["calibration"]
    assert (CrossAttentionGrounder(PAGE).least, CrossAttentionGrounder(PAGE).more) == (told["least"], told["more"])
    assert (CrossAttentionGrounder(PAGE, least=0.0).least, CrossAttentionGrounder(PAGE, more=1.0).more) == (0.0, 1.0)
    for ending in (".json", ".safetensors"):
        shutil.copy(PAGE.with_suffix(ending), tmp_path / f"other{ending}")
    del page["training"]["calibration"]
    (tmp_path / "other.json").write_text(json.dumps(page))
    assert (CrossAttentionGrounder(tmp_path / "other.json").least, CrossAttentionGrounder(tmp_path / "other.json").more) == (0.05, 0.5)
