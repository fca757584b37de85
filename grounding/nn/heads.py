"""Heads: from what a phrase found out to a score and a better box for every candidate."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.fusion import SelfLayer
from grounding.nn.geometry import cover


class Heat(nn.Module):
    """How much each cell of the picture belongs to the phrase: (B, K, width) and (B, N, width) to (B, K, N) logits."""

    def __init__(self, width: int):
        super().__init__()
        self.ask, self.answer, self.bias = nn.Linear(width, width), nn.Linear(width, width), nn.Parameter(torch.tensor(-1.0))

    def forward(self, phrases: Tensor, grid: Tensor) -> Tensor:
        return self.ask(phrases) @ self.answer(grid).mT / phrases.shape[-1] ** 0.5 + self.bias


def heat_in_boxes(heat: Tensor, boxes: Tensor, side: int) -> Tensor:
    """(B, K, side * side) chances and (B, K, C, 4) boxes to (B, K, C, 2): soft IoU of heat and box, and mean heat inside."""
    across, down = cover(boxes, side, 0), cover(boxes, side, 1)  # (B, K, C, side)
    inside = torch.einsum("bkcy,bkyx,bkcx->bkc", down, heat.unflatten(-1, (side, side)), across)
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

    def forward(self, phrases: Tensor, offers: Tensor, drawn: Tensor, hints: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """phrases (B, K, width); offers (B, C, width) for all phrases; drawn (B, K, width) each phrase's own; hints (B, K, C + 1, hints);
        real (B, 1, C + 1) bool -> logits (B, K, C + 1), changes (B, K, C + 1, 4)."""
        count = phrases.shape[1]
        both = [torch.cat([part(offers)[:, None].expand(-1, count, -1, -1), part(drawn)[:, :, None]], 2) for part in (self.key, self.offer)]
        pairs = self.ask(phrases)[:, :, None] + both[1] + self.match(phrases)[:, :, None] * both[0] + self.hint(hints)
        x = F.gelu(self.norm(pairs)).flatten(0, 1)
        mask = real.expand(-1, phrases.shape[1], -1).flatten(0, 1)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        out = self.head(self.last(x)).unflatten(0, phrases.shape[:2])
        return out[..., 0], out[..., 1:]
