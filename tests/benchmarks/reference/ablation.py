"""Ablation: the grounding network without one of its parts, to measure what the part contributes.

Every function takes a new `GroundingNet` and returns a network that is trained and used in the same way.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from grounding.nn.grounding.batches import ImageBatch, TextBatch
from grounding.nn.grounding.candidates import RELATIVE_POSITION_WIDTH
from grounding.nn.grounding.network import EncodedBatch, GroundingNet, GroundingOutput

MASKED_LOGIT = -20.0  # the logit of a masked candidate


def without_candidates(net: GroundingNet) -> nn.Module:
    """Without proposals, body parts and fixed boxes: only the regressed box is left."""
    return WithoutCandidates(net)


def without_box_regression(net: GroundingNet) -> nn.Module:
    """Without the regressed box: only candidates are left."""
    net.candidate_scorer.register_forward_pre_hook(_mask_tokens(slice(-1, None)))
    return WithoutBoxRegression(net)


def without_grid(net: GroundingNet) -> nn.Module:
    """Without the grid: neither candidates nor phrases attend to it, and there is no heatmap. Image features come
    from candidates only."""
    for layer in (*net.encoder_layers, *net.decoder_layers):
        layer.register_forward_pre_hook(_mask_tokens(slice(0, net.config.grid_size ** 2)))
    net.heatmap_head, net.regressed_box_projection = NoHeatmap(), ZeroOutput(net.config.width)
    return net


def without_relative_positions(net: GroundingNet) -> nn.Module:
    """Without the relative-position features of candidates."""
    net.relative_position_projection, net.relative_position_query = ZeroOutput(net.config.width), ZeroOutput(RELATIVE_POSITION_WIDTH)
    return net


def without_colours(net: GroundingNet) -> nn.Module:
    """Without the colour features of candidates."""
    net.colour_projection, net.colour_query = ZeroOutput(net.config.width), ZeroOutput(net.colour_query.out_features)
    return net


class WithoutCandidates(nn.Module):
    """All candidates are masked."""

    def __init__(self, net: GroundingNet):
        super().__init__()
        self.net = net

    def encode(self, images: ImageBatch) -> EncodedBatch:
        return self.net.encode(replace(images, boxes=torch.zeros_like(images.boxes), valid=torch.zeros_like(images.valid)))

    def ground(self, encoded: EncodedBatch, texts: TextBatch) -> GroundingOutput:
        return self.net.ground(encoded, texts)


class WithoutBoxRegression(nn.Module):
    """The regressed box is removed from the output."""

    def __init__(self, net: GroundingNet):
        super().__init__()
        self.net = net

    def encode(self, images: ImageBatch) -> EncodedBatch:
        return self.net.encode(images)

    def ground(self, encoded: EncodedBatch, texts: TextBatch) -> GroundingOutput:
        """Removes the last candidate, the regressed box, which therefore gets no loss."""
        output = self.net.ground(encoded, texts)
        return replace(
            output,
            boxes=output.boxes[:, :, :-1],
            unrefined_boxes=output.unrefined_boxes[:, :, :-1],
            logits=output.logits[..., :-1],
            regressed_boxes=torch.zeros_like(output.regressed_boxes),
        )


class ZeroOutput(nn.Module):
    """(..., N) to (..., width) zeros, in place of a removed part."""

    def __init__(self, width: int):
        super().__init__()
        self.width = width

    def forward(self, x: Tensor) -> Tensor:
        return x.new_zeros(*x.shape[:-1], self.width)


class NoHeatmap(nn.Module):
    """In place of the heatmap head: no cell belongs to any phrase."""

    def __init__(self):
        super().__init__()
        self.cell_projection = nn.Identity()

    def forward(self, phrases: Tensor, keys: Tensor) -> Tensor:
        return phrases.new_full((*phrases.shape[:-1], keys.shape[1]), MASKED_LOGIT)


def _mask_tokens(tokens: slice):
    """A forward pre-hook for modules whose last argument is the bool mask of tokens that may be attended to: it masks `tokens`."""
    def hook(module: nn.Module, arguments: tuple) -> tuple:
        *rest, mask = arguments
        allowed = torch.ones(mask.shape[-1], dtype=torch.bool)
        allowed[tokens] = False
        return (*rest, mask & allowed)
    return hook
