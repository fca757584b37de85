"""The paper's form of the grounding network (Jiang et al. 2022, "Pseudo-Q", section 3.3): one box is regressed from picture and phrase together.

Every layer of a visual encoder meets the phrase (multi-level cross-modality attention, ML-CMA); both then pass through one more
transformer, whose token [REG] becomes the box. Built to be measured beside `nn.network`, and trained by the same loop.
Where this differs from the paper:

- It stands on our cached features and on MiniLM (384 wide), both frozen, instead of a trained ResNet-50 and BERT (768 wide), which two
  cores cannot train. Photos are squashed to a square, so no cell of the grid is padding.
- Padding of a phrase is hidden from attention. The authors' release adds its mask of booleans to the logits, so that padding gets
  +1, not minus infinity, and is looked at more than the words.
- Phrases may have 39 word pieces, not 20, of which the prompt already takes nine.
- `learning.losses` counts L1 twice, and over corners instead of centre and extent; GIoU is the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.grounding.batches import Scenes, Words
from grounding.nn.grounding.network import Answer
from grounding.nn.parts.geometry import resized

PROMPT = "find the region that corresponds to the description {}"  # the release's sentence for RefCOCO and Flickr30k


def prompted(phrase: str) -> str:
    """A phrase in the fixed sentence that the paper wraps around every one, in training and after; the language model reads this."""
    return PROMPT.format(phrase)


@dataclass(frozen=True)
class PaperShape:
    """The sizes; the defaults are those of the paper and its release, but for `levels`, which are our frozen features."""

    levels: tuple[tuple[str, int], ...] = (("ssd19", 576), ("ssd10", 1280), ("eff28", 40), ("eff14", 112), ("eff7", 320))
    side: int = 20  # ResNet-50 at stride 32 of 640 pixels
    text: int = 768  # BERT-base
    pieces: int = 40  # most word pieces of a phrase; release: 20
    width: int = 256  # DETR's, in the encoder and in the fusion
    heads: int = 8  # of both; ML-CMA has one
    wide: int = 2048  # feed-forward part of both
    encoders: int = 6  # DETR's; the output of each is a level
    fusers: int = 6  # layers after ML-CMA, as in TransVG
    dropout: float = 0.1  # everywhere

    @classmethod
    def on_minilm(cls, **changes) -> PaperShape:
        """For the states of our language model and the grid of `nn.network`."""
        return cls(**({"text": 384, "side": 12} | changes))


@dataclass(frozen=True)
class Seen:
    """`levels` (B, encoders, cells, width): what every layer of the visual encoder made of the pictures."""

    levels: Tensor


class PostLayer(nn.Module):
    """A transformer layer as in DETR: norms come after, places are added to queries and keys but not to values."""

    def __init__(self, width: int, heads: int, wide: int, dropout: float):
        super().__init__()
        self.heads, self.rate = heads, dropout
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.think = nn.Sequential(nn.Linear(width, wide), nn.ReLU(), nn.Dropout(dropout), nn.Linear(wide, width))
        self.norm1, self.norm2, self.drop = nn.LayerNorm(width), nn.LayerNorm(width), nn.Dropout(dropout)

    def forward(self, x: Tensor, place: Tensor, real: Tensor | None = None) -> Tensor:
        """x (M, N, width); place (N, width); real (M, N) bool, False where a token is padding."""
        lies = x + place
        q, k, v = (y.unflatten(-1, (self.heads, -1)).transpose(1, 2) for y in (self.query(lies), self.key(lies), self.value(x)))
        mask = None if real is None else real[:, None, None, :]
        y = F.scaled_dot_product_attention(q, k, v, mask, self.rate * self.training).transpose(1, 2).flatten(2)
        x = self.norm1(x + self.drop(self.out(y)))
        return self.norm2(x + self.drop(self.think(x)))


class Side(nn.Module):
    """One side of ML-CMA: tokens of one kind look at those of the other, with one head, at every level with the same weights."""

    def __init__(self, width: int, other: int, levels: int, dropout: float):
        super().__init__()
        self.query, self.out = nn.Linear(width, width), nn.Linear(width, width)
        self.key, self.value = nn.Linear(other, width), nn.Linear(other, width)
        self.norm, self.drop = nn.LayerNorm(width, 1e-12), nn.Dropout(dropout)
        self.mix = nn.Linear(levels * width, width)

    def forward(self, x: Tensor, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        """x and query (M, 1 or V, N, width); key, value (M, 1 or V, N', width); -> (M, N, width) of all V levels together."""
        levels = max(query.shape[1], key.shape[1])
        q, k, v = (part.expand(-1, levels, -1, -1) for part in (query, key, value))
        y = self.norm(x + self.drop(self.out(F.scaled_dot_product_attention(q, k, v, mask))))  # (M, V, N, width)
        return self.mix(y.transpose(1, 2).flatten(2))


class CrossModality(nn.Module):
    """Multi-level cross-modality attention (section 3.3): each level of the picture meets the same words."""

    def __init__(self, text: int, width: int, levels: int, dropout: float = 0.1):
        super().__init__()
        self.text, self.image = Side(text, width, levels, dropout), Side(width, text, levels, dropout)

    def forward(self, words: Tensor, real: Tensor, levels: Tensor, picture: Tensor) -> tuple[Tensor, Tensor]:
        """words (M, L, text) and real (M, L); levels (B, V, N, width); picture (M,) which of the B each phrase is about
        -> (M, L, text) and (M, N, width). What does not depend on the phrase is computed once a picture."""
        text, image, told = self.text, self.image, words[:, None]
        heard = text(told, text.query(told), text.key(levels)[picture], text.value(levels)[picture])
        looked = image(levels[picture], image.query(levels)[picture], image.key(told), image.value(told), real[:, None, None, :])
        return heard, looked


class PaperNet(nn.Module):
    """Has `see` and `ask` like `nn.network.GroundingNet`; its answers have one candidate, the box. It cannot say "not here"."""

    def __init__(self, shape: PaperShape = PaperShape()):
        super().__init__()
        self.shape, width = shape, shape.width
        self.levels = nn.ModuleDict({name: nn.Linear(channels, width) for name, channels in shape.levels})
        layer = (width, shape.heads, shape.wide, shape.dropout)
        self.encoders = nn.ModuleList(PostLayer(*layer) for _ in range(shape.encoders))
        self.meet = CrossModality(shape.text, width, shape.encoders, shape.dropout)
        self.image, self.text = nn.Linear(width, width), nn.Linear(shape.text, width)
        self.fusers = nn.ModuleList(PostLayer(*layer) for _ in range(shape.fusers))
        self.reg = nn.Parameter(torch.randn(width))
        self.places = nn.Parameter(torch.randn(1 + shape.pieces + shape.side ** 2, width))
        self.head = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 4))
        self.register_buffer("waves", waves(shape.side, width), persistent=False)
        for matrix in (weight for part in (self.encoders, self.fusers) for weight in part.parameters() if weight.dim() > 1):
            nn.init.xavier_uniform_(matrix)  # as DETR and TransVG begin

    def see(self, scenes: Scenes) -> Seen:
        """The visual encoder, once a picture; proposals and other candidates are not looked at."""
        x = sum(self.levels[name](resized(scenes.levels[name], self.shape.side)) for name in self.levels)  # (B, cells, width)
        kept = []
        for layer in self.encoders:
            x = layer(x, self.waves)
            kept.append(x)
        return Seen(torch.stack(kept, 1))

    def ask(self, seen: Seen, words: Words) -> Answer:
        """Every phrase alone with its picture, which is repeated for it: few phrases a batch, then."""
        picture = words.asked.nonzero()[:, 0]  # (M,)
        states, real = apart(words)
        box = self._box(*self.meet(states, real, seen.levels, picture), real)
        found = box.new_full((*words.asked.shape, 4), 0.5).masked_scatter(words.asked[..., None], box)
        half = found[..., 2:] / 2
        free = torch.cat([found[..., :2] - half, found[..., :2] + half], -1)  # (B, K, 4)
        nothing = torch.zeros_like(free[..., :1])
        drawn = free.detach().clamp(0, 1)[:, :, None]
        return Answer(drawn, nothing, free, nothing, nothing[..., 0], drawn)

    def _box(self, words: Tensor, cells: Tensor, real: Tensor) -> Tensor:
        """(M, L, text) and (M, N, width) to (M, 4) centre and extent in (0, 1)."""
        length = words.shape[1]
        x = torch.cat([self.reg.expand(len(words), 1, -1), self.text(words), self.image(cells)], 1)
        place = torch.cat([self.places[: 1 + length], self.places[1 + self.shape.pieces:]])
        real = F.pad(F.pad(real, (1, 0), value=True), (0, cells.shape[1]), value=True)
        for layer in self.fusers:
            x = layer(x, place, real)
        return self.head(x[:, 0]).sigmoid()


