"""Attention: multi-head attention and pre-norm transformer layers."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

KeysValues = tuple[Tensor, Tensor]


class Attention(nn.Module):
    """Multi-head attention; `mask` is bool, True where a query may attend, or float, added to the attention logits."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query, self.kv_projection, self.out = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        return self.attend(x, self.project_keys_values(memory), mask)

    def project_keys_values(self, memory: Tensor) -> KeysValues:
        """Keys and values of `memory`, (B, heads, N, width / heads) each; reusable for any number of queries."""
        keys, values = self.kv_projection(memory).unflatten(-1, (2, self.heads, -1)).transpose(1, 3).unbind(2)
        return keys, values

    def attend(self, x: Tensor, keys_values: KeysValues, mask: Tensor | None = None) -> Tensor:
        """Attends from `x` (B, T, width) to precomputed keys and values."""
        query = self.query(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        return self.out(F.scaled_dot_product_attention(query, *keys_values, mask).transpose(1, 2).flatten(2))


class FeedForward(nn.Sequential):
    """Linear, GELU, dropout, linear."""

    def __init__(self, width: int, feedforward_width: int, dropout: float):
        super().__init__(nn.Linear(width, feedforward_width), nn.GELU(), nn.Dropout(dropout), nn.Linear(feedforward_width, width))


class SelfAttentionLayer(nn.Module):
    """(B, N, width) to the same: every token attends to every token that `mask` allows."""

    def __init__(self, width: int, heads: int, feedforward_width: int, dropout: float):
        super().__init__()
        self.self_attention, self.feed_forward = Attention(width, heads), FeedForward(width, feedforward_width, dropout)
        self.norm1, self.norm2, self.dropout = nn.LayerNorm(width), nn.LayerNorm(width), nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        y = self.norm1(x)
        x = x + self.dropout(self.self_attention(y, y, mask))
        return x + self.dropout(self.feed_forward(self.norm2(x)))


class CrossAttentionLayer(nn.Module):
    """Words attend to the words of their own phrase, then to the image tokens, whose keys and values are shared by all phrases."""

    def __init__(self, width: int, heads: int, feedforward_width: int, dropout: float):
        super().__init__()
        self.self_attention, self.cross_attention, self.feed_forward = (
            Attention(width, heads),
            Attention(width, heads),
            FeedForward(width, feedforward_width, dropout),
        )
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, keys_values: KeysValues, text_mask: Tensor, image_mask: Tensor) -> Tensor:
        """`x` (B, T, width); `keys_values`: `cross_attention.project_keys_values` of the image tokens; `text_mask`
        (B, 1, T, T) and `image_mask` (B, 1, 1, N) bool."""
        y = self.norm1(x)
        x = x + self.dropout(self.self_attention(y, y, text_mask))
        x = x + self.dropout(self.cross_attention.attend(self.norm2(x), keys_values, image_mask))
        return x + self.dropout(self.feed_forward(self.norm3(x)))
