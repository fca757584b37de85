"""The grounding network: image features and the word states of phrases to boxes with scores for each phrase.

An image is encoded once (`GroundingNet.encode`); grounding a phrase in it (`GroundingNet.ground`) is cheap.
docs/methods/grounder.md has a diagram.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.grounding.batches import ImageBatch, TextBatch
from grounding.nn.grounding.candidates import RELATIVE_POSITION_WIDTH, spatial_relations
from grounding.nn.parts.attention import CrossAttentionLayer, SelfAttentionLayer
from grounding.nn.parts.geometry import BoxEncoding, apply_deltas, cxcywh_to_xyxy, grid_boxes, pool_boxes, relative_boxes, resize_to_tokens
from grounding.nn.parts.heads import CandidateScorer, HeatmapHead, pool_heatmap, project_candidates

COLOUR_REGIONS = (
    (0.15, 0.1, 0.85, 0.9),
    (0.15, 0.1, 0.85, 0.5),
    (0.15, 0.5, 0.85, 0.9),
)  # parts of a box whose colours are pooled: middle, upper and lower half
COLOUR_WEIGHT = 2.5  # weight of a named colour in the logits; chosen on the validation photos (choose_reranking.py)
COLOUR_SMOOTHING = 0.05  # added to the shares of a colour before their ratio is taken
RELATION_SMOOTHING = 0.05  # added to the total probability of the rivals
RELATION_WEIGHT = 2.0  # weight of a named location in the logits; chosen likewise


@dataclass(frozen=True)
class GroundingConfig:
    """The dimensions of the network; saved with its weights."""

    levels: tuple[tuple[str, int], ...] = (("ssd19", 576), ("ssd10", 1280), ("eff28", 40), ("eff14", 112), ("eff7", 320))
    grid_size: int = 12  # rows and columns of the grid that all levels are resized to
    colour_channels: int = 12  # channels of the level "tint"
    text_width: int = 384
    text_layers: int = 6  # layers of the text encoder that are used
    width: int = 192
    heads: int = 4
    feedforward_width: int = 512
    encoder_layers: int = 2
    decoder_layers: int = 3
    scorer_width: int = 96
    scorer_layers: int = 1
    num_classes: int = 87  # the detector's 80 classes and EXTRA_CLASS_NAMES
    dropout: float = 0.0

    @classmethod
    def fast(cls, **changes) -> GroundingConfig:
        """The small variant: half as wide, fewer layers, fewer layers of the text encoder."""
        small = {
            "grid_size": 10,
            "text_layers": 3,
            "width": 128,
            "feedforward_width": 256,
            "encoder_layers": 1,
            "decoder_layers": 2,
            "scorer_width": 64,
        }
        return cls(**(small | changes))


@dataclass(frozen=True)
class EncodedBatch:
    """B encoded images, with everything precomputed that does not depend on a phrase.

    `grid` (B, cells, width); `keys_values`: keys and values of cells and candidates for each decoder layer;
    `heatmap_keys` (B, cells, width) and `candidate_embeddings` (2, B, C, scorer_width): inputs of the heads; `boxes`
    (B, C, 4). With one more row for the regressed box of a phrase: `name_embeddings` (B, C + 1, text_width) unit
    vectors, `scores` and `valid` (B, C + 1), `relative_positions` (B, C + 1, RELATIVE_POSITION_WIDTH),
    `colour_features` (B, C + 1, 3 * colour_channels).
    """

    grid: Tensor
    keys_values: tuple[Tensor, ...]
    heatmap_keys: Tensor
    candidate_embeddings: Tensor
    boxes: Tensor
    name_embeddings: Tensor
    scores: Tensor
    valid: Tensor
    relative_positions: Tensor
    colour_features: Tensor


@dataclass(frozen=True)
class GroundingOutput:
    """For K phrases: `boxes` (B, K, C + 1, 4), refined, and `logits` (B, K, C + 1) of all candidates and, last, of
    the regressed box; `unrefined_boxes` (B, K, C + 1, 4) these boxes before refinement; `regressed_boxes` (B, K, 4)
    the last of them, with its gradient; `heatmap_logits` (B, K, cells); `existence_logits` (B, K): whether the image
    shows what the phrase names."""

    boxes: Tensor
    logits: Tensor
    regressed_boxes: Tensor
    heatmap_logits: Tensor
    existence_logits: Tensor
    unrefined_boxes: Tensor

    def best(self) -> tuple[Tensor, Tensor]:
        """(B, K, 4) the box with the highest logit of each phrase, and (B, K) that logit."""
        logits, rows = self.logits.max(-1)
        return self.boxes.gather(2, rows[..., None, None].expand(-1, -1, 1, 4))[:, :, 0], logits


class GroundingNet(nn.Module):
    """Scores the candidates of an image and one regressed box for each phrase."""

    def __init__(self, config: GroundingConfig = GroundingConfig()):
        super().__init__()
        self.config, width = config, config.width
        self.level_projections = nn.ModuleDict({name: nn.Linear(channels, width) for name, channels in config.levels})
        self.roi_projections = nn.ModuleDict({name: nn.Linear(dict(config.levels)[name], width) for name in ("ssd19", "eff28", "eff14")})
        self.box_encoding, self.token_type_embedding = BoxEncoding(width), nn.Embedding(4, width)
        self.name_projection, self.score_projection = nn.Linear(config.text_width, width), nn.Linear(2, width)
        self.relative_position_projection, self.relative_position_query = (
            nn.Linear(RELATIVE_POSITION_WIDTH, width),
            nn.Linear(width, RELATIVE_POSITION_WIDTH),
        )
        self.colour_projection, self.colour_query = (
            nn.Linear(*sizes)
            for sizes in ((len(COLOUR_REGIONS) * config.colour_channels, width), (width, len(COLOUR_REGIONS) * config.colour_channels))
        )
        self.visual_norm = nn.LayerNorm(width)
        layer = (width, config.heads, config.feedforward_width, config.dropout)
        self.encoder_layers = nn.ModuleList(SelfAttentionLayer(*layer) for _ in range(config.encoder_layers))
        self.word_projection, self.cls_embedding = nn.Linear(config.text_width, width), nn.Parameter(torch.zeros(width))
        self.memory_norm, self.phrase_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.decoder_layers = nn.ModuleList(CrossAttentionLayer(*layer) for _ in range(config.decoder_layers))
        self.heatmap_head, self.existence_head = HeatmapHead(width), nn.Linear(width, 1)
        self.box_head = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, 4))
        self.regressed_box_projection = nn.Linear(width, width)
        self.candidate_scorer = CandidateScorer(width, config.scorer_width, 7, config.scorer_layers, config.dropout)
        self.register_buffer("name_embeddings", torch.zeros(config.num_classes, config.text_width))  # [CLS] states of the class names
        self.register_buffer("candidate_platt", torch.tensor([1.0, 0.0, 0.0]))  # Platt scaling of candidate logits; see `calibrated_scores`
        self.register_buffer("existence_platt", torch.tensor([0.0, 0.0, 20.0]))  # Platt scaling of existence
        self.register_buffer("cell_boxes", grid_boxes(config.grid_size, config.grid_size), persistent=False)

    def encode(self, images: ImageBatch) -> EncodedBatch:
        """Encodes images into tokens: the cells of a grid, and one token for each candidate."""
        grid = sum(
            self.level_projections[name](resize_to_tokens(images.levels[name], self.config.grid_size)) for name in self.level_projections
        )  # (B, cells, width)
        grid = grid + self.box_encoding(self.cell_boxes) + self.token_type_embedding(torch.tensor(3, device=grid.device))
        embeddings = sum(self.roi_projections[name](pool_boxes(images.levels[name], images.boxes)) for name in self.roi_projections)
        score_inputs = torch.stack([images.scores, (images.scores.clamp(1e-3, 0.999)).logit() / 4], -1)
        embeddings = (
            embeddings
            + self.box_encoding(images.boxes)
            + self.token_type_embedding(images.candidate_types)
            + self.name_projection(self.name_embeddings[images.class_ids])
        )
        colours = (
            pool_boxes(images.levels["tint"], relative_boxes(images.boxes, COLOUR_REGIONS).flatten(1, 2))
            .unflatten(1, (-1, len(COLOUR_REGIONS)))
            .flatten(2)
        )
        embeddings = (
            embeddings
            + self.score_projection(score_inputs)
            + self.relative_position_projection(images.relative_positions)
            + self.colour_projection(colours)
        )
        x = self.visual_norm(torch.cat([grid, embeddings], 1))
        valid = torch.cat([torch.ones_like(grid[..., 0], dtype=torch.bool), images.valid], 1)
        for layer in self.encoder_layers:
            x = layer(x, valid[:, None, None, :])
        return self._precompute(self.memory_norm(x), images, colours)

    def _precompute(self, memory: Tensor, images: ImageBatch, colours: Tensor) -> EncodedBatch:
        grid, embeddings = memory.split([len(self.cell_boxes), images.boxes.shape[1]], 1)
        return EncodedBatch(
            grid,
            tuple(layer.cross_attention.kv_projection(memory) for layer in self.decoder_layers),
            self.heatmap_head.cell_projection(grid),
            project_candidates(self.candidate_scorer, embeddings),
            images.boxes,
            F.pad(F.normalize(self.name_embeddings, dim=-1)[images.class_ids], (0, 0, 0, 1)),
            F.pad(images.scores, (0, 1)),
            F.pad(images.valid, (0, 1), value=True),
            F.pad(images.relative_positions, (0, 0, 0, 1)),
            F.pad(colours, (0, 0, 0, 1)),
        )

    def ground(self, encoded: EncodedBatch, texts: TextBatch) -> GroundingOutput:
        """Grounds the phrases of each image."""
        phrases = self._decode_phrases(encoded, texts)  # (B, K, width)
        heatmap_logits = self.heatmap_head(phrases, encoded.heatmap_keys)
        regressed = cxcywh_to_xyxy(self.box_head(phrases).sigmoid())
        regressed_embedding = self.regressed_box_projection(
            pool_boxes(_as_grid(encoded.grid, self.config.grid_size), regressed)
        ) + self.box_encoding(regressed.detach())
        boxes = torch.cat([encoded.boxes[:, None].expand(-1, regressed.shape[1], -1, -1), regressed.detach()[:, :, None]], 2)
        valid = encoded.valid[:, None]
        logits, deltas = self.candidate_scorer(
            phrases,
            encoded.candidate_embeddings,
            regressed_embedding,
            self._match_features(encoded, texts, phrases, heatmap_logits, boxes),
            valid,
        )
        logits = logits.masked_fill(~valid, -20.0)
        return GroundingOutput(apply_deltas(boxes, deltas), logits, regressed, heatmap_logits, self.existence_head(phrases)[..., 0], boxes)

    def rerank_by_colour(self, output: GroundingOutput, encoded: EncodedBatch, colours: Tensor) -> GroundingOutput:
        """Adds gains for the colours that phrases name, `colours` (B, K, colour_channels) bool. A candidate with r
        times the usual share of these colours gains COLOUR_WEIGHT * log r; the usual share is the mean over
        candidates, weighted by their probability. The regressed box gains as much as the best candidate. A fixed
        rule, not learned: training phrases seldom name a colour where it decides."""
        shares = encoded.colour_features.unflatten(-1, (len(COLOUR_REGIONS), -1)).mean(-2)  # (B, C + 1, colour_channels)
        amount, probability = (colours.to(shares) @ shares.mT)[..., :-1], output.logits[..., :-1].sigmoid()  # (B, K, C)
        usual = (amount * probability).sum(-1, keepdim=True) / probability.sum(-1, keepdim=True)
        return _add_gain(
            output, COLOUR_WEIGHT * ((amount + COLOUR_SMOOTHING) / (usual + COLOUR_SMOOTHING)).log() * colours.any(-1, keepdim=True)
        )

    def rerank_spatially(self, output: GroundingOutput, encoded: EncodedBatch, excluded: Tensor) -> GroundingOutput:
        """Subtracts penalties for the locations that phrases name, `excluded` (B, K, 6) bool: the SPATIAL_RELATIONS
        that no other object of the kind may have to the target (to "the left dog" no dog is left). A candidate loses
        RELATION_WEIGHT times the share of rivals in such a relation, each rival weighted by its probability."""
        distinct, relations = (
            torch.from_numpy(np.stack(parts)).to(output.logits) for parts in zip(*map(spatial_relations, encoded.boxes.cpu().numpy()))
        )
        rivals = output.logits[..., None, :-1].sigmoid() * distinct[:, None]  # (B, K, C, C)
        penalty = torch.einsum("bkij,bijr,bkr->bki", rivals, relations, excluded.to(relations))
        return _add_gain(output, -RELATION_WEIGHT * penalty / (rivals.sum(-1) + RELATION_SMOOTHING))

    def calibrated_scores(self, output: GroundingOutput) -> Tensor:
        """(B, K, C + 1) probability that a candidate is correct: the probability that the phrase's object exists in
        the image, times that of this candidate. Both are logistic in the logit and the existence logit, with weights
        fitted on held-out photos (Platt 1999)."""
        probabilities = []
        for (scale, existence_scale, shift), logits in (
            (self.candidate_platt, output.logits),
            (self.existence_platt, output.logits.amax(-1, keepdim=True)),
        ):
            probabilities.append((scale * logits + existence_scale * output.existence_logits[..., None] + shift).sigmoid())
        return probabilities[0] * probabilities[1]

    def _decode_phrases(self, encoded: EncodedBatch, texts: TextBatch) -> Tensor:
        is_cls = torch.zeros_like(texts.phrase_ids, dtype=torch.bool).scatter(1, texts.cls_positions, texts.valid)
        x = self.word_projection(texts.states) + is_cls[..., None] * self.cls_embedding
        same_phrase = (texts.phrase_ids[:, :, None] == texts.phrase_ids[:, None, :])[:, None]
        valid = F.pad(encoded.valid[:, :-1], (encoded.grid.shape[1], 0), value=True)[:, None, None, :]
        for layer, pairs in zip(self.decoder_layers, encoded.keys_values):
            x = layer(x, pairs, same_phrase, valid)
        return self.phrase_norm(x.gather(1, texts.cls_positions[..., None].expand(-1, -1, x.shape[-1])))

    def _match_features(self, encoded: EncodedBatch, texts: TextBatch, phrases: Tensor, heatmap_logits: Tensor, boxes: Tensor) -> Tensor:
        """(B, K, C + 1, 7): cosine similarity of phrase and class name (whole phrase; closest word piece), the
        detector's score, match of the relative position, match of the colours, and the two features of
        `pool_heatmap`."""
        pieces = F.normalize(texts.states, dim=-1) @ encoded.name_embeddings.mT  # (B, T, C + 1)
        same_phrase = texts.phrase_ids[:, None, :] == torch.arange(texts.cls_positions.shape[1])[:, None]  # (B, K, T)
        mean = F.normalize(same_phrase.float() @ texts.states, dim=-1) @ encoded.name_embeddings.mT
        closest = (pieces[:, None] - 2 * (~same_phrase)[..., None]).amax(2)  # (B, K, C + 1)
        closest = closest.clamp(min=-1)
        scores, position_match, colour_match = (
            encoded.scores[:, None].expand_as(mean),
            self.relative_position_query(phrases) @ encoded.relative_positions.mT,
            self.colour_query(phrases) @ encoded.colour_features.mT,
        )
        inside = pool_heatmap(heatmap_logits.sigmoid(), boxes, self.config.grid_size)
        return torch.cat([torch.stack([mean, closest, scores, position_match, colour_match], -1), inside], -1)


def build_grounder(config: dict) -> GroundingNet:
    """A network of the configuration in a model card; for `storage.load_network`."""
    levels = tuple((str(name), int(channels)) for name, channels in config["levels"])
    return GroundingNet(GroundingConfig(**{**config, "levels": levels}))


def _add_gain(output: GroundingOutput, gain: Tensor) -> GroundingOutput:
    """`output` with `gain` (B, K, C) added to the logits of candidates; the regressed box gains as much as the best candidate."""
    best = output.logits[..., :-1].argmax(-1, keepdim=True)
    return replace(output, logits=output.logits + torch.cat([gain, gain.gather(-1, best)], -1))


def _as_grid(tokens: Tensor, side: int) -> Tensor:
    return tokens.mT.unflatten(-1, (side, side))
