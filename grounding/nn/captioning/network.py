"""The caption network: region features of an object to a sentence, with a box for each word.

A prefix language model (Wang et al. 2022, GIT; Zhou et al. 2023, section 3.2): visual tokens attend to one another
and to no word; each word attends to all visual tokens and to the words before it. A small head regresses a box from
the state of each input word (Xu et al. 2023, PixelLLM, section 3.3). One decoder serves boxes of photos and tracks of
videos.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.association.matching import AssociationNet
from grounding.nn.captioning.vocabulary import BEGIN
from grounding.nn.parts.attention import SelfAttentionLayer
from grounding.nn.parts.geometry import BoxEncoding, cxcywh_to_xyxy, grid_boxes
from grounding.nn.region_features import BOX_FEATURE_WIDTH, CELL_FEATURE_WIDTH, CELLS_PER_BOX_SIDE, CELLS_PER_IMAGE_SIDE, split_into_cells

MASKED = -1e4  # added to masked attention logits; finite, so that a fully masked row gives no NaN


@dataclass(frozen=True)
class CaptionerConfig:
    """The dimensions of the network; saved with its weights."""

    vocabulary_size: int = 4200
    width: int = 160
    heads: int = 4
    feedforward_width: int = 384
    layers: int = 3
    max_pieces: int = 32
    association_width: int = 128
    dropout: float = 0.1


@dataclass(frozen=True)
class ObjectBatch:
    """S objects with V views each: `box_features` (S, V, 2328), `cell_features` (S, V, 9, 728), `boxes` (S, V, 4) as
    fractions of the image, `times` (S, V) in [0, 1], `weights` (S, V) in (0, 1], `valid` (S, V) bool, False for
    padding.

    `mixing_weights` (S, K, V) mixes V views into K (None: no mixing). `image_cells` (P, 36, 728) are the cells of P
    whole images, `image_index` (S,) the image of each object, -1 for none.
    """

    box_features: Tensor
    cell_features: Tensor
    boxes: Tensor
    times: Tensor
    weights: Tensor
    valid: Tensor
    image_cells: Tensor
    image_index: Tensor
    mixing_weights: Tensor | None = None

    def keep(self, rows: Tensor) -> ObjectBatch:
        """The objects of `rows`."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return ObjectBatch(**{name: value if name == "image_cells" or value is None else value[rows] for name, value in values.items()})


@dataclass(frozen=True)
class Prefix:
    """The visual tokens that the words attend to: `layers`, the inputs (S, P, width) of each layer, and `attention_bias`
    (S, P), added to their attention logits."""

    layers: tuple[Tensor, ...]
    attention_bias: Tensor

    def keep(self, rows: Tensor) -> Prefix:
        return Prefix(tuple(layer[rows] for layer in self.layers), self.attention_bias[rows])

    def unconditional(self) -> Prefix:
        """The prefix with all visual tokens masked: what remains is the unconditional language model."""
        return Prefix(self.layers, torch.full_like(self.attention_bias, MASKED))


