"""Clip samples: clips with known identities, synthetic ones and ones made from photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from grounding.learning.captioning.clip_cache import EncodedClip, jitter_boxes
from grounding.learning.captioning.disjoint import CaptionBatch, TaskMasks
from grounding.learning.captioning.examples import CaptionAnnotation
from grounding.learning.captioning.sources import PhotoDataset, collate_track_captions
from grounding.learning.examples.feature_cache import FeatureCache
from grounding.nn.association.matching import APPEARANCE_WIDTH
from grounding.nn.captioning.aggregate import HARD, MAX_VIEWS, SOFT, WEIGHTED, normalize_times, sample_evenly
from grounding.nn.captioning.batches import ClipDetections, ObjectFeatures, batch_detections
from grounding.nn.captioning.vocabulary import Vocabulary
from grounding.nn.files.features import ImageFeatures
from grounding.nn.region_features import CELLS_PER_BOX_SIDE, RegionFeatures, extract_regions
from grounding.synthetic.clips import NOUNS, ClipObject
from grounding.synthetic.motions import Motion, sample_motion

AGGREGATIONS = (HARD, HARD, HARD, WEIGHTED, SOFT)  # how views are aggregated, drawn at random
MISS_RATE = 0.12  # of the objects in a frame


@dataclass(frozen=True)
class SyntheticClipSource:
    """Synthetic clips are labelled with boxes, tracks, and captions that need time. Half of them are reversed, half are mirrored."""

    cache: FeatureCache
    seeds: tuple[int, ...]
    vocabulary: Vocabulary
    clips_per_batch: int = 6
    seed: int = 0

    def __call__(self, step: int) -> CaptionBatch:
        rng = np.random.default_rng([self.seed, 2, step])
        aggregation = str(rng.choice(AGGREGATIONS))
        clips, identity, captions = [], [], []
        for _ in range(self.clips_per_batch):
            encoded = self.cache.read(self.seeds[rng.integers(len(self.seeds))])
            encoded = reverse_clip(encoded) if rng.random() < 0.5 else encoded
            encoded = mirror_clip(encoded) if rng.random() < 0.5 else encoded
            clip, object_ids = sample_detections(encoded, rng)
            clips.append(clip)
            identity.append(object_ids)
            captions += sample_track_captions(encoded, aggregation, rng)
        task_masks = TaskMasks(boxes=1, tracks=1, captions=1)
        return CaptionBatch(task_masks, detections=batch_detections(clips), object_ids=pad_identities(identity),
                            **collate_track_captions(captions, self.vocabulary))


@dataclass(frozen=True)
class PhotoClipSource:
    """Clips made from photos: the boxes of a photo move, its features stay. They are labelled with tracks, and with captions of how an
    object of the photo moved. In the other half the camera pans and zooms over the photo; these have no captions."""

    dataset: PhotoDataset
    vocabulary: Vocabulary
    clips_per_batch: int = 5
    frames_per_clip: int = 8
    seed: int = 0

    def __call__(self, step: int) -> CaptionBatch:
        rng = np.random.default_rng([self.seed, 3, step])
        clips, identity, captions = [], [], []
        while len(clips) < self.clips_per_batch:
            features, rows = self.dataset.sample(rng)
            chosen = _sample_distinct([row for row in rows if row.kind != "sentence"], rng)
            if chosen:
                camera_motion = len(clips) % 2 == 1
                clip, object_ids, clip_captions = clip_from_photo(features, chosen, self.frames_per_clip, rng, camera_motion)
                clips.append(clip)
                identity.append(object_ids)
                captions += clip_captions
        task_masks = TaskMasks(boxes=1, tracks=1, captions=int(bool(captions)))
        return CaptionBatch(task_masks, detections=batch_detections(clips), object_ids=pad_identities(identity),
                            **(collate_track_captions(captions, self.vocabulary) if captions else {}))


def sample_detections(encoded: EncodedClip, rng: np.random.Generator) -> tuple[ClipDetections, np.ndarray]:
    """What a poor detector would find in a clip, and which object each detection is (0: none, a false positive)."""
    num_objects, rows = len(encoded.objects), []
    for frame, object_id in zip(*np.nonzero(encoded.present)):
        if object_id >= num_objects or rng.random() > MISS_RATE:
            rows.append((frame, object_id, rng.integers(encoded.boxes.shape[2])))
    frame, object_ids, version = np.array(rows, np.int64).reshape(-1, 3).T
    class_ids = np.array([NOUNS.index(obj.noun) for obj in encoded.objects] + [-1])
    unsure = rng.random(len(rows)) < 0.15
    features = encoded.box_features[frame, object_ids, version, :APPEARANCE_WIDTH] * (rng.random() > 0.15)  # sometimes boxes only
    clip = ClipDetections(features, encoded.boxes[frame, object_ids, version], frame * float(rng.integers(1, 4)),
                          np.where(unsure, -1, class_ids[object_ids]), rng.uniform(0.4, 1, len(rows)))
    return clip, np.where(object_ids < num_objects, object_ids + 1, 0)


def sample_track_captions(encoded: EncodedClip, aggregation: str, rng: np.random.Generator) -> list[tuple[str, ObjectFeatures]]:
    """Each object's caption and the features it is decoded from."""
    captions = []
    for row, obj in enumerate(encoded.objects):
        detected = (rng.random(len(encoded.present)) > MISS_RATE) | (encoded.present[:, row].sum() < 3)
        frames = np.flatnonzero(encoded.present[:, row] & detected)
        if len(frames) < 2:
            continue
        kept = frames
        if aggregation != SOFT:
            kept = frames[sample_evenly(len(frames), MAX_VIEWS if rng.random() < 0.7 else int(rng.integers(1, MAX_VIEWS + 1)))]
        version = rng.integers(encoded.boxes.shape[2], size=len(kept))
        arrays = (encoded.box_features, encoded.cell_features, encoded.boxes)
        features = RegionFeatures(*(array[kept, row, version].astype(np.float32) for array in arrays))
        captions.append((obj.caption, aggregate_views(features, normalize_times(kept, frames[0], frames[-1]), aggregation, rng)))
    return captions


