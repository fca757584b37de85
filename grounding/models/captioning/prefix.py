"""Captioner: from a box, a click or a track to a sentence, and from a sentence to the place of each word or the track it fits.

The network is `nn/captioning/network.py`. A picture is seen once (`encode`), every further box is cheap.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grounding.data import Boxes, Size, Track
from grounding.data.captions import Caption, Word
from grounding.data.media import Video
from grounding.data.media_image import Image
from grounding.nn.files.weights import WeightsError

BEAM = 3
LONGEST = 300  # characters of a sentence whose likelihood is asked; longer ones are refused
LOOKS = 32  # frames of a video that are looked at to describe its tracks, where their tracks allow it
CLICKED = 0.15  # score from which what the detector proposed under a click is described
NEARBY = 0.3  # extent of what is described around a click where nothing was proposed, in fractions of the picture


@dataclass(frozen=True)
class SeenImage:
    """What the captioner knows of a picture; keep it and describe as many boxes as you like, from any thread."""

    size: Size
    features: object  # nn.features.Features
    version: str


@dataclass(frozen=True)
class SeenTracks:
    """What the captioner knows of the tracks of a video: for each a sight of several views, and the frames these are from."""

    sights: tuple
    frames: tuple[np.ndarray, ...]
    version: str


@dataclass(frozen=True)
class Fit:
    """How well a sentence fits a track: `score` is the mean log-likelihood of its pieces, from which, if asked, that without any
    picture was taken. `curve`: (frame, score of this view alone). `frames`: first and last frame of the part it fits best."""

    track: int
    score: float
    curve: tuple[tuple[int, float], ...]
    frames: tuple[int, int]


class PrefixCaptioner:
    """The embedded captioner. `path` names its JSON page; weights are read and checked when first needed. Safe to share between threads."""

    def __init__(self, path: Path | str, make_eyes: Callable | None = None, beam: int = BEAM):
        from grounding.nn.files.storage import read_page

        self.path, self.beam = Path(path), beam
        self.page = read_page(path, "captioner")
        self.version = f"{self.page.get('name', 'captioner')}@{self.page['sha256'][:8]}"
        self._make_eyes, self._ready_parts, self._lock = make_eyes, None, threading.RLock()

    def encode(self, image: Image) -> SeenImage:
        """One pass of the frozen networks."""
        _, _, eyes = self._ready()
        return SeenImage(image.size, eyes.see(image), self.version)

    def describe(self, image: Image, boxes: Boxes) -> list[Caption]:
        """One caption a box, in order; none of no boxes."""
        return self.describe_in(self.encode(image), boxes)

    def describe_in(self, seen: SeenImage, boxes: Boxes) -> list[Caption]:
        """The same of a picture that was seen before."""
        import torch

        from grounding.nn.captioning.search import say
        if not len(boxes):
            return []
        net, words, _ = self._ready()
        with torch.inference_mode():
            prefix = net.tell.read(self._still(seen, boxes))
            pieces, means = say(net.tell, prefix, beam=self.beam)
            places = net.tell.where(net.tell.write(prefix, pieces[:, :-1])).numpy()
        return [self._caption(words, row, float(mean), where, seen.size) for row, mean, where in zip(pieces.tolist(), means, places)]

    def read_in(self, seen: SeenImage, text: str, box: Sequence[float] | None = None) -> Caption:
        """Where each word of a person's sentence points; of the whole picture, or of what is in a box. Its score says how well it fits.

        Raises ValueError for a sentence without a word or of more than LONGEST characters.
        """
        import torch

        from grounding.nn.captioning.batches import sentences
        net, words, _ = self._ready()
        spelled = _spelled(words, text)
        boxes = Boxes(np.float32([(0, 0, *seen.size) if box is None else box]))
        with torch.inference_mode():
            prefix = net.tell.read(self._still(seen, boxes))
            pieces = sentences([spelled.pieces])
            mean = float(net.tell.likelihood(prefix, pieces).sum() / (pieces.shape[1] - 1))
            places = net.tell.where(net.tell.write(prefix, pieces[:, :-1]))[0, 1:].numpy()
        last = {word: turn for turn, word in enumerate(spelled.word)}  # the place is read when the whole word has been
        named = {word: text[slice(*spelled.words[word])] for word in last}
        found = (_word(named[word], places[turn], seen.size) for word, turn in last.items() if named[word][-1].isalnum())
        return Caption(text, self._chance(mean), tuple(found))

    def box_at(self, seen: SeenImage, x: float, y: float) -> tuple[float, float, float, float]:
        """What a click means: the smallest thing the detector proposed there, else the surroundings of the point."""
        wide, high = seen.size
        boxes = seen.features.boxes[seen.features.scores >= CLICKED] * np.float32([wide, high, wide, high])
        under = boxes[(boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])]
        if len(under):
            return tuple(map(float, under[(under[:, 2:] - under[:, :2]).prod(1).argmin()]))
        dx, dy = NEARBY * wide / 2, NEARBY * high / 2
        return max(x - dx, 0.0), max(y - dy, 0.0), min(x + dx, float(wide)), min(y + dy, float(high))

    def see_tracks(self, video: Video, tracks: Sequence[Track]) -> SeenTracks:
        """Looks at a few frames of each track; frames are shared between tracks where that can be."""
        from grounding.nn.captioning.aggregate import spread
        _, _, eyes = self._ready()
        stride = max(1, len(video) // LOOKS)
        chosen = []
        for track in tracks:
            shared = track.frames[track.frames % stride == 0]
            frames = shared if len(shared) >= 4 else track.frames
            chosen.append(frames[spread(len(frames))])
        views: list[list] = [[] for _ in tracks]
        for frame in sorted({int(f) for frames in chosen for f in frames}):
            rows = [row for row, frames in enumerate(chosen) if frame in frames]
            boxes = np.float32([tracks[row].at(frame) for row in rows]) / np.tile(np.float32(video.size), 2)
            self._look(eyes.see(video.frame(frame).image), boxes, [views[row] for row in rows])
        sights = tuple(_sight(seen, frames) for seen, frames in zip(views, chosen))
        return SeenTracks(sights, tuple(chosen), self.version)

    def describe_tracks(self, seen: SeenTracks) -> list[Caption]:
        """One caption a track, in order, without places of words."""
        import torch

        from grounding.nn.captioning.batches import views
        from grounding.nn.captioning.search import say
        if not seen.sights:
            return []
        net, words, _ = self._ready()
        with torch.inference_mode():
            pieces, means = say(net.tell, net.tell.read(views(seen.sights)), beam=self.beam)
        return [Caption(_text(words, row), self._chance(float(mean))) for row, mean in zip(pieces.tolist(), means)]

    def score_tracks(self, seen: SeenTracks, sentence: str, prior: bool = True) -> list[Fit]:
        """How well a sentence fits each track, best first. With `prior`, how likely the sentence is at all is taken out."""
        net, words, _ = self._ready()
        pieces = _spelled(words, sentence).pieces
        fits = []
        for row, (sight, frames) in enumerate(zip(seen.sights, seen.frames)):
            alone = [_one_view(sight, view) for view in range(len(frames))]
            score, *curve = _likelihoods(net.tell, [sight, *alone], pieces, prior)
            fits.append(Fit(row, score, tuple(zip(map(int, frames), curve)), _best_part(frames, np.array(curve))))
        return sorted(fits, key=lambda fit: -fit.score)

    def _still(self, seen: SeenImage, boxes: Boxes):
        from grounding.nn.captioning.batches import still, views
        from grounding.nn.tokens import around, looks

        if seen.version != self.version:
            raise ValueError(f"the picture was seen for {seen.version}, this captioner is {self.version}; encode it again")
        unit = np.clip(boxes.xyxy / np.tile(np.float32(seen.size), 2), 0, 1)
        return views(still(looks(seen.features, unit)), [around(seen.features)])

    @staticmethod
    def _look(features, boxes: np.ndarray, views: list[list]) -> None:
        from grounding.nn.tokens import looks

        found = looks(features, boxes)
        for place, row in enumerate(views):
            row.append(found.keep([place]))

    def _caption(self, words, row: list[int], mean: float, places: np.ndarray, size: Size) -> Caption:
        said = [piece for piece in row if piece > 3]
        text, owner = words.join(said)
        last = {word: turn for turn, word in enumerate(owner)}
        found = tuple(_word(name, places[last[word] + 1], size) for word, name in enumerate(text.split(" ")) if name[-1:].isalnum())
        return Caption(_closed(text), self._chance(mean), found)

    def _chance(self, mean: float) -> float:
        slope, offset = self.page.get("calibration", (1.0, 0.0))
        return float(1 / (1 + np.exp(-(slope * mean + offset))))

    def _ready(self):
        with self._lock:
            if self._ready_parts is None:
                self._ready_parts = self._load()
            return self._ready_parts

    def _load(self):
        from grounding.models.embedding.backbone import Eyes
        from grounding.nn.captioning.vocabulary import Vocabulary

        net = telling_network(self.path)
        eyes = self._make_eyes() if self._make_eyes else Eyes()
        if self.page["eyes"] != eyes.version:
            raise WeightsError(f"{self.path.stem} was trained on the seeing network {self.page['eyes']}, installed is {eyes.version}; "
                               "install the version of requirements.txt or train again")
        return net, Vocabulary(tuple(self.page["words"].split(" "))), eyes


def telling_network(path: Path | str):
    """The network of a captioner's page, checked and ready."""
    from grounding.nn.captioning.network import CaptionShape, TellingNet
    from grounding.nn.files.storage import load_network

    return load_network(path, lambda shape: TellingNet(CaptionShape(**shape)), "captioner")[0]


