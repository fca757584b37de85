"""Fusion: attention among what was seen, and from words to what was seen."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

Pairs = tuple[Tensor, Tensor]


class Attention(nn.Module):
    """Multi-head attention; `mask` is bool, True where a query may look."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query, self.pair, self.out = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)

    def forward(self, x: Tensor, seen: Tensor, mask: Tensor | None = None) -> Tensor:
        return self.look(x, self.pairs(seen), mask)

    def pairs(self, seen: Tensor) -> Pairs:
        """Keys and values, (B, heads, N, width / heads) each, of what may be looked at; to be kept where much looks at the same."""
        keys, values = self.pair(seen).unflatten(-1, (2, self.heads, -1)).transpose(1, 3).unbind(2)
        return keys, values

    def look(self, x: Tensor, pairs: Pairs, mask: Tensor | None = None) -> Tensor:
        query = self.query(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        return self.out(F.scaled_dot_product_attention(query, *pairs, mask).transpose(1, 2).flatten(2))


class FeedForward(nn.Sequential):
    def __init__(self, width: int, wide: int, dropout: float):
        super().__init__(nn.Linear(width, wide), nn.GELU(), nn.Dropout(dropout), nn.Linear(wide, width))


class SelfLayer(nn.Module):
    """(B, N, width) to the same: every token looks at every other that is real."""

    def __init__(self, width: int, heads: int, wide: int, dropout: float):
        super().__init__()
        self.attend, self.think = Attention(width, heads), FeedForward(width, wide, dropout)
        self.norm1, self.norm2, self.drop = nn.LayerNorm(width), nn.LayerNorm(width), nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        y = self.norm1(x)
        x = x + self.drop(self.attend(y, y, mask))
        return x + self.drop(self.think(self.norm2(x)))


class CrossLayer(nn.Module):
    """Words look at the words of their own phrase, then at the picture. The picture's keys and values are shared by all phrases."""

    def __init__(self, width: int, heads: int, wide: int, dropout: float):
        super().__init__()
        self.among, self.attend, self.think = Attention(width, heads), Attention(width, heads), FeedForward(width, wide, dropout)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, seen: Pairs, own: Tensor, real: Tensor) -> Tensor:
        """x (B, T, width); seen: `self.attend.pairs` of the picture; own (B, 1, T, T) and real (B, 1, 1, N) bool."""
        y = self.norm1(x)
        x = x + self.drop(self.among(y, y, own))
        x = x + self.drop(self.attend.look(self.norm2(x), seen, real))
        return x + self.drop(self.think(self.norm3(x)))
