"""A correct box has a low loss, a wrong one a higher one; padding has none."""

from dataclasses import replace

import torch

from grounding.learning.grounding.losses import GroundingTargets, grounding_losses
from grounding.nn.grounding.network import GroundingOutput
from grounding.nn.parts.geometry import grid_boxes, strip_coverage

TARGET = torch.tensor([0.25, 0.25, 0.75, 0.75])
OTHER = torch.tensor([0.0, 0.0, 0.2, 0.2])


NEAR = torch.tensor([0.3, 0.3, 0.8, 0.8])  # overlaps the target by 0.68
FAR = torch.tensor([0.55, 0.55, 0.95, 0.95])  # overlaps it by 0.11


def output(best: torch.Tensor, score_logit: float = 4.0, existence_logit: float = 4.0) -> GroundingOutput:
    boxes = torch.stack([best, OTHER, OTHER])[None, None]
    side = grid_boxes(4, 4)
    inside = (strip_coverage(best, 4, 1)[:, None] * strip_coverage(best, 4, 0)[None]).flatten()
    assert len(side) == 16
    return GroundingOutput(
        boxes, torch.tensor([[[score_logit, -score_logit, -score_logit]]]), best[None, None], (inside * 8 - 4)[None, None],
        torch.tensor([[existence_logit]]), boxes
    )


def targets(weight: float = 1.0, exists: bool = True) -> GroundingTargets:
    return GroundingTargets(TARGET[None, None, None], torch.tensor([[[exists]]]), torch.tensor([[weight]]))


def test_a_right_answer_costs_little_in_every_part():
    parts = grounding_losses(output(TARGET), targets())
    assert all(value < 0.05 for value in parts.values()), parts


def test_a_wrong_box_costs_more_than_a_right_one():
    right, wrong = (sum(grounding_losses(output(box), targets()).values()) for box in (TARGET, OTHER))
    assert wrong > right + 1


def test_what_was_not_asked_costs_nothing():
    assert all(value == 0 for value in grounding_losses(output(OTHER), targets(weight=0)).values())


def test_where_there_is_none_no_box_is_drawn_and_doubt_is_right():
    sure, doubting = (grounding_losses(output(TARGET, score_logit=s, existence_logit=s), targets(exists=False)) for s in (4.0, -4.0))
    assert doubting["here"] < sure["here"]
    assert sure["free"] == sure["refine"] == sure["rank"] == sure["heat"] == 0


def refined(offered: torch.Tensor, drawn: torch.Tensor) -> dict[str, torch.Tensor]:
    """What it costs that the first candidate was offered here and drawn there."""
    before, after = output(offered), output(drawn)
    return grounding_losses(replace(after, unrefined_boxes=before.boxes), targets())


def test_a_candidate_offered_near_the_target_pays_for_being_drawn_off_it():
    kept, lost = refined(NEAR, NEAR)["refine"], refined(NEAR, OTHER)["refine"]
    assert refined(NEAR, TARGET)["refine"] < 0.01 < kept < lost and lost > 1


def test_a_candidate_offered_far_from_the_target_is_not_drawn_onto_it():
    assert refined(FAR, TARGET)["refine"] == refined(FAR, NEAR)["refine"] == refined(FAR, OTHER)["refine"] == 0


def test_a_score_is_right_by_where_the_box_was_drawn_to_not_where_it_was_offered():
    found, missed = refined(FAR, TARGET), refined(TARGET, FAR)
    assert found["score"] < 0.05 and found["rank"] < 0.05
    assert missed["score"] > 0.4 and missed["rank"] == 0  # sure of a box that misses; with no hit there is nothing to rank
