"""Disjoint training: every sample teaches what it knows, and leaves the rest alone.

Zhou et al. 2023 (dense video object captioning), section 3.5: the loss is a sum in which each part carries a switch, 0 or 1, that
says whether the sample knows that part. A photo with phrases teaches sentences, a fake film which thing is which, a drawn film both.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from grounding.nn.association.matching import Sightings, association_loss
from grounding.nn.captioning.network import CaptionNet, TellingNet, Views

SMOOTHING = 0.05  # of the next piece (the paper: 0.1); a smaller one leaves likelihoods closer to what they say


@dataclass(frozen=True)
class Switches:
    """What a sample knows: which boxes hold a thing, which boxes are the same thing, sentences, places of their words."""

    boxes: int = 0
    tracks: int = 0
    sentences: int = 0
    places: int = 0


@dataclass(frozen=True)
class Sample:
    """What a step learns from. `seen` with `identity` (B, M) from 1 on (0: no thing) where boxes or tracks are known; `views` with
    `pieces` (S, L) where sentences are, `spots` (S, L - 1, 4) the boxes of the words read there, `spotted` (S, L - 1) where known."""

    switches: Switches
    seen: Sightings | None = None
    identity: Tensor | None = None
    views: Views | None = None
    pieces: Tensor | None = None
    spots: Tensor | None = None
    spotted: Tensor | None = None


def disjoint_loss(net: TellingNet, sample: Sample) -> dict[str, Tensor]:
    """The parts whose switch is on; their sum is minimised."""
    on, parts = sample.switches, {}
    if on.boxes or on.tracks:
        same, thing = net.match(sample.seen)
        if on.boxes:
            parts["boxes"] = _thing_loss(thing, sample)
        if on.tracks:
            parts["tracks"] = association_loss(same, sample.identity, sample.seen.frames)
    if on.sentences or on.places:
        parts |= _telling_losses(net.tell, sample)
    return parts


def _thing_loss(thing: Tensor, sample: Sample) -> Tensor:
    """Is there anything in this box?"""
    each = torch.nn.functional.binary_cross_entropy_with_logits(thing, (sample.identity > 0).float(), reduction="none")
    return 0.3 * (each * sample.seen.real).sum() / sample.seen.real.sum().clamp(min=1)


def _telling_losses(net: CaptionNet, sample: Sample) -> dict[str, Tensor]:
    prefix = _now_and_then_blind(net, net.read(sample.views))
    states = net.write(prefix, sample.pieces[:, :-1])
    parts = {}
    if sample.switches.sentences:
        target = sample.pieces[:, 1:]
        chances = net.next(states)
        told = target != 0
        right = chances.gather(-1, target[..., None])[..., 0]
        each = (1 - SMOOTHING) * right + SMOOTHING * chances.mean(-1)
        parts["sentences"] = -(each * told).sum() / told.sum()
    if sample.switches.places:
        off = (net.where(states) - sample.spots).abs().sum(-1)
        parts["places"] = (off * sample.spotted).sum() / sample.spotted.sum().clamp(min=1)
    return parts


def _now_and_then_blind(net: CaptionNet, prefix):
    """One thing in twelve is not seen at all, so that the network knows how likely a sentence is by itself."""
    if not net.training:
        return prefix
    blind = torch.rand(len(prefix.bias)) < 1 / 12
    return type(prefix)(prefix.layers, torch.where(blind[:, None], prefix.blind().bias, prefix.bias))
