"""Named: any grounder as a detector of the things you name, so that a list of labels of your own gets proposals."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from grounding.data import Boxes, Query, Regions, iou, unrivalled
from grounding.data.media_image import Image
from grounding.models.detection.ssd import NAMES
from grounding.protocols import Grounder, NameGrounder

SAME = 0.8  # two names for what overlaps by more are two names for one thing; the surer one stays


class Named:
    """Asks a grounder for one name after the other; a photo is encoded once, and the names too where the grounder can.
    Without names of yours: the 80 of COCO."""

    proposes_from = 0.0  # all that it answers is proposed: its threshold is that of its authors, or the one a person set

    def __init__(self, grounder: Grounder, names: Sequence[str] = ()):
        self.grounder, self.names = grounder, tuple(names) or NAMES
        self._asked = [name for name in self.names if any(sign.isalnum() for sign in name)]
        self._encoded = (
            grounder.encode_names(self._asked) if self._asked and isinstance(grounder, NameGrounder) else None
        )
        kind = grounder.version.partition("@")[0]
        self.version = f"named-{kind}@{hashlib.sha256(repr((grounder.version, self.names)).encode()).hexdigest()[:8]}"
        self.batch, self.compute = getattr(grounder, "batch", 1), getattr(grounder, "compute", "")

    def naming(self, names: Sequence[str]) -> Named:
        """The same for other names; nothing is loaded again."""
        return Named(self.grounder, names)

    def detect(self, image: Image) -> Regions:
        """What was found of all names, best first."""
        return self._found(self.grounder.encode(image))

    def detect_all(self, images: Sequence[Image]) -> list[Regions]:
        """For each image what `detect` answers of it."""
        several = getattr(self.grounder, "encode_all", None)
        return [self._found(encoded) for encoded in (several(images) if several else map(self.grounder.encode, images))]

    def _found(self, encoded: Any) -> Regions:
        found = [part for part in self._each(encoded) if len(part)]
        if not found:
            return Regions.empty()
        boxes = Boxes(np.concatenate([part.boxes.xyxy for part in found]))
        return one_name_each(Regions(boxes, np.concatenate([part.scores for part in found]), sum((part.labels for part in found), ())))

    def _each(self, encoded: Any) -> Iterator[Regions]:
        if self._encoded is not None:
            yield from self.grounder.ground_names(encoded, self._encoded)
            return
        for name in self._asked:
            yield self.grounder.ground_in(encoded, Query(name))


def one_name_each(regions: Regions) -> Regions:
    """Best first; of regions that overlap by more than SAME, whatever they are called, the surest stays."""
    regions = regions.best_first()
    return regions.keep(np.array(unrivalled(iou(regions.boxes, regions.boxes) > SAME), int))