def _spelled(words, text: str):
    if len(text) > LONGEST:
        raise ValueError(f"a sentence of {len(text):,} characters is too long; say it in at most {LONGEST}")
    spelled = words.spell(text)
    if not any(sign.isalnum() for sign in text) or not spelled.pieces:
        raise ValueError(f"a sentence needs at least one word; got {text[:20]!r}")
    return spelled


def _word(text: str, box: np.ndarray, size: Size) -> Word:
    x, y = (box[:2] + box[2:]) / 2 * np.float32(size)
    return Word(text, float(x), float(y))


def _text(words, row: list[int]) -> str:
    return _closed(words.join([piece for piece in row if piece > 3])[0])


def _closed(text: str) -> str:
    """Commas stand at the word before them."""
    return text.replace(" ,", ",").strip(" ,")


def _sight(views: list, frames: np.ndarray):
    """Several views of one track as what a sentence is said from."""
    from grounding.nn.captioning.aggregate import times
    from grounding.nn.captioning.batches import Sight
    from grounding.nn.tokens import Looks

    looks = Looks(*(np.concatenate([getattr(view, name) for view in views]) for name in ("whole", "cells", "boxes")))
    return Sight(looks, times(frames, frames[0], frames[-1]), np.ones(len(views), np.float32))


def _one_view(sight, view: int):
    from grounding.nn.captioning.batches import Sight

    return Sight(sight.looks.keep([view]), np.float32([0.5]), np.ones(1, np.float32))


def _likelihoods(net, sights: Sequence, pieces: Sequence[int], prior: bool) -> list[float]:
    """The mean log-likelihood of a sentence's pieces for each sight, without that for no sight at all if `prior` is to go."""
    import torch

    from grounding.nn.captioning.batches import sentences, views
    with torch.inference_mode():
        prefix = net.read(views(sights))
        table = sentences([pieces] * len(sights))
        found = net.likelihood(prefix, table).mean(1)
        if prior:
            found = found - net.likelihood(prefix.keep(torch.tensor([0])).blind(), table[:1]).mean(1)
    return [float(value) for value in found]


def _best_part(frames: np.ndarray, curve: np.ndarray) -> tuple[int, int]:
    """Ends are cut off as long as the mean of what remains rises (dense video object captioning, section 3.6)."""
    start, end = 0, len(curve)
    while end - start > 1:
        now, later, earlier = curve[start:end].mean(), curve[start + 1:end].mean(), curve[start:end - 1].mean()
        if max(later, earlier) <= now:
            break
        start, end = (start + 1, end) if later >= earlier else (start, end - 1)
    return int(frames[start]), int(frames[end - 1])
