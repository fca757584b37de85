"""Post-processing: from the outputs of external models to regions inside the image, best first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from grounding.data import Boxes, Masks, Query, Regions, Size
from grounding.data.media_image import Image
from grounding.models.detection.ssd import batched_nms

MAX_PHRASE_CHARS = 1000  # characters of a phrase; longer ones are refused
# Names that some models spell as Pascal VOC did, and how COCO and our label lists spell them.
VOC_TO_COCO = {
    "aeroplane": "airplane",
    "motorbike": "motorcycle",
    "pottedplant": "potted plant",
    "sofa": "couch",
    "diningtable": "dining table",
    "tvmonitor": "tv",
}
BACKGROUND_NAMES = ("__background__", "background")
PLACEHOLDER_NAMES = ("", "n/a", *BACKGROUND_NAMES)  # what models call classes that do not exist


def copy_pixels(image: Image) -> np.ndarray:
    """(H, W, 3) uint8, a copy that external code may write into."""
    return np.array(image.pixels)


def to_regions(boxes, scores, labels: Sequence[str], size: Size, min_score: float = 0.0, masks=None) -> Regions:
    """From (N, 4) x0 y0 x1 y1 in pixels, (N,) scores in [0, 1] and N names; `masks` (N, H, W) bool or None. See `select_rows`."""
    rows_kept = select_rows(boxes, scores, labels, size, min_score)
    corners = np.asarray(boxes, np.float32).reshape(-1, 4)[rows_kept]
    kept_masks = Masks.from_array(np.asarray(masks, bool)[rows_kept]) if masks is not None and len(rows_kept) else None
    kept_scores = np.asarray(scores, np.float32).reshape(-1)[rows_kept]
    return Regions(Boxes(corners).clip(size), np.clip(kept_scores, 0, 1), [to_coco_name(labels[row]) for row in rows_kept], kept_masks)


def select_rows(boxes, scores, labels: Sequence[str], size: Size, min_score: float = 0.0) -> np.ndarray:
    """The rows that are kept, best first: with an area inside the image, without NaN, not below `min_score`, of a named class."""
    corners, scores = np.asarray(boxes, np.float32).reshape(-1, 4), np.asarray(scores, np.float32).reshape(-1)
    inside = np.clip(corners, 0, np.tile(np.float32(size), 2))  # what is no number stays none
    named = np.array([to_coco_name(label).casefold() not in PLACEHOLDER_NAMES for label in labels], bool)
    valid = np.isfinite(corners).all(1) & np.isfinite(scores) & (scores >= min_score) & named
    kept = np.flatnonzero(valid & (inside[:, 2:] > inside[:, :2]).all(1))
    return kept[np.argsort(-scores[kept], kind="stable")]


def to_coco_name(label: str) -> str:
    """A class name as COCO spells it."""
    stripped = str(label).strip()
    return VOC_TO_COCO.get(stripped.casefold(), stripped)


def phrase_regions(boxes, scores, phrase: str, size: Size, min_score: float, max_regions: int = 20, nms_iou: float = 0.6) -> Regions:
    """The regions of a phrase: as `to_regions`, labelled with the phrase itself; at most `max_regions`, after NMS at
    `nms_iou`."""
    found = to_regions(boxes, scores, ["x"] * len(np.asarray(scores).reshape(-1)), size, min_score)
    kept = batched_nms(found.top(20 * max_regions), nms_iou).top(max_regions)
    return Regions(kept.boxes, kept.scores, (phrase,) * len(kept))


def ground_each(ground_phrase: Callable[[str], Regions], query: Query) -> Regions:
    """Every phrase of a query grounded separately, so that its regions do not depend on the others; all together, best first."""
    found = [part for part in map(ground_phrase, validated_phrases(query)) if len(part)]
    if not found:
        return Regions.empty()
    return Regions(Boxes(np.concatenate([part.boxes.xyxy for part in found])), np.concatenate([part.scores for part in found]),
                   sum((part.labels for part in found), ())).best_first()


def validated_phrases(query: Query) -> tuple[str, ...]:
    """The phrases of a query. Raises ValueError for one without a word or of more than a thousand characters."""
    for phrase in query.phrase_texts():
        if not any(sign.isalnum() for sign in phrase):
            raise ValueError(f"a phrase needs at least one word; got {phrase[:20]!r}")
        if len(phrase) > MAX_PHRASE_CHARS:
            raise ValueError(f"a phrase of {len(phrase):,} characters is too long to ground; say it in at most {MAX_PHRASE_CHARS:,}")
    return query.phrase_texts()
