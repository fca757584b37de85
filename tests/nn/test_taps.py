"""A tap reads what passes a site, call by call, and leaves no hook behind."""

import pytest
import torch
from torch import nn

from grounding.nn.sites import graft
from grounding.nn.taps import tap


def host() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))


def test_every_call_is_read_in_order_with_its_gradient():
    net, first, second = host(), torch.ones(1, 3), torch.zeros(1, 3)
    with tap(net, ("0", "2")) as calls:
        outputs = [net(first), net(second)]
    assert [call.inputs[0] is x for call, x in zip(calls["0"], (first, second))] == [True, True]
    assert [call.output is out for call, out in zip(calls["2"], outputs)] == [True, True]
    assert calls["0"][0].output.requires_grad and len(calls["0"]) == 2
    net(first)
    assert len(calls["0"]) == 2 and not any(module._forward_hooks for module in net.modules())


def test_what_is_not_called_through_forward_has_no_calls():
    net = host()
    with tap(net, "**") as calls:
        net[0].forward(torch.ones(1, 3))
    assert calls == {"0": [], "1": [], "2": []}


def test_the_hooks_go_when_the_run_fails_too():
    net = host()
    with pytest.raises(RuntimeError), tap(net, "*"):
        net(torch.ones(1, 5))
    assert not any(module._forward_hooks for module in net.modules())


def test_the_module_of_the_host_is_read_below_a_graft():
    net, x = host(), torch.ones(1, 3)
    plain = net[0](x)
    graft(net, "0", lambda name, module: nn.Sequential(module, nn.Tanh()))
    with tap(net, "0") as calls:
        net(x)
    assert torch.equal(calls["0"][0].output, plain)
