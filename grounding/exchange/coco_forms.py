"""Forms of bbox: whether the bboxes of one file are the [left, top, width, height] of COCO, or another form of box that was written by mistake."""

from __future__ import annotations

from collections.abc import Iterable

from grounding.data import Size
from grounding.exchange.coco_boxes import NoBox, around_mask, inside, iou
from grounding.exchange.values import are_numbers, is_number

FRACTIONS = "stayed out: the boxes of this file are fractions of the photo (no number is above 1); write them in pixels, as [left, top, width, height]"
CORNERS = ("stayed out: the bboxes of this file fit their photos as [left, top, right, bottom], but reach over their edges as the [left, top, width, "
           "height] of COCO, so nobody knows which is meant; write left, top, width and height")
_MOST = 0.9  # the part of the bboxes that has to fit as corners
_SAME = 0.9  # IoU from which on both readings are the same box
_AGREE = 0.5  # IoU from which on a mask bears a bbox out

Row = tuple[dict, Size]


def wrong_form(rows: Iterable[Row]) -> str:
    """Why no bbox of a file can be taken, with the cure; "" where they are those of COCO. Each row comes with the size of its photo, (0, 0) if unknown."""
    rows = list(rows)
    if rows and _are_fractions(rows):
        return FRACTIONS
    told = [(row, size) for row, size in rows if _is_bbox(row.get("bbox"))]
    doubtful = [(row, size) for row, size in told if _reads_better_as_corners(row["bbox"], size)]
    if not doubtful or sum(_fits_as_corners(row["bbox"], size) for row, size in told) < _MOST * len(told):
        return ""
    return "" if any(_borne_out(row, size) for row, size in told) else CORNERS


def _is_bbox(value) -> bool:
    return isinstance(value, list) and len(value) == 4 and are_numbers(value)


def _are_fractions(rows: list[Row]) -> bool:
    """Whether all numbers lie between 0 and 1, and not all are whole; the only pixel of a photo may be annotated so."""
    between = False
    for row, size in rows:
        numbers = _numbers(row)
        if numbers and (min(numbers) < 0 or max(numbers) > 1 or max(size) == 1):
            return False
        between = between or any(number % 1 for number in numbers)
    return between


def _numbers(row: dict) -> list:
    """Those of a bbox or, where there is none, of polygons or run lengths."""
    if _is_bbox(row.get("bbox")):
        return row["bbox"]
    try:
        return list((not row.get("bbox") and around_mask(row.get("segmentation"), Size(0, 0))) or ())
    except NoBox:
        return []


def _fits_as_corners(bbox: list, size: Size) -> bool:
    left, top, right, bottom = bbox
    return -1 <= left < right and -1 <= top < bottom and (not all(size) or right <= size.width + 1 and bottom <= size.height + 1)


def _reads_better_as_corners(bbox: list, size: Size) -> bool:
    """Whether it reaches over the edge as COCO's bbox, fits as corners, and the one is not about the other."""
    left, top, width, height = bbox
    if not all(size) or left + width <= size.width + 1 and top + height <= size.height + 1 or not _fits_as_corners(bbox, size):
        return False
    cut = inside((left, top, left + width, top + height), size)[0]
    return cut is not None and iou(cut, (left, top, width, height)) < _SAME


def _borne_out(row: dict, size: Size) -> bool:
    """Whether the area or the mask of a row says that its bbox holds a width and a height, and no corners."""
    left, top, width, height = row["bbox"]
    area, corners = row.get("area"), (width - left) * (height - top)
    if is_number(area) and abs(area - width * height) <= 0.01 * area and abs(area - corners) > 0.01 * area:
        return True
    try:
        mask = around_mask(row.get("segmentation"), size)
    except NoBox:
        return False
    return mask is not None and iou((left, top, left + width, top + height), mask) >= _AGREE > iou((left, top, width, height), mask)
