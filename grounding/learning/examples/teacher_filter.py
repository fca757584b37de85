"""Reliability: pseudo phrases that a teacher agrees with are kept, the others are not learned from (as CLIP-VG selects, Xiao et al. 2023)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch

from grounding.data import Progress
from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.examples.samples import Lesson
from grounding.learning.examples.text_cache import Phrasebook
from grounding.nn.grounding import batches
from grounding.nn.grounding.network import GroundingNet
from grounding.nn.parts.geometry import pair_iou


def reliable(teacher: GroundingNet, lessons: Sequence[Lesson], cache: FeatureCache, book: Phrasebook, names: int, least: float = 0.5) -> Iterator[Progress]:
    """The last progress holds the lessons with those phrases alone whose box the teacher finds with an IoU of at least `least`.

    A phrase with several boxes is judged by the one nearest to the teacher's first box. A network trained on its own surest phrases
    is self-training; `least` = 0 keeps everything.
    """
    chosen, kept, judged = [], 0, 0
    teacher.eval()
    for done, lesson in enumerate(lessons, 1):
        agreed = agreement(teacher, lesson, cache, book, names)
        phrases = tuple(phrase for phrase, iou in zip(lesson.phrases, agreed) if iou >= least)
        kept, judged = kept + len(phrases), judged + len(agreed)
        chosen.append(replace(lesson, phrases=phrases))
        yield Progress(done, len(lessons), f"{kept} of {judged} phrases are reliable")
    if not kept:
        raise ValueError(f"the teacher agrees with none of {judged} phrases by an IoU of {least}; choose another teacher or a lower IoU")
    yield Progress(len(lessons), len(lessons), f"{kept} of {judged} phrases are reliable", [lesson for lesson in chosen if lesson.phrases])


@torch.inference_mode()
def agreement(teacher: GroundingNet, lesson: Lesson, cache: FeatureCache, book: Phrasebook, names: int) -> np.ndarray:
    """(phrases,) IoU of the teacher's first box with the nearest box of each phrase; 0 for a phrase without a box."""
    if not lesson.phrases:
        return np.zeros(0)
    seen = teacher.see(batches.scenes([cache.read(lesson.digest)], names))
    answer = teacher.ask(seen, batches.words([[book[phrase.text] for phrase in lesson.phrases]]))
    return np.array([float(pair_iou(box[None], torch.from_numpy(phrase.boxes)).max()) if len(phrase.boxes) else 0.0
                     for box, phrase in zip(answer.best()[0][0], lesson.phrases)])
