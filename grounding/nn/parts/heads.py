"""Heads: from the state of a phrase to a heatmap, and to a logit and a box refinement for every candidate."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.parts.attention import SelfAttentionLayer
from grounding.nn.parts.geometry import strip_coverage


class HeatmapHead(nn.Module):
    """Logits that a cell of the image belongs to a phrase: (B, K, width) phrases and (B, N, width) `keys`,
    the `cell_projection` of the cells, to (B, K, N)."""

    def __init__(self, width: int):
        super().__init__()
        self.phrase_projection, self.cell_projection, self.bias = (
            nn.Linear(width, width),
            nn.Linear(width, width),
            nn.Parameter(torch.tensor(-1.0)),
        )

    def forward(self, phrases: Tensor, keys: Tensor) -> Tensor:
        return torch.baddbmm(self.bias, self.phrase_projection(phrases), (keys / keys.shape[-1] ** 0.5).mT)


def pool_heatmap(heatmap: Tensor, boxes: Tensor, side: int) -> Tensor:
    """(B, K, side * side) probabilities and (B, K, C, 4) boxes to (B, K, C, 2): soft IoU of heatmap and box, and the
    mean of the heatmap inside the box."""
    x_coverage, y_coverage = strip_coverage(boxes, side, 0), strip_coverage(boxes, side, 1)  # (B, K, C, side)
    heat_inside = ((y_coverage @ heatmap.unflatten(-1, (side, side))) * x_coverage).sum(-1)  # (B, K, C)
    area = x_coverage.sum(-1) * y_coverage.sum(-1)
    union = heatmap.sum(-1)[..., None] + area - heat_inside
    return torch.stack([heat_inside / union.clamp(min=1e-3), heat_inside / area.clamp(min=1e-3)], -1)


class CandidateScorer(nn.Module):
    """Scores the candidates of an image for each phrase: a logit and box deltas for each candidate.

    Every (phrase, candidate) pair is one token; the pairs of a phrase attend to one another, so that candidates of
    the same class can be compared ("the left dog").
    """

    def __init__(self, width: int, scorer_width: int, match_width: int, layers: int, dropout: float):
        super().__init__()
        self.phrase_projection, self.candidate_projection, self.phrase_gate = (nn.Linear(width, scorer_width) for _ in range(3))
        self.candidate_key, self.match_projection = nn.Linear(width, scorer_width), nn.Linear(match_width, scorer_width)
        self.input_norm, self.final_norm = nn.LayerNorm(scorer_width), nn.LayerNorm(scorer_width)
        self.layers = nn.ModuleList(SelfAttentionLayer(scorer_width, 4, 2 * scorer_width, dropout) for _ in range(layers))
        self.head = nn.Sequential(nn.Linear(scorer_width, scorer_width), nn.GELU(), nn.Linear(scorer_width, 5))

    def forward(
        self, phrases: Tensor, projected: Tensor, regressed: Tensor, match_features: Tensor, valid: Tensor
    ) -> tuple[Tensor, Tensor]:
        """`phrases` (B, K, width); `projected` (2, B, C, scorer_width): `project_candidates` of the candidates;
        `regressed` (B, K, width): the regressed box of each phrase; `match_features` (B, K, C + 1, match_width);
        `valid` (B, 1, C + 1) bool -> logits (B, K, C + 1), deltas (B, K, C + 1, 4)."""
        shared = projected[:, :, None].expand(-1, -1, phrases.shape[1], -1, -1)
        keys, embeddings = torch.cat([shared, project_candidates(self, regressed)[:, :, :, None]], 3)  # (B, K, C + 1, scorer_width) each
        pairs = torch.addcmul(
            self.phrase_projection(phrases)[:, :, None] + embeddings, self.phrase_gate(phrases)[:, :, None], keys
        ) + self.match_projection(match_features)
        x = F.gelu(self.input_norm(pairs)).flatten(0, 1)
        mask = valid.expand(-1, phrases.shape[1], -1).flatten(0, 1)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        out = self.head(self.final_norm(x)).unflatten(0, phrases.shape[:2])
        return out[..., 0], out[..., 1:]


def project_candidates(scorer: CandidateScorer, candidates: Tensor) -> Tensor:
    """(B, N, width) candidates to (2, B, N, scorer_width), computed once for all phrases: the key that the phrase gates,
    and the embedding."""
    return torch.stack([scorer.candidate_key(candidates), scorer.candidate_projection(candidates)])
