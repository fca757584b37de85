"""Matching: which of the things seen in the frames of a clip are the same thing.

The association network of Zhou et al. 2023 (dense video object captioning, section 3.3): all things of all frames look at one
another, and each pair gets a score. We add to theirs where and when a thing was seen, and what the step from one to the other
would be; they use appearance alone. `identities` is their algorithm 1, with one corner mended: the row it starts from always joins.
`linked` reads the same scores group by group; it is ours, and measured beside theirs (docs/methods/dense_voc.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.parts.attention import Attention, FeedForward
from grounding.nn.parts.geometry import BoxCode, pair_iou

LOOK = 576 + 1280  # the detector's own two levels: they cost nothing where it ran
STEP = 9  # numbers that describe a pair
AT_ONCE = 256  # rows of pairs at a time, so that a crowd needs no more memory than it must


@dataclass(frozen=True)
class Sightings:
    """B clips of M things: `look` (B, M, 1856), zeros where nothing is known of it; `boxes` (B, M, 4) as fractions; `frames` (B, M) in
    frames examined; `kinds` (B, M) classes, -1 unknown; `scores` (B, M); `real` (B, M) bool."""

    look: Tensor
    boxes: Tensor
    frames: Tensor
    kinds: Tensor
    scores: Tensor
    real: Tensor


class MatchNet(nn.Module):
    """One layer of self-attention, one of cross-attention, scores by inner product and by the step between two boxes."""

    def __init__(self, width: int = 128, heads: int = 4, span: float = 24.0):
        super().__init__()
        self.span = span  # frames that make one unit of time
        self.enter = nn.Sequential(nn.Linear(LOOK, width), nn.LayerNorm(width))
        self.unseen, self.place = nn.Parameter(torch.zeros(width)), BoxCode(width, 4)
        self.time = nn.Sequential(nn.Linear(2, width), nn.GELU(), nn.Linear(width, width))
        self.attend1, self.think1 = Attention(width, heads), FeedForward(width, 2 * width, 0.0)
        self.attend2, self.think2 = Attention(width, heads), FeedForward(width, 2 * width, 0.0)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(5))
        self.thing = nn.Linear(width, 1)
        self.row, self.column = nn.Linear(width, width), nn.Linear(width, width)
        self.step = nn.Sequential(nn.Linear(STEP + 1, 32), nn.GELU(), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 1))

    def forward(self, seen: Sightings) -> tuple[Tensor, Tensor]:
        """(B, M, M) logits that row and column show the same thing; (B, M) logits that there is a thing at all."""
        known = (seen.look.abs().sum(-1, keepdim=True) > 0).float()
        look = known * self.enter(seen.look) + (1 - known) * self.unseen
        time = (seen.frames - seen.frames.mean(1, keepdim=True)) / self.span
        x = look + self.place(seen.boxes) + self.time(torch.stack([time, seen.scores], -1))
        mask = seen.real[:, None, None, :]
        y = self.norms[0](x)
        memory = x + self.attend1(y, y, mask)
        memory = memory + self.think1(self.norms[1](memory))
        asked = x + self.attend2(self.norms[2](x), memory, mask)
        asked = asked + self.think2(self.norms[3](asked))
        memory = self.norms[4](memory)
        alike = F.normalize(look, dim=-1)
        inner = self.row(asked) @ self.column(memory).mT / memory.shape[-1] ** 0.5
        parts = [slice(start, start + AT_ONCE) for start in range(0, max(look.shape[1], 1), AT_ONCE)]
        pairs = ([steps(seen, self.span, rows), (alike[:, rows] @ alike.mT * (known[:, rows] @ known.mT))[..., None]] for rows in parts)
        stepped = torch.cat([self.step(torch.cat(pair, -1))[..., 0] for pair in pairs], 1)  # (B, M, M)
        return inner + stepped, self.thing(memory)[..., 0]


def steps(seen: Sightings, span: float, rows: slice = slice(None)) -> Tensor:
    """(B, R, M, 9), from each of R rows to each thing: the way from one box to another in their sizes, the change of size, overlap, time
    between, and if the class is the same."""
    center, extent = (seen.boxes[..., :2] + seen.boxes[..., 2:]) / 2, (seen.boxes[..., 2:] - seen.boxes[..., :2]).clamp(min=1e-3)
    size = (extent[:, rows, None, :] + extent[:, None, :, :]) / 2
    way = ((center[:, None, :, :] - center[:, rows, None, :]) / size).clamp(-8, 8)  # (B, R, M, 2)
    grown = (extent.log()[:, None, :, :] - extent.log()[:, rows, None, :]).clamp(-3, 3)
    later = (seen.frames[:, None, :] - seen.frames[:, rows, None]) / span
    speed = way.norm(dim=-1) / (later.abs() * span).clamp(min=1)
    same = ((seen.kinds[:, None, :] == seen.kinds[:, rows, None]) & (seen.kinds[:, None, :] >= 0)).float()
    far = way.norm(dim=-1)
    return torch.cat([way, grown, torch.stack([far, pair_iou(seen.boxes[:, rows], seen.boxes), later, speed, same], -1)], -1)


def identities(affinity: np.ndarray, frames: np.ndarray, least: float = 0.5) -> np.ndarray:
    """(M, M) scores in [0, 1] and (M,) frames to (M,) identities from 1 on.

    Again and again the row with the most partners takes them, one a frame, the best; the row itself always joins. Every thing gets an
    identity, if need be one of its own.
    """
    count = len(frames)
    own = np.eye(count, dtype=bool)
    scores = np.where((frames[:, None] == frames[None, :]) & ~own, 0.0, affinity)
    scores[own] = np.maximum(1.0, scores.max(initial=0))  # a thing is itself, and the best of its frame
    found, free, last = np.zeros(count, np.int64), np.ones(count, bool), 0
    near = scores >= least
    partners = near.sum(1)
    while free.any():
        row, last = int((partners * free).argmax()), last + 1
        taken = _best_of_frames(scores[row], near[row] & free, frames)
        found[taken], free[taken] = last, False
        partners = partners - near[:, taken].sum(1)
    return found


def _best_of_frames(scores: np.ndarray, allowed: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Of the allowed things the best of each frame."""
    rows = np.flatnonzero(allowed)
    order = rows[np.lexsort((rows, -scores[rows], frames[rows]))]
    first = np.unique(frames[order], return_index=True)[1]
    return order[first]


