"""Clip cache: the features of synthetic clips on disk, so that training never renders or encodes them again.

Each object of each frame is kept three times: in its true box and in two jittered ones, as a detector's would be.
One more row a frame holds a box where nothing is, for false positives.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from grounding.data import Progress
from grounding.data.media_image import Image
from grounding.learning.examples.feature_cache import FeatureCache, Layout
from grounding.nn.region_features import extract_regions
from grounding.synthetic.clips import ClipObject, SyntheticClip, draw_clip
from grounding.synthetic.motions import Motion

BOX_JITTER = (0.0, 0.04, 0.09)  # how far the corners of each version lie from the true box, in sizes of the box
CACHE_VERSION = "clips-2"  # changes whenever other clips, boxes, features or names of fields are kept


@dataclass(frozen=True, eq=False)
class EncodedClip:
    """F frames of a clip with B objects, each in V versions: `boxes` (F, B, V, 4) as fractions, `box_features` (F, B, V, 2328),
    `cell_features` (F, B, V, 9, 728), `present` (F, B) bool. `objects` are those of the first rows; rows after them are false positives."""

    objects: tuple[ClipObject, ...]
    present: np.ndarray
    boxes: np.ndarray
    box_features: np.ndarray
    cell_features: np.ndarray


def _clip_file(seed: int) -> str:
    return f"{CACHE_VERSION}-{seed}.safetensors"


def _pack_clip(clip: EncodedClip) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    arrays = {"present": clip.present, "boxes": clip.boxes.astype(np.float32), "box_features": clip.box_features.astype(np.float16),
              "cell_features": clip.cell_features.astype(np.float16)}
    return arrays, {"objects": json.dumps([asdict(obj) for obj in clip.objects])}


def _unpack_clip(arrays: dict[str, np.ndarray], facts: dict[str, str]) -> EncodedClip:
    return EncodedClip(tuple(_parse_object(row) for row in json.loads(facts["objects"])), **arrays)


CLIPS = Layout(_clip_file, _pack_clip, _unpack_clip)  # by the seed of the clip


def fill_clip_cache(cache: FeatureCache, seeds: Sequence[int], make_backbone: Callable) -> Iterator[Progress]:
    """Renders and encodes the clips that are not in the cache yet. Can be stopped and resumed at any time."""
    missing = [seed for seed in seeds if not cache.has(seed)]
    backbone = make_backbone() if missing else None
    done = len(seeds) - len(missing)
    yield Progress(done, len(seeds), "features of synthetic clips")
    for seed in missing:
        cache.write(seed, encode_clip(draw_clip(seed), backbone, seed))
        done += 1
        yield Progress(done, len(seeds), "features of synthetic clips")


def encode_clip(clip: SyntheticClip, backbone, seed: int) -> EncodedClip:
    """The features of every object in every frame."""
    rng = np.random.default_rng([seed, 47])
    size = np.tile(np.float32(clip.size), 2)
    num_objects = len(clip.tracks)
    present = np.zeros((clip.num_frames, num_objects + 1), bool)
    boxes, frames = np.zeros((*present.shape, len(BOX_JITTER), 4), np.float32), []
    for index in range(clip.num_frames):
        true_boxes = [track.box_at(index) for track in clip.tracks]
        rows = [np.float32(box) / size if box else np.float32([0, 0, 1, 1]) for box in true_boxes] + [_random_box(rng)]
        present[index] = [box is not None for box in true_boxes] + [rng.random() < 0.3]
        boxes[index] = np.stack([jitter_boxes(np.stack(rows), scale, rng) for scale in BOX_JITTER], 1)
        frames.append(extract_regions(backbone.encode(Image(clip.frame(index))), boxes[index].reshape(-1, 4)))
    shape = boxes.shape[:3]
    box_features = np.stack([features.box_features for features in frames])
    cell_features = np.stack([features.cell_features for features in frames])
    return EncodedClip(tuple(clip.visible_objects), present, boxes, box_features.reshape(*shape, -1),
                       cell_features.reshape(*shape, *cell_features.shape[2:]))


def jitter_boxes(boxes: np.ndarray, scale: float, rng: np.random.Generator) -> np.ndarray:
    """(N, 4) fractions, each corner moved by about `scale` of the box's size, clipped to the image and never inverted."""
    extent = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    moved = np.clip(boxes + rng.normal(0, 1, boxes.shape) * scale * extent, 0, 1)
    return np.concatenate([np.minimum(moved[:, :2], moved[:, 2:]), np.maximum(moved[:, :2], moved[:, 2:])], 1).astype(np.float32)


def _random_box(rng: np.random.Generator) -> np.ndarray:
    extent = rng.uniform(0.1, 0.3, 2)
    corner = rng.uniform(0, 1 - extent)
    return np.float32([*corner, *(corner + extent)])


def _parse_object(row: dict) -> ClipObject:
    motion = row.pop("motion")
    return ClipObject(**row, motion=Motion(**(motion | {"start": tuple(motion["start"])})))
