"""Losses: how wrong an answer of the grounding network is."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from grounding.nn.grounding.network import Answer
from grounding.nn.parts.geometry import cover, giou, pair_iou

HIT = 0.5  # IoU from which a box counts as found


@dataclass(frozen=True)
class Truth:
    """`boxes` (B, K, T, 4) as fractions, `real` (B, K, T) bool (none real: nothing to find), `weight` (B, K), 0 where nothing was asked."""

    boxes: Tensor
    real: Tensor
    weight: Tensor


def grounding_loss(answer: Answer, truth: Truth) -> dict[str, Tensor]:
    """The parts, each a weighted mean over phrases; their sum is minimised."""
    overlap = (pair_iou(answer.boxes, truth.boxes) * truth.real[:, :, None]).amax(-1)  # (B, K, C)
    hits, some = overlap.detach() >= HIT, truth.real.any(-1)
    parts = {
        "score": _score(answer.logits, hits),
        "rank": _rank(answer.logits, hits),
        "free": _free(answer, truth),
        "refine": _refine(answer, truth),
        "heat": _heat(answer.heat, truth) * some,
        "here": 0.3 * F.binary_cross_entropy_with_logits(answer.here, some.float(), reduction="none")}
    return {name: (part * truth.weight).sum() / truth.weight.sum().clamp(min=1e-6) for name, part in parts.items()}


def _score(logits: Tensor, hits: Tensor) -> Tensor:
    """Each candidate alone: does it hit? Summed, so that the few hits are not drowned by how many there are to choose from."""
    return F.binary_cross_entropy_with_logits(logits, hits.float(), reduction="none").sum(-1) / 8


def _rank(logits: Tensor, hits: Tensor) -> Tensor:
    """Candidates against one another: minus the log of the chance that softmax gives to the hits; 0 where nothing hits."""
    chosen = logits.masked_fill(~hits, -1e4).logsumexp(-1) - logits.logsumexp(-1)
    return torch.where(hits.any(-1), -chosen, torch.zeros_like(chosen))


def _free(answer: Answer, truth: Truth) -> Tensor:
    """L1 + GIoU of the box drawn freely, for phrases with exactly one target (Pseudo-Q, section 3.3)."""
    target = truth.boxes[:, :, 0]
    distance = 2 * (answer.free - target).abs().sum(-1) + 1 - giou(answer.free, target)
    return distance * (truth.real.sum(-1) == 1)


def _refine(answer: Answer, truth: Truth) -> Tensor:
    """L1 + GIoU of candidates that were offered near a target, so that they are drawn onto it; judged by where they were offered,
    or one that was drawn off it would never find back."""
    overlap, best = (pair_iou(answer.offered, truth.boxes) * truth.real[:, :, None]).max(-1)  # (B, K, C)
    near = overlap >= 0.35
    target = truth.boxes.gather(2, best[..., None].expand(-1, -1, -1, 4))
    distance = 2 * (answer.boxes - target).abs().sum(-1) + 1 - giou(answer.boxes, target)
    return (distance * near).sum(-1) / near.sum(-1).clamp(min=1)


def _heat(heat: Tensor, truth: Truth) -> Tensor:
    """Each cell of the grid: how much of it do the targets cover?"""
    side = round(heat.shape[-1] ** 0.5)
    across, down = cover(truth.boxes, side, 0), cover(truth.boxes, side, 1)  # (B, K, T, side)
    inside = (down[..., :, None] * across[..., None, :]).flatten(-2) * truth.real[..., None]
    return F.binary_cross_entropy_with_logits(heat, inside.amax(2).clamp(0, 1), reduction="none").mean(-1)
