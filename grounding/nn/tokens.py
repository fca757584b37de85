"""Tokens: what transformer blocks pass on to one another, with what is needed after some of them were merged."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Tokens:
    """N tokens of each of B sequences.

    `x` (B, N, width). `size` (B, N): how many original tokens each one stands for, 0 for padding that no token may
    attend to; None: each stands for itself. `origin` (B, N0) int64: of each of the N0 original tokens, the row of the
    token it is part of; None: nothing was merged. `position` (B, N, width): added to queries and keys (DETR); None: not
    used.
    """

    x: Tensor
    size: Tensor | None = None
    origin: Tensor | None = None
    position: Tensor | None = None

    def with_x(self, x: Tensor) -> Tokens:
        """The same tokens with other values."""
        return replace(self, x=x)

    def sizes(self) -> Tensor:
        """(B, N) `size`, ones where it is None."""
        return torch.ones_like(self.x[..., 0]) if self.size is None else self.size

    def attention_bias(self) -> Tensor | None:
        """(B, 1, 1, N) log(size), added to the logits of each key (Bolya et al. 2023, ToMe, section 3.2); -inf for
        padding."""
        return None if self.size is None else self.size.to(self.x.dtype).log()[:, None, None, :]

    def spread(self) -> Tensor:
        """(B, N0, width): the value of every original token, that of the token it was merged into."""
        if self.origin is None:
            return self.x
        return self.x.gather(1, self.origin[..., None].expand(-1, -1, self.x.shape[-1]))


class FirstToken(nn.Module):
    """Pooling: tokens to the (B, width) values of the first one, the class token."""

    def forward(self, tokens: Tokens) -> Tensor:
        return tokens.x[:, 0]


class MeanToken(nn.Module):
    """Pooling: tokens to their (B, width) mean, each weighed by its size, so padding counts nothing."""

    def forward(self, tokens: Tokens) -> Tensor:
        weights = tokens.sizes()[..., None]  # (B, N, 1)
        return (tokens.x * weights).sum(1) / weights.sum(1)
