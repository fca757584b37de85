"""A right answer costs little, a wrong one more; what was not asked costs nothing."""

import torch

from grounding.learning.losses import Truth, grounding_loss
from grounding.nn.geometry import cells, cover
from grounding.nn.network import Answer

TARGET = torch.tensor([0.25, 0.25, 0.75, 0.75])
OTHER = torch.tensor([0.0, 0.0, 0.2, 0.2])


def answer(best: torch.Tensor, sure: float = 4.0, here: float = 4.0) -> Answer:
    boxes = torch.stack([best, OTHER, OTHER])[None, None]
    side = cells(4, 4)
    inside = (cover(best, 4, 1)[:, None] * cover(best, 4, 0)[None]).flatten()
    assert len(side) == 16
    return Answer(boxes, torch.tensor([[[sure, -sure, -sure]]]), best[None, None], (inside * 8 - 4)[None, None], torch.tensor([[here]]), boxes)


def truth(weight: float = 1.0, there: bool = True) -> Truth:
    return Truth(TARGET[None, None, None], torch.tensor([[[there]]]), torch.tensor([[weight]]))


def test_a_right_answer_costs_little_in_every_part():
    parts = grounding_loss(answer(TARGET), truth())
    assert all(value < 0.05 for value in parts.values()), parts


def test_a_wrong_box_costs_more_than_a_right_one():
    right, wrong = (sum(grounding_loss(answer(box), truth()).values()) for box in (TARGET, OTHER))
    assert wrong > right + 1


def test_what_was_not_asked_costs_nothing():
    assert all(value == 0 for value in grounding_loss(answer(OTHER), truth(weight=0)).values())


def test_where_there_is_none_no_box_is_drawn_and_doubt_is_right():
    sure, doubting = (grounding_loss(answer(TARGET, sure=s, here=s), truth(there=False)) for s in (4.0, -4.0))
    assert doubting["here"] < sure["here"]
    assert sure["free"] == sure["refine"] == sure["rank"] == sure["heat"] == 0