class CaptionDecoder(nn.Module):
    """The decoder of the prefix language model: encodes objects into a prefix and decodes sentences from it."""

    def __init__(self, config: CaptionerConfig):
        super().__init__()
        self.config, width = config, config.width
        self.box_projection, self.cell_projection, self.image_cell_projection = (
            nn.Linear(BOX_FEATURE_WIDTH, width),
            nn.Linear(CELL_FEATURE_WIDTH, width),
            nn.Linear(CELL_FEATURE_WIDTH, width),
        )
        self.box_encoding, self.token_type_embedding = BoxEncoding(width), nn.Embedding(3, width)
        self.time_mlp = nn.Sequential(nn.Linear(9, width), nn.GELU(), nn.Linear(width, width))
        self.word_embedding, self.position_embedding = nn.Embedding(config.vocabulary_size, width), nn.Embedding(config.max_pieces, width)
        self.visual_norm, self.text_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.layers = nn.ModuleList(
            SelfAttentionLayer(width, config.heads, config.feedforward_width, config.dropout) for _ in range(config.layers)
        )
        self.final_norm, self.output_bias = nn.LayerNorm(width), nn.Parameter(torch.zeros(config.vocabulary_size))
        self.box_head = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Linear(width, width), nn.GELU(), nn.Linear(width, 4)
        )
        self.register_buffer("image_cell_boxes", grid_boxes(CELLS_PER_IMAGE_SIDE, CELLS_PER_IMAGE_SIDE), persistent=False)
        nn.init.normal_(self.word_embedding.weight, std=width ** -0.5)

    def encode(self, objects: ObjectBatch) -> Prefix:
        """The prefix of each object; independent of the words."""
        x, attention_bias = self.visual_tokens(objects)
        inputs = []
        for layer in self.layers:
            inputs.append(x)
            x = layer(x, attention_bias[:, None, None, :])
        return Prefix(tuple(inputs), attention_bias)

    def decode(self, prefix: Prefix, pieces: Tensor) -> Tensor:
        """(S, L) ids, the first of them BEGIN, to (S, L, width) states; each depends on the words up to its own."""
        length = pieces.shape[1]
        x = self.text_norm(self.word_embedding(pieces) * self.config.width ** 0.5 + self.position_embedding(torch.arange(length)))
        causal = torch.full((length, length), MASKED).triu(1)
        mask = torch.cat([prefix.attention_bias[:, None, :].expand(-1, length, -1), causal.expand(len(x), -1, -1)], -1)[
            :, None
        ]  # (S, 1, L, P + L)
        for layer, prefix_tokens in zip(self.layers, prefix.layers):
            x = layer(x, mask, prefix_tokens)
        return x

    def next_log_probs(self, states: Tensor) -> Tensor:
        """(..., width) to (..., vocabulary_size) log-probabilities of the next piece."""
        return F.log_softmax(self.final_norm(states) @ self.word_embedding.weight.mT + self.output_bias, -1)

    def word_boxes(self, states: Tensor) -> Tensor:
        """(..., width) to (..., 4): the box of the input word of each state, as fractions of the image."""
        return cxcywh_to_xyxy(self.box_head(states).sigmoid())

    def log_likelihood(self, prefix: Prefix, pieces: Tensor) -> Tensor:
        """(S, L) ids from BEGIN to END, padded with 0: (S, L - 1) log-probability of each piece after the first, 0 at padding."""
        log_probs = self.next_log_probs(self.decode(prefix, pieces[:, :-1])).gather(-1, pieces[:, 1:, None])[..., 0]
        return log_probs * (pieces[:, 1:] != 0)

    def visual_tokens(self, objects: ObjectBatch) -> tuple[Tensor, Tensor]:
        """(S, P, width) tokens and their (S, P) attention bias."""
        time_embedding = self.time_mlp(_time_encoding(objects.times))[:, :, None]  # (S, V, 1, width)
        boxes = self.box_projection(objects.box_features) + self.box_encoding(objects.boxes) + self.token_type_embedding(torch.tensor(0))
        cells_of_boxes = (
            self.cell_projection(objects.cell_features)
            + self.box_encoding(split_into_cells(objects.boxes, CELLS_PER_BOX_SIDE))
            + self.token_type_embedding(torch.tensor(1))
        )
        tokens = self.visual_norm(torch.cat([boxes[:, :, None], cells_of_boxes], 2) + time_embedding)  # (S, V, 10, width)
        attention_bias = torch.where(objects.valid, objects.weights.clamp(min=1e-3).log(), torch.full_like(objects.weights, MASKED))
        if objects.mixing_weights is not None:
            tokens = torch.einsum("skv,svtw->sktw", objects.mixing_weights, tokens)
            attention_bias = torch.zeros(tokens.shape[:2])
        attention_bias = attention_bias[..., None].expand(-1, -1, tokens.shape[2]).flatten(1)
        return self._append_image_tokens(objects, tokens.flatten(1, 2), attention_bias)

    def _append_image_tokens(self, objects: ObjectBatch, tokens: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        if not len(objects.image_cells):
            return tokens, bias
        image_tokens = self.visual_norm(
            self.image_cell_projection(objects.image_cells)
            + self.box_encoding(self.image_cell_boxes)
            + self.token_type_embedding(torch.tensor(2))
        )
        image_bias = torch.where(objects.image_index >= 0, 0.0, MASKED)[:, None].expand(-1, image_tokens.shape[1])
        return torch.cat([tokens, image_tokens[objects.image_index.clamp(min=0)]], 1), torch.cat([bias, image_bias], 1)


class CaptionerNet(nn.Module):
    """The association network and the caption decoder, trained together and saved in one file."""

    def __init__(self, config: CaptionerConfig):
        super().__init__()
        self.config = config
        self.association, self.decoder = AssociationNet(config.association_width), CaptionDecoder(config)


def _time_encoding(times: Tensor) -> Tensor:
    """(...,) times in [0, 1] to (..., 9): the time and its sines and cosines at four frequencies."""
    angles = times[..., None] * torch.pi * torch.tensor([0.5, 1.0, 2.0, 4.0])
    return torch.cat([times[..., None], angles.sin(), angles.cos()], -1)


def start_sequences(count: int) -> Tensor:
    """(count, 1): sequences that consist of BEGIN."""
    return torch.full((count, 1), BEGIN)
