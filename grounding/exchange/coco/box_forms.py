"""Forms of bbox: whether the bboxes of one file are the [left, top, width, height] of COCO, or another form of box that
was written by mistake."""

from __future__ import annotations

from collections.abc import Iterable

from grounding.data import Size, clip_box
from grounding.exchange.coco.boxes import BoxXYXY, InvalidBox, box_iou, mask_bounds
from grounding.exchange.values import are_numbers, is_number

EXPORT_INFO = {"description": "exported by deixis"}  # what our own exports say of themselves
FRACTIONS_ERROR = ("stayed out: the boxes of this file are fractions of the photo (no number is above 1); write them in pixels, as "
             "[left, top, width, height]")
CORNERS_ERROR = (
    "stayed out: the bboxes of this file fit their photos as [left, top, right, bottom], but reach over their "
    "edges as the [left, top, width, "
    "height] of COCO, so nobody knows which is meant; write left, top, width and height"
)
CENTRES_ERROR = (
    "stayed out: many bboxes of this file reach over the edges of their photos as the [left, top, width, "
    "height] of COCO, but all fit as [centre x, "
    "centre y, width, height], so nobody knows which is meant; write left, top, width and height"
)
_MIN_OVERHANGING = 3  # bboxes over the edge that make another form likely; fewer may be drawn carelessly
_MIN_CENTRES_SHARE = 0.1  # of all bboxes, those over the edge where they are centres: the larger ones near an edge
_MIN_CORNERS_SHARE = 0.25  # and where they are corners: those whose middle is right of the middle of the photo, or below it
_MIN_INSIDE_SHARE = 0.5  # a bbox of which less lies inside the photo was not drawn carelessly: it has another form
_MIN_FOR_CHANCE = 10  # bboxes that do not all fit as corners by chance
_MIN_FITTING_SHARE = 0.9  # the part of the bboxes that has to fit as corners
_SAME_BOX_IOU = 0.9  # IoU from which on both readings are the same box
_AGREE_IOU = 0.5  # IoU from which on a mask bears a bbox out

Row = tuple[dict, Size]


def bbox_format_error(rows: Iterable[Row]) -> str:
    """Why no bbox of a file can be taken, with the cure; "" where they are those of COCO. Each row comes with the size
    of its photo, (0, 0) if unknown."""
    rows = list(rows)
    if rows and _are_fractions(rows):
        return FRACTIONS_ERROR
    with_bbox = [(row, size) for row, size in rows if _is_bbox(row.get("bbox"))]
    overhanging = [(row, size) for row, size in with_bbox if all(size) and _overhangs(row["bbox"], size)]
    for why, suits in ((CORNERS_ERROR, _are_corners), (CENTRES_ERROR, _are_centres)):
        if overhanging and suits(with_bbox, overhanging):
            few = why == CORNERS_ERROR and len(with_bbox) < _MIN_FOR_CHANCE
            return "" if any(_mask_confirms_xywh(row, size, why) or few and _area_confirms_xywh(row) for row, size in with_bbox) else why
    return ""


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
        return list((not row.get("bbox") and mask_bounds(row.get("segmentation"), Size(0, 0))) or ())
    except InvalidBox:
        return []


def _overhangs(bbox: list, size: Size) -> bool:
    left, top, width, height = bbox
    return left + width > size.width + 1 or top + height > size.height + 1


def _are_corners(with_bbox: list[Row], overhanging: list[Row]) -> bool:
    """Whether nearly all fit as corners, and many reach over the edge otherwise, or one lies largely outside."""
    fitting = [(row["bbox"], size) for row, size in overhanging if _fits(row["bbox"], size)]
    many = len(overhanging) >= max(_MIN_OVERHANGING, _MIN_CORNERS_SHARE * len(with_bbox)) and any(
        box_iou(_clipped(*pair), pair[0]) < _SAME_BOX_IOU for pair in fitting
    )
    likely = many or any(_is_largely_outside(*pair) for pair in fitting)
    return likely and sum(_fits(row["bbox"], size) for row, size in with_bbox) >= _MIN_FITTING_SHARE * len(with_bbox)


def _is_largely_outside(bbox: list, size: Size) -> bool:
    left, top, right, bottom = _clipped(bbox, size)
    return (right - left) * (bottom - top) < _MIN_INSIDE_SHARE * bbox[2] * bbox[3]


def _are_centres(with_bbox: list[Row], overhanging: list[Row]) -> bool:
    """Whether all fit around a centre, and many reach over the edge otherwise."""
    return len(overhanging) >= max(_MIN_OVERHANGING, _MIN_CENTRES_SHARE * len(with_bbox)) and all(
        _fits(_from_centre(row["bbox"]), size) for row, size in with_bbox
    )


def _fits(box: list, size: Size) -> bool:
    left, top, right, bottom = box
    return -1 <= left < right and -1 <= top < bottom and (not all(size) or right <= size.width + 1 and bottom <= size.height + 1)


def _from_centre(bbox: list) -> list:
    x, y, width, height = bbox
    return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]


def _clipped(bbox: list, size: Size) -> BoxXYXY:
    """The part of a bbox of COCO inside its photo."""
    left, top, width, height = bbox
    return clip_box((left, top, left + width, top + height), size)[0] or (0.0, 0.0, 0.0, 0.0)


def _area_confirms_xywh(row: dict) -> bool:
    """Whether the area of a row is that of its width and height; of many rows that fit as corners it may have been
    computed by the same mistake."""
    left, top, width, height = row["bbox"]
    area, corners = row.get("area"), (width - left) * (height - top)
    return is_number(area) and abs(area - width * height) <= 0.01 * area < abs(area - corners)


def _mask_confirms_xywh(row: dict, size: Size, why: str) -> bool:
    """Whether the mask of a row says that its bbox is one of COCO."""
    left, top, width, height = row["bbox"]
    try:
        mask = mask_bounds(row.get("segmentation"), size)
    except InvalidBox:
        return False
    other = row["bbox"] if why == CORNERS_ERROR else _from_centre(row["bbox"])
    return mask is not None and box_iou((left, top, left + width, top + height), mask) >= _AGREE_IOU > box_iou(other, mask)
