"""The grounding network: what was seen and the words of phrases go in; for each phrase, boxes with scores come out.

The picture is encoded once (`see`), every phrase is cheap (`ask`). docs/methods/grounder.md has a drawing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.grounding.batches import Scenes, Words
from grounding.nn.grounding.candidates import RANKS, places
from grounding.nn.parts.attention import CrossLayer, Pairs, SelfLayer
from grounding.nn.parts.geometry import BoxCode, cells, from_center, moved, pool, resized, within
from grounding.nn.parts.heads import Choice, Heat, heat_in_boxes

TINTED = ((.15, .1, .85, .9), (.15, .1, .85, .5), (.15, .5, .85, .9))  # where in a box its colours are read: its middle, upper and lower half
VIVID = 2.5  # what a named colour counts in the scores; chosen on the photos for choosing
FAINT = 0.05  # share of a colour that is hardly any
FEW = 0.05  # candidates together as sure as this are hardly one
OUTER = 2.0  # what a named place counts in the scores; chosen likewise


@dataclass(frozen=True)
class Shape:
    """The sizes of the network; saved beside its weights."""

    levels: tuple[tuple[str, int], ...] = (("ssd19", 576), ("ssd10", 1280), ("eff28", 40), ("eff14", 112), ("eff7", 320))
    side: int = 12  # rows and columns of the grid all levels are brought to
    tints: int = 12  # channels of the level "tint"
    text: int = 384
    text_depth: int = 6  # layers of the language model that are read
    width: int = 192
    heads: int = 4
    wide: int = 512
    encoders: int = 2
    decoders: int = 3
    narrow: int = 96
    rankers: int = 1
    names: int = 87  # detector's names, parts of people, "people", "picture"
    dropout: float = 0.0

    @classmethod
    def fast(cls, **changes) -> Shape:
        """Half as wide, fewer layers, a shallower language model."""
        small = {"side": 10, "text_depth": 3, "width": 128, "wide": 256, "encoders": 1, "decoders": 2, "narrow": 64}
        return cls(**(small | changes))


@dataclass(frozen=True)
class Encoded:
    """B pictures as the network knows them, with everything computed that is the same for all phrases.

    `grid` (B, cells, width); `pairs`: keys and values of cells and candidates for each decoder; `warm` (B, cells, width) and `offers`
    (2, B, C, narrow): what the heads know; `boxes` (B, C, 4). One longer, for the box a phrase will draw: `named` (B, C + 1, text) unit
    vectors, `scores` and `real` (B, C + 1), `ranks` (B, C + 1, RANKS), `tints` (B, C + 1, 3 * tints).
    """

    grid: Tensor
    pairs: tuple[Pairs, ...]
    warm: Tensor
    offers: Tensor
    boxes: Tensor
    named: Tensor
    scores: Tensor
    real: Tensor
    ranks: Tensor
    tints: Tensor


@dataclass(frozen=True)
class Answer:
    """For K phrases: `boxes` (B, K, C + 1, 4) and `logits` (B, K, C + 1) of all candidates and, last, of the box drawn freely;
    `offered` (B, K, C + 1, 4) these boxes before they were refined, `free` (B, K, 4) the last of them, with its gradient;
    `heat` (B, K, cells) logits; `here` (B, K) logit that there is one at all."""

    boxes: Tensor
    logits: Tensor
    free: Tensor
    heat: Tensor
    here: Tensor
    offered: Tensor

    def best(self) -> tuple[Tensor, Tensor]:
        """(B, K, 4) the box of the best score of each phrase, and (B, K) its logit."""
        logits, rows = self.logits.max(-1)
        return self.boxes.gather(2, rows[..., None, None].expand(-1, -1, 1, 4))[:, :, 0], logits


class GroundingNet(nn.Module):
    def __init__(self, shape: Shape = Shape()):
        super().__init__()
        self.shape, width = shape, shape.width
        self.levels = nn.ModuleDict({name: nn.Linear(channels, width) for name, channels in shape.levels})
        self.zooms = nn.ModuleDict({name: nn.Linear(dict(shape.levels)[name], width) for name in ("ssd19", "eff28", "eff14")})
        self.place, self.kind = BoxCode(width), nn.Embedding(4, width)
        self.name, self.sure = nn.Linear(shape.text, width), nn.Linear(2, width)
        self.rank, self.seeks = nn.Linear(RANKS, width), nn.Linear(width, RANKS)
        self.tint, self.paints = (nn.Linear(*sizes) for sizes in ((len(TINTED) * shape.tints, width), (width, len(TINTED) * shape.tints)))
        self.seen_norm = nn.LayerNorm(width)
        layer = (width, shape.heads, shape.wide, shape.dropout)
        self.encoders = nn.ModuleList(SelfLayer(*layer) for _ in range(shape.encoders))
        self.word, self.opening = nn.Linear(shape.text, width), nn.Parameter(torch.zeros(width))
        self.memory_norm, self.phrase_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.decoders = nn.ModuleList(CrossLayer(*layer) for _ in range(shape.decoders))
        self.heat, self.here = Heat(width), nn.Linear(width, 1)
        self.draw = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, 4))
        self.drawn = nn.Linear(width, width)
        self.choice = Choice(width, shape.narrow, 7, shape.rankers, shape.dropout)
        self.register_buffer("names", torch.zeros(shape.names, shape.text))  # what the language model says of each name
        self.register_buffer("trust", torch.tensor([1.0, 0.0, 0.0]))  # of a score; see `certainty`
        self.register_buffer("there", torch.tensor([0.0, 0.0, 20.0]))  # of there being such a thing at all
        self.register_buffer("cells", cells(shape.side, shape.side), persistent=False)

    def see(self, scenes: Scenes) -> Encoded:
        """Pictures to tokens: a grid, and one token a candidate."""
        grid = sum(self.levels[name](resized(scenes.levels[name], self.shape.side)) for name in self.levels)  # (B, cells, width)
        grid = grid + self.place(self.cells) + self.kind.weight[3]
        offers = sum(self.zooms[name](pool(scenes.levels[name], scenes.boxes)) for name in self.zooms)
        sure = torch.stack([scenes.scores, (scenes.scores.clamp(1e-3, 0.999)).logit() / 4], -1)
        offers = offers + self.place(scenes.boxes) + self.kind(scenes.kinds) + self.name(self.names[scenes.names])
        tints = pool(scenes.levels["tint"], within(scenes.boxes, TINTED).flatten(1, 2)).unflatten(1, (-1, len(TINTED))).flatten(2)
        offers = offers + self.sure(sure) + self.rank(scenes.ranks) + self.tint(tints)
        x = self.seen_norm(torch.cat([grid, offers], 1))
        real = torch.cat([torch.ones_like(grid[..., 0], dtype=torch.bool), scenes.real], 1)
        for layer in self.encoders:
            x = layer(x, real[:, None, None, :])
        return self._kept(self.memory_norm(x), scenes, tints)

    def _kept(self, memory: Tensor, scenes: Scenes, tints: Tensor) -> Encoded:
        grid, offers = memory.split([len(self.cells), scenes.boxes.shape[1]], 1)
        return Encoded(grid, tuple(layer.attend.pairs(memory) for layer in self.decoders), self.heat.known(grid), self.choice.known(offers),
                       scenes.boxes, F.pad(F.normalize(self.names, dim=-1)[scenes.names], (0, 0, 0, 1)), F.pad(scenes.scores, (0, 1)),
                       F.pad(scenes.real, (0, 1), value=True), F.pad(scenes.ranks, (0, 0, 0, 1)), F.pad(tints, (0, 0, 0, 1)))

    def ask(self, seen: Encoded, words: Words) -> Answer:
        """Phrases of each picture to their boxes."""
        phrases = self._read(seen, words)  # (B, K, width)
        heat = self.heat(phrases, seen.warm)
        free = from_center(self.draw(phrases).sigmoid())
        drawn = self.drawn(pool(_as_grid(seen.grid, self.shape.side), free)) + self.place(free.detach())
        boxes = torch.cat([seen.boxes[:, None].expand(-1, free.shape[1], -1, -1), free.detach()[:, :, None]], 2)
        real = seen.real[:, None]
        logits, change = self.choice(phrases, seen.offers, drawn, self._hints(seen, words, phrases, heat, boxes), real)
        logits = logits.masked_fill(~real, -20.0)
        return Answer(moved(boxes, change), logits, free, heat, self.here(phrases)[..., 0], boxes)

    def painted(self, answer: Answer, seen: Encoded, colours: Tensor) -> Answer:
        """The answer with the colours (B, K, tints) bool that phrases name counted in: a candidate that has r times as much of them as
        is usual among what the phrase might mean gains VIVID log r. The box drawn freely gains what the best of the others does.
        Counted, not learned: people seldom say a colour where it decides."""
        shares = seen.tints.unflatten(-1, (len(TINTED), -1)).mean(-2)  # (B, C + 1, tints)
        much, sure = (colours.to(shares) @ shares.mT)[..., :-1], answer.logits[..., :-1].sigmoid()  # (B, K, C)
        usual = (much * sure).sum(-1, keepdim=True) / sure.sum(-1, keepdim=True)
        return _gained(answer, VIVID * ((much + FAINT) / (usual + FAINT)).log() * colours.any(-1, keepdim=True))

    def placed(self, answer: Answer, seen: Encoded, sought: Tensor) -> Answer:
        """The answer with the places (B, K, 6) bool that phrases name counted in: how others may not lie to what is meant (`LIES`;
        to "the left dog" no dog lies left). A candidate loses OUTER times the share of such others, each weighed by how surely it is
        what the phrase means as well."""
        elsewhere, lies = (torch.from_numpy(np.stack(parts)).to(answer.logits) for parts in zip(*map(places, seen.boxes.cpu().numpy())))
        rivals = answer.logits[..., None, :-1].sigmoid() * elsewhere[:, None]  # (B, K, C, C)
        wrong = torch.einsum("bkij,bijr,bkr->bki", rivals, lies, sought.to(lies))
        return _gained(answer, -OUTER * wrong / (rivals.sum(-1) + FEW))

    def certainty(self, answer: Answer) -> Tensor:
        """(B, K, C + 1) the chance that a candidate is right: that there is such a thing, times that this is it. Both are logistic
        in the score and in *here*, with weights fitted on photos kept for that (Platt 1999)."""
        chances = []
        for (scale, here, shift), logits in ((self.trust, answer.logits), (self.there, answer.logits.amax(-1, keepdim=True))):
            chances.append((scale * logits + here * answer.here[..., None] + shift).sigmoid())
        return chances[0] * chances[1]

    def _read(self, seen: Encoded, words: Words) -> Tensor:
        opens = torch.zeros_like(words.phrase, dtype=torch.bool).scatter(1, words.opening, words.asked)
        x = self.word(words.states) + opens[..., None] * self.opening
        own = (words.phrase[:, :, None] == words.phrase[:, None, :])[:, None]
        real = F.pad(seen.real[:, :-1], (seen.grid.shape[1], 0), value=True)[:, None, None, :]
        for layer, pairs in zip(self.decoders, seen.pairs):
            x = layer(x, pairs, own, real)
        return self.phrase_norm(x.gather(1, words.opening[..., None].expand(-1, -1, x.shape[-1])))

    def _hints(self, seen: Encoded, words: Words, phrases: Tensor, heat: Tensor, boxes: Tensor) -> Tensor:
        """(B, K, C + 1, 7): how alike phrase and name are (whole phrase; its closest word), the detector's score, whether the
        candidate has the place among its like that the phrase seeks and the colours, the heat in the box."""
        pieces = F.normalize(words.states, dim=-1) @ seen.named.mT  # (B, T, C + 1)
        own = words.phrase[:, None, :] == torch.arange(words.opening.shape[1])[:, None]  # (B, K, T)
        mean = F.normalize(own.float() @ words.states, dim=-1) @ seen.named.mT
        closest = (pieces[:, None] - 2 * (~own)[..., None]).amax(2)  # (B, K, C + 1)
        closest = closest.clamp(min=-1)
        scores, place, paint = seen.scores[:, None].expand_as(mean), self.seeks(phrases) @ seen.ranks.mT, self.paints(phrases) @ seen.tints.mT
        inside = heat_in_boxes(heat.sigmoid(), boxes, self.shape.side)
        return torch.cat([torch.stack([mean, closest, scores, place, paint], -1), inside], -1)


def _gained(answer: Answer, gain: Tensor) -> Answer:
    """The answer with (B, K, C) added to the logits of candidates; the box drawn freely gains what the best of them does."""
    best = answer.logits[..., :-1].argmax(-1, keepdim=True)
    return replace(answer, logits=answer.logits + torch.cat([gain, gain.gather(-1, best)], -1))


def _as_grid(tokens: Tensor, side: int) -> Tensor:
    return tokens.mT.unflatten(-1, (side, side))
