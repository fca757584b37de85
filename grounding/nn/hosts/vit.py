"""A vision transformer whose blocks have named sites, so that methods can attach to it (Dosovitskiy et al. 2021).

Every part is composed by its constructor, so the blocks also hold weights of other libraries (`from_hf.py`). Sites are
`nn.Identity` modules: `after_attention` and `after_mlp` see the (B, N, width) output of a sub-layer before it is added
to the residual; `before_mlp` sees the `Tokens` between the two sub-layers, where tokens are merged.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.tokens import Tokens


class Attention(nn.Module):
    """Multi-head self-attention with separate projections; `causal`: a token attends to itself and to earlier ones
    only."""

    def __init__(
        self, query: nn.Module, key: nn.Module, value: nn.Module, out: nn.Module, heads: int, causal: bool = False
    ):
        super().__init__()
        self.query, self.key, self.value, self.out = query, key, value, out
        self.heads, self.causal = heads, causal

    def forward(self, tokens: Tokens) -> Tensor:
        """(B, N, width); the logits of each key get the additive bias log(size)."""
        x = tokens.x
        positioned = x if tokens.position is None else x + tokens.position
        projected = (self.query(positioned), self.key(positioned), self.value(x))
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in projected)  # (B, heads, N, d)
        y = F.scaled_dot_product_attention(q, k, v, self._bias(tokens))
        return self.out(y.transpose(1, 2).flatten(2))

    def _bias(self, tokens: Tokens) -> Tensor | None:
        bias, length = tokens.attention_bias(), tokens.x.shape[1]
        if not self.causal:
            return bias
        future = torch.full((length, length), float("-inf"), dtype=tokens.x.dtype, device=tokens.x.device).triu(1)
        return future if bias is None else bias + future


class MLP(nn.Module):
    """Two linear layers with an activation between them, for (..., width)."""

    def __init__(self, up: nn.Module, activation: nn.Module, down: nn.Module):
        super().__init__()
        self.up, self.activation, self.down = up, activation, down

    def forward(self, x: Tensor) -> Tensor:
        return self.down(self.activation(self.up(x)))


class QuickGELU(nn.Module):
    """x * sigmoid(1.702 x), the activation of CLIP (Radford et al. 2021)."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(1.702 * x)


class Block(nn.Module):
    """A pre-norm transformer block: `Tokens` to `Tokens`."""

    def __init__(self, attention: nn.Module, mlp: nn.Module, norm1: nn.Module, norm2: nn.Module):
        super().__init__()
        self.norm1, self.attention, self.after_attention = norm1, attention, nn.Identity()
        self.before_mlp, self.norm2, self.mlp, self.after_mlp = nn.Identity(), norm2, mlp, nn.Identity()

    def forward(self, tokens: Tokens) -> Tokens:
        y = self.attention(tokens.with_x(self.norm1(tokens.x)))
        tokens = self.before_mlp(tokens.with_x(tokens.x + self.after_attention(y)))
        return tokens.with_x(tokens.x + self.after_mlp(self.mlp(self.norm2(tokens.x))))


class PostNormBlock(nn.Module):
    """A block of the first transformers, with a norm after each sum (BERT, DETR): `Tokens` to `Tokens`. Sites as in
    `Block`."""

    def __init__(self, attention: nn.Module, mlp: nn.Module, norm1: nn.Module, norm2: nn.Module):
        super().__init__()
        self.attention, self.after_attention, self.norm1 = attention, nn.Identity(), norm1
        self.before_mlp, self.mlp, self.after_mlp, self.norm2 = nn.Identity(), mlp, nn.Identity(), norm2

    def forward(self, tokens: Tokens) -> Tokens:
        y = self.after_attention(self.attention(tokens))
        tokens = self.before_mlp(tokens.with_x(self.norm1(tokens.x + y)))
        return tokens.with_x(self.norm2(tokens.x + self.after_mlp(self.mlp(tokens.x))))


class PatchEmbedding(nn.Module):
    """(B, C, H, W) pixels to `Tokens`: the class token, then one token a patch, row by row.

    `projection` cuts and projects patches; `cls` (width values in any shape); `positions` (N * width values in any
    shape).
    """

    def __init__(self, projection: nn.Conv2d, cls: nn.Parameter, positions: nn.Parameter, norm: nn.Module):
        super().__init__()
        self.projection, self.cls, self.positions, self.norm = projection, cls, positions, norm

    def forward(self, pixels: Tensor) -> Tokens:
        patches = self.projection(pixels).flatten(2).mT  # (B, N - 1, width)
        positions = self.positions.view(-1, patches.shape[-1])
        if len(positions) != patches.shape[1] + 1:
            raise ValueError(
                f"an image of {len(positions) - 1} patches was expected, one of {patches.shape[1]} came; "
                "resize it first"
            )
        x = torch.cat([self.cls.view(1, 1, -1).expand(len(patches), -1, -1), patches], 1)
        return Tokens(self.norm(x + positions))


class Encoder(nn.Module):
    """A stack of blocks: `Tokens` to `Tokens`, the last normalised."""

    def __init__(self, blocks: list[nn.Module], norm: nn.Module):
        super().__init__()
        self.blocks, self.norm = nn.ModuleList(blocks), norm

    def forward(self, tokens: Tokens) -> Tokens:
        for block in self.blocks:
            tokens = block(tokens)
        return tokens.with_x(self.norm(tokens.x))


class ViT(nn.Module):
    """(B, C, H, W) pixels to `Tokens`, the class token first. Sites: blocks.*.{after_attention, before_mlp, after_mlp}.
    """

    def __init__(self, embedding: nn.Module, blocks: list[nn.Module], norm: nn.Module):
        super().__init__()
        self.embedding, self.blocks, self.norm = embedding, nn.ModuleList(blocks), norm

    def forward(self, pixels: Tensor) -> Tokens:
        tokens = self.embedding(pixels)
        for block in self.blocks:
            tokens = block(tokens)
        return tokens.with_x(self.norm(tokens.x))


@dataclass(frozen=True)
class ViTConfig:
    """The sizes of a vision transformer; the defaults are ViT-Ti/16 (Touvron et al. 2021, DeiT, table 1)."""

    image_size: int = 224
    patch_size: int = 16
    channels: int = 3
    width: int = 192
    heads: int = 3
    layers: int = 12
    mlp_width: int = 768


def make_block(width: int, heads: int, mlp_width: int, causal: bool = False) -> Block:
    """A pre-norm block with fresh weights."""
    attention = Attention(*(nn.Linear(width, width) for _ in range(4)), heads=heads, causal=causal)
    mlp = MLP(nn.Linear(width, mlp_width), nn.GELU(), nn.Linear(mlp_width, width))
    return Block(attention, mlp, nn.LayerNorm(width), nn.LayerNorm(width))


def make_vit(config: ViTConfig = ViTConfig()) -> ViT:
    """A vision transformer with fresh weights."""
    count, width = (config.image_size // config.patch_size) ** 2 + 1, config.width
    projection = nn.Conv2d(config.channels, width, config.patch_size, config.patch_size)
    cls, positions = (nn.Parameter(nn.init.trunc_normal_(torch.empty(rows, width), std=0.02)) for rows in (1, count))
    embedding = PatchEmbedding(projection, cls, positions, nn.Identity())
    return ViT(
        embedding,
        [make_block(width, config.heads, config.mlp_width) for _ in range(config.layers)],
        nn.LayerNorm(width),
    )
