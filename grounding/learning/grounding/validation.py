"""Validation: how often a network finds the box of a phrase, on photos with cached features."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.examples.samples import Example
from grounding.learning.examples.text_cache import TextEmbeddingCache
from grounding.nn.grounding import batches
from grounding.nn.grounding.network import GroundingNet
from grounding.nn.parts.geometry import pair_iou


def evaluate_phrases(net: GroundingNet, examples: Sequence[Example], cache: FeatureCache, text_cache: TextEmbeddingCache, num_classes: int,
                     threshold: float = 0.5) -> dict:
    """{"accuracy": share of phrases whose best box overlaps one of their boxes by `threshold` (IoU), "phrases": how many}."""
    hits = [hit for photo in phrase_hits(net, examples, cache, text_cache, num_classes, threshold) for hit in photo]
    return {"accuracy": hit_rate(hits), "phrases": len(hits)}


def hit_rate(hits: Sequence[bool]) -> float | None:
    return round(sum(hits) / len(hits), 4) if hits else None


def phrase_hits(
    net: GroundingNet,
    examples: Sequence[Example],
    cache: FeatureCache,
    text_cache: TextEmbeddingCache,
    num_classes: int,
    threshold: float = 0.5,
) -> list[list[bool]]:
    """Which phrases were grounded correctly, a list for each photo that has phrases with a box."""
    hits_by_photo: list[list[bool]] = []
    net.eval()
    for example in examples:
        phrases = [phrase for phrase in example.phrases if len(phrase.boxes)]
        if not phrases:
            continue
        with torch.inference_mode():
            encoded = net.encode(batches.batch_images([cache.read(example.digest)], num_classes))
            output = net.ground(encoded, batches.batch_texts([[text_cache[phrase.text] for phrase in phrases]]))
        hits_by_photo.append([bool(pair_iou(box[None], torch.from_numpy(phrase.boxes)).max() >= threshold)
                              for box, phrase in zip(output.best()[0][0], phrases)])
    return hits_by_photo
