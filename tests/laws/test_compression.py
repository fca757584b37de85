"""What every compression method must do. A member is a row of MEMBERS: `begin(model)` gives a run that watches training
and finishes it."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from grounding.learning.finetune import Schedule, finetune
from grounding.nn.cost import count_macs

IMAGES, CLASSES = torch.randn(6, 3, 8, 8, generator=torch.Generator().manual_seed(1)), torch.tensor([0, 1, 2, 0, 1, 2])


def convolutions() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 6, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(6 * 64, 3),
    )


@dataclass
class Unchanged:
    """Prunes nothing: the null arm."""

    model: nn.Module

    def after_backward(self) -> None:
        pass

    def finish(self) -> nn.Module:
        return copy.deepcopy(self.model)


@dataclass
class DeadFilters:
    """Keeps half of the first filters at zero while training goes on, then deletes them with the inputs that read them.
    """

    model: nn.Module

    def __post_init__(self):
        self.after_backward()

    @torch.no_grad()
    def after_backward(self) -> None:
        first = self.model[0]
        for tensor in (
            first.weight,
            first.bias,
            *(weight.grad for weight in first.parameters() if weight.grad is not None),
        ):
            tensor[4:] = 0

    def finish(self) -> nn.Module:
        small = copy.deepcopy(self.model)
        small[0], small[2] = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 6, 3, padding=1)
        small[0].load_state_dict({name: tensor[:4] for name, tensor in self.model[0].state_dict().items()})
        small[2].load_state_dict({"weight": self.model[2].weight[:, :4], "bias": self.model[2].bias})
        return small


@dataclass(frozen=True)
class Member:
    """`begin(model)` has `after_backward()` and `finish()`; `shrinks`: it promises fewer multiply-adds."""

    begin: Callable[[nn.Module], object]
    shrinks: bool = True
    make_model: Callable[[], nn.Module] = convolutions


MEMBERS = {"unchanged": Member(Unchanged, shrinks=False), "dead filters": Member(DeadFilters)}
every = pytest.mark.parametrize("member", MEMBERS.values(), ids=list(MEMBERS))


def trained(member: Member):
    """(the trained model, its run, the fresh model)."""
    model = member.make_model()
    fresh = copy.deepcopy(model)
    run = member.begin(model)
    losses = lambda net, batch: {"classes": F.cross_entropy(net(IMAGES), CLASSES)}  # noqa: E731
    for _ in finetune(
        model,
        lambda step: None,
        Schedule(5, learning_rate=1e-2, warmup_steps=1, weight_decay=0.0),
        after_backward=run.after_backward,
        compute_losses=losses,
    ):
        pass
    return model, run, fresh


@every
def test_the_small_model_says_what_the_trained_one_said(member):
    model, run, fresh = trained(member)
    with torch.no_grad():
        expected = model(IMAGES)
        assert torch.allclose(run.finish()(IMAGES), expected, atol=1e-4) and not torch.allclose(
            fresh(IMAGES), expected, atol=1e-3
        )
        assert torch.equal(model(IMAGES), expected)  # finishing leaves the trained one as it is


@every
def test_it_costs_fewer_multiply_adds(member):
    model, run, _ = trained(member)
    small = run.finish()
    before, after = count_macs(lambda: model(IMAGES)), count_macs(lambda: small(IMAGES))
    assert after < before if member.shrinks else after == before


@every
def test_it_consists_of_plain_modules(member):
    _, run, _ = trained(member)
    for module in run.finish().modules():
        assert type(module).__module__.startswith(("torch.nn.modules", "grounding.nn")), type(module)
        assert not module._forward_hooks and not module._forward_pre_hooks and not hasattr(module, "parametrizations")
