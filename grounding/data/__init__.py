"""Values: what is said about pictures, without any network. numpy and the standard library only."""

from grounding.data.annotations import Annotation, current, new_id, now
from grounding.data.boxes import Boxes, Size, apart, around_rotated, coverage, inside, intersection, iou, unrivalled
from grounding.data.masks import Masks
from grounding.data.progress import Progress, last
from grounding.data.queries import Query
from grounding.data.regions import Regions
from grounding.data.spans import Span
from grounding.data.tracks import Keyframe, Track

__all__ = [
    "Annotation",
    "Boxes",
    "Keyframe",
    "Masks",
    "Progress",
    "Query",
    "Regions",
    "Size",
    "Span",
    "Track",
    "apart",
    "around_rotated",
    "coverage",
    "current",
    "inside",
    "intersection",
    "iou",
    "last",
    "new_id",
    "now",
    "unrivalled",
]
