"""Exam: how often a network hits what is asked about pictures whose features are at hand."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.examples.samples import Lesson
from grounding.learning.examples.text_cache import Phrasebook
from grounding.nn.grounding import batches
from grounding.nn.grounding.network import GroundingNet
from grounding.nn.parts.geometry import pair_iou


def exam(net: GroundingNet, lessons: Sequence[Lesson], cache: FeatureCache, book: Phrasebook, names: int, threshold: float = 0.5) -> dict:
    """{"accuracy": share of phrases whose best box overlaps one of their boxes by `threshold` (IoU), "phrases": how many were asked}."""
    hits = [hit for photo in answers(net, lessons, cache, book, names, threshold) for hit in photo]
    return {"accuracy": accuracy(hits), "phrases": len(hits)}


def accuracy(hits: Sequence[bool]) -> float | None:
    return round(sum(hits) / len(hits), 4) if hits else None


def answers(
    net: GroundingNet,
    lessons: Sequence[Lesson],
    cache: FeatureCache,
    book: Phrasebook,
    names: int,
    threshold: float = 0.5,
) -> list[list[bool]]:
    """Which phrases were answered right, a list for each photo that has phrases about something in it."""
    photos: list[list[bool]] = []
    net.eval()
    for lesson in lessons:
        asked = [phrase for phrase in lesson.phrases if len(phrase.boxes)]
        if not asked:
            continue
        with torch.inference_mode():
            seen = net.see(batches.scenes([cache.read(lesson.digest)], names))
            answer = net.ask(seen, batches.words([[book[phrase.text] for phrase in asked]]))
        photos.append([bool(pair_iou(box[None], torch.from_numpy(phrase.boxes)).max() >= threshold)
                       for box, phrase in zip(answer.best()[0][0], asked)])
    return photos
