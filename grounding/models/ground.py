"""Grounder: from a phrase to its boxes. A picture is encoded once; every further phrase costs a few milliseconds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grounding.data import Boxes, Query, Regions, Size, intersection
from grounding.data.media_image import Image
from grounding.nn.weights import WeightsError

LONGEST = 1000  # characters of a phrase; longer ones are refused
REMEMBERED = 2000  # phrases whose word states are kept


@dataclass(frozen=True)
class EncodedImage:
    """What the grounder knows of a picture before any phrase; keep it and ask as often as you like, from any thread."""

    size: Size
    seen: object  # nn.network.Encoded of one picture
    version: str


class CrossAttentionGrounder:
    """The embedded grounder. `path` names its JSON page; weights are read and checked at the first picture. `make_eyes` builds what sees.

    `least`: the answer is empty where the best score times the chance that there is such a thing at all is lower; `more`: the score
    from which further boxes than the best are answered.
    """

    def __init__(self, path: Path | str, make_eyes: Callable | None = None, least: float = 0.08, more: float = 0.6):
        from grounding.nn.storage import read_page

        self.path, self.least, self.more = Path(path), least, more
        self.page = read_page(path)
        self.version = f"{self.page.get('name', 'grounder')}@{self.page['sha256'][:8]}"
        self._make_eyes, self._eyes, self._net, self._language = make_eyes, None, None, None
        self._states: OrderedDict[str, np.ndarray] = OrderedDict()
        self._lock = threading.RLock()

    def encode(self, image: Image) -> EncodedImage:
        """One pass of detector, backbone and encoder."""
        import torch

        from grounding.nn.batches import scenes
        net, eyes = self._ready()
        with torch.inference_mode():
            seen = net.see(scenes([eyes.see(image)], len(self.page["names"])))
        return EncodedImage(image.size, seen, self.version)

    def ground_in(self, encoded: EncodedImage, query: Query) -> Regions:
        """Best first, labelled with the caller's phrases; empty where there is none."""
        phrases = query.words()
        found = [part for part in self.ground_each(encoded, phrases) if len(part)]
        if not found:
            return Regions.empty()
        boxes = Boxes(np.concatenate([part.boxes.xyxy for part in found]))
        return Regions(boxes, np.concatenate([part.scores for part in found]), sum((part.labels for part in found), ())).best_first()

    def ground(self, image: Image, query: Query) -> Regions:
        return self.ground_in(self.encode(image), query)

    def ground_each(self, encoded: EncodedImage, phrases: Sequence[str]) -> list[Regions]:
        """One answer a phrase, all phrases in one pass."""
        import torch

        from grounding.nn.batches import words
        if encoded.version != self.version:
            raise ValueError(f"the picture was encoded by {encoded.version}, this grounder is {self.version}; encode it again")
        states = [self._read(phrase) for phrase in phrases]
        if not states:
            return []
        net, _ = self._ready()
        with torch.inference_mode():
            answer = net.ask(encoded.seen, words([states]))
        boxes, scores = answer.boxes[0].numpy(), answer.logits[0].sigmoid().numpy()
        here = answer.here[0].sigmoid().numpy()
        return [self._chosen(phrase, *row, encoded.size) for phrase, *row in zip(phrases, boxes, scores, here)]

    def was_cut(self, phrase: str) -> bool:
        """Whether a phrase is so long that its end is not read."""
        from grounding.nn.text import was_cut

        return was_cut(phrase)

    def _chosen(self, phrase: str, boxes: np.ndarray, scores: np.ndarray, here: float, size: Size) -> Regions:
        """The best box, and those beside it that are likely and lie elsewhere."""
        if here * scores.max() < self.least:
            return Regions.empty()
        order = np.argsort(-scores, kind="stable")
        order = order[: max(1, int((scores >= self.more).sum()))]
        found = Boxes(boxes[order] * np.tile(np.float32(size), 2)).clip(size)
        smaller = np.minimum(found.area[:, None], found.area[None, :])
        rivals = intersection(found, found) > 0.6 * smaller  # also a part of what was answered is no second answer
        kept: list[int] = []
        for row in range(len(order)):
            if not rivals[row, kept].any() and found.area[row] > 0:
                kept.append(row)
        return Regions(found[kept], np.clip(scores[order][kept], 0, 1), (phrase,) * len(kept))

    def _read(self, phrase: str) -> np.ndarray:
        from grounding.nn import text

        _check(phrase)
        with self._lock:
            if phrase in self._states:
                self._states.move_to_end(phrase)
                return self._states[phrase]
            self._language = self._language or text.MiniLM.pretrained()
        states = text.encode(self._language, [phrase])[0].astype(np.float32)
        with self._lock:
            self._states[phrase] = states
            while len(self._states) > REMEMBERED:
                self._states.popitem(last=False)
        return states

    def _ready(self):
        with self._lock:
            if self._net is None:
                self._net, self._eyes = self._load()
            return self._net, self._eyes

    def _load(self):
        from grounding.models.eyes import Eyes
        from grounding.nn.storage import load_network
        from grounding.nn.text import VERSION

        eyes = self._make_eyes() if self._make_eyes else Eyes()
        for what, needed, present in (("seeing", self.page["eyes"], eyes.version), ("language", self.page["text"], VERSION)):
            if needed != present:
                raise WeightsError(f"{self.path.stem} was trained on the {what} network {needed}, installed is {present}; "
                                   "install the version of requirements.txt or train again")
        return load_network(self.path)[0], eyes


def _check(phrase: str) -> None:
    if not any(sign.isalnum() for sign in phrase):
        raise ValueError(f"a phrase needs at least one word; got {phrase[:20]!r}")
    if len(phrase) > LONGEST:
        raise ValueError(f"a phrase of {len(phrase):,} characters is too long to ground; say it in at most {LONGEST:,}")
