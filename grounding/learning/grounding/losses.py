"""Losses of the grounding network."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from grounding.nn.grounding.network import GroundingNet, GroundingOutput
from grounding.nn.parts.geometry import giou, pair_iou, strip_coverage

HIT_IOU = 0.5  # IoU from which a box counts as found


@dataclass(frozen=True)
class GroundingTargets:
    """`boxes` (B, K, T, 4) as fractions, `valid` (B, K, T) bool (none valid: there is no such object),
    `phrase_weight` (B, K), 0 for padding."""

    boxes: Tensor
    valid: Tensor
    phrase_weight: Tensor


def grounding_batch_losses(net: GroundingNet, batch: tuple) -> dict[str, Tensor]:
    """The losses of a grounder on (images, texts, truth)."""
    images, texts, truth = batch
    return grounding_losses(net.ground(net.encode(images), texts), truth)


def grounding_losses(output: GroundingOutput, truth: GroundingTargets) -> dict[str, Tensor]:
    """The parts, each a weighted mean over phrases; their sum is minimised."""
    overlap = (pair_iou(output.boxes, truth.boxes) * truth.valid[:, :, None]).amax(-1)  # (B, K, C)
    hits, exists = overlap.detach() >= HIT_IOU, truth.valid.any(-1)
    parts = {
        "score": _score_loss(output.logits, hits),
        "rank": _rank_loss(output.logits, hits),
        "free": _regression_loss(output, truth),
        "refine": _refinement_loss(output, truth),
        "heat": _heatmap_loss(output.heatmap_logits, truth) * exists,
        "here": 0.3 * F.binary_cross_entropy_with_logits(output.existence_logits, exists.float(), reduction="none")}
    return {name: (part * truth.phrase_weight).sum() / truth.phrase_weight.sum().clamp(min=1e-6) for name, part in parts.items()}


def _score_loss(logits: Tensor, hits: Tensor) -> Tensor:
    """Each candidate alone: does it hit? Summed, so that the few hits are not outweighed by the many misses."""
    return F.binary_cross_entropy_with_logits(logits, hits.float(), reduction="none").sum(-1) / 8


def _rank_loss(logits: Tensor, hits: Tensor) -> Tensor:
    """Candidates against one another: minus the log of the chance that softmax gives to the hits; 0 where nothing hits."""
    chosen = logits.masked_fill(~hits, -1e4).logsumexp(-1) - logits.logsumexp(-1)
    return torch.where(hits.any(-1), -chosen, torch.zeros_like(chosen))


def _regression_loss(output: GroundingOutput, truth: GroundingTargets) -> Tensor:
    """L1 + GIoU of the regressed box, for phrases with exactly one target (Pseudo-Q, section 3.3)."""
    target = truth.boxes[:, :, 0]
    distance = 2 * (output.regressed_boxes - target).abs().sum(-1) + 1 - giou(output.regressed_boxes, target)
    return distance * (truth.valid.sum(-1) == 1)


def _refinement_loss(output: GroundingOutput, truth: GroundingTargets) -> Tensor:
    """L1 + GIoU of refined candidates whose unrefined box lies near a target; chosen by the unrefined box, or one that was
    refined away from the target would never get a gradient back to it."""
    overlap, best = (pair_iou(output.unrefined_boxes, truth.boxes) * truth.valid[:, :, None]).max(-1)  # (B, K, C)
    near = overlap >= 0.35
    target = truth.boxes.gather(2, best[..., None].expand(-1, -1, -1, 4))
    distance = 2 * (output.boxes - target).abs().sum(-1) + 1 - giou(output.boxes, target)
    return (distance * near).sum(-1) / near.sum(-1).clamp(min=1)


def _heatmap_loss(heatmap: Tensor, truth: GroundingTargets) -> Tensor:
    """Each cell of the grid: how much of it do the targets cover?"""
    side = round(heatmap.shape[-1] ** 0.5)
    across, down = strip_coverage(truth.boxes, side, 0), strip_coverage(truth.boxes, side, 1)  # (B, K, T, side)
    inside = (down[..., :, None] * across[..., None, :]).flatten(-2) * truth.valid[..., None]
    return F.binary_cross_entropy_with_logits(heatmap, inside.amax(2).clamp(0, 1), reduction="none").mean(-1)
