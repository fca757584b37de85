"""Grounder: phrases to boxes. An image is encoded once; every further phrase costs a few milliseconds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grounding.data import Boxes, Query, Regions, Size, containment_nms, greedy_nms, iou
from grounding.data.media_image import Image
from grounding.nn.files.weights import WeightsError

MAX_CHARACTERS = 1000  # characters of a phrase; longer ones are refused
CACHED_PHRASES = 2000  # phrases whose word states are cached

EXCLUDED_RELATIONS = {  # location: the relations that no other object of the kind may have to the target
    "left": ("left",), "right": ("right",), "top": ("above",), "bottom": ("below",), "front": ("larger",), "behind": ("smaller",),
    "leftmost": ("left",), "rightmost": ("right",), "topmost": ("above",), "bottommost": ("below",),
    "larger": ("larger",), "largest": ("larger",), "smaller": ("smaller",), "smallest": ("smaller",),
    "top left corner": ("above", "left"), "top right corner": ("above", "right"),
    "bottom left corner": ("below", "left"), "bottom right corner": ("below", "right")}


@dataclass(frozen=True)
class EncodedImage:
    """An encoded image, independent of any phrase; it can be reused for any number of phrases, from any thread."""

    size: Size
    batch: object  # nn.grounding.network.EncodedBatch of one image
    version: str


class CrossAttentionGrounder:
    """The embedded grounder. `path` is its JSON model card; weights are loaded and verified with the first image.
    `make_backbone` makes the vision backbone.

    `min_score`: below this best score the result is empty; `extra_box_score`: boxes besides the best are returned
    from this score on. The defaults are those of the calibration in the model card (there "least" and "more").
    """

    def __init__(
        self, path: Path | str, make_backbone: Callable | None = None, min_score: float | None = None, extra_box_score: float | None = None
    ):
        from grounding.nn.files.storage import read_model_card

        self.path, self.card = Path(path), read_model_card(path)
        calibration = self.card.get("training", {}).get("calibration", {})
        self.min_score, self.extra_box_score = (
            calibration.get(name, default) if given is None else given
            for name, given, default in (("least", min_score, 0.05), ("more", extra_box_score, 0.5))
        )
        self.version = f"{self.card.get('name', 'grounder')}@{self.card['sha256'][:8]}"
        self._make_backbone, self._backbone, self._net, self._language = make_backbone, None, None, None
        self._phrase_cache: OrderedDict[str, np.ndarray] = OrderedDict()
        self._lock = threading.RLock()

    def encode(self, image: Image) -> EncodedImage:
        """One forward pass of detector, vision backbone and encoder."""
        import torch

        from grounding.nn.grounding.batches import batch_images
        net, backbone = self._loaded()
        with torch.inference_mode():
            batch = net.encode(batch_images([backbone.encode(image)], len(self.card["names"])))
        return EncodedImage(image.size, batch, self.version)

    def ground_in(self, encoded: EncodedImage, query: Query) -> Regions:
        """Best first, labelled with the phrases of the query; empty where no box is found."""
        phrases = query.phrase_texts()
        results = [regions for regions in self.ground_batch(encoded, phrases) if len(regions)]
        if not results:
            return Regions.empty()
        boxes = Boxes(np.concatenate([regions.boxes.xyxy for regions in results]))
        return Regions(
            boxes, np.concatenate([regions.scores for regions in results]), sum((regions.labels for regions in results), ())
        ).best_first()

    def ground(self, image: Image, query: Query) -> Regions:
        return self.ground_in(self.encode(image), query)

    def ground_batch(self, encoded: EncodedImage, phrases: Sequence[str]) -> list[Regions]:
        """The regions of each phrase; all phrases in one pass."""
        return [self._select_boxes(phrase, *row, encoded.size) for phrase, *row in zip(phrases, *self._score_candidates(encoded, phrases))]

    def rank_batch(self, encoded: EncodedImage, phrases: Sequence[str], count: int) -> list[Regions]:
        """For each phrase the `count` best boxes after NMS, best first, regardless of `min_score`."""
        return [_rank_boxes(phrase, *row, encoded.size, count) for phrase, *row in zip(phrases, *self._score_candidates(encoded, phrases))]

    def _score_candidates(self, encoded: EncodedImage, phrases: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """(K, C, 4) boxes as fractions of the image and (K, C) calibrated scores of all candidates."""
        import torch

        from grounding.nn.grounding.batches import batch_texts
        if encoded.version != self.version:
            raise ValueError(f"the image was encoded by {encoded.version}, this grounder is {self.version}; encode it again")
        states = self._encode_phrases(phrases)
        if not states:
            return np.zeros((0, 0, 4), np.float32), np.zeros((0, 0), np.float32)
        net, _ = self._loaded()
        with torch.inference_mode():
            output = net.ground(encoded.batch, batch_texts([states]))
            scores = net.calibrated_scores(_rerank(net, output, encoded.batch, phrases))
        return output.boxes[0].numpy(), scores[0].numpy()

    def is_truncated(self, phrase: str) -> bool:
        """Whether a phrase has more word pieces than the text encoder reads."""
        from grounding.nn.hosts.minilm import is_truncated

        return is_truncated(phrase)

    def _select_boxes(self, phrase: str, boxes: np.ndarray, scores: np.ndarray, size: Size) -> Regions:
        """The best box, and further boxes from `extra_box_score` on, after containment NMS."""
        if scores.max() < self.min_score:
            return Regions.empty()
        order = np.argsort(-scores, kind="stable")
        order = order[: max(1, int((scores >= self.extra_box_score).sum()))]
        order, candidates = _boxes_in_pixels(boxes, order, size)
        kept = containment_nms(candidates)
        return Regions(candidates[kept], np.clip(scores[order][kept], 0, 1), (phrase,) * len(kept))

    def _encode_phrases(self, phrases: Sequence[str]) -> list[np.ndarray]:
        """The word states of each phrase; phrases that are not cached are encoded in one batch."""
        from grounding.nn.hosts import minilm
        from grounding.nn.parts.packed import pack_linear_layers

        for phrase in phrases:
            _check_phrase(phrase)
        with self._lock:
            states_by_phrase = {phrase: self._phrase_cache[phrase] for phrase in phrases if phrase in self._phrase_cache}
            self._language = self._language or pack_linear_layers(
                minilm.MiniLM.pretrained(self.card["shape"].get("text_layers", minilm.LAYERS))
            )
        new = [phrase for phrase in dict.fromkeys(phrases) if phrase not in states_by_phrase]
        states_by_phrase |= (
            {phrase: states.astype(np.float32) for phrase, states in zip(new, minilm.encode_phrases(self._language, new))} if new else {}
        )
        with self._lock:
            for phrase in phrases:
                self._phrase_cache[phrase] = states_by_phrase[phrase]
                self._phrase_cache.move_to_end(phrase)
            while len(self._phrase_cache) > CACHED_PHRASES:
                self._phrase_cache.popitem(last=False)
        return [states_by_phrase[phrase] for phrase in phrases]

    def _loaded(self):
        with self._lock:
            if self._net is None:
                self._net, self._backbone = self._load()
            return self._net, self._backbone

    def _load(self):
        from grounding.models.embedding.backbone import VisionBackbone
        from grounding.nn.files.storage import load_network
        from grounding.nn.grounding.network import build_grounder
        from grounding.nn.hosts.minilm import VERSION

        backbone = self._make_backbone() if self._make_backbone else VisionBackbone()
        for role, needed, installed in (
            ("vision backbone", self.card["eyes"], backbone.version),
            ("text encoder", self.card["text"], VERSION),
        ):
            if needed != installed:
                raise WeightsError(f"{self.path.stem} was trained on the {role} {needed}, installed is {installed}; "
                                   "install the version of requirements.txt or train again")
        return load_network(self.path, build_grounder)[0], backbone


def _rerank(net, output, encoded, phrases: Sequence[str]):
    """The output re-ranked by the colours and locations that the phrases name."""
    import torch
    import torch.nn.functional as F

    from grounding.nn.grounding.candidates import SPATIAL_RELATIONS
    from pseudo_query.parse import named_colours, named_location

    colours = torch.tensor([[named_colours(phrase) for phrase in phrases]])
    excluded = torch.tensor(
        [[[relation in EXCLUDED_RELATIONS.get(named_location(phrase), ()) for relation in SPATIAL_RELATIONS] for phrase in phrases]]
    )
    output = net.rerank_by_colour(output, encoded, F.pad(colours, (0, 1))) if colours.any() else output
    return net.rerank_spatially(output, encoded, excluded) if excluded.any() else output


def _rank_boxes(phrase: str, boxes: np.ndarray, scores: np.ndarray, size: Size, count: int) -> Regions:
    """The `count` best boxes after NMS at an IoU of 0.7."""
    order, candidates = _boxes_in_pixels(boxes, np.argsort(-scores, kind="stable"), size)
    kept = greedy_nms(iou(candidates, candidates) > 0.7)[:count]
    return Regions(candidates[kept], np.clip(scores[order][kept], 0, 1), (phrase,) * len(kept))


def _boxes_in_pixels(boxes: np.ndarray, order: np.ndarray, size: Size) -> tuple[np.ndarray, Boxes]:
    """The indices of `order` whose boxes have an area inside the image, and these boxes in pixels."""
    clipped = Boxes(boxes[order] * np.tile(np.float32(size), 2)).clip(size)
    return order[clipped.area > 0], clipped[clipped.area > 0]


def _check_phrase(phrase: str) -> None:
    if not any(character.isalnum() for character in phrase):
        raise ValueError(f"a phrase needs at least one word; got {phrase[:20]!r}")
    if len(phrase) > MAX_CHARACTERS:
        raise ValueError(f"a phrase of {len(phrase):,} characters is too long to ground; say it in at most {MAX_CHARACTERS:,}")
