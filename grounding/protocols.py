"""Protocols: what a detector, a grounder, a tracker is; the seams between the app and its models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from grounding.data import Boxes, Masks, Progress, Query, Regions, Size, TimeSpan, Track
from grounding.data.captions import Caption, TrackScore
from grounding.data.media import Image, Video


@runtime_checkable
class Versioned(Protocol):
    """A model whose `version` is NAME@HASH; it changes with the weights and with every setting that changes an output."""

    version: str


@runtime_checkable
class PlacedModel(Protocol):
    """A model that runs on a device and in a precision of its own; `str(compute)` names both, for people."""

    compute: Any


@runtime_checkable
class Detector(Protocol):
    """Finds things. `version` is NAME@HASH and changes with the weights and with every setting that changes an answer."""

    version: str

    def detect(self, image: Image) -> Regions:
        """Regions inside the picture, best first, empty allowed; the same image gives the same answer."""


@runtime_checkable
class BatchDetector(Detector, Protocol):
    """A detector that reads several photos in one pass, best `batch_size` of them at once."""

    batch_size: int

    def detect_batch(self, images: Sequence[Image]) -> list[Regions]:
        """For each image, in order, what `detect` answers of it alone; none of no images."""


@runtime_checkable
class ThresholdedDetector(Protocol):
    """A detector that says in `proposal_threshold`, in [0, 1], from which score on all of its regions are proposed."""

    proposal_threshold: float


@runtime_checkable
class ClassNameDetector(Protocol):
    """An open-vocabulary detector: it looks for the class names that it is given."""

    def with_class_names(self, class_names: Sequence[str]) -> Detector:
        """The same detector for other class names; nothing is loaded again."""


@runtime_checkable
class ProposalDetector(Protocol):
    """A detector that also returns the regions below its own threshold."""

    def proposals(self, image: Image) -> Regions:
        """All regions of the image, best first, however low their scores."""


@runtime_checkable
class FeatureDetector(Protocol):
    """A detector that returns its feature maps too. `feature_levels`: their names, each with (channels, rows, columns)."""

    feature_levels: Mapping[str, tuple[int, int, int]]

    def detect_with_features(self, image: Image) -> tuple[Regions, Any]:
        """What `detect` returns, and the feature maps of the same forward pass: `levels`, name to (C, H, W) float16."""


@runtime_checkable
class Grounder(Protocol):
    """Finds what a phrase points at. The image is encoded once (a value the caller holds), each phrase is cheap."""

    version: str

    def encode(self, image: Image) -> Any:
        """What `ground_in` needs of the image; safe to keep and to share between threads."""

    def ground_in(self, encoded: Any, query: Query) -> Regions:
        """Best first, inside the picture, labels are the caller's phrases; empty where there is none."""

    def ground(self, image: Image, query: Query) -> Regions:
        """`ground_in(encode(image), query)`."""


@runtime_checkable
class BatchGrounder(Grounder, Protocol):
    """A grounder that reads several phrases of one encoded image in one pass."""

    def ground_batch(self, encoded: Any, phrases: Sequence[str]) -> list[Regions]:
        """For each phrase, in order, what `ground_in` answers of it alone; none of no phrases."""


@runtime_checkable
class RankingGrounder(Grounder, Protocol):
    """A grounder that also ranks the boxes that it would not answer with. `min_score` is the score in [0, 1] below
    which it returns nothing, `extra_box_score` the one from which it returns further boxes than the best."""

    min_score: float
    extra_box_score: float

    def rank_batch(self, encoded: Any, phrases: Sequence[str], count: int) -> list[Regions]:
        """For each phrase, in order, at most `count` boxes that differ, best first, however low their scores."""


@runtime_checkable
class TruncatingGrounder(Protocol):
    """A grounder that reads a limited number of word pieces."""

    def is_truncated(self, phrase: str) -> bool:
        """Whether the phrase has more word pieces than are read."""


@runtime_checkable
class BatchEncoder(Protocol):
    """A grounder that encodes several images in one pass, best `batch_size` of them at once."""

    batch_size: int

    def encode_batch(self, images: Sequence[Image]) -> list[Any]:
        """For each image, in order, what `encode` returns of it alone; none of no images."""


@runtime_checkable
class SizedEncoding(Protocol):
    """An encoded image that knows the size of its image, (width, height) in pixels."""

    size: Size


