"""A graft stands at its sites until it is removed; then the host is the host of before, whatever else was attached
meanwhile."""

import copy

import pytest
import torch
from torch import nn

from grounding.nn.sites import graft, host_state, sites


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.up, self.down = nn.Linear(4, 8), nn.Linear(8, 4)
        self.register_buffer("steps", torch.zeros(1))
        self.register_buffer("cached", torch.zeros(1), persistent=False)

    def forward(self, x):
        return x + self.down(self.up(x).relu())


class Host(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.blocks, self.head = nn.ModuleList(Block() for _ in range(3)), nn.Linear(4, 2)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.head(x)


class Shift(nn.Module):
    """Calls the module that stood here and adds a learned offset to what it returns."""

    def __init__(self, inner: nn.Module, width: int = 4, value: float = 0.0):
        super().__init__()
        self.inner, self.offset = inner, nn.Parameter(torch.full((width,), value))

    def forward(self, x):
        return self.inner(x) + self.offset


X = torch.ones(2, 4)


def layout(host):
    return {name: id(module) for name, module in host.named_modules()}


def test_a_star_stands_for_one_part_of_a_name_and_two_for_any():
    host = Host()
    assert list(sites(host, "blocks.*")) == ["blocks.0", "blocks.1", "blocks.2"]
    assert list(sites(host, ["head", "blocks.0.up"])) == ["blocks.0.up", "head"]
    assert list(sites(host, "blocks.*.d*n")) == [f"blocks.{index}.down" for index in range(3)]
    assert len(sites(host, "**")) == 1 + 3 * 3 + 1


def test_where_nothing_matches_the_near_names_are_listed():
    with pytest.raises(ValueError, match=r"no module of Host matches 'blocks.\*.ups'; near it are .*blocks.\d.up"):
        graft(Host(), ("head", "blocks.*.ups"), lambda name, module: module)


def test_a_graft_is_called_learns_alone_and_is_removed_without_a_trace():
    host = Host()
    before, plain, state = layout(host), host(X), copy.deepcopy(host.state_dict())
    added = graft(host, "blocks.*", lambda name, module: Shift(module, value=0.5))
    assert not torch.allclose(host(X), plain)
    assert {name: tuple(tensor.shape) for name, tensor in added.weights().items()} == {
        f"blocks.{index}.offset": (4,) for index in range(3)
    }
    assert all(a is b for a, b in zip(added.parameters(), (host.blocks[index].offset for index in range(3))))
    added.remove()
    added.remove()
    assert layout(host) == before and torch.equal(host(X), plain)
    assert all(torch.equal(tensor, state[name]) for name, tensor in host.state_dict().items())


@pytest.mark.parametrize("at_second", ["blocks.*", "blocks.*.down", "blocks.1.up"])
@pytest.mark.parametrize("removed_first", [0, 1])
@pytest.mark.parametrize("swapped", [False, True])
def test_two_grafts_share_a_host_in_either_order_and_leave_in_either(at_second, removed_first, swapped):
    host = Host()
    before, plain = layout(host), host(X)
    width = 8 if at_second.endswith("up") else 4
    orders = [
        lambda: graft(host, "blocks.*", lambda name, module: Shift(module, value=1.0)),
        lambda: graft(host, at_second, lambda name, module: Shift(module, width, 2.0)),
    ]
    grafts = [make() for make in (orders[::-1] if swapped else orders)]
    names = [sorted(each.weights()) for each in grafts]
    first, second = names[::-1] if swapped else names
    assert first == [f"blocks.{index}.offset" for index in range(3)]
    assert second == sorted(f"{name}.offset" for name in sites(host, at_second))
    assert not {id(p) for p in grafts[0].parameters()} & {id(p) for p in grafts[1].parameters()}
    both = host(X)
    grafts[removed_first].remove()
    assert not torch.allclose(host(X), both) and not torch.allclose(host(X), plain)
    grafts[1 - removed_first].remove()
    assert layout(host) == before and torch.equal(host(X), plain)


def test_the_state_of_the_host_is_the_same_with_grafts():
    host = Host()
    state = host_state(host)
    assert {name: id(tensor) for name, tensor in state.items()} == {
        name: id(tensor) for name, tensor in host.state_dict(keep_vars=True).items()
    }
    graft(host, ("blocks.*", "blocks.*.up", "head"), lambda name, module: Shift(module))
    assert {name: id(tensor) for name, tensor in host_state(host).items()} == {
        name: id(tensor) for name, tensor in state.items()
    }


def test_a_weight_shared_by_sites_is_listed_once_and_loaded_weights_are_checked():
    host, shared = Host(), nn.Parameter(torch.zeros(4))

    def make(name, module):
        shift = Shift(module)
        shift.offset = shared
        return shift

    added = graft(host, "blocks.*", make)
    assert list(added.weights()) == ["blocks.0.offset"] and len(added.parameters()) == 1
    added.load({"blocks.0.offset": torch.ones(4)})
    assert shared.tolist() == [1.0] * 4
    for wrong in ({}, {"blocks.0.offset": torch.ones(3)}, {"blocks.0.offset": torch.ones(4), "other": torch.ones(1)}):
        with pytest.raises(ValueError, match="do not fit this graft"):
            added.load(wrong)


def test_a_graft_that_replaces_a_module_wholly_hides_what_lay_in_it_and_says_so():
    host = Host()
    added = graft(host, "blocks.*", lambda name, module: nn.Identity())
    with pytest.raises(ValueError, match="nothing can be attached at blocks.0.up: another graft has replaced it"):
        graft(host, "blocks.*.up", lambda name, module: Shift(module, 8))
    assert added.weights() == {} and torch.equal(host(X), host.head(X))


def test_a_module_held_at_two_places_is_replaced_at_both():
    host = Host()
    host.blocks[2] = host.blocks[0]
    before = layout(host)
    added = graft(host, "blocks.*", lambda name, module: Shift(module))
    assert (
        list(added.modules) == ["blocks.0", "blocks.1"]
        and host.blocks[2] is host.blocks[0] is added.modules["blocks.0"]
    )
    added.remove()
    assert layout(host) == before


def test_what_is_grafted_to_a_host_in_eval_is_in_eval():
    assert not any(
        module.training
        for module in graft(Host().eval(), "blocks.*", lambda name, module: Shift(module)).modules.values()
    )
