"""An open-vocabulary detector: any grounder, asked for each of a list of class names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from grounding.data import Boxes, Query, Regions, greedy_nms, iou
from grounding.data.media_image import Image
from grounding.models.detection.ssd import CLASS_NAMES
from grounding.protocols import BatchEncoder, Grounder, NameGrounder, PlacedModel

NMS_IOU = 0.8  # two names for what overlaps by more are two names for one thing; the surer one stays


class OpenVocabularyDetector:
    """Asks a grounder for one name after the other; a photo is encoded once, and the names too where the grounder can.
    Without names of yours: the 80 of COCO."""

    proposal_threshold = 0.0  # all that it answers is proposed: its threshold is that of its authors, or the one a person set

    def __init__(self, grounder: Grounder, class_names: Sequence[str] = ()):
        self.grounder, self.class_names = grounder, tuple(class_names) or CLASS_NAMES
        self._prompts = [name for name in self.class_names if any(sign.isalnum() for sign in name)]
        self._encoded_prompts = (
            grounder.encode_names(self._prompts) if self._prompts and isinstance(grounder, NameGrounder) else None
        )
        kind = grounder.version.partition("@")[0]
        self.version = f"named-{kind}@{hashlib.sha256(repr((grounder.version, self.class_names)).encode()).hexdigest()[:8]}"
        self.batch_size = grounder.batch_size if isinstance(grounder, BatchEncoder) else 1
        self.compute = grounder.compute if isinstance(grounder, PlacedModel) else ""

    def with_class_names(self, class_names: Sequence[str]) -> OpenVocabularyDetector:
        """The same for other names; nothing is loaded again."""
        return OpenVocabularyDetector(self.grounder, class_names)

    def detect(self, image: Image) -> Regions:
        """What was found of all names, best first."""
        return self._detect_encoded(self.grounder.encode(image))

    def detect_batch(self, images: Sequence[Image]) -> list[Regions]:
        """For each image what `detect` answers of it."""
        encoded = self.grounder.encode_batch(images) if isinstance(self.grounder, BatchEncoder) else map(self.grounder.encode, images)
        return [self._detect_encoded(one) for one in encoded]

    def _detect_encoded(self, encoded: Any) -> Regions:
        found = [part for part in self._ground_each_name(encoded) if len(part)]
        if not found:
            return Regions.empty()
        boxes = Boxes(np.concatenate([part.boxes.xyxy for part in found]))
        return class_agnostic_nms(Regions(boxes, np.concatenate([part.scores for part in found]), sum((part.labels for part in found), ())))

    def _ground_each_name(self, encoded: Any) -> Iterator[Regions]:
        if self._encoded_prompts is not None:
            yield from self.grounder.ground_names(encoded, self._encoded_prompts)
            return
        for name in self._prompts:
            yield self.grounder.ground_in(encoded, Query(name))


def class_agnostic_nms(regions: Regions) -> Regions:
    """Best first; of regions that overlap by more than NMS_IOU, whatever their class, the one with the highest score stays."""
    regions = regions.best_first()
    return regions.keep(np.array(greedy_nms(iou(regions.boxes, regions.boxes) > NMS_IOU), int))
