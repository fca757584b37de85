"""Caption search: the most likely sentence under a caption network, by beam search."""

from __future__ import annotations

import torch
from torch import Tensor

from grounding.nn.captioning.network import CaptionDecoder, Prefix, start_sequences
from grounding.nn.captioning.vocabulary import BEGIN, END, PAD, UNKNOWN


@torch.inference_mode()
def beam_search(net: CaptionDecoder, prefix: Prefix, max_pieces: int = 24, beam_width: int = 1) -> tuple[Tensor, Tensor]:
    """(S, L) pieces from BEGIN to END, padded with 0, and the (S,) mean log-probability of a piece, END included.

    Greedy with a `beam_width` of 1. A piece is not repeated immediately; a sentence has at least one piece.
    """
    count = len(prefix.attention_bias)
    rows = torch.arange(count).repeat_interleave(beam_width)
    prefix, sequences = prefix.keep(rows), start_sequences(count * beam_width)
    scores = torch.zeros(count, beam_width)
    scores[:, 1:] = -1e9  # the beams of an object start identical: only one of them counts
    finished = torch.zeros(count * beam_width, dtype=torch.bool)
    for step in range(max_pieces):
        log_probs = _next_log_probs(net, prefix, sequences, finished, step, max_pieces)
        best, flat_index = (scores[:, :, None] + log_probs.unflatten(0, (count, beam_width))).flatten(1).topk(beam_width)  # (S, beam)
        source = (flat_index // log_probs.shape[1] + torch.arange(count)[:, None] * beam_width).flatten()
        piece = (flat_index % log_probs.shape[1]).flatten()
        sequences, scores = torch.cat([sequences[source], piece[:, None]], 1), best
        finished = finished[source] | (piece == END)
        if finished.all():
            break
    lengths = ((sequences != PAD).sum(1) - 1).unflatten(0, (count, beam_width))
    means = scores / lengths
    chosen = means.argmax(1)
    return sequences.unflatten(0, (count, beam_width))[torch.arange(count), chosen], means[torch.arange(count), chosen]


def _next_log_probs(net: CaptionDecoder, prefix: Prefix, sequences: Tensor, finished: Tensor, step: int, max_pieces: int) -> Tensor:
    """(N, vocabulary_size) log-probabilities of the next piece; after END only padding follows, at log-probability 0."""
    log_probs = net.next_log_probs(net.decode(prefix, sequences)[:, -1])
    log_probs[:, [PAD, BEGIN, UNKNOWN]] = -1e9
    if step == 0:
        log_probs[:, END] = -1e9
    else:
        log_probs.scatter_(1, sequences[:, -1:], -1e9)
    if step == max_pieces - 1:
        log_probs = torch.where(torch.arange(log_probs.shape[1]) == END, log_probs, torch.tensor(-1e9))
    log_probs[finished] = -1e9
    log_probs[finished, PAD] = 0.0
    return log_probs
