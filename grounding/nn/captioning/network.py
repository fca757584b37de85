"""The caption network: what was seen of a thing goes in, a sentence comes out, with a place in the picture for every word.

A prefix language model (Wang et al. 2022, GIT; Zhou et al. 2023, section 3.2): the tokens of what was seen look at one another and
at no word; each word looks at all of them and at the words before it. A small head reads a box from the state of each word where it
has just been read (Xu et al. 2023, PixelLLM, section 3.3). One decoder serves boxes of photos and tracks of videos.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.association.matching import MatchNet
from grounding.nn.captioning.vocabulary import BEGIN
from grounding.nn.parts.attention import SelfLayer
from grounding.nn.parts.geometry import BoxCode, cells, from_center
from grounding.nn.tokens import AROUND, FINE_WIDTH, SIDE, WHOLE_WIDTH, parts_of

CLOSED = -1e4  # what is added where a token may not look; finite, so that a row that sees nothing stays a number


@dataclass(frozen=True)
class CaptionShape:
    """The sizes of the network; saved beside its weights."""

    pieces: int = 4200
    width: int = 160
    heads: int = 4
    wide: int = 384
    layers: int = 3
    longest: int = 32
    match: int = 128
    dropout: float = 0.1


@dataclass(frozen=True)
class Views:
    """S things to be described, V views of each: `whole` (S, V, 2328), `cells` (S, V, 9, 728), `boxes` (S, V, 4) as fractions, `times`
    (S, V) in [0, 1], `weights` (S, V) in (0, 1], `real` (S, V) bool.

    `mix` (S, K, V) makes K views out of V (None: they stay as they are). `around` (P, 36, 728) are the cells of P whole pictures,
    `picture` (S,) which of them belongs to a thing, -1 for none.
    """

    whole: Tensor
    cells: Tensor
    boxes: Tensor
    times: Tensor
    weights: Tensor
    real: Tensor
    around: Tensor
    picture: Tensor
    mix: Tensor | None = None

    def keep(self, rows: Tensor) -> Views:
        """Some of the things."""
        kept = {f.name: getattr(self, f.name) for f in fields(self)}
        return Views(**{name: value if name == "around" or value is None else value[rows] for name, value in kept.items()})


@dataclass(frozen=True)
class Prefix:
    """What the words look at: for each layer the tokens (S, P, width), and `bias` (S, P), added to the attention they get."""

    layers: tuple[Tensor, ...]
    bias: Tensor

    def keep(self, rows: Tensor) -> Prefix:
        return Prefix(tuple(layer[rows] for layer in self.layers), self.bias[rows])

    def blind(self) -> Prefix:
        """As if nothing had been seen: what remains is how likely a sentence is at all."""
        return Prefix(self.layers, torch.full_like(self.bias, CLOSED))


class CaptionNet(nn.Module):
    def __init__(self, shape: CaptionShape):
        super().__init__()
        self.shape, width = shape, shape.width
        self.whole, self.cell, self.picture = nn.Linear(WHOLE_WIDTH, width), nn.Linear(FINE_WIDTH, width), nn.Linear(FINE_WIDTH, width)
        self.place, self.kind = BoxCode(width), nn.Embedding(3, width)
        self.time = nn.Sequential(nn.Linear(9, width), nn.GELU(), nn.Linear(width, width))
        self.word, self.turn = nn.Embedding(shape.pieces, width), nn.Embedding(shape.longest, width)
        self.seen_norm, self.said_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.layers = nn.ModuleList(SelfLayer(width, shape.heads, shape.wide, shape.dropout) for _ in range(shape.layers))
        self.last, self.bias = nn.LayerNorm(width), nn.Parameter(torch.zeros(shape.pieces))
        self.point = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Linear(width, width), nn.GELU(), nn.Linear(width, 4))
        self.register_buffer("grid", cells(AROUND, AROUND), persistent=False)
        nn.init.normal_(self.word.weight, std=width ** -0.5)

    def read(self, views: Views) -> Prefix:
        """Everything that does not depend on the words, once."""
        x, bias = self._tokens(views)
        memory = []
        for layer in self.layers:
            y = layer.norm1(x)
            memory.append(y)
            x = x + layer.drop(layer.attend(y, y, bias[:, None, None, :]))
            x = x + layer.drop(layer.think(layer.norm2(x)))
        return Prefix(tuple(memory), bias)

    def write(self, prefix: Prefix, pieces: Tensor) -> Tensor:
        """(S, L) ids, the first of them BEGIN, to (S, L, width) states; each has seen the words up to its own."""
        length = pieces.shape[1]
        x = self.said_norm(self.word(pieces) * self.shape.width ** 0.5 + self.turn.weight[:length])
        causal = torch.full((length, length), CLOSED).triu(1)
        mask = torch.cat([prefix.bias[:, None, :].expand(-1, length, -1), causal.expand(len(x), -1, -1)], -1)[:, None]  # (S, 1, L, P + L)
        for layer, seen in zip(self.layers, prefix.layers):
            y = layer.norm1(x)
            x = x + layer.drop(layer.attend(y, torch.cat([seen, y], 1), mask))
            x = x + layer.drop(layer.think(layer.norm2(x)))
        return x

    def next(self, states: Tensor) -> Tensor:
        """(..., width) to (..., pieces) log-probabilities of the piece that follows."""
        return F.log_softmax(self.last(states) @ self.word.weight.mT + self.bias, -1)

    def where(self, states: Tensor) -> Tensor:
        """(..., width) to (..., 4): the box, as fractions, of the word just read."""
        return from_center(self.point(states).sigmoid())

    def likelihood(self, prefix: Prefix, pieces: Tensor) -> Tensor:
        """(S, L) ids from BEGIN to END, 0 after it: (S, L - 1) log-probability of each piece after the first, 0 at padding."""
        each = self.next(self.write(prefix, pieces[:, :-1])).gather(-1, pieces[:, 1:, None])[..., 0]
        return each * (pieces[:, 1:] != 0)

    def _tokens(self, views: Views) -> tuple[Tensor, Tensor]:
        """(S, P, width) and the (S, P) bias of attention."""
        when = self.time(_waves(views.times))[:, :, None]  # (S, V, 1, width)
        whole = self.whole(views.whole) + self.place(views.boxes) + self.kind.weight[0]
        inner = self.cell(views.cells) + self.place(parts_of(views.boxes, SIDE)) + self.kind.weight[1]
        tokens = self.seen_norm(torch.cat([whole[:, :, None], inner], 2) + when)  # (S, V, 10, width)
        bias = torch.where(views.real, views.weights.clamp(min=1e-3).log(), torch.full_like(views.weights, CLOSED))
        if views.mix is not None:
            tokens = torch.einsum("skv,svtw->sktw", views.mix, tokens)
            bias = torch.zeros(tokens.shape[:2])
        bias = bias[..., None].expand(-1, -1, tokens.shape[2]).flatten(1)
        return self._with_picture(views, tokens.flatten(1, 2), bias)

    def _with_picture(self, views: Views, tokens: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        if not len(views.around):
            return tokens, bias
        pictures = self.seen_norm(self.picture(views.around) + self.place(self.grid) + self.kind.weight[2])
        closed = torch.where(views.picture >= 0, 0.0, CLOSED)[:, None].expand(-1, pictures.shape[1])
        return torch.cat([tokens, pictures[views.picture.clamp(min=0)]], 1), torch.cat([bias, closed], 1)


class TellingNet(nn.Module):
    """Who is who (`match`) and what to say of them (`tell`): what one training teaches and one file keeps."""

    def __init__(self, shape: CaptionShape):
        super().__init__()
        self.shape = shape
        self.match, self.tell = MatchNet(shape.match), CaptionNet(shape)


def _waves(times: Tensor) -> Tensor:
    """(...,) in [0, 1] to (..., 9)."""
    angles = times[..., None] * torch.pi * torch.tensor([0.5, 1.0, 2.0, 4.0])
    return torch.cat([times[..., None], angles.sin(), angles.cos()], -1)


def begun(count: int) -> Tensor:
    """(count, 1): sentences of which nothing has been said."""
    return torch.full((count, 1), BEGIN)
