"""What every adaptive method must do. A member is a row of MEMBERS: it wraps a host, and `wrapped(x, budget)` gives
(value, Cost)."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import nn

from grounding.nn.cost import Cost, count_macs
from grounding.nn.hosts.vit import ViT, ViTConfig, make_vit

IMAGES = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
BUDGETS = (0.0, 0.25, 0.5, 0.75, 1.0)


def vit() -> ViT:
    torch.manual_seed(0)
    return make_vit(ViTConfig(image_size=16, patch_size=8, width=12, heads=2, layers=4, mlp_width=16)).eval()


@dataclass(frozen=True)
class FullBudget:
    """Runs all of the host whatever the budget: the null arm."""

    host: ViT

    def __call__(self, images: torch.Tensor, budget: float = 1.0) -> tuple[torch.Tensor, Cost]:
        return self.host(images).x, Cost(count_macs(lambda: self.host(images)))


@dataclass(frozen=True)
class FewerBlocks:
    """Runs as many of the first blocks as the budget allows."""

    host: ViT

    def __call__(self, images: torch.Tensor, budget: float = 1.0) -> tuple[torch.Tensor, Cost]:
        short = ViT(
            self.host.embedding, list(self.host.blocks[: round(budget * len(self.host.blocks))]), self.host.norm
        )
        return short(images).x, Cost(count_macs(lambda: short(images)))


@dataclass(frozen=True)
class Member:
    """`wrap(host)` gives the callable; `saves`: it promises that no budget costs less than all of it."""

    wrap: Callable[[nn.Module], Callable]
    saves: bool = True
    make_host: Callable[[], nn.Module] = vit
    plain: Callable[[nn.Module], torch.Tensor] = lambda host: host(IMAGES).x


MEMBERS = {"full budget": Member(FullBudget, saves=False), "fewer blocks": Member(FewerBlocks)}
every = pytest.mark.parametrize("member", MEMBERS.values(), ids=list(MEMBERS))


@every
@torch.no_grad()
def test_the_full_budget_answers_as_the_plain_host(member):
    host = member.make_host()
    expected = member.plain(host)
    value, cost = member.wrap(host)(IMAGES, 1.0)
    assert torch.equal(value, expected) and cost.macs >= count_macs(lambda: member.plain(host))
    assert torch.equal(member.plain(host), expected)


@every
@torch.no_grad()
def test_the_cost_rises_with_the_budget(member):
    wrapped = member.wrap(member.make_host())
    costs = [wrapped(IMAGES, budget)[1].macs for budget in BUDGETS]
    assert costs == sorted(costs) and (costs[0] < costs[-1]) == member.saves


@every
@torch.no_grad()
def test_the_same_twice_at_every_budget(member):
    wrapped = member.wrap(member.make_host())
    for budget in BUDGETS:
        (first, cost), (second, again) = wrapped(IMAGES, budget), wrapped(IMAGES, budget)
        assert torch.equal(first, second) and first.isfinite().all() and cost.macs == again.macs
