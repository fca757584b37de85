"""Attention: multi-head attention and pre-norm transformer layers."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Attention(nn.Module):
    """Multi-head attention; `mask` is bool, True where a query may attend, or float, added to the attention logits."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query, self.kv_projection, self.out = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)

    def forward(
        self, x: Tensor, memory: Tensor | None, mask: Tensor | None = None, keys_values: Tensor | None = None
    ) -> Tensor:
        """x (B, T, width) and memory (B, N, width) to (B, T, width). `keys_values` (B, N, 2 * width):
        `kv_projection(memory)`, computed once where much attends to the same memory, which is not read then."""
        projected = self.kv_projection(memory) if keys_values is None else keys_values
        keys, values = projected.unflatten(-1, (2, self.heads, -1)).transpose(1, 3).unbind(2)  # (B, heads, N, d) each
        query = self.query(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        return self.out(F.scaled_dot_product_attention(query, keys, values, mask).transpose(1, 2).flatten(2))


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

    def forward(self, x: Tensor, mask: Tensor | None = None, prefix: Tensor | None = None) -> Tensor:
        """`prefix` (B, P, width): inputs of this layer at earlier tokens, which `x` attends to as well; the mask is for
        P + N keys then."""
        memory = self.norm1(x if prefix is None else torch.cat([prefix, x], 1))
        x = x + self.dropout(self.self_attention(memory[:, -x.shape[1]:], memory, mask))
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

    def forward(self, x: Tensor, keys_values: Tensor, text_mask: Tensor, image_mask: Tensor) -> Tensor:
        """`x` (B, T, width); `keys_values`: `cross_attention.kv_projection` of the image tokens, (B, N, 2 * width); `text_mask`
        (B, 1, T, T) and `image_mask` (B, 1, 1, N) bool."""
        y = self.norm1(x)
        x = x + self.dropout(self.self_attention(y, y, text_mask))
        x = x + self.dropout(self.cross_attention(self.norm2(x), None, image_mask, keys_values))
        return x + self.dropout(self.feed_forward(self.norm3(x)))