def aggregate_views(features: RegionFeatures, view_times: np.ndarray, aggregation: str, rng: np.random.Generator) -> ObjectFeatures:
    """Views of one object with the weights of an `aggregation`."""
    weights = rng.uniform(0.3, 1, len(features)).astype(np.float32) if aggregation == WEIGHTED else np.ones(len(features), np.float32)
    mix = None
    if aggregation == SOFT:
        confidences = rng.uniform(0.5, 1, len(features)).astype(np.float32)
        mix = (confidences / confidences.sum())[None]
    return ObjectFeatures(features, view_times, weights, mixing_weights=mix)


def reverse_clip(clip: EncodedClip) -> EncodedClip:
    """The clip run from its end to its beginning, captions included."""
    objects = tuple(_replace_motion(obj, obj.motion.reversed()) for obj in clip.objects)
    return EncodedClip(objects, *(array[::-1] for array in (clip.present, clip.boxes, clip.box_features, clip.cell_features)))


def mirror_clip(clip: EncodedClip) -> EncodedClip:
    """Boxes and cells change sides; the features of a cell are taken to be the same as those of its mirror image."""
    boxes = clip.boxes[..., [2, 1, 0, 3]] * np.float32([-1, 1, -1, 1]) + np.float32([1, 0, 1, 0])
    grid = clip.cell_features.reshape(*clip.cell_features.shape[:3], CELLS_PER_BOX_SIDE, CELLS_PER_BOX_SIDE, -1)
    cell_features = grid[..., ::-1, :].reshape(clip.cell_features.shape)
    objects = tuple(_replace_motion(obj, obj.motion.mirrored()) for obj in clip.objects)
    return EncodedClip(objects, clip.present, boxes, clip.box_features, cell_features)


def clip_from_photo(features: ImageFeatures, chosen: Sequence[CaptionAnnotation], count: int, rng: np.random.Generator,
                    camera_motion: bool):
    """A clip, the identity of each of its detections, and [(sentence, features)]."""
    motions = [sample_motion(rng, start=tuple(rng.uniform(0.3, 0.7, 2))) for _ in chosen]
    if camera_motion:
        paths = _camera_paths(chosen, count, rng)
    else:
        paths = np.stack([_object_path(row.box, motion, count, rng) for row, motion in zip(chosen, motions)])
    visible_boxes = _clamp_boxes(paths)  # (objects, frames, 4)
    visible = _visible(paths) & (rng.random(paths.shape[:2]) > MISS_RATE)  # (objects, frames)
    frames = np.round(np.linspace(0, rng.integers(count, 3 * count), count))
    captions = []
    if not camera_motion:
        captions = [(f"{row.text} {motion.action}".strip(), _photo_track_features(features, row.box, visible_boxes[n], visible[n], rng))
                    for n, (row, motion) in enumerate(zip(chosen, motions)) if visible[n].sum() >= 3]
    object_rows, frame = np.nonzero(visible)
    corners = rng.uniform(0, 0.7, (int(rng.integers(0, count)), 2))
    false_positives = np.concatenate([corners, corners + rng.uniform(0.1, 0.3, corners.shape)], 1).astype(np.float32)
    boxes = np.concatenate([np.stack([row.box for row in chosen])[object_rows], false_positives])
    box_features = extract_regions(features, jitter_boxes(boxes, 0.06, rng)).box_features[:, :APPEARANCE_WIDTH]
    object_classes = np.array([_detector_class(features, row.box) for row in chosen], int)
    class_ids = np.concatenate([object_classes[object_rows], np.full(len(false_positives), -1)])
    clip = ClipDetections(box_features * (rng.random() > 0.15),
                          np.concatenate([jitter_boxes(visible_boxes[object_rows, frame], 0.03, rng), false_positives]),
                          np.concatenate([frames[frame], rng.choice(frames, len(false_positives))]), class_ids,
                          rng.uniform(0.4, 1, len(boxes)))
    return clip, np.concatenate([object_rows + 1, np.zeros(len(false_positives), int)]), captions


