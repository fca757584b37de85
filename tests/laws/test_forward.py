"""A block of a network is only used through `forward`: so every graft stands where it is called, and every tap reads
it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

from grounding.nn.association.matching import AssociationNet, DetectionBatch
from grounding.nn.captioning.network import CaptionDecoder, CaptionerConfig, ObjectBatch
from grounding.nn.files.features import ImageFeatures
from grounding.nn.grounding import batches
from grounding.nn.grounding.network import GroundingConfig, GroundingNet
from grounding.nn.hosts.clip_frames import make_clip_encoder
from grounding.nn.hosts.efficientnet import EfficientNetLite0
from grounding.nn.hosts.minilm import MiniLM
from grounding.nn.hosts.two_tower import TextEncoder, TwoTower
from grounding.nn.hosts.vit import ViTConfig, make_block, make_vit
from grounding.nn.sites import graft, sites
from grounding.nn.taps import tap
from grounding.nn.tokens import FirstToken

LEVELS = (("ssd19", 3), ("ssd10", 3), ("eff28", 3), ("eff14", 3), ("eff7", 3))
GROUNDER = GroundingConfig(
    levels=LEVELS,
    grid_size=4,
    width=16,
    heads=2,
    feedforward_width=24,
    encoder_layers=1,
    decoder_layers=2,
    scorer_width=8,
)
VIT = ViTConfig(image_size=16, patch_size=8, width=12, heads=2, layers=2, mlp_width=16)


def ground(net: GroundingNet) -> torch.Tensor:
    rng = np.random.default_rng(0)
    levels = {name: rng.standard_normal((count, 8, 8)).astype(np.float16) for name, count in (*LEVELS, ("tint", 12))}
    image = ImageFeatures(
        levels, np.float32([[0.1, 0.1, 0.5, 0.5], [0.4, 0.3, 0.9, 0.8]]), np.array([0, 16]), np.float32([0.9, 0.8]), 1.0
    )
    phrases = [rng.standard_normal((3, 384)).astype(np.float32)]
    return net.ground(net.encode(batches.batch_images([image], 80)), batches.batch_texts([phrases])).logits


def describe(net: CaptionDecoder) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    rand = lambda *shape: torch.rand(*shape, generator=generator)  # noqa: E731
    boxes = torch.cat([rand(2, 2, 2) / 2, rand(2, 2, 2) / 2 + 0.5], -1)
    objects = ObjectBatch(
        rand(2, 2, 2328),
        rand(2, 2, 9, 728),
        boxes,
        rand(2, 2),
        rand(2, 2),
        torch.ones(2, 2, dtype=torch.bool),
        rand(1, 36, 728),
        torch.tensor([0, -1]),
    )
    states = net.decode(net.encode(objects), torch.tensor([[1, 5, 6], [1, 7, 2]]))
    return torch.cat([net.next_log_probs(states), net.word_boxes(states)], -1)


def match(net: AssociationNet) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    boxes = torch.tensor([[[0.1, 0.1, 0.4, 0.4], [0.5, 0.5, 0.9, 0.9], [0.1, 0.2, 0.4, 0.5]]])
    detections = DetectionBatch(
        torch.rand(1, 3, 1856, generator=generator),
        boxes,
        torch.tensor([[0.0, 0.0, 1.0]]),
        torch.tensor([[1, 2, 1]]),
        torch.full((1, 3), 0.9),
        torch.ones(1, 3, dtype=torch.bool),
    )
    return torch.cat([part.flatten() for part in net(detections)])


def two_tower() -> TwoTower:
    text = TextEncoder(nn.Embedding(10, 8), nn.Embedding(6, 8), [make_block(8, 2, 16, causal=True)], nn.LayerNorm(8), 9)
    return TwoTower(nn.Sequential(make_vit(VIT), FirstToken()), text, nn.Linear(12, 6), nn.Linear(8, 6))


@dataclass(frozen=True)
class Member:
    """`run(make())` is one pass, whose answer is one tensor. `reached`: blocks whose parts the network also uses by
    themselves: keys computed once for all phrases, tied weights."""

    make: Callable[[], nn.Module]
    run: Callable[[nn.Module], torch.Tensor]
    reached: tuple[str, ...] = ()


IMAGES = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
MEMBERS = {
    "grounder": Member(
        lambda: GroundingNet(GROUNDER),
        ground,
        ("decoder_layers.*", "decoder_layers.*.cross_attention", "heatmap_head", "candidate_scorer"),
    ),
    "captioner": Member(
        lambda: CaptionDecoder(CaptionerConfig(vocabulary_size=20, width=16, heads=2, feedforward_width=24, layers=2)),
        describe,
        ("word_embedding",),
    ),
    "association": Member(lambda: AssociationNet(16, 2), match),
    "efficientnet": Member(EfficientNetLite0, lambda net: net.head(net(torch.ones(1, 3, 64, 64))["eff7"])),
    "minilm": Member(
        lambda: MiniLM(2), lambda net: net(torch.tensor([[101, 7, 102]]), torch.ones(1, 3, dtype=torch.bool))
    ),
    "vit": Member(lambda: make_vit(VIT), lambda net: net(IMAGES).x),
    "two towers": Member(two_tower, lambda net: net(IMAGES, torch.tensor([[1, 2, 9], [3, 9, 0]]))),
    "clip encoder": Member(
        lambda: make_clip_encoder(nn.Sequential(make_vit(VIT), FirstToken()), 12, 2, 1, 4),
        lambda net: net(IMAGES[None]).x,
    ),
}
CONTAINERS = (nn.ModuleList, nn.ModuleDict)  # they hold modules and are not called
every = pytest.mark.parametrize("member", MEMBERS.values(), ids=list(MEMBERS))


def blocks(net: nn.Module) -> list[str]:
    return [
        name
        for name, module in net.named_modules()
        if name and not isinstance(module, CONTAINERS) and next(module.parameters(), None) is not None
    ]


class Through(nn.Module):
    """Stands in for a module and has nothing but its `forward`."""

    def __init__(self, inner: nn.Module):
        super().__init__()
        self.inner = inner

    def forward(self, *args, **options):
        return self.inner(*args, **options)


@every
@torch.no_grad()
def test_every_module_with_parameters_is_called_through_forward_in_one_pass(member):
    torch.manual_seed(0)
    net = member.make().eval()
    with tap(net, "**") as calls:
        member.run(net)
    assert [name for name in blocks(net) if not calls[name]] == []


@every
@torch.no_grad()
def test_whatever_stands_in_for_a_block_with_its_forward_alone_gives_the_same_answer(member):
    torch.manual_seed(0)
    net = member.make().eval()
    expected = member.run(net)
    reached = sites(net, member.reached)
    added = graft(net, [name for name in blocks(net) if name not in reached], lambda name, module: Through(module))
    assert torch.equal(member.run(net), expected) and len(added.modules) > 5
    added.remove()
    assert torch.equal(member.run(net), expected)
