"""What every tuning method must do. A member is a row of MEMBERS: how it is attached, and to which host."""

import copy
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from grounding.learning.finetune import Schedule, finetune
from grounding.nn.files.delta import load_delta, save_delta
from grounding.nn.files.weights import WeightsError
from grounding.nn.hosts.vit import ViTConfig, make_vit
from grounding.nn.sites import Graft, graft, host_state
from grounding.nn.tokens import FirstToken

IMAGES, CLASSES = (
    torch.randn(6, 3, 16, 16, generator=torch.Generator().manual_seed(1)),
    torch.tensor([0, 1, 2, 0, 1, 2]),
)
SCHEDULE = Schedule(4, learning_rate=1e-2, warmup_steps=1, ema_decay=0.5)


def classifier(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    vit = make_vit(ViTConfig(image_size=16, patch_size=8, width=12, heads=2, layers=2, mlp_width=16))
    return nn.Sequential(vit, FirstToken(), nn.Linear(12, 3)).eval()


class Offset(nn.Module):
    """Adds a learned offset, zero at first, to what the module of the host returns."""

    def __init__(self, inner: nn.Module, width: int):
        super().__init__()
        self.inner, self.offset = inner, nn.Parameter(torch.zeros(width))

    def forward(self, x):
        return self.inner(x) + self.offset


def identity(host: nn.Module) -> Graft:
    return graft(host, "0.blocks.*.after_mlp", lambda name, module: Offset(module, 12))


def lora(host: nn.Module) -> Graft:
    """Hu et al. 2022, by peft: the baseline of the tuning methods."""
    peft = pytest.importorskip("peft", reason="peft is not installed; run: pip install -r requirements-test.txt")
    from peft.tuners.lora import Linear

    config = peft.LoraConfig(r=2, lora_alpha=2)
    return graft(
        host,
        ("0.blocks.*.attention.query", "0.blocks.*.mlp.up"),
        lambda name, linear: Linear(linear, "default", config, r=2, lora_alpha=2),
        fold_lora,
    )


def fold_lora(module: nn.Module) -> nn.Module:
    folded = copy.deepcopy(module.base_layer)
    folded.weight.data += module.get_delta_weight("default")
    return folded


@dataclass(frozen=True)
class Member:
    """`attach` puts the method into a host of `make_host(seed)`, whose input is IMAGES; `folds`: its paper folds it
    into the host."""

    attach: Callable[[nn.Module], Graft]
    folds: bool = False
    make_host: Callable[[int], nn.Module] = classifier


MEMBERS = {"identity": Member(identity), "lora": Member(lora, folds=True)}
every = pytest.mark.parametrize("member", MEMBERS.values(), ids=list(MEMBERS))
PAIRS = {" and ".join(names): [MEMBERS[name] for name in names] for names in itertools.permutations(MEMBERS, 2)}


@torch.no_grad()
def answer(host: nn.Module) -> torch.Tensor:
    return host(IMAGES)


@torch.no_grad()
def stir(attached: Graft) -> None:
    """Weights as if something had been learned."""
    generator = torch.Generator().manual_seed(2)
    for weight in attached.parameters():
        weight += 0.3 * torch.randn(weight.shape, generator=generator)


def train(host: nn.Module, parameters) -> None:
    losses = lambda net, batch: {"classes": F.cross_entropy(net(IMAGES), CLASSES)}  # noqa: E731
    for _ in finetune(host, lambda step: None, SCHEDULE, parameters=parameters, compute_losses=losses):
        pass


@every
def test_a_fresh_graft_changes_nothing(member):
    host = member.make_host(0)
    plain = answer(host)
    attached = member.attach(host)
    assert attached.parameters() and torch.equal(answer(host), plain)


@every
def test_its_weights_are_used(member):
    host = member.make_host(0)
    plain = answer(host)
    stir(member.attach(host))
    assert not torch.allclose(answer(host), plain, atol=1e-3)


@every
def test_only_the_graft_learns(member):
    host = member.make_host(0)
    attached = member.attach(host)
    before, fresh = copy.deepcopy(host_state(host)), copy.deepcopy(attached.weights())
    train(host, attached.parameters())
    assert all(torch.equal(tensor, before[name]) for name, tensor in host_state(host).items())
    assert any(not torch.equal(tensor, fresh[name]) for name, tensor in attached.weights().items())


@every
def test_it_removes_without_a_trace_after_learning(member):
    host = member.make_host(0)
    plain, modules = answer(host), {name: id(module) for name, module in host.named_modules()}
    state = copy.deepcopy(host.state_dict())
    attached = member.attach(host)
    train(host, attached.parameters())
    attached.remove()
    assert {name: id(module) for name, module in host.named_modules()} == modules and torch.equal(answer(host), plain)
    assert all(torch.equal(tensor, state[name]) for name, tensor in host.state_dict().items())


@every
def test_saved_is_loaded_and_another_host_is_refused(member, tmp_path):
    host, same, other = (member.make_host(seed) for seed in (0, 0, 1))
    attached = member.attach(host)
    stir(attached)
    path = save_delta(tmp_path / "delta.safetensors", attached.weights(), {"rank": 2}, host)
    again = member.attach(same)
    weights, settings = load_delta(path, same)
    again.load(weights)
    assert settings == {"rank": 2} and torch.equal(answer(same), answer(host))
    with pytest.raises(WeightsError, match="another host"):
        load_delta(path, other)


@pytest.mark.parametrize("name", [name for name, member in MEMBERS.items() if member.folds])
def test_folded_answers_as_unfolded_in_plain_modules_and_is_removed_too(name):
    host = MEMBERS[name].make_host(0)
    plain, types = answer(host), {name: type(module) for name, module in host.named_modules()}
    attached = MEMBERS[name].attach(host)
    stir(attached)
    unfolded = answer(host)
    folded = attached.fold()
    assert torch.allclose(answer(host), unfolded, atol=1e-5) and not torch.allclose(unfolded, plain, atol=1e-3)
    assert {name: type(module) for name, module in host.named_modules()} == types
    folded.remove()
    assert torch.equal(answer(host), plain)


@pytest.mark.parametrize("name", [name for name, member in MEMBERS.items() if not member.folds])
def test_what_cannot_be_folded_says_so(name):
    with pytest.raises(ValueError, match="cannot be folded"):
        MEMBERS[name].attach(MEMBERS[name].make_host(0)).fold()


@pytest.mark.parametrize("pair", PAIRS.values(), ids=list(PAIRS))
@pytest.mark.parametrize("removed_first", [0, 1])
def test_two_share_a_host_and_leave_it_in_either_order(pair, removed_first):
    if pair[0].make_host is not pair[1].make_host:
        pytest.skip("they attach to different hosts")
    host = pair[0].make_host(0)
    plain = answer(host)
    first = pair[0].attach(host)
    stir(first)
    alone, names = answer(host), list(first.weights())
    second = pair[1].attach(host)
    assert torch.equal(answer(host), alone) and list(first.weights()) == names
    assert not {id(weight) for weight in first.parameters()} & {id(weight) for weight in second.parameters()}
    stir(second)
    (first, second)[removed_first].remove()
    assert removed_first == 0 or torch.equal(answer(host), alone)
    (first, second)[1 - removed_first].remove()
    assert torch.equal(answer(host), plain)
