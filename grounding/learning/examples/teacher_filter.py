"""Teacher filter: pseudo phrases that a teacher agrees with are kept, the others are left out (as CLIP-VG selects, Xiao et al. 2023)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch

from grounding.data import Progress
from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.examples.samples import Example
from grounding.learning.examples.text_cache import TextEmbeddingCache
from grounding.nn.grounding import batches
from grounding.nn.grounding.network import GroundingNet
from grounding.nn.parts.geometry import pair_iou


def filter_by_teacher(teacher: GroundingNet, examples: Sequence[Example], cache: FeatureCache, text_cache: TextEmbeddingCache,
                      num_classes: int, min_iou: float = 0.5) -> Iterator[Progress]:
    """The last progress holds the examples with only those phrases whose box the teacher finds with an IoU of at least `min_iou`.

    A phrase with several boxes is judged by the one nearest to the teacher's first box. A network trained on its own most confident phrases
    is self-training; `min_iou` = 0 keeps everything.
    """
    filtered, num_kept, num_judged = [], 0, 0
    teacher.eval()
    for done, example in enumerate(examples, 1):
        teacher_ious = teacher_iou(teacher, example, cache, text_cache, num_classes)
        phrases = tuple(phrase for phrase, iou in zip(example.phrases, teacher_ious) if iou >= min_iou)
        num_kept, num_judged = num_kept + len(phrases), num_judged + len(teacher_ious)
        filtered.append(replace(example, phrases=phrases))
        yield Progress(done, len(examples), f"{num_kept} of {num_judged} phrases are reliable")
    if not num_kept:
        raise ValueError(f"the teacher agrees with none of {num_judged} phrases by an IoU of {min_iou}; "
                         "choose another teacher or a lower IoU")
    yield Progress(len(examples), len(examples), f"{num_kept} of {num_judged} phrases are reliable",
                   [example for example in filtered if example.phrases])


@torch.inference_mode()
def teacher_iou(teacher: GroundingNet, example: Example, cache: FeatureCache, text_cache: TextEmbeddingCache,
                num_classes: int) -> np.ndarray:
    """(phrases,) IoU of the teacher's first box with the nearest box of each phrase; 0 for a phrase without a box."""
    if not example.phrases:
        return np.zeros(0)
    encoded = teacher.encode(batches.batch_images([cache.read(example.digest)], num_classes))
    output = teacher.ground(encoded, batches.batch_texts([[text_cache[phrase.text] for phrase in example.phrases]]))
    return np.array([float(pair_iou(box[None], torch.from_numpy(phrase.boxes)).max()) if len(phrase.boxes) else 0.0
                     for box, phrase in zip(output.best()[0][0], example.phrases)])
