"""Text cache: the language model's hidden states of many phrases, computed once and kept on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from grounding.machine.disk import write_atomic
from grounding.nn.hosts import minilm


class TextEmbeddingCache:
    """text -> (pieces, 384) float16. Built from the distinct texts by `depth` layers of the language model; `folder` keeps the
    table for the next run."""

    def __init__(self, texts: Iterable[str], folder: Path | None = None, depth: int = minilm.LAYERS):
        ordered = sorted(set(texts))
        self.rows = {phrase: row for row, phrase in enumerate(ordered)}
        lengths, self.hidden_states = _load_or_encode(ordered, folder, depth)
        self.offsets = np.concatenate([[0], np.cumsum(lengths)])

    def __getitem__(self, phrase: str) -> np.ndarray:
        row = self.rows[phrase]
        return self.hidden_states[self.offsets[row]:self.offsets[row + 1]]


def _load_or_encode(texts: list[str], folder: Path | None, depth: int) -> tuple[np.ndarray, np.ndarray]:
    from safetensors.numpy import load_file, save

    parts = [minilm.VERSION, *([] if depth == minilm.LAYERS else [str(depth)]), str(minilm.MAX_PIECES), *texts]
    name = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    path = folder / f"phrases-{name}.safetensors" if folder else None
    if path and path.exists():
        stored = load_file(path)
        return stored["lengths"], stored["states"]
    encoded = minilm.encode_phrases(minilm.MiniLM.pretrained(depth), texts) if texts else []
    lengths = np.array([len(states) for states in encoded], np.int64)
    states = np.concatenate(encoded) if encoded else np.zeros((0, minilm.WIDTH), np.float16)
    if path:
        write_atomic(path, save({"lengths": lengths, "states": states}))
    return lengths, states
