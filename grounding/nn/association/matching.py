"""Matching: which detections in the frames of a clip show the same object.

The association network of Zhou et al. 2023 (dense video object captioning, section 3.3): all detections of all frames
attend to one another, and each pair gets a score. In addition to the paper, which uses appearance alone, the network
reads the box and the time of each detection and the displacement between the two boxes of a pair. `link_greedily` is
algorithm 1 of the paper with one correction: the selected row always joins its own identity. `link_by_clustering`
groups the same scores by average linkage; it is ours and is compared with theirs in docs/methods/dense_voc.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.parts.attention import Attention, FeedForward
from grounding.nn.parts.geometry import BoxEncoding, pair_iou

APPEARANCE_WIDTH = 576 + 1280  # the two feature levels of the embedded detector: they come with its forward pass
PAIR_FEATURE_WIDTH = 9  # features of a pair of detections
ROWS_PER_BLOCK = 256  # rows of the pair matrix computed at a time; bounds the memory for crowded clips


@dataclass(frozen=True)
class DetectionBatch:
    """B clips of M detections: `appearance` (B, M, 1856) region features, zeros where they are unknown; `boxes`
    (B, M, 4) as fractions of the image; `frames` (B, M) in examined frames; `class_ids` (B, M), -1 for unknown;
    `scores` (B, M); `valid` (B, M) bool, False for padding."""

    appearance: Tensor
    boxes: Tensor
    frames: Tensor
    class_ids: Tensor
    scores: Tensor
    valid: Tensor


class AssociationNet(nn.Module):
    """One self-attention layer and one cross-attention layer; a pair is scored by an inner product and by an MLP on its pair features."""

    def __init__(self, width: int = 128, heads: int = 4, time_scale: float = 24.0):
        super().__init__()
        self.time_scale = time_scale  # examined frames in one unit of time
        self.appearance_projection = nn.Sequential(nn.Linear(APPEARANCE_WIDTH, width), nn.LayerNorm(width))
        self.missing_embedding, self.box_encoding = nn.Parameter(torch.zeros(width)), BoxEncoding(width, 4)
        self.time_score_mlp = nn.Sequential(nn.Linear(2, width), nn.GELU(), nn.Linear(width, width))
        self.self_attention, self.self_feed_forward = Attention(width, heads), FeedForward(width, 2 * width, 0.0)
        self.cross_attention, self.cross_feed_forward = Attention(width, heads), FeedForward(width, 2 * width, 0.0)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(5))
        self.objectness_head = nn.Linear(width, 1)
        self.row_projection, self.column_projection = nn.Linear(width, width), nn.Linear(width, width)
        self.pair_mlp = nn.Sequential(nn.Linear(PAIR_FEATURE_WIDTH + 1, 32), nn.GELU(), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 1))

    def forward(self, detections: DetectionBatch) -> tuple[Tensor, Tensor]:
        """(B, M, M) logits that the row's and the column's detection show the same object; (B, M) logits that a
        detection shows an object."""
        has_appearance = (detections.appearance.abs().sum(-1, keepdim=True) > 0).float()
        appearance = has_appearance * self.appearance_projection(detections.appearance) + (1 - has_appearance) * self.missing_embedding
        time = (detections.frames - detections.frames.mean(1, keepdim=True)) / self.time_scale
        x = appearance + self.box_encoding(detections.boxes) + self.time_score_mlp(torch.stack([time, detections.scores], -1))
        mask = detections.valid[:, None, None, :]
        y = self.norms[0](x)
        memory = x + self.self_attention(y, y, mask)
        memory = memory + self.self_feed_forward(self.norms[1](memory))
        queries = x + self.cross_attention(self.norms[2](x), memory, mask)
        queries = queries + self.cross_feed_forward(self.norms[3](queries))
        memory = self.norms[4](memory)
        normalized = F.normalize(appearance, dim=-1)
        dot_products = self.row_projection(queries) @ self.column_projection(memory).mT / memory.shape[-1] ** 0.5
        blocks = [slice(start, start + ROWS_PER_BLOCK) for start in range(0, max(appearance.shape[1], 1), ROWS_PER_BLOCK)]
        pairs = (
            [
                pair_features(detections, self.time_scale, rows),
                (normalized[:, rows] @ normalized.mT * (has_appearance[:, rows] @ has_appearance.mT))[..., None],
            ]
            for rows in blocks
        )
        pair_logits = torch.cat([self.pair_mlp(torch.cat(pair, -1))[..., 0] for pair in pairs], 1)  # (B, M, M)
        return dot_products + pair_logits, self.objectness_head(memory)[..., 0]


def pair_features(detections: DetectionBatch, time_scale: float, rows: slice = slice(None)) -> Tensor:
    """(B, R, M, 9) features from each of R `rows` to each detection: offset and log scale ratio between the boxes
    (in box sizes), distance, IoU, time gap, speed, and whether the class is the same."""
    center, extent = (
        (detections.boxes[..., :2] + detections.boxes[..., 2:]) / 2,
        (detections.boxes[..., 2:] - detections.boxes[..., :2]).clamp(min=1e-3),
    )
    size = (extent[:, rows, None, :] + extent[:, None, :, :]) / 2
    offset = ((center[:, None, :, :] - center[:, rows, None, :]) / size).clamp(-8, 8)  # (B, R, M, 2)
    log_scale = (extent.log()[:, None, :, :] - extent.log()[:, rows, None, :]).clamp(-3, 3)
    time_gap = (detections.frames[:, None, :] - detections.frames[:, rows, None]) / time_scale
    speed = offset.norm(dim=-1) / (time_gap.abs() * time_scale).clamp(min=1)
    same_class = (
        (detections.class_ids[:, None, :] == detections.class_ids[:, rows, None]) & (detections.class_ids[:, None, :] >= 0)
    ).float()
    distance = offset.norm(dim=-1)
    return torch.cat(
        [
            offset,
            log_scale,
            torch.stack([distance, pair_iou(detections.boxes[:, rows], detections.boxes), time_gap, speed, same_class], -1),
        ],
        -1,
    )


def link_greedily(affinity: np.ndarray, frames: np.ndarray, min_affinity: float = 0.5) -> np.ndarray:
    """(M, M) affinities in [0, 1] and (M,) frames to (M,) identities from 1 on.

    Algorithm 1 of Zhou et al. 2023: repeatedly, the unassigned detection with the most partners
    (affinity >= `min_affinity`) forms an identity with the best partner of each frame; the row itself always joins. A
    detection without partners gets an identity of its own.
    """
    count = len(frames)
    own = np.eye(count, dtype=bool)
    scores = np.where((frames[:, None] == frames[None, :]) & ~own, 0.0, affinity)
    scores[own] = np.maximum(1.0, scores.max(initial=0))  # a detection matches itself and is the best of its frame
    identity, unassigned, last = np.zeros(count, np.int64), np.ones(count, bool), 0
    linked_pairs = scores >= min_affinity
    partners = linked_pairs.sum(1)
    while unassigned.any():
        row, last = int((partners * unassigned).argmax()), last + 1
        taken = _best_of_frames(scores[row], linked_pairs[row] & unassigned, frames)
        identity[taken], unassigned[taken] = last, False
        partners = partners - linked_pairs[:, taken].sum(1)
    return identity


def _best_of_frames(scores: np.ndarray, allowed: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """The rows of the best `allowed` detection of each frame."""
    rows = np.flatnonzero(allowed)
    order = rows[np.lexsort((rows, -scores[rows], frames[rows]))]
    first = np.unique(frames[order], return_index=True)[1]
    return order[first]


def link_by_clustering(affinity: np.ndarray, frames: np.ndarray, min_affinity: float = 0.5, decay_frames: float = 3.0) -> np.ndarray:
    """(M, M) affinities in [0, 1], 0 where a match is impossible, and (M,) frames to (M,) identities from 1 on.

    Agglomerative clustering with average linkage: repeatedly, the two clusters with the highest mean log-odds are
    merged, until none exceeds the log-odds of `min_affinity`. In the mean a pair `decay_frames` apart weighs 1/e of a
    pair in one frame; clusters that share a frame are never merged.
    """
    time_weights = np.exp(-np.abs(np.subtract.outer(frames, frames)) / decay_frames)
    log_odds = _log_odds(affinity) - _log_odds(np.array(min_affinity))
    forbidden = np.equal.outer(frames, frames) | (affinity <= 0)
    total, weight, mean = log_odds * time_weights, time_weights.copy(), np.where(forbidden, -np.inf, log_odds)
    cluster, rows = np.arange(len(frames)), np.arange(len(frames))
    partner = mean.argmax(1) if len(rows) else rows
    best = mean[rows, partner]
    while best.max(initial=0) > 0:
        one, other = sorted((int(best.argmax()), int(partner[best.argmax()])))
        cluster[cluster == other] = one
        for table, join in ((total, np.add), (weight, np.add), (forbidden, np.logical_or)):
            table[one] = table[:, one] = join(table[one], table[other])
        forbidden[other] = forbidden[:, other] = forbidden[one, one] = True
        mean[one] = mean[:, one] = np.where(forbidden[one], -np.inf, total[one] / weight[one])
        mean[other] = mean[:, other] = -np.inf
        stale = np.flatnonzero(np.isin(partner, (one, other)) | np.isin(rows, (one, other)) | (mean[:, one] > best))
        partner[stale] = mean[stale].argmax(1)
        best[stale] = mean[stale, partner[stale]]
    return np.unique(cluster, return_inverse=True)[1].reshape(-1) + 1


def _log_odds(probability: np.ndarray) -> np.ndarray:
    """The log-odds of a probability in [0, 1], which is clipped to [1e-6, 1 - 1e-6]."""
    probability = np.clip(probability.astype(np.float64), 1e-6, 1 - 1e-6)
    return np.log(probability / (1 - probability))


def association_loss(logits: Tensor, identity: Tensor, frames: Tensor) -> Tensor:
    """Binary cross-entropy over pairs of labelled detections in different frames (Zhou et al. 2023, equation 3);
    `identity` (B, M), 0 for unlabelled.

    Positive pairs are few, so positives and negatives have the same total weight. Pairs within one frame are
    excluded: the linking algorithm separates them.
    """
    valid_pairs = (identity[:, :, None] > 0) & (identity[:, None, :] > 0) & (frames[:, :, None] != frames[:, None, :])
    same = (identity[:, :, None] == identity[:, None, :]).float()
    losses = F.binary_cross_entropy_with_logits(logits, same, reduction="none")
    positives, negatives = (valid_pairs * same).sum().clamp(min=1), (valid_pairs * (1 - same)).sum().clamp(min=1)
    return 0.5 * ((losses * valid_pairs * same).sum() / positives + (losses * valid_pairs * (1 - same)).sum() / negatives)
