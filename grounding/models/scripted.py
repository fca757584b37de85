"""Scripted models: a detector, a grounder and a captioner that answer what they were told, so that the whole app runs in a second."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from grounding.data import Boxes, Query, Regions, Size
from grounding.data.captions import Caption, Word
from grounding.data.media_image import Image
from grounding.models.captioning.prefix import Fit


@dataclass(frozen=True)
class ScriptedDetector:
    """Answers by the name of the picture, else `otherwise`; after `delay_s` seconds, as a real one would."""

    script: Mapping[str, Regions] = field(default_factory=dict)
    otherwise: Regions = field(default_factory=Regions.empty)
    delay_s: float = 0.0

    @property
    def version(self) -> str:
        return f"scripted-detector@{_digest([*self.script.items(), self.otherwise])}"

    def detect(self, image: Image) -> Regions:
        time.sleep(self.delay_s)
        return _inside(self.script.get(image.name, self.otherwise), image.size).best_first()


@dataclass(frozen=True)
class ScriptedGrounder:
    """Answers by the phrase, upper and lower case alike; a phrase that is not in the script points at nothing."""

    script: Mapping[str, Regions] = field(default_factory=dict)
    delay_s: float = 0.0  # of encoding; a phrase takes a tenth of it

    @property
    def version(self) -> str:
        return f"scripted-grounder@{_digest([*self.script.items()])}"

    def encode(self, image: Image) -> Size:
        time.sleep(self.delay_s)
        return image.size

    def ground_in(self, encoded: Size, query: Query) -> Regions:
        time.sleep(self.delay_s / 10)
        told = {phrase.casefold(): regions for phrase, regions in self.script.items()}
        answers = [(phrase, _inside(told.get(phrase.casefold(), Regions.empty()), encoded)) for phrase in query.words()]
        found = [(phrase, answer.keep(row)) for phrase, answer in answers for row in range(len(answer))]
        if not found:
            return Regions.empty()
        boxes = type(found[0][1].boxes)(np.concatenate([answer.boxes.xyxy for _, answer in found]))
        return Regions(boxes, [answer.scores[0] for _, answer in found], [phrase for phrase, _ in found]).best_first()

    def ground(self, image: Image, query: Query) -> Regions:
        return self.ground_in(self.encode(image), query)


@dataclass(frozen=True)
class ScriptedCaptioner:
    """Says the same of every box; each of its words points at the middle of the box, as do those of a person's sentence."""

    says: str = "a thing"

    @property
    def version(self) -> str:
        return f"scripted-captioner@{_digest([self.says])}"

    def encode(self, image: Image) -> SeenBlindly:
        return SeenBlindly(image.size)

    def describe(self, image: Image, boxes: Boxes) -> list[Caption]:
        return self.describe_in(self.encode(image), boxes)

    def describe_in(self, seen: SeenBlindly, boxes: Boxes) -> list[Caption]:
        return [self.read_in(seen, self.says, box) for box in boxes.xyxy]

    def read_in(self, seen: SeenBlindly, text: str, box=None) -> Caption:
        x0, y0, x1, y1 = (float(edge) for edge in (box if box is not None else (0, 0, *seen.size)))
        return Caption(text, 0.5, tuple(Word(word, (x0 + x1) / 2, (y0 + y1) / 2) for word in text.split()))

    def box_at(self, seen: SeenBlindly, x: float, y: float) -> tuple[float, float, float, float]:
        return x - 10, y - 10, x + 10, y + 10

    def see_tracks(self, video, tracks) -> tuple:
        return tuple(tracks)

    def score_tracks(self, seen: tuple, sentence: str, prior: bool = True) -> list[Fit]:
        """Tracks whose label is said fit, the others do not; earlier frames a little better."""
        said = sentence.lower().split()
        fits = [Fit(row, float(track.label in said), tuple((int(frame), float(track.label in said) - int(frame) / 1000) for frame in track.frames),
                    (int(track.frames[0]), int(track.frames[-1]))) for row, track in enumerate(seen)]
        return sorted(fits, key=lambda fit: -fit.score)


@dataclass(frozen=True)
class SeenBlindly:
    """All a scripted captioner knows of a picture."""

    size: Size


def _inside(regions: Regions, size: Size) -> Regions:
    """Cut to the picture; what lies wholly outside is left out."""
    boxes = regions.boxes.clip(size)
    return Regions(boxes, regions.scores, regions.labels).keep(boxes.area > 0)


def _digest(script) -> str:
    return hashlib.sha256(repr(script).encode()).hexdigest()[:8]
