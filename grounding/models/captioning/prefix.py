"""Captioner: describes a box or a track, locates each word of a sentence in an image, and scores how well a sentence
fits each track.

The network is `nn/captioning/network.py`. An image is encoded once (`PrefixCaptioner.encode`), every further box is
cheap.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grounding.data import Boxes, Size, Track
from grounding.data.captions import Caption, TrackScore, Word
from grounding.data.media import Video
from grounding.data.media_image import Image
from grounding.nn.files.weights import WeightsError

BEAM_WIDTH = 3
MAX_CHARACTERS = 300  # characters of a sentence to locate or score; longer ones are refused
SAMPLED_FRAMES = 32  # frames of a video encoded for all its tracks, where the tracks contain them
CLICK_MIN_SCORE = 0.15  # score from which a proposal under a click is described
CLICK_BOX_EXTENT = 0.3  # extent of the box around a click without a proposal, as a fraction of the image


@dataclass(frozen=True)
class EncodedImage:
    """An encoded image; it can be reused for any number of boxes, from any thread."""

    size: Size
    features: object  # nn.files.features.ImageFeatures
    version: str


@dataclass(frozen=True)
class EncodedTracks:
    """The encoded tracks of a video: for each the ObjectFeatures of several views (`objects`) and the frames of these
    views (`frames`)."""

    objects: tuple
    frames: tuple[np.ndarray, ...]
    version: str


class PrefixCaptioner:
    """The embedded captioner. `path` is its JSON model card; weights are loaded and verified when first needed. Thread-safe."""

    def __init__(self, path: Path | str, make_backbone: Callable | None = None, beam_width: int = BEAM_WIDTH):
        from grounding.nn.files.storage import read_model_card

        self.path, self.beam_width = Path(path), beam_width
        self.card = read_model_card(path, "captioner")
        self.version = f"{self.card.get('name', 'captioner')}@{self.card['sha256'][:8]}"
        self._make_backbone, self._parts, self._lock = make_backbone, None, threading.RLock()

    def encode(self, image: Image) -> EncodedImage:
        """One forward pass of the frozen networks."""
        _, _, backbone = self._loaded()
        return EncodedImage(image.size, backbone.encode(image), self.version)

    def describe(self, image: Image, boxes: Boxes) -> list[Caption]:
        """One caption for each box, in order; an empty list for no boxes."""
        return self.describe_in(self.encode(image), boxes)

    def describe_in(self, encoded: EncodedImage, boxes: Boxes) -> list[Caption]:
        """`describe` in an encoded image."""
        import torch

        from grounding.nn.captioning.search import beam_search
        if not len(boxes):
            return []
        net, vocabulary, _ = self._loaded()
        with torch.inference_mode():
            prefix = net.decoder.encode(self._batch_boxes(encoded, boxes))
            pieces, means = beam_search(net.decoder, prefix, beam_width=self.beam_width)
            word_boxes = net.decoder.word_boxes(net.decoder.decode(prefix, pieces[:, :-1])).numpy()
        return [
            self._caption(vocabulary, row, float(mean), boxes_of_words, encoded.size)
            for row, mean, boxes_of_words in zip(pieces.tolist(), means, word_boxes)
        ]

    def locate_words_in(self, encoded: EncodedImage, text: str, box: Sequence[float] | None = None) -> Caption:
        """A point for each word of `text`, a sentence about the whole image or about `box`; the score is the
        calibrated likelihood of the sentence.

        Raises ValueError for a sentence without a word or of more than MAX_CHARACTERS characters.
        """
        import torch

        from grounding.nn.captioning.batches import batch_sentences
        net, vocabulary, _ = self._loaded()
        tokenized = _tokenize(vocabulary, text)
        boxes = Boxes(np.float32([(0, 0, *encoded.size) if box is None else box]))
        with torch.inference_mode():
            prefix = net.decoder.encode(self._batch_boxes(encoded, boxes))
            pieces = batch_sentences([tokenized.pieces])
            mean = float(net.decoder.log_likelihood(prefix, pieces).sum() / (pieces.shape[1] - 1))
            word_boxes = net.decoder.word_boxes(net.decoder.decode(prefix, pieces[:, :-1]))[0, 1:].numpy()
        last_pieces = {word: position for position, word in enumerate(tokenized.word_ids)}  # a word's box is regressed from its last piece
        word_texts = {word: text[slice(*tokenized.word_spans[word])] for word in last_pieces}
        words = (
            _word(word_texts[word], word_boxes[position], encoded.size)
            for word, position in last_pieces.items()
            if word_texts[word][-1].isalnum()
        )
        return Caption(text, self._calibrated_score(mean), tuple(words))

    def box_at(self, encoded: EncodedImage, x: float, y: float) -> tuple[float, float, float, float]:
        """The box for a click at (x, y): the smallest proposal there, else a box around the point, clipped to the image."""
        width, height = encoded.size
        boxes = encoded.features.boxes[encoded.features.scores >= CLICK_MIN_SCORE] * np.float32([width, height, width, height])
        under = boxes[(boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])]
        if len(under):
            return tuple(map(float, under[(under[:, 2:] - under[:, :2]).prod(1).argmin()]))
        dx, dy = CLICK_BOX_EXTENT * width / 2, CLICK_BOX_EXTENT * height / 2
        return max(x - dx, 0.0), max(y - dy, 0.0), min(x + dx, float(width)), min(y + dy, float(height))

    def encode_tracks(self, video: Video, tracks: Sequence[Track]) -> EncodedTracks:
        """Encodes a few frames of each track; tracks share frames where possible."""
        from grounding.nn.captioning.aggregate import sample_evenly
        _, _, backbone = self._loaded()
        stride = max(1, len(video) // SAMPLED_FRAMES)
        frames_of_tracks = []
        for track in tracks:
            shared = track.frames[track.frames % stride == 0]
            frames = shared if len(shared) >= 4 else track.frames
            frames_of_tracks.append(frames[sample_evenly(len(frames))])
        views: list[list] = [[] for _ in tracks]
        for frame in sorted({int(f) for frames in frames_of_tracks for f in frames}):
            rows = [row for row, frames in enumerate(frames_of_tracks) if frame in frames]
            boxes = np.float32([tracks[row].box_at(frame) for row in rows]) / np.tile(np.float32(video.size), 2)
            self._append_views(backbone.encode(video.frame(frame).image), boxes, [views[row] for row in rows])
        objects = tuple(_object_features(track_views, frames) for track_views, frames in zip(views, frames_of_tracks))
        return EncodedTracks(objects, tuple(frames_of_tracks), self.version)

    def describe_tracks(self, encoded: EncodedTracks) -> list[Caption]:
        """One caption for each track, in order, without word positions."""
        import torch

        from grounding.nn.captioning.batches import batch_objects
        from grounding.nn.captioning.search import beam_search
        if not encoded.objects:
            return []
        net, vocabulary, _ = self._loaded()
        with torch.inference_mode():
            pieces, means = beam_search(net.decoder, net.decoder.encode(batch_objects(encoded.objects)), beam_width=self.beam_width)
        return [Caption(_detokenize(vocabulary, row), self._calibrated_score(float(mean))) for row, mean in zip(pieces.tolist(), means)]

    def score_tracks(self, encoded: EncodedTracks, sentence: str, prior: bool = True) -> list[TrackScore]:
        """The scores of a sentence on each track, best first. With `prior`, the unconditional log-likelihood of the
        sentence is subtracted."""
        net, vocabulary, _ = self._loaded()
        pieces = _tokenize(vocabulary, sentence).pieces
        scores = []
        for row, (object_features, frames) in enumerate(zip(encoded.objects, encoded.frames)):
            single_views = [_single_view(object_features, view) for view in range(len(frames))]
            score, *view_scores = _log_likelihoods(net.decoder, [object_features, *single_views], pieces, prior)
            scores.append(TrackScore(row, score, tuple(zip(map(int, frames), view_scores)), _best_span(frames, np.array(view_scores))))
        return sorted(scores, key=lambda track_score: -track_score.score)

    def _batch_boxes(self, encoded: EncodedImage, boxes: Boxes):
        from grounding.nn.captioning.batches import batch_objects, objects_of_photo
        from grounding.nn.region_features import extract_image_cells, extract_regions

        if encoded.version != self.version:
            raise ValueError(f"the image was encoded by {encoded.version}, this captioner is {self.version}; encode it again")
        unit = np.clip(boxes.xyxy / np.tile(np.float32(encoded.size), 2), 0, 1)
        return batch_objects(objects_of_photo(extract_regions(encoded.features, unit)), [extract_image_cells(encoded.features)])

    @staticmethod
    def _append_views(features, boxes: np.ndarray, views: list[list]) -> None:
        from grounding.nn.region_features import extract_regions

        regions = extract_regions(features, boxes)
        for index, track_views in enumerate(views):
            track_views.append(regions.keep([index]))

    def _caption(self, vocabulary, row: list[int], mean: float, word_boxes: np.ndarray, size: Size) -> Caption:
        pieces = [piece for piece in row if piece > 3]
        text, word_ids = vocabulary.detokenize(pieces)
        last_pieces = {word: position for position, word in enumerate(word_ids)}
        words = tuple(
            _word(name, word_boxes[last_pieces[word] + 1], size) for word, name in enumerate(text.split(" ")) if name[-1:].isalnum()
        )
        return Caption(_join_commas(text), self._calibrated_score(mean), words)

    def _calibrated_score(self, mean: float) -> float:
        slope, offset = self.card.get("calibration", (1.0, 0.0))
        return float(1 / (1 + np.exp(-(slope * mean + offset))))

    def _loaded(self):
        with self._lock:
            if self._parts is None:
                self._parts = self._load()
            return self._parts

    def _load(self):
        from grounding.models.embedding.backbone import VisionBackbone
        from grounding.nn.captioning.vocabulary import Vocabulary

        net = load_captioner_net(self.path)
        backbone = self._make_backbone() if self._make_backbone else VisionBackbone()
        if self.card["eyes"] != backbone.version:
            raise WeightsError(f"{self.path.stem} was trained on the vision backbone {self.card['eyes']}, installed is {backbone.version}; "
                               "install the version of requirements.txt or train again")
        return net, Vocabulary(tuple(self.card["words"].split(" "))), backbone


def load_captioner_net(path: Path | str):
    """The captioner network of a model card, verified and in evaluation mode."""
    from grounding.nn.captioning.network import CaptionerConfig, CaptionerNet
    from grounding.nn.files.storage import load_network

    return load_network(path, lambda shape: CaptionerNet(CaptionerConfig(**shape)), "captioner")[0]


def _tokenize(vocabulary, text: str):
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"a sentence of {len(text):,} characters is too long; say it in at most {MAX_CHARACTERS}")
    tokenized = vocabulary.tokenize(text)
    if not any(character.isalnum() for character in text) or not tokenized.pieces:
        raise ValueError(f"a sentence needs at least one word; got {text[:20]!r}")
    return tokenized


def _word(text: str, box: np.ndarray, size: Size) -> Word:
    x, y = (box[:2] + box[2:]) / 2 * np.float32(size)
    return Word(text, float(x), float(y))


def _detokenize(vocabulary, row: list[int]) -> str:
    return _join_commas(vocabulary.detokenize([piece for piece in row if piece > 3])[0])


def _join_commas(text: str) -> str:
    """Removes the space before each comma."""
    return text.replace(" ,", ",").strip(" ,")


def _object_features(views: list, frames: np.ndarray):
    """Several views of one track as the input of the caption decoder."""
    from grounding.nn.captioning.aggregate import normalize_times
    from grounding.nn.captioning.batches import ObjectFeatures
    from grounding.nn.region_features import RegionFeatures

    regions = RegionFeatures(
        *(np.concatenate([getattr(view, name) for view in views]) for name in ("box_features", "cell_features", "boxes"))
    )
    return ObjectFeatures(regions, normalize_times(frames, frames[0], frames[-1]), np.ones(len(views), np.float32))


def _single_view(object_features, view: int):
    from grounding.nn.captioning.batches import ObjectFeatures

    return ObjectFeatures(object_features.views.keep([view]), np.float32([0.5]), np.ones(1, np.float32))


def _log_likelihoods(net, objects: Sequence, pieces: Sequence[int], prior: bool) -> list[float]:
    """The mean log-likelihood of the pieces of a sentence for each object, minus that of the unconditional decoder if `prior`."""
    import torch

    from grounding.nn.captioning.batches import batch_objects, batch_sentences
    with torch.inference_mode():
        prefix = net.encode(batch_objects(objects))
        table = batch_sentences([pieces] * len(objects))
        means = net.log_likelihood(prefix, table).mean(1)
        if prior:
            means = means - net.log_likelihood(prefix.keep(torch.tensor([0])).unconditional(), table[:1]).mean(1)
    return [float(value) for value in means]


def _best_span(frames: np.ndarray, scores: np.ndarray) -> tuple[int, int]:
    """Removes frames from the ends as long as the mean of the rest rises (Zhou et al. 2023, dense video object
    captioning, section 3.6)."""
    start, end = 0, len(scores)
    while end - start > 1:
        mean, without_first, without_last = scores[start:end].mean(), scores[start + 1:end].mean(), scores[start:end - 1].mean()
        if max(without_first, without_last) <= mean:
            break
        start, end = (start + 1, end) if without_first >= without_last else (start, end - 1)
    return int(frames[start]), int(frames[end - 1])
