"""Scripted models: a detector, a grounder, a captioner and a moment finder with fixed answers, so that the app runs without weights."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from grounding.data import Boxes, Query, Regions, Size, TimeSpan
from grounding.data.captions import Caption, TrackScore, Word
from grounding.data.media_image import Image
from grounding.data.media_video import Video


@dataclass(frozen=True)
class ScriptedDetector:
    """Returns the answer for the image's name, else `default`, after `delay_s` seconds."""

    answers: Mapping[str, Regions] = field(default_factory=dict)
    default: Regions = field(default_factory=Regions.empty)
    delay_s: float = 0.0

    @property
    def version(self) -> str:
        return f"scripted-detector@{_digest([*self.answers.items(), self.default])}"

    def detect(self, image: Image) -> Regions:
        time.sleep(self.delay_s)
        return _clip_to_image(self.answers.get(image.name, self.default), image.size).best_first()


@dataclass(frozen=True)
class ScriptedGrounder:
    """Returns the regions of `script` for each phrase, ignoring case; no region for an unknown phrase."""

    script: Mapping[str, Regions] = field(default_factory=dict)
    delay_s: float = 0.0  # of encoding; grounding takes a tenth of it

    @property
    def version(self) -> str:
        return f"scripted-grounder@{_digest([*self.script.items()])}"

    def encode(self, image: Image) -> ScriptedEncoding:
        time.sleep(self.delay_s)
        return ScriptedEncoding(image.size)

    def ground_in(self, encoded: ScriptedEncoding, query: Query) -> Regions:
        time.sleep(self.delay_s / 10)
        answers_by_phrase = {phrase.casefold(): regions for phrase, regions in self.script.items()}
        answers = [
            (phrase, _clip_to_image(answers_by_phrase.get(phrase.casefold(), Regions.empty()), encoded.size))
            for phrase in query.phrase_texts()
        ]
        single_regions = [(phrase, answer.keep(row)) for phrase, answer in answers for row in range(len(answer))]
        if not single_regions:
            return Regions.empty()
        boxes = type(single_regions[0][1].boxes)(np.concatenate([answer.boxes.xyxy for _, answer in single_regions]))
        return Regions(boxes, [answer.scores[0] for _, answer in single_regions], [phrase for phrase, _ in single_regions]).best_first()

    def ground(self, image: Image, query: Query) -> Regions:
        return self.ground_in(self.encode(image), query)


@dataclass(frozen=True)
class ScriptedCaptioner:
    """Gives every box the same caption; each word is located at the centre of the box, as for a given sentence."""

    sentence: str = "a thing"

    @property
    def version(self) -> str:
        return f"scripted-captioner@{_digest([self.sentence])}"

    def encode(self, image: Image) -> ScriptedEncoding:
        return ScriptedEncoding(image.size)

    def describe(self, image: Image, boxes: Boxes) -> list[Caption]:
        return self.describe_in(self.encode(image), boxes)

    def describe_in(self, encoded: ScriptedEncoding, boxes: Boxes) -> list[Caption]:
        return [self.locate_words_in(encoded, self.sentence, box) for box in boxes.xyxy]

    def locate_words_in(self, encoded: ScriptedEncoding, text: str, box=None) -> Caption:
        x0, y0, x1, y1 = (float(edge) for edge in (box if box is not None else (0, 0, *encoded.size)))
        return Caption(text, 0.5, tuple(Word(word, (x0 + x1) / 2, (y0 + y1) / 2) for word in text.split()))

    def box_at(self, encoded: ScriptedEncoding, x: float, y: float) -> tuple[float, float, float, float]:
        return x - 10, y - 10, x + 10, y + 10

    def encode_tracks(self, video, tracks) -> tuple:
        return tuple(tracks)

    def describe_tracks(self, encoded: tuple) -> list[Caption]:
        return [Caption(self.sentence, 0.5) for _ in encoded]

    def score_tracks(self, encoded: tuple, sentence: str, prior: bool = True) -> list[TrackScore]:
        """Tracks whose label is a word of the sentence score 1, others 0; earlier frames score slightly higher."""
        sentence_words = sentence.lower().split()
        scores = [
            TrackScore(
                row,
                float(track.label in sentence_words),
                tuple((int(frame), float(track.label in sentence_words) - int(frame) / 1000) for frame in track.frames),
                (int(track.frames[0]), int(track.frames[-1])),
            )
            for row, track in enumerate(encoded)
        ]
        return sorted(scores, key=lambda track_score: -track_score.score)


@dataclass(frozen=True)
class ScriptedMomentFinder:
    """Answers by the phrase, upper and lower case alike, with spans inside the video; a phrase that is not in the script has none."""

    script: Mapping[str, Sequence[TimeSpan]] = field(default_factory=dict)

    @property
    def version(self) -> str:
        return f"scripted-moment-finder@{_digest([*self.script.items()])}"

    def find(self, video: Video, query: Query) -> list[TimeSpan]:
        start_s, end_s = video.frames.pts_s[[0, -1]].tolist()
        spans = {phrase.casefold(): spans for phrase, spans in self.script.items()}.get(query.text.casefold(), ())
        inside = [span for span in spans if span.start_s <= end_s and span.end_s >= start_s]
        return [TimeSpan(max(span.start_s, start_s), min(span.end_s, end_s)) for span in inside]


@dataclass(frozen=True)
class ScriptedEncoding:
    """The encoded image of a scripted model: its size."""

    size: Size


def _clip_to_image(regions: Regions, size: Size) -> Regions:
    """Boxes clipped to the image; boxes wholly outside are removed."""
    boxes = regions.boxes.clip(size)
    return Regions(boxes, regions.scores, regions.labels).keep(boxes.area > 0)


def _digest(script) -> str:
    return hashlib.sha256(repr(script).encode()).hexdigest()[:8]
