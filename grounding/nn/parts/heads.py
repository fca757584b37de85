"""Heads: from what a phrase found out to a score and a better box for every candidate."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.parts.attention import SelfLayer
from grounding.nn.parts.geometry import cover


class Heat(nn.Module):
    """How much each cell of the picture belongs to the phrase: (B, K, width) phrases and the picture's `known` to (B, K, N) logits."""

    def __init__(self, width: int):
        super().__init__()
        self.ask, self.answer, self.bias = nn.Linear(width, width), nn.Linear(width, width), nn.Parameter(torch.tensor(-1.0))

    def known(self, grid: Tensor) -> Tensor:
        """(B, N, width) cells to what any phrase is compared with."""
        return self.answer(grid) / grid.shape[-1] ** 0.5

    def forward(self, phrases: Tensor, known: Tensor) -> Tensor:
        return torch.baddbmm(self.bias, self.ask(phrases), known.mT)


def heat_in_boxes(heat: Tensor, boxes: Tensor, side: int) -> Tensor:
    """(B, K, side * side) chances and (B, K, C, 4) boxes to (B, K, C, 2): soft IoU of heat and box, and mean heat inside."""
    across, down = cover(boxes, side, 0), cover(boxes, side, 1)  # (B, K, C, side)
    inside = ((down @ heat.unflatten(-1, (side, side))) * across).sum(-1)  # (B, K, C)
    area = across.sum(-1) * down.sum(-1)
    union = heat.sum(-1)[..., None] + area - inside
    return torch.stack([inside / union.clamp(min=1e-3), inside / area.clamp(min=1e-3)], -1)


class Choice(nn.Module):
    """Compares the candidates of a picture in the light of one phrase. Gives each a logit and a change of its box.

    Every (phrase, candidate) pair is a small token; the pairs of one phrase look at one another, so that
    "the left dog" can be told from the other dog.
    """

    def __init__(self, width: int, narrow: int, hints: int, layers: int, dropout: float):
        super().__init__()
        self.ask, self.offer, self.match = (nn.Linear(width, narrow) for _ in range(3))
        self.key, self.hint = nn.Linear(width, narrow), nn.Linear(hints, narrow)
        self.norm, self.last = nn.LayerNorm(narrow), nn.LayerNorm(narrow)
        self.layers = nn.ModuleList(SelfLayer(narrow, 4, 2 * narrow, dropout) for _ in range(layers))
        self.head = nn.Sequential(nn.Linear(narrow, narrow), nn.GELU(), nn.Linear(narrow, 5))

    def known(self, offers: Tensor) -> Tensor:
        """(B, N, width) candidates to (2, B, N, narrow): how they answer to a phrase, and what they say for themselves."""
        return torch.stack([self.key(offers), self.offer(offers)])

    def forward(self, phrases: Tensor, known: Tensor, drawn: Tensor, hints: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """phrases (B, K, width); `known` of the C candidates of all phrases; drawn (B, K, width) each phrase's own; hints (B, K, C + 1, hints);
        real (B, 1, C + 1) bool -> logits (B, K, C + 1), changes (B, K, C + 1, 4)."""
        shared = known[:, :, None].expand(-1, -1, phrases.shape[1], -1, -1)
        key, offer = torch.cat([shared, self.known(drawn)[:, :, :, None]], 3)  # (B, K, C + 1, narrow) each
        pairs = torch.addcmul(self.ask(phrases)[:, :, None] + offer, self.match(phrases)[:, :, None], key) + self.hint(hints)
        x = F.gelu(self.norm(pairs)).flatten(0, 1)
        mask = real.expand(-1, phrases.shape[1], -1).flatten(0, 1)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        out = self.head(self.last(x)).unflatten(0, phrases.shape[:2])
        return out[..., 0], out[..., 1:]
