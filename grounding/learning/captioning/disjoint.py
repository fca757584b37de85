"""Disjoint training: each batch contributes only the losses for which it has labels.

Zhou et al. 2023 (dense video object captioning), section 3.5: the loss is a sum in which each part has a mask, 0 or 1, that
tells whether the batch is labelled for that part. Photos with phrases have captions, photo clips have tracks, synthetic clips both.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from grounding.nn.association.matching import DetectionBatch, association_loss
from grounding.nn.captioning.network import CaptionDecoder, CaptionerNet, ObjectBatch

LABEL_SMOOTHING = 0.05  # of the next token (the paper: 0.1); with a smaller one likelihoods are better calibrated


@dataclass(frozen=True)
class TaskMasks:
    """What a batch is labelled with: objectness of boxes, identities of boxes, captions, boxes of their words; 0 or 1."""

    boxes: int = 0
    tracks: int = 0
    captions: int = 0
    word_boxes: int = 0


@dataclass(frozen=True)
class CaptionBatch:
    """The batch of a step. `detections` with `object_ids` (B, M) from 1 on (0: no object) where boxes or tracks are labelled;
    `object_batch` with `token_ids` (S, L) where captions are, `word_boxes` (S, L - 1, 4) the boxes of the words read there,
    `word_box_mask` (S, L - 1) where known."""

    task_masks: TaskMasks
    detections: DetectionBatch | None = None
    object_ids: Tensor | None = None
    object_batch: ObjectBatch | None = None
    token_ids: Tensor | None = None
    word_boxes: Tensor | None = None
    word_box_mask: Tensor | None = None


def disjoint_losses(net: CaptionerNet, sample: CaptionBatch) -> dict[str, Tensor]:
    """The parts whose mask is 1; their sum is minimised."""
    tasks, parts = sample.task_masks, {}
    if tasks.boxes or tasks.tracks:
        match_logits, objectness = net.association(sample.detections)
        if tasks.boxes:
            parts["boxes"] = _objectness_loss(objectness, sample)
        if tasks.tracks:
            parts["tracks"] = association_loss(match_logits, sample.object_ids, sample.detections.frames)
    if tasks.captions or tasks.word_boxes:
        parts |= _caption_losses(net.decoder, sample)
    return parts


def _objectness_loss(objectness: Tensor, sample: CaptionBatch) -> Tensor:
    """Is there anything in this box?"""
    each = torch.nn.functional.binary_cross_entropy_with_logits(objectness, (sample.object_ids > 0).float(), reduction="none")
    return 0.3 * (each * sample.detections.valid).sum() / sample.detections.valid.sum().clamp(min=1)


def _caption_losses(net: CaptionDecoder, sample: CaptionBatch) -> dict[str, Tensor]:
    prefix = _drop_visual_prefix(net, net.encode(sample.object_batch))
    states = net.decode(prefix, sample.token_ids[:, :-1])
    parts = {}
    if sample.task_masks.captions:
        target = sample.token_ids[:, 1:]
        log_probs = net.next_log_probs(states)
        token_mask = target != 0
        target_log_probs = log_probs.gather(-1, target[..., None])[..., 0]
        each = (1 - LABEL_SMOOTHING) * target_log_probs + LABEL_SMOOTHING * log_probs.mean(-1)
        parts["sentences"] = -(each * token_mask).sum() / token_mask.sum()
    if sample.task_masks.word_boxes:
        off = (net.word_boxes(states) - sample.word_boxes).abs().sum(-1)
        parts["places"] = (off * sample.word_box_mask).sum() / sample.word_box_mask.sum().clamp(min=1)
    return parts


def _drop_visual_prefix(net: CaptionDecoder, prefix):
    """Drops the visual prefix of one object in twelve, so that the network learns the unconditional prior of a sentence."""
    if not net.training:
        return prefix
    dropped = torch.rand(len(prefix.attention_bias)) < 1 / 12
    return type(prefix)(prefix.layers, torch.where(dropped[:, None], prefix.unconditional().attention_bias, prefix.attention_bias))