@runtime_checkable
class NameGrounder(Grounder, Protocol):
    """A grounder that encodes a list of names once, whatever pictures it is asked about afterwards."""

    def encode_names(self, names: Sequence[str]) -> Any:
        """What `ground_names` needs of the names; safe to keep and to share between threads."""

    def ground_names(self, encoded: Any, names: Any) -> list[Regions]:
        """For each of the encoded names, in order, what `ground_in` answers of it alone."""


@runtime_checkable
class Captioner(Protocol):
    """Says what is in a box, and where each word points. The image is encoded once (a value the caller holds)."""

    version: str

    def encode(self, image: Image) -> SizedEncoding:
        """What the other methods need of the image; safe to keep and to share between threads."""

    def describe(self, image: Image, boxes: Boxes) -> list[Caption]:
        """`describe_in(encode(image), boxes)`."""

    def describe_in(self, encoded: Any, boxes: Boxes) -> list[Caption]:
        """One caption a box, in order; none of no boxes. The same image and box give the same caption."""

    def locate_words_in(self, encoded: Any, text: str, box: Sequence[float] | None = None) -> Caption:
        """`text`, a sentence about `box` or the whole image, with a point for each word and its score."""

    def box_at(self, encoded: Any, x: float, y: float) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1 of the box that a click at (x, y) means, in pixels."""


@runtime_checkable
class TrackCaptioner(Protocol):
    """A captioner of tracks. They are encoded once (a value the caller holds)."""

    version: str

    def encode_tracks(self, video: Video, tracks: Sequence[Track]) -> Any:
        """What `score_tracks` and `describe_tracks` need of the tracks; safe to keep and to share between threads."""

    def score_tracks(self, encoded: Any, sentence: str, prior: bool = True) -> list[TrackScore]:
        """How well the sentence fits each track, best first; with `prior` less what it scores without an image."""

    def describe_tracks(self, encoded: Any) -> list[Caption]:
        """One caption for each track, in order, without word positions; none of no tracks."""


@runtime_checkable
class Tracker(Protocol):
    """Links what was detected, frame by frame, to things that last."""

    version: str

    def link(self, detections: Sequence[tuple[int, Regions]]) -> list[Track]:
        """From (frame index, regions), frames rising. A detection belongs to one track at most; gaps are missing frames."""

    def follow(self, video: Video, detector: Detector, every: int = 1, start: int = 0, stop: int | None = None) -> Iterator[Progress]:
        """Detects in each `every`-th frame from `start` to before `stop`, then links; the last progress holds the list of
        tracks, and some on the way those found so far."""


@runtime_checkable
class BoxFollower(Protocol):
    """Finds one thing again, frame by frame, that a person showed by a box. `proposals` is what a detector says of the frame."""

    version: str

    def begin(self, image: Image, box: Sequence[float], proposals: Regions) -> Any:
        """What is known of the thing; has a `label`, the detector's class for it or "". `update` changes it."""

    def update(self, target: Any, image: Image, proposals: Regions) -> tuple[Any, float] | None:
        """((4,) x0, y0, x1, y1 inside the picture, how sure in [0, 1]), or None where it is out of sight."""


@runtime_checkable
class QueryGenerator(Protocol):
    """Writes phrases for detected regions."""

    version: str

    def __call__(self, regions: Regions, size: Size, pixels: Any = None, **settings: Any) -> list[Any]:
        """Candidates with `query` (text), `targets` (rows of `regions`), `unique`, `template`, `rules` and `score`; none of no regions."""


@runtime_checkable
class Backbone(Protocol):
    """Frozen networks whose feature maps other models read. `levels`: the names of the feature maps, each with (channels, rows,
    columns); `class_names`: the classes of its proposals."""

    version: str
    class_names: Sequence[str]
    levels: Mapping[str, tuple[int, int, int]]

    def encode(self, image: Image) -> Any:
        """The feature maps (`levels`, name to (C, H, W) float16) and proposals of an image; one forward pass."""


@runtime_checkable
class Segmenter(Protocol):
    version: str

    def segment(self, image: Image, boxes: Boxes) -> Masks:
        """One mask a box, in order."""


@runtime_checkable
class MomentFinder(Protocol):
    version: str

    def find(self, video: Video, query: Query) -> list[TimeSpan]:
        """The moments that fit, best first; empty allowed."""


@runtime_checkable
class Sampler(Protocol):
    def choose(self, pool: Sequence[Any], count: int) -> list[int]:
        """Indices into the pool: no repeats, never more than asked, the same for the same seed."""
