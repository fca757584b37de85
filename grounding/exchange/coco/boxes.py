"""Boxes of COCO: the box that a row of annotations tells, from its bbox, its mask and its rotation, or why it tells
none."""

from __future__ import annotations

import math

from grounding.data import Size, axis_aligned_bounds
from grounding.exchange.values import are_numbers, is_number

BoxXYXY = tuple[float, float, float, float]
NO_BBOX = "has no bbox of four numbers [left, top, width, height]; write one"
NO_RUNS = "has no bbox, and run lengths that mark nothing or do not fill the picture of their size; write a bbox"
_AGREE_IOU = 0.5  # IoU from which on a bbox and the box around a mask are about the same thing


class InvalidBox(ValueError):
    """Why a row tells no box, with the cure."""


def parse_box(row: dict, size: Size) -> tuple[BoxXYXY, bool]:
    """The corners that a row tells, and whether they stand around a rotated box. `size` is that of the picture, (0, 0)
    if not told.

    Raises NoBox where there is none, or where bbox and mask contradict each other.
    """
    mask_box, degrees, bbox = mask_bounds(row.get("segmentation"), size), _rotation(row), row.get("bbox")
    if not bbox:
        if mask_box is None:
            raise InvalidBox(NO_RUNS if isinstance(row.get("segmentation"), dict) else NO_BBOX)
        return mask_box, False
    if not isinstance(bbox, list) or len(bbox) != 4 or not are_numbers(bbox):
        raise InvalidBox(NO_BBOX)
    left, top, width, height = map(float, bbox)
    box = (left, top, left + width, top + height)
    if width <= 0 or height <= 0:
        return box, False
    choices = [axis_aligned_bounds(box, degrees), box] if degrees % 180 else [box]
    if mask_box is None:
        return choices[0], len(choices) > 1
    best = max(choices, key=lambda choice: box_iou(choice, mask_box))
    if box_iou(best, mask_box) < _AGREE_IOU:
        raise InvalidBox(
            f"has a bbox {_rounded(box)} and a mask around {_rounded(mask_box)} that contradict each other; remove the "
            "wrong one"
        )
    return best, best is not box


def mask_size(row: dict) -> Size | None:
    """The size of the picture that run lengths tell; None where there are none."""
    mask = row.get("segmentation")
    size = mask.get("size") if isinstance(mask, dict) else None
    sound = (
        isinstance(size, list) and len(size) == 2 and all(type(side) is int and 0 < side <= 100_000 for side in size)
    )
    return Size(size[1], size[0]) if sound else None


def mask_bounds(mask, size: Size) -> BoxXYXY | None:
    """The box around polygons or run lengths; None where there are none, or where run lengths do not fill the
    picture."""
    if isinstance(mask, dict):
        return _rle_bounds(mask, size)
    points = [value for ring in mask for value in ring] if _are_polygons(mask) else []
    if not are_numbers(points):
        return None
    box = float(min(points[::2])), float(min(points[1::2])), float(max(points[::2])), float(max(points[1::2]))
    return box if box[0] < box[2] and box[1] < box[3] else None


def _rle_bounds(mask: dict, size: Size) -> BoxXYXY | None:
    mask_dimensions, counts = mask_size({"segmentation": mask}), mask.get("counts")
    runs = _decode_rle(counts) if isinstance(counts, str) else counts
    if mask_dimensions is None or not isinstance(runs, list) or not all(type(run) is int and run >= 0 for run in runs):
        return None
    if sum(runs) != mask_dimensions.width * mask_dimensions.height or all(size) and mask_dimensions != size:
        return None
    return _run_bounds(runs, mask_dimensions.height)


def _decode_rle(packed: str) -> list[int] | None:
    """The run lengths in COCO's packed text, each in groups of five bits, from the fourth on as the difference to the
    last but one."""
    runs: list[int] = []
    value = shift = 0
    for char in packed:
        group = ord(char) - 48
        if not 0 <= group < 64 or shift > 60:
            return None
        value |= (group & 31) << shift
        shift += 5
        if group & 32:
            continue
        value -= (1 << shift) * bool(group & 16)
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    return None if shift else runs


def _run_bounds(runs: list[int], height: int) -> BoxXYXY | None:
    """Around the pixels of every second run, counted down the columns."""
    end, boxes = 0, []
    for number, run in enumerate(runs):
        start, end = end, end + run
        if number % 2 and run:
            (left, top), (right, bottom) = divmod(start, height), divmod(end - 1, height)
            boxes.append((left, *((top, bottom) if left == right else (0, height - 1)), right))
    if not boxes:
        return None
    return (float(min(box[0] for box in boxes)), float(min(box[1] for box in boxes)),
            float(max(box[3] for box in boxes) + 1), float(max(box[2] for box in boxes) + 1))


def _rotation(row: dict) -> float:
    """CVAT's rotation of a box, in degrees; 0 where there is none."""
    attributes = row.get("attributes")
    value = attributes.get("rotation") if isinstance(attributes, dict) else None
    value = row.get("rotation") if value is None else value
    if value is None or value == "":
        return 0.0
    try:
        degrees = float(value)
    except (TypeError, ValueError, OverflowError):
        degrees = math.nan
    if isinstance(value, bool) or not is_number(degrees):
        raise InvalidBox("has a rotation that is no number of degrees; correct or remove it")
    return degrees


def _are_polygons(value) -> bool:
    return isinstance(value, list) and all(
        isinstance(ring, list) and len(ring) >= 6 and len(ring) % 2 == 0 for ring in value
    )


def box_iou(one: BoxXYXY, other: BoxXYXY) -> float:
    width, height = (min(one[side + 2], other[side + 2]) - max(one[side], other[side]) for side in (0, 1))
    shared = max(width, 0.0) * max(height, 0.0)
    union = (one[2] - one[0]) * (one[3] - one[1]) + (other[2] - other[0]) * (other[3] - other[1]) - shared
    return shared / union if union > 0 else 0.0


def _rounded(box: BoxXYXY) -> list[float]:
    return [round(value, 1) for value in box]
