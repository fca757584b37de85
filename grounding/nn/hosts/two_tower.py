"""Two towers: an image encoder and a text encoder that meet in one space of unit vectors (Radford et al. 2021, CLIP).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.tokens import Tokens

MAX_SCALE = 100.0  # of the similarities; CLIP, section 2.5


class TextEncoder(nn.Module):
    """(B, L) token ids to the (B, width) state of each text's first `end_id`, or of its last token where it has none.
    """

    def __init__(
        self, embedding: nn.Embedding, positions: nn.Embedding, blocks: list[nn.Module], norm: nn.Module, end_id: int
    ):
        super().__init__()
        self.embedding, self.positions, self.blocks, self.norm = embedding, positions, nn.ModuleList(blocks), norm
        self.end_id = end_id

    def forward(self, ids: Tensor) -> Tensor:
        tokens = Tokens(self.embedding(ids) + self.positions(torch.arange(ids.shape[1], device=ids.device)))
        for block in self.blocks:
            tokens = block(tokens)
        is_end = F.pad(ids[:, :-1] == self.end_id, (0, 1), value=True)  # (B, L)
        return self.norm(tokens.x[torch.arange(len(ids)), is_end.int().argmax(1)])


class TwoTower(nn.Module):
    """Images and texts to similarities. A tower maps its input to (B, its width), a projection that to (B, width)."""

    def __init__(
        self,
        image_tower: nn.Module,
        text_tower: nn.Module,
        image_projection: nn.Module,
        text_projection: nn.Module,
        logit_scale: nn.Parameter | None = None,
    ):
        super().__init__()
        self.image_tower, self.text_tower = image_tower, text_tower
        self.image_projection, self.text_projection = image_projection, text_projection
        self.logit_scale = (
            nn.Parameter(torch.tensor(math.log(1 / 0.07))) if logit_scale is None else logit_scale
        )  # CLIP, section 2.5

    def encode_images(self, images: Tensor) -> Tensor:
        """(B, width) unit vectors; `images` is what the image tower reads: pixels, or the frames of clips."""
        return F.normalize(self.image_projection(self.image_tower(images)), dim=-1)

    def encode_texts(self, ids: Tensor) -> Tensor:
        """(B, width) unit vectors of (B, L) token ids."""
        return F.normalize(self.text_projection(self.text_tower(ids)), dim=-1)

    def forward(self, images: Tensor, ids: Tensor) -> Tensor:
        """(T, I) similarities of T texts and I images: cosines times the learned scale, at most 100."""
        return self.encode_texts(ids) @ self.encode_images(images).mT * self.logit_scale.exp().clamp(max=MAX_SCALE)
