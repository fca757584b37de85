"""Ablation: the grounding network with one of its parts taken away, so that it can be measured what the part is worth.

Every function takes a fresh `GroundingNet` and gives a network that is trained and asked in the same way.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from grounding.nn.grounding.batches import Scenes, Words
from grounding.nn.grounding.candidates import RANKS
from grounding.nn.grounding.network import Answer, Encoded, GroundingNet

UNLIKELY = -20.0  # the logit of what is never chosen


def without_candidates(net: GroundingNet) -> nn.Module:
    """Proposals, parts and layouts are hidden: the box drawn freely is the answer."""
    return Unoffered(net)


def without_drawing(net: GroundingNet) -> nn.Module:
    """Only candidates compete: no box is drawn freely."""
    net.choice.register_forward_pre_hook(_hiding(slice(-1, None)))
    return Undrawn(net)


def without_cells(net: GroundingNet) -> nn.Module:
    """Neither candidates nor phrases look at the grid, and there is no heat: of the picture remains what lies in candidates."""
    for layer in (*net.encoders, *net.decoders):
        layer.register_forward_pre_hook(_hiding(slice(0, net.shape.side ** 2)))
    net.heat, net.drawn = Cold(), Silent(net.shape.width)
    return net


def without_ranks(net: GroundingNet) -> nn.Module:
    """Candidates do not know their place among their like."""
    net.rank, net.seeks = Silent(net.shape.width), Silent(RANKS)
    return net


def without_tints(net: GroundingNet) -> nn.Module:
    """Candidates do not know their colours but by the features of the two frozen networks."""
    net.tint, net.paints = Silent(net.shape.width), Silent(net.paints.out_features)
    return net


class Unoffered(nn.Module):
    def __init__(self, net: GroundingNet):
        super().__init__()
        self.net = net

    def see(self, scenes: Scenes) -> Encoded:
        return self.net.see(replace(scenes, boxes=torch.zeros_like(scenes.boxes), real=torch.zeros_like(scenes.real)))

    def ask(self, seen: Encoded, words: Words) -> Answer:
        return self.net.ask(seen, words)


class Undrawn(nn.Module):
    def __init__(self, net: GroundingNet):
        super().__init__()
        self.net = net

    def see(self, scenes: Scenes) -> Encoded:
        return self.net.see(scenes)

    def ask(self, seen: Encoded, words: Words) -> Answer:
        """The last candidate is the box drawn freely: it is cut off, and nothing teaches it."""
        found = self.net.ask(seen, words)
        return replace(found, boxes=found.boxes[:, :, :-1], offered=found.offered[:, :, :-1], logits=found.logits[..., :-1], free=torch.zeros_like(found.free))


class Silent(nn.Module):
    """(..., N) to (..., width) zeros, where a part used to speak."""

    def __init__(self, width: int):
        super().__init__()
        self.width = width

    def forward(self, x: Tensor) -> Tensor:
        return x.new_zeros(*x.shape[:-1], self.width)


class Cold(nn.Module):
    """In place of the heat: no cell belongs to any phrase."""

    def known(self, grid: Tensor) -> Tensor:
        return grid

    def forward(self, phrases: Tensor, known: Tensor) -> Tensor:
        return phrases.new_full((*phrases.shape[:-1], known.shape[1]), UNLIKELY)


def _hiding(tokens: slice):
    """A hook for parts whose last argument says which tokens may be looked at: these may not."""
    def hook(part: nn.Module, told: tuple) -> tuple:
        *rest, real = told
        shown = torch.ones(real.shape[-1], dtype=torch.bool)
        shown[tokens] = False
        return (*rest, real & shown)
    return hook
