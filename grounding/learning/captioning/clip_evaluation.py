"""Clip evaluation: synthetic clips with simulated detections, tracked and captioned by several variants of the pipeline.

The detections are the true boxes, off by a few hundredths of their size, one in eight missing, with false positives between them: the
same for every variant. Oracles show how much each step costs: "oracle boxes" detects perfectly, "oracle tracks" also has the true
identities.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from grounding.data import Boxes, Progress, Regions, Size, Track, iou
from grounding.learning.captioning.clip_cache import EncodedClip, fill_clip_cache
from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.metrics.chota import caption_switches, chota, make_bounded_scorer
from grounding.learning.metrics.tracks import ClipComparison, FrameObjects
from grounding.nn.association.matching import APPEARANCE_WIDTH
from grounding.nn.captioning.aggregate import HARD, MAX_VIEWS, SOFT, WEIGHTED, mixing_weights, normalize_times, sample_evenly
from grounding.nn.captioning.batches import ObjectFeatures, batch_objects
from grounding.nn.captioning.search import beam_search
from grounding.nn.region_features import RegionFeatures

SIZE = Size(320, 240)
FIRST_TEST_SEED = 900_000  # seeds from here on are never trained on
MISS_RATE, PERFECT, POOR = 0.12, 0, 1  # share of objects missing; versions of the cached boxes
PER_FRAME, MAJORITY_VOTE = "each frame", "vote"  # a caption a frame; the most frequent caption of all frames
MIN_DETECTION_IOU = 0.4  # IoU from which a box of a track is a detection
Linker = Callable[["SimulatedDetections"], Sequence[Track]]
Affinity = Callable[["SimulatedDetections"], np.ndarray]


@dataclass(frozen=True, eq=False)
class SimulatedDetections:
    """M detections in a clip: `frames`, `boxes` (M, 4) pixels, `scores`, `labels`, `object_ids` (M,) the true object (-1: none), and the
    features `box_features` (M, 2328), `cell_features` (M, 9, 728)."""

    num_frames: int
    frames: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray
    labels: tuple[str, ...]
    object_ids: np.ndarray
    box_features: np.ndarray
    cell_features: np.ndarray

    def regions(self) -> list[tuple[int, Regions]]:
        """As the output of a detector."""
        rows = [np.flatnonzero(self.frames == frame) for frame in range(self.num_frames)]
        return [(frame, Regions(Boxes(self.boxes[row]), self.scores[row], tuple(self.labels[r] for r in row)))
                for frame, row in enumerate(rows)]

    def region_features(self, rows) -> RegionFeatures:
        unit = np.float32(self.boxes[rows] / np.tile(np.float32(SIZE), 2))
        return RegionFeatures(self.box_features[rows].astype(np.float32), self.cell_features[rows].astype(np.float32), unit)


@dataclass(frozen=True)
class PipelineVariant:
    """One variant of the pipeline: which boxes, which linker, which aggregation of captions."""

    name: str
    linker: str  # "learned", "greedy", "motion" or "oracle"
    aggregation: str
    box_version: int = POOR


VARIANTS = (
    PipelineVariant("learned, hard", "learned", HARD),
    PipelineVariant("learned, weighted", "learned", WEIGHTED),
    PipelineVariant("learned, soft", "learned", SOFT),
    PipelineVariant("learned, identities row by row, hard", "greedy", HARD),
    PipelineVariant("motion, hard", "motion", HARD),
    PipelineVariant("motion, vote over frames", "motion", MAJORITY_VOTE),
    PipelineVariant("motion, each frame", "motion", PER_FRAME),
    PipelineVariant("oracle boxes, learned, hard", "learned", HARD, PERFECT),
    PipelineVariant("oracle boxes, motion, vote over frames", "motion", MAJORITY_VOTE, PERFECT),
    PipelineVariant("oracle tracks, hard", "oracle", HARD),
)


def evaluate_clips(net, vocabulary, clips: Sequence[EncodedClip], linkers: dict[str, Linker], affinity: Affinity,
                   variants: Sequence[PipelineVariant] = VARIANTS) -> dict[str, dict]:
    """`affinity` (M, M) is what soft aggregation mixes by.

    {variant: {"CHOTA-b", "DetA", "AssA", "CapA-b", "CapA-b time", "CapA-b still", "CHOTA-b time", "CHOTA-b still", "switches"}}.
    """
    truths = [true_objects(clip) for clip in clips]
    score = make_bounded_scorer([obj.caption for clip in clips for obj in clip.objects])
    still = {obj.caption for clip in clips for obj in clip.objects if obj.motion.kind == "still"}
    result = {}
    for variant in variants:
        detections = [simulate_detections(clip, number, variant.box_version) for number, clip in enumerate(clips)]
        predictions = [predict_objects(net, vocabulary, of_clip, linkers, affinity, variant) for of_clip in detections]
        result[variant.name] = _summarize([ClipComparison(*pair) for pair in zip(truths, predictions)], score, still)
    return result


def simulate_detections(clip: EncodedClip, seed: int, version: int = POOR) -> SimulatedDetections:
    """The detections of a poor or of a perfect detector."""
    rng, num_objects = np.random.default_rng([seed, 91]), len(clip.objects)
    frame, object_ids = np.nonzero(clip.present)
    kept = (object_ids >= num_objects) | (rng.random(len(object_ids)) > MISS_RATE)
    kept = object_ids < num_objects if version == PERFECT else kept
    frame, object_ids = frame[kept], object_ids[kept]
    boxes = clip.boxes[frame, object_ids, version] * np.tile(np.float32(SIZE), 2)
    large = ((boxes[:, 2:] - boxes[:, :2]) > 1).all(1)
    frame, object_ids, boxes = frame[large], object_ids[large], boxes[large]
    nouns = [obj.noun for obj in clip.objects]
    labels = tuple(nouns[t] if t < num_objects else nouns[rng.integers(num_objects)] for t in object_ids)
    scores = rng.uniform(0.45, 0.95, len(object_ids)) * np.where(object_ids < num_objects, 1.0, 0.9)
    true_ids = np.where(object_ids < num_objects, object_ids, -1)
    return SimulatedDetections(len(clip.present), frame, boxes, scores.astype(np.float32), labels, true_ids,
                               clip.box_features[frame, object_ids, version], clip.cell_features[frame, object_ids, version])


def true_objects(clip: EncodedClip) -> FrameObjects:
    """Every visible object with its true caption."""
    rows = [[object_id for object_id in range(len(clip.objects)) if present[object_id]] for present in clip.present]
    size = np.tile(np.float32(SIZE), 2)
    return FrameObjects(tuple(map(tuple, rows)), tuple(clip.boxes[frame, row, PERFECT] * size for frame, row in enumerate(rows)),
                        tuple(tuple(clip.objects[object_id].caption for object_id in row) for row in rows))


def predict_objects(net, vocabulary, detections: SimulatedDetections, linkers: dict[str, Linker], affinity: Affinity,
                    variant: PipelineVariant) -> FrameObjects:
    """Tracks with a caption for each of their boxes."""
    tracks = list(oracle_tracks(detections) if variant.linker == "oracle" else linkers[variant.linker](detections))
    members = [track_detections(detections, track) for track in tracks]
    affinities = affinity(detections) if variant.aggregation == SOFT else None
    captions = _caption_tracks(net, vocabulary, detections, members, variant.aggregation, affinities)
    ids, boxes, sentences = [], [], []
    for frame in range(detections.num_frames):
        present = [(row, box) for row, track in enumerate(tracks) if (box := track.box_at(frame)) is not None]
        ids.append(tuple(row for row, _ in present))
        boxes.append(np.array([box for _, box in present]).reshape(-1, 4))
        sentences.append(tuple(captions[row].get(frame, captions[row][-1]) for row, _ in present))
    return FrameObjects(tuple(ids), tuple(boxes), tuple(sentences))


def track_detections(detections: SimulatedDetections, track: Track) -> np.ndarray:
    """The detections a track goes through, one a frame at most, in order."""
    rows = []
    for frame in track.frames.tolist():
        candidates = np.flatnonzero(detections.frames == frame)
        overlap = iou(Boxes(np.array([track.box_at(frame)])), Boxes(detections.boxes[candidates]))[0] if len(candidates) else np.zeros(0)
        if overlap.max(initial=0) >= MIN_DETECTION_IOU:
            rows.append(int(candidates[overlap.argmax()]))
    return np.array(rows, int)


def oracle_tracks(detections: SimulatedDetections) -> list[Track]:
    """Each true object as one track through its detections."""
    groups = [np.flatnonzero(detections.object_ids == object_id) for object_id in sorted(set(detections.object_ids.tolist()) - {-1})]
    return [Track(detections.frames[rows], Boxes(detections.boxes[rows]), np.ones(len(rows), bool), detections.labels[rows[0]])
            for rows in groups]


def _caption_tracks(net, vocabulary, detections: SimulatedDetections, members: list[np.ndarray], aggregation: str,
                    affinity: np.ndarray | None) -> list[dict[int, str]]:
    """For each track {frame: sentence}; under -1 the one for frames without a detection."""
    if aggregation in (PER_FRAME, MAJORITY_VOTE):
        return [_caption_frames(net, vocabulary, detections, rows, aggregation) for rows in members]
    object_features = [_track_features(detections, rows, aggregation, affinity) for rows in members if len(rows)]
    sentences = iter(_decode_captions(net, vocabulary, object_features))
    return [{-1: next(sentences) if len(rows) else ""} for rows in members]


def _caption_frames(net, vocabulary, detections: SimulatedDetections, rows: np.ndarray, aggregation: str) -> dict[int, str]:
    object_features = [ObjectFeatures(detections.region_features([row]), np.float32([0.5]), np.ones(1, np.float32)) for row in rows]
    sentences = _decode_captions(net, vocabulary, object_features)
    commonest = Counter(sentences).most_common(1)[0][0] if sentences else ""
    return {-1: commonest} | (dict(zip(detections.frames[rows].tolist(), sentences)) if aggregation == PER_FRAME else {})


def _track_features(detections: SimulatedDetections, rows: np.ndarray, aggregation: str,
                    affinity: np.ndarray | None) -> ObjectFeatures:
    kept = np.arange(len(detections.frames)) if aggregation == SOFT else rows[sample_evenly(len(rows), MAX_VIEWS)]
    frames = detections.frames[rows]
    weights = detections.scores[kept] if aggregation == WEIGHTED else np.ones(len(kept), np.float32)
    mix = mixing_weights(affinity, rows) if aggregation == SOFT else None
    times = normalize_times(detections.frames[kept], frames[0], frames[-1])
    return ObjectFeatures(detections.region_features(kept), times, weights, mixing_weights=mix)


@torch.inference_mode()
def _decode_captions(net, vocabulary, object_features: Sequence[ObjectFeatures]) -> list[str]:
    if not object_features:
        return []
    pieces, _ = beam_search(net.decoder, net.decoder.encode(batch_objects(object_features)), max_pieces=14)
    return [vocabulary.detokenize([piece for piece in row if piece > 3])[0] for row in pieces.tolist()]


def _summarize(clips: list[ClipComparison], score, still: set[str]) -> dict:
    overall = chota(clips, score)
    parts = {name: chota([_with_captions(clip, keep) for clip in clips], score)
             for name, keep in (("time", lambda text: text not in still), ("still", lambda text: text in still))}
    row = {"CHOTA-b": overall.chota, "DetA": overall.det_a, "AssA": overall.ass_a, "CapA-b": overall.cap_a,
           "switches": caption_switches(clips)}
    row |= {f"CapA-b {name}": part.cap_a for name, part in parts.items()} | {f"CHOTA-b {name}": part.chota for name, part in parts.items()}
    return {name: round(float(value), 4) for name, value in row.items()}


def _with_captions(clip: ClipComparison, keep: Callable[[str], bool]) -> ClipComparison:
    """The same with only those true captions that `keep` accepts."""
    captions = tuple(tuple(text if keep(text) else "" for text in frame) for frame in clip.truth.captions)
    return ClipComparison(FrameObjects(clip.truth.ids, clip.truth.boxes, captions), clip.predicted)


def make_linkers(learned, motion) -> dict[str, Linker]:
    """By the linker names of VARIANTS."""
    greedy = replace(learned, greedy=True, min_affinity=0.5)
    return {"learned": learned_linker(learned), "greedy": learned_linker(greedy), "motion": motion_linker(motion)}


def learned_linker(tracker) -> Linker:
    """The association network, with the features of each box."""
    def link(detections: SimulatedDetections) -> Sequence[Track]:
        frames = (np.flatnonzero(detections.frames == frame) for frame in range(detections.num_frames))
        return tracker.link_detections([tracker_frames(detections, rows) for rows in frames], SIZE)
    return link


def learned_affinity(tracker) -> Affinity:
    """The affinity of any two detections of a clip."""
    return lambda detections: tracker.affinity(tracker_frames(detections, np.arange(len(detections.frames))), SIZE)


def tracker_frames(detections: SimulatedDetections, rows: np.ndarray):
    """Some detections as the learned tracker takes them."""
    from grounding.models.tracking.learned_tracker import FrameDetections

    frame_indices = detections.frames[rows]
    appearance = detections.box_features[rows, :APPEARANCE_WIDTH].astype(np.float32)
    return FrameDetections(appearance, detections.boxes[rows].astype(np.float32), frame_indices, frame_indices, detections.scores[rows],
                           tuple(detections.labels[row] for row in rows))


def motion_linker(tracker) -> Linker:
    """A tracker that is given boxes, classes and scores."""
    return lambda detections: tracker.link(detections.regions())


def evaluate_captioner(card: Path, cache: FeatureCache, make_backbone: Callable, num_clips: int = 12,
                       first_seed: int = FIRST_TEST_SEED) -> Iterator[Progress]:
    """Evaluates a trained captioner (its JSON `card`) on `num_clips` test clips; the last progress holds the result of `evaluate_clips`."""
    from grounding.models.captioning.prefix import load_captioner_net
    from grounding.models.tracking.learned_tracker import LearnedTracker
    from grounding.models.tracking.motion_tracker import MotionTracker
    from grounding.nn.captioning.vocabulary import Vocabulary
    from grounding.nn.files.storage import read_model_card

    vocabulary = Vocabulary(tuple(read_model_card(card, "captioner")["words"].split(" ")))
    net, seeds = load_captioner_net(card), range(first_seed, first_seed + num_clips)
    yield from fill_clip_cache(cache, seeds, make_backbone)
    tracker = LearnedTracker(card, _cache={"net": net.association})
    linkers = make_linkers(tracker, MotionTracker())
    result = evaluate_clips(net, vocabulary, [cache.read(seed) for seed in seeds], linkers, learned_affinity(tracker))
    yield Progress(num_clips, num_clips, "synthetic clips evaluated",
                   {"captioner": f"{Path(card).stem}", "films": num_clips, "ways": result})