def pad_identities(rows: Sequence[np.ndarray]) -> torch.Tensor:
    """(B, M) identities, 0 where a clip has fewer detections."""
    table = torch.zeros(len(rows), max(max(map(len, rows)), 1), dtype=torch.long)
    for index, row in enumerate(rows):
        table[index, : len(row)] = torch.from_numpy(np.ascontiguousarray(row))
    return table


def _photo_track_features(features: ImageFeatures, box: np.ndarray, boxes: np.ndarray, visible: np.ndarray, rng) -> ObjectFeatures:
    frames = np.flatnonzero(visible)
    kept = frames[sample_evenly(len(frames))]
    region_features = extract_regions(features, jitter_boxes(np.tile(box, (len(kept), 1)), 0.05, rng))
    views = RegionFeatures(region_features.box_features, region_features.cell_features, boxes[kept])
    return aggregate_views(views, normalize_times(kept, frames[0], frames[-1]), HARD, rng)


def _object_path(box: np.ndarray, motion: Motion, count: int, rng) -> np.ndarray:
    """(count, 4): the moving box, made smaller if it fills the image."""
    extent = box[2:] - box[:2]
    half = extent * min(1.0, float(rng.uniform(0.25, 0.5)) / float(extent.max())) / 2
    middles = np.array([motion.at(time) for time in np.linspace(0, 1, count)], np.float32)
    return np.concatenate([middles - half, middles + half], 1)


def _camera_paths(chosen: Sequence[CaptionAnnotation], count: int, rng) -> np.ndarray:
    """(objects, count, 4): all boxes under a camera that pans and zooms steadily from one view to another."""
    scale = np.linspace(*rng.uniform(0.5, 1.0, 2), count)[:, None]
    corner = np.linspace(*(rng.uniform(0, 1, (2, 2)) * (1 - scale[[0, -1]])), count)
    boxes = np.stack([row.box for row in chosen])[:, None]
    return ((boxes - np.tile(corner, 2)) / scale).astype(np.float32)


def _clamp_boxes(paths: np.ndarray) -> np.ndarray:
    return np.clip(paths, 0, 1)


def _visible(paths: np.ndarray) -> np.ndarray:
    """Where at least three tenths of a box are in the image."""
    area, inside = ((p[..., 2:] - p[..., :2]).prod(-1) for p in (paths, _clamp_boxes(paths)))
    return inside > 0.3 * area


def _sample_distinct(rows: Sequence[CaptionAnnotation], rng, limit: int = 4) -> list[CaptionAnnotation]:
    """A few objects that lie in different boxes, those with more captions being more likely."""
    distinct: list[CaptionAnnotation] = []
    for index in rng.permutation(len(rows)):
        row = rows[index]
        large = (row.box[2:] - row.box[:2]).min() > 0.04
        if large and len(distinct) < limit and all(np.abs(row.box - other.box).max() > 0.1 for other in distinct):
            joined = [other for other in rows if other.kind == "joined" and np.array_equal(other.box, row.box)]
            distinct.append(joined[rng.integers(len(joined))] if joined and rng.random() < 0.5 else row)
    return distinct


def _detector_class(features: ImageFeatures, box: np.ndarray) -> int:
    """The class of the detection that fits the box, -1 if there is none."""
    low, high = np.maximum(features.boxes[:, :2], box[:2]), np.minimum(features.boxes[:, 2:], box[2:])
    shared = np.clip(high - low, 0, None).prod(1)
    union = (features.boxes[:, 2:] - features.boxes[:, :2]).prod(1) + (box[2:] - box[:2]).prod() - shared
    overlap = shared / np.maximum(union, 1e-6) * (features.scores > 0.2)
    return int(features.classes[overlap.argmax()]) if overlap.max(initial=0) >= 0.5 else -1


def _replace_motion(obj: ClipObject, motion: Motion) -> ClipObject:
    return replace(obj, motion=motion, colour=motion.first if motion.kind == "change" else obj.colour)