def linked(affinity: np.ndarray, frames: np.ndarray, least: float = 0.5, memory: float = 3.0) -> np.ndarray:
    """(M, M) scores in [0, 1], 0 where it cannot be, and (M,) frames to (M,) identities from 1 on.

    Again and again the two groups that agree best become one, until none agree by `least`. Two groups agree by the mean log-odds of
    their pairs, those `memory` frames apart weighing a third as much as neighbours; groups that share a frame stay apart.
    """
    near = np.exp(-np.abs(np.subtract.outer(frames, frames)) / memory)
    odds = _log_odds(affinity) - _log_odds(np.array(least))
    apart = np.equal.outer(frames, frames) | (affinity <= 0)
    total, weight, mean = odds * near, near.copy(), np.where(apart, -np.inf, odds)
    found, rows = np.arange(len(frames)), np.arange(len(frames))
    partner = mean.argmax(1) if len(rows) else rows
    best = mean[rows, partner]
    while best.max(initial=0) > 0:
        one, other = sorted((int(best.argmax()), int(partner[best.argmax()])))
        found[found == other] = one
        for table, join in ((total, np.add), (weight, np.add), (apart, np.logical_or)):
            table[one] = table[:, one] = join(table[one], table[other])
        apart[other] = apart[:, other] = apart[one, one] = True
        mean[one] = mean[:, one] = np.where(apart[one], -np.inf, total[one] / weight[one])
        mean[other] = mean[:, other] = -np.inf
        stale = np.flatnonzero(np.isin(partner, (one, other)) | np.isin(rows, (one, other)) | (mean[:, one] > best))
        partner[stale] = mean[stale].argmax(1)
        best[stale] = mean[stale, partner[stale]]
    return np.unique(found, return_inverse=True)[1].reshape(-1) + 1


def _log_odds(chance: np.ndarray) -> np.ndarray:
    """Of a chance in [0, 1]; never beyond 14."""
    chance = np.clip(chance.astype(np.float64), 1e-6, 1 - 1e-6)
    return np.log(chance / (1 - chance))


def association_loss(logits: Tensor, identity: Tensor, frames: Tensor) -> Tensor:
    """Cross-entropy over the pairs of two known things in two frames (their equation 3); `identity` (B, M), 0 for what belongs to no pair.

    Pairs of one thing are few: both answers weigh the same in sum. Same-frame pairs are decided by the algorithm, not learned.
    """
    known = (identity[:, :, None] > 0) & (identity[:, None, :] > 0) & (frames[:, :, None] != frames[:, None, :])
    same = (identity[:, :, None] == identity[:, None, :]).float()
    each = F.binary_cross_entropy_with_logits(logits, same, reduction="none")
    yes, no = (known * same).sum().clamp(min=1), (known * (1 - same)).sum().clamp(min=1)
    return 0.5 * ((each * known * same).sum() / yes + (each * known * (1 - same)).sum() / no)
