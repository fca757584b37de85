"""Caption search: the likeliest sentence a caption network would say, found word by word."""

from __future__ import annotations

import torch
from torch import Tensor

from grounding.nn.captioning.network import CaptionNet, Prefix, begun
from grounding.nn.captioning.vocabulary import BEGIN, END, PAD, UNKNOWN


@torch.inference_mode()
def say(net: CaptionNet, prefix: Prefix, longest: int = 24, beam: int = 1) -> tuple[Tensor, Tensor]:
    """(S, L) pieces from BEGIN to END, padded with 0, and the (S,) mean log-probability of a piece, the end included.

    Greedy with a `beam` of 1. The piece just said is not said again; a sentence has one piece at least.
    """
    count = len(prefix.bias)
    rows = torch.arange(count).repeat_interleave(beam)
    prefix, said = prefix.keep(rows), begun(count * beam)
    total = torch.zeros(count, beam)
    total[:, 1:] = -1e9  # the beams of a thing begin alike: only one of them counts
    ended = torch.zeros(count * beam, dtype=torch.bool)
    for turn in range(longest):
        following = _following(net, prefix, said, ended, turn, longest)
        best, place = (total[:, :, None] + following.unflatten(0, (count, beam))).flatten(1).topk(beam)  # (S, beam)
        source = (place // following.shape[1] + torch.arange(count)[:, None] * beam).flatten()
        piece = (place % following.shape[1]).flatten()
        said, total = torch.cat([said[source], piece[:, None]], 1), best
        ended = ended[source] | (piece == END)
        if ended.all():
            break
    lengths = ((said != PAD).sum(1) - 1).unflatten(0, (count, beam))
    means = total / lengths
    chosen = means.argmax(1)
    return said.unflatten(0, (count, beam))[torch.arange(count), chosen], means[torch.arange(count), chosen]


def _following(net: CaptionNet, prefix: Prefix, said: Tensor, ended: Tensor, turn: int, longest: int) -> Tensor:
    """(N, pieces) log-probabilities of what may follow; after the end only padding does, for nothing."""
    found = net.next(net.write(prefix, said)[:, -1])
    found[:, [PAD, BEGIN, UNKNOWN]] = -1e9
    if turn == 0:
        found[:, END] = -1e9
    else:
        found.scatter_(1, said[:, -1:], -1e9)
    if turn == longest - 1:
        found = torch.where(torch.arange(found.shape[1]) == END, found, torch.tensor(-1e9))
    found[ended] = -1e9
    found[ended, PAD] = 0.0
    return found
