"""A clip encoder: each frame through an image tower, then attention among the frames (as in Bain et al. 2021; Luo et
al. 2022, CLIP4Clip)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from grounding.nn.hosts.vit import make_block
from grounding.nn.tokens import Tokens


class ClipEncoder(nn.Module):
    """(B, T, C, H, W) frames to `Tokens`, one a frame. `frame_tower` maps (N, C, H, W) to (N, width)."""

    def __init__(self, frame_tower: nn.Module, positions: nn.Embedding, blocks: list[nn.Module], norm: nn.Module):
        super().__init__()
        self.frame_tower, self.positions, self.blocks, self.norm = frame_tower, positions, nn.ModuleList(blocks), norm
        self.max_frames = positions.num_embeddings

    def forward(self, frames: Tensor, valid: Tensor | None = None) -> Tokens:
        """`valid` (B, T) bool: False for the padding of shorter clips, which no frame attends to."""
        if frames.shape[1] > self.max_frames:
            raise ValueError(
                f"a clip of at most {self.max_frames} frames was expected, one of {frames.shape[1]} came; sample fewer"
            )
        x = self.frame_tower(frames.flatten(0, 1)).unflatten(0, frames.shape[:2])  # (B, T, width)
        tokens = Tokens(x + self.positions(torch.arange(x.shape[1], device=x.device)), valid)
        for block in self.blocks:
            tokens = block(tokens)
        return tokens.with_x(self.norm(tokens.x))


def make_clip_encoder(frame_tower: nn.Module, width: int, heads: int, layers: int, max_frames: int) -> ClipEncoder:
    """Fresh temporal layers over a given frame tower; the positions of frames begin at zero, so an order is learned
    only where it helps."""
    positions = nn.Embedding.from_pretrained(torch.zeros(max_frames, width), freeze=False)
    return ClipEncoder(
        frame_tower, positions, [make_block(width, heads, 4 * width) for _ in range(layers)], nn.LayerNorm(width)
    )