def apart(words: Words) -> tuple[Tensor, Tensor]:
    """The M phrases that were asked, each in a row of its own: (M, L, text) states and (M, L) bool, False for padding."""
    count = words.opening.shape[1]
    lengths = (words.phrase[:, None, :] == torch.arange(count)[:, None]).sum(-1)  # (B, K)
    step = torch.arange(int(lengths.max()) if lengths.numel() else 0)
    at = (words.opening[..., None] + step).clamp(max=words.states.shape[1] - 1)  # (B, K, L)
    rows = torch.arange(len(at))[:, None, None].expand_as(at)
    real = step < lengths[..., None]
    return (words.states[rows, at] * real[..., None])[words.asked], real[words.asked]


def waves(side: int, width: int) -> Tensor:
    """(side * side, width) two-dimensional sine positions, row by row, as in DETR: half of the width for rows, half for columns."""
    quarter = width // 4
    lengths = 10000.0 ** (torch.arange(quarter) / quarter)
    angles = 2 * torch.pi * (torch.arange(side) + 1)[:, None] / side / lengths
    line = torch.stack([angles.sin(), angles.cos()], -1).flatten(1)  # (side, width / 2)
    down, across = line[:, None].expand(-1, side, -1), line[None].expand(side, -1, -1)
    return torch.cat([down, across], -1).flatten(0, 1)
