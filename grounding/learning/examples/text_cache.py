"""Phrasebook: the language model's states of many phrases, read once and kept on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from grounding.machine.disk import write_whole
from grounding.nn.hosts import minilm


class Phrasebook:
    """text -> (pieces, 384) float16. Built from the distinct texts by `depth` layers of the language model; `folder` keeps the
    table for the next run."""

    def __init__(self, texts: Iterable[str], folder: Path | None = None, depth: int = minilm.LAYERS):
        ordered = sorted(set(texts))
        self.places = {phrase: row for row, phrase in enumerate(ordered)}
        lengths, self.states = _table(ordered, folder, depth)
        self.starts = np.concatenate([[0], np.cumsum(lengths)])

    def __getitem__(self, phrase: str) -> np.ndarray:
        row = self.places[phrase]
        return self.states[self.starts[row]:self.starts[row + 1]]


def _table(ordered: list[str], folder: Path | None, depth: int) -> tuple[np.ndarray, np.ndarray]:
    from safetensors.numpy import load_file, save

    name = hashlib.sha256("\n".join([minilm.VERSION, *([] if depth == minilm.LAYERS else [str(depth)]), str(minilm.MAX_PIECES), *ordered]).encode()).hexdigest()[:16]
    path = folder / f"phrases-{name}.safetensors" if folder else None
    if path and path.exists():
        kept = load_file(path)
        return kept["lengths"], kept["states"]
    found = minilm.encode(minilm.MiniLM.pretrained(depth), ordered) if ordered else []
    lengths = np.array([len(states) for states in found], np.int64)
    states = np.concatenate(found) if found else np.zeros((0, minilm.WIDTH), np.float16)
    if path:
        write_whole(path, save({"lengths": lengths, "states": states}))
    return lengths, states
