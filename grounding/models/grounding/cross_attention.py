"""Grounder: from a phrase to its boxes. A picture is encoded once; every further phrase costs a few milliseconds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grounding.data import Boxes, Query, Regions, Size, apart, iou, unrivalled
from grounding.data.media_image import Image
from grounding.nn.files.weights import WeightsError

LONGEST = 1000  # characters of a phrase; longer ones are refused
REMEMBERED = 2000  # phrases whose word states are kept

NOTHING_LIES = {  # how nothing else of the kind lies to what is in a place
    "left": ("left",), "right": ("right",), "top": ("above",), "bottom": ("below",), "front": ("larger",), "behind": ("smaller",),
    "leftmost": ("left",), "rightmost": ("right",), "topmost": ("above",), "bottommost": ("below",),
    "larger": ("larger",), "largest": ("larger",), "smaller": ("smaller",), "smallest": ("smaller",),
    "top left corner": ("above", "left"), "top right corner": ("above", "right"),
    "bottom left corner": ("below", "left"), "bottom right corner": ("below", "right")}


@dataclass(frozen=True)
class EncodedImage:
    """What the grounder knows of a picture before any phrase; keep it and ask as often as you like, from any thread."""

    size: Size
    seen: object  # nn.network.Encoded of one picture
    version: str


class CrossAttentionGrounder:
    """The embedded grounder. `path` names its JSON page; weights are read and checked at the first picture. `make_eyes` builds what sees.

    `least`: the answer is empty where the best score is lower; `more`: the score
    from which further boxes than the best are answered. Without them, those found when its scores were calibrated.
    """

    def __init__(self, path: Path | str, make_eyes: Callable | None = None, least: float | None = None, more: float | None = None):
        from grounding.nn.files.storage import read_page

        self.path, self.page = Path(path), read_page(path)
        found = self.page.get("training", {}).get("calibration", {})
        self.least, self.more = (found.get(name, usual) if given is None else given
                                 for name, given, usual in (("least", least, 0.05), ("more", more, 0.5)))
        self.version = f"{self.page.get('name', 'grounder')}@{self.page['sha256'][:8]}"
        self._make_eyes, self._eyes, self._net, self._language = make_eyes, None, None, None
        self._states: OrderedDict[str, np.ndarray] = OrderedDict()
        self._lock = threading.RLock()

    def encode(self, image: Image) -> EncodedImage:
        """One pass of detector, backbone and encoder."""
        import torch

        from grounding.nn.grounding.batches import scenes
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
        return [self._chosen(phrase, *row, encoded.size) for phrase, *row in zip(phrases, *self._asked(encoded, phrases))]

    def rank_each(self, encoded: EncodedImage, phrases: Sequence[str], count: int) -> list[Regions]:
        """For each phrase the `count` best boxes that differ, best first, whether or not they are good enough to be answered."""
        return [_ranked(phrase, *row, encoded.size, count) for phrase, *row in zip(phrases, *self._asked(encoded, phrases))]

    def _asked(self, encoded: EncodedImage, phrases: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """(K, C, 4) boxes as fractions and (K, C) scores of all candidates."""
        import torch

        from grounding.nn.grounding.batches import words
        if encoded.version != self.version:
            raise ValueError(f"the picture was encoded by {encoded.version}, this grounder is {self.version}; encode it again")
        states = self._read(phrases)
        if not states:
            return np.zeros((0, 0, 4), np.float32), np.zeros((0, 0), np.float32)
        net, _ = self._ready()
        with torch.inference_mode():
            answer = net.ask(encoded.seen, words([states]))
            scores = net.certainty(_counted(net, answer, encoded.seen, phrases))
        return answer.boxes[0].numpy(), scores[0].numpy()

    def was_cut(self, phrase: str) -> bool:
        """Whether a phrase is so long that its end is not read."""
        from grounding.nn.hosts.minilm import was_cut

        return was_cut(phrase)

    def _chosen(self, phrase: str, boxes: np.ndarray, scores: np.ndarray, size: Size) -> Regions:
        """The best box, and those beside it that are likely and lie elsewhere."""
        if scores.max() < self.least:
            return Regions.empty()
        order = np.argsort(-scores, kind="stable")
        order = order[: max(1, int((scores >= self.more).sum()))]
        order, found = _laid(boxes, order, size)
        kept = apart(found)
        return Regions(found[kept], np.clip(scores[order][kept], 0, 1), (phrase,) * len(kept))

    def _read(self, phrases: Sequence[str]) -> list[np.ndarray]:
        """The word states of each phrase; those not read lately are read together."""
        from grounding.nn.hosts import minilm
        from grounding.nn.parts.packed import packed

        for phrase in phrases:
            _check(phrase)
        with self._lock:
            known = {phrase: self._states[phrase] for phrase in phrases if phrase in self._states}
            self._language = self._language or packed(minilm.MiniLM.pretrained(self.page["shape"].get("text_depth", minilm.LAYERS)))
        new = [phrase for phrase in dict.fromkeys(phrases) if phrase not in known]
        known |= {phrase: states.astype(np.float32) for phrase, states in zip(new, minilm.encode(self._language, new))} if new else {}
        with self._lock:
            for phrase in phrases:
                self._states[phrase] = known[phrase]
                self._states.move_to_end(phrase)
            while len(self._states) > REMEMBERED:
                self._states.popitem(last=False)
        return [known[phrase] for phrase in phrases]

    def _ready(self):
        with self._lock:
            if self._net is None:
                self._net, self._eyes = self._load()
            return self._net, self._eyes

    def _load(self):
        from grounding.models.embedding.backbone import Eyes
        from grounding.nn.files.storage import load_network
        from grounding.nn.hosts.minilm import VERSION

        eyes = self._make_eyes() if self._make_eyes else Eyes()
        for what, needed, present in (("seeing", self.page["eyes"], eyes.version), ("language", self.page["text"], VERSION)):
            if needed != present:
                raise WeightsError(f"{self.path.stem} was trained on the {what} network {needed}, installed is {present}; "
                                   "install the version of requirements.txt or train again")
        return load_network(self.path)[0], eyes


def _counted(net, answer, seen, phrases: Sequence[str]):
    """The answer with what need not be learned: the colours and places that phrases name, counted in the picture."""
    import torch
    import torch.nn.functional as F

    from grounding.nn.grounding.candidates import LIES
    from pseudo_query.parse import named_colours, named_place

    colours = torch.tensor([[named_colours(phrase) for phrase in phrases]])
    sought = torch.tensor([[[way in NOTHING_LIES.get(named_place(phrase), ()) for way in LIES] for phrase in phrases]])
    answer = net.painted(answer, seen, F.pad(colours, (0, 1))) if colours.any() else answer
    return net.placed(answer, seen, sought) if sought.any() else answer


def _ranked(phrase: str, boxes: np.ndarray, scores: np.ndarray, size: Size, count: int) -> Regions:
    order, found = _laid(boxes, np.argsort(-scores, kind="stable"), size)
    kept = unrivalled(iou(found, found) > 0.7)[:count]
    return Regions(found[kept], np.clip(scores[order][kept], 0, 1), (phrase,) * len(kept))


def _laid(boxes: np.ndarray, order: np.ndarray, size: Size) -> tuple[np.ndarray, Boxes]:
    """The candidates of `order` that have an area inside the picture, and their boxes in pixels."""
    found = Boxes(boxes[order] * np.tile(np.float32(size), 2)).clip(size)
    return order[found.area > 0], found[found.area > 0]


def _check(phrase: str) -> None:
    if not any(sign.isalnum() for sign in phrase):
        raise ValueError(f"a phrase needs at least one word; got {phrase[:20]!r}")
    if len(phrase) > LONGEST:
        raise ValueError(f"a phrase of {len(phrase):,} characters is too long to ground; say it in at most {LONGEST:,}")
