"""The grounding network of the paper (Jiang et al. 2022, "Pseudo-Q", section 3.3): one box is regressed from image
and phrase together.

Every layer of a visual encoder attends to the phrase and the phrase to it
(multi-level cross-modality attention, ML-CMA); both then pass through another transformer, whose token [REG] becomes
the box. Built for comparison with `grounding.nn.grounding.network`, and trained by the same loop. Differences from
the paper:

- It uses our cached features and MiniLM (384 wide), both frozen, instead of a trained ResNet-50 and BERT (768 wide),
  which cannot be trained on two cores. Photos are resized to a square, so no cell of the grid is padding.
- Padding of a phrase is masked in attention. The authors' release adds its bool mask to the logits, so that padding
  gets +1, not minus infinity, and more attention than the words.
- Phrases may have 39 word pieces, not 20, of which the prompt already takes nine.
- `grounding.learning.grounding.losses` weights L1 twice, and over corners instead of centre and extent; GIoU is the
  same.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.grounding.batches import ImageBatch, TextBatch
from grounding.nn.grounding.network import GroundingOutput
from grounding.nn.parts.geometry import resize_to_tokens

PROMPT = "find the region that corresponds to the description {}"  # the release's sentence for RefCOCO and Flickr30k


def add_prompt(phrase: str) -> str:
    """The phrase in the fixed prompt of the paper, used in training and afterwards; the input of the text encoder."""
    return PROMPT.format(phrase)


@dataclass(frozen=True)
class PseudoQConfig:
    """The dimensions; the defaults are those of the paper and its release, except `levels`, which are our frozen features."""

    levels: tuple[tuple[str, int], ...] = (("ssd19", 576), ("ssd10", 1280), ("eff28", 40), ("eff14", 112), ("eff7", 320))
    grid_size: int = 20  # ResNet-50 at stride 32 of 640 pixels
    text_width: int = 768  # BERT-base
    max_pieces: int = 40  # maximum of word pieces of a phrase; release: 20
    width: int = 256  # DETR's, in the encoder and in the fusion
    heads: int = 8  # of both; ML-CMA has one
    feedforward_width: int = 2048  # feed-forward part of both
    encoder_layers: int = 6  # DETR's; the output of each is a level
    fusion_layers: int = 6  # layers after ML-CMA, as in TransVG
    dropout: float = 0.1  # everywhere

    @classmethod
    def on_minilm(cls, **changes) -> PseudoQConfig:
        """For the states of MiniLM and the grid size of `GroundingConfig`."""
        return cls(**({"text_width": 384, "grid_size": 12} | changes))


@dataclass(frozen=True)
class EncodedLevels:
    """`levels` (B, V, cells, width): the output of every layer of the visual encoder."""

    levels: Tensor


class PostNormLayer(nn.Module):
    """A transformer layer as in DETR: post-norm; position encodings are added to queries and keys but not to values."""

    def __init__(self, width: int, heads: int, feedforward_width: int, dropout: float):
        super().__init__()
        self.heads, self.dropout_rate = heads, dropout
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.feed_forward = nn.Sequential(
            nn.Linear(width, feedforward_width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(feedforward_width, width)
        )
        self.norm1, self.norm2, self.dropout = nn.LayerNorm(width), nn.LayerNorm(width), nn.Dropout(dropout)

    def forward(self, x: Tensor, positions: Tensor, valid: Tensor | None = None) -> Tensor:
        """`x` (M, N, width); `positions` (N, width); `valid` (M, N) bool, False for padding."""
        positioned = x + positions
        q, k, v = (y.unflatten(-1, (self.heads, -1)).transpose(1, 2) for y in (self.query(positioned), self.key(positioned), self.value(x)))
        mask = None if valid is None else valid[:, None, None, :]
        y = F.scaled_dot_product_attention(q, k, v, mask, self.dropout_rate * self.training).transpose(1, 2).flatten(2)
        x = self.norm1(x + self.dropout(self.out(y)))
        return self.norm2(x + self.dropout(self.feed_forward(x)))


class ModalityAttention(nn.Module):
    """One direction of ML-CMA: tokens of one modality attend to those of the other, with one head and shared weights for all levels."""

    def __init__(self, width: int, other_width: int, levels: int, dropout: float):
        super().__init__()
        self.query, self.out = nn.Linear(width, width), nn.Linear(width, width)
        self.key, self.value = nn.Linear(other_width, width), nn.Linear(other_width, width)
        self.norm, self.dropout = nn.LayerNorm(width, 1e-12), nn.Dropout(dropout)
        self.level_projection = nn.Linear(levels * width, width)

    def forward(self, x: Tensor, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        """`x` and `query` (M, 1 or V, N, width); `key`, `value` (M, 1 or V, N', width) -> (M, N, width), all V levels
        projected together."""
        levels = max(query.shape[1], key.shape[1])
        q, k, v = (part.expand(-1, levels, -1, -1) for part in (query, key, value))
        y = self.norm(x + self.dropout(self.out(F.scaled_dot_product_attention(q, k, v, mask))))  # (M, V, N, width)
        return self.level_projection(y.transpose(1, 2).flatten(2))


class CrossModalityAttention(nn.Module):
    """Multi-level cross-modality attention (section 3.3): each level of the image attends to the same words, and the words to it."""

    def __init__(self, text_width: int, width: int, levels: int, dropout: float = 0.1):
        super().__init__()
        self.text_attention, self.image_attention = (
            ModalityAttention(text_width, width, levels, dropout),
            ModalityAttention(width, text_width, levels, dropout),
        )

    def forward(self, words: Tensor, valid: Tensor, levels: Tensor, image_index: Tensor) -> tuple[Tensor, Tensor]:
        """`words` (M, L, text_width) and `valid` (M, L) bool; `levels` (B, V, N, width); `image_index` (M,) the image
        of each phrase -> (M, L, text_width) and (M, N, width). Projections that do not depend on the phrase are
        computed once per image."""
        text_attention, image_attention, text_tokens = self.text_attention, self.image_attention, words[:, None]
        text_keys, text_values = text_attention.key(levels)[image_index], text_attention.value(levels)[image_index]
        text_output = text_attention(text_tokens, text_attention.query(text_tokens), text_keys, text_values)
        image_queries, mask = image_attention.query(levels)[image_index], valid[:, None, None, :]
        image_keys, image_values = image_attention.key(text_tokens), image_attention.value(text_tokens)
        return text_output, image_attention(levels[image_index], image_queries, image_keys, image_values, mask)


class PseudoQNet(nn.Module):
    """Has the `encode` and `ground` of `GroundingNet`; its output has one candidate, the regressed box, and no existence score."""

    def __init__(self, config: PseudoQConfig = PseudoQConfig()):
        super().__init__()
        self.config, width = config, config.width
        self.level_projections = nn.ModuleDict({name: nn.Linear(channels, width) for name, channels in config.levels})
        layer = (width, config.heads, config.feedforward_width, config.dropout)
        self.encoder_layers = nn.ModuleList(PostNormLayer(*layer) for _ in range(config.encoder_layers))
        self.cross_modality = CrossModalityAttention(config.text_width, width, config.encoder_layers, config.dropout)
        self.image_projection, self.text_projection = nn.Linear(width, width), nn.Linear(config.text_width, width)
        self.fusion_layers = nn.ModuleList(PostNormLayer(*layer) for _ in range(config.fusion_layers))
        self.reg_token = nn.Parameter(torch.randn(width))
        self.position_embedding = nn.Parameter(torch.randn(1 + config.max_pieces + config.grid_size ** 2, width))
        self.box_head = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 4))
        self.register_buffer("position_encodings", sine_positions(config.grid_size, width), persistent=False)
        for matrix in (weight for part in (self.encoder_layers, self.fusion_layers) for weight in part.parameters() if weight.dim() > 1):
            nn.init.xavier_uniform_(matrix)  # as in DETR and TransVG

    def encode(self, images: ImageBatch) -> EncodedLevels:
        """The visual encoder, once per image; candidates are not used."""
        x = sum(
            self.level_projections[name](resize_to_tokens(images.levels[name], self.config.grid_size)) for name in self.level_projections
        )  # (B, cells, width)
        levels = []
        for layer in self.encoder_layers:
            x = layer(x, self.position_encodings)
            levels.append(x)
        return EncodedLevels(torch.stack(levels, 1))

    def ground(self, encoded: EncodedLevels, texts: TextBatch) -> GroundingOutput:
        """Every phrase is paired with its image, which is repeated for it; batches should have few phrases."""
        image_index = texts.valid.nonzero()[:, 0]  # (M,)
        states, valid = split_phrases(texts)
        box = self._regress_box(*self.cross_modality(states, valid, encoded.levels, image_index), valid)
        cxcywh = box.new_full((*texts.valid.shape, 4), 0.5).masked_scatter(texts.valid[..., None], box)
        half = cxcywh[..., 2:] / 2
        regressed = torch.cat([cxcywh[..., :2] - half, cxcywh[..., :2] + half], -1)  # (B, K, 4)
        zeros = torch.zeros_like(regressed[..., :1])
        candidates = regressed.detach().clamp(0, 1)[:, :, None]
        return GroundingOutput(candidates, zeros, regressed, zeros, zeros[..., 0], candidates)

    def _regress_box(self, words: Tensor, cells: Tensor, valid: Tensor) -> Tensor:
        """(M, L, text_width) and (M, N, width) to (M, 4) centre and extent in (0, 1)."""
        length = words.shape[1]
        x = torch.cat([self.reg_token.expand(len(words), 1, -1), self.text_projection(words), self.image_projection(cells)], 1)
        positions = torch.cat([self.position_embedding[: 1 + length], self.position_embedding[1 + self.config.max_pieces:]])
        valid = F.pad(F.pad(valid, (1, 0), value=True), (0, cells.shape[1]), value=True)
        for layer in self.fusion_layers:
            x = layer(x, positions, valid)
        return self.box_head(x[:, 0]).sigmoid()


def split_phrases(texts: TextBatch) -> tuple[Tensor, Tensor]:
    """The M valid phrases, one per row: (M, L, text_width) states and (M, L) bool, False for padding."""
    count = texts.cls_positions.shape[1]
    lengths = (texts.phrase_ids[:, None, :] == torch.arange(count)[:, None]).sum(-1)  # (B, K)
    step = torch.arange(int(lengths.max()) if lengths.numel() else 0)
    piece_index = (texts.cls_positions[..., None] + step).clamp(max=texts.states.shape[1] - 1)  # (B, K, L)
    rows = torch.arange(len(piece_index))[:, None, None].expand_as(piece_index)
    valid = step < lengths[..., None]
    return (texts.states[rows, piece_index] * valid[..., None])[texts.valid], valid[texts.valid]


def sine_positions(side: int, width: int) -> Tensor:
    """(side * side, width) two-dimensional sine position encodings, row by row, as in DETR: half of the width for
    rows, half for columns."""
    quarter = width // 4
    wavelengths = 10000.0 ** (torch.arange(quarter) / quarter)
    angles = 2 * torch.pi * (torch.arange(side) + 1)[:, None] / side / wavelengths
    encoding = torch.stack([angles.sin(), angles.cos()], -1).flatten(1)  # (side, width / 2)
    row_encoding, column_encoding = encoding[:, None].expand(-1, side, -1), encoding[None].expand(side, -1, -1)
    return torch.cat([row_encoding, column_encoding], -1).flatten(0, 1)
