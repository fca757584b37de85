"""Values: what is said about pictures, without any network. numpy and the standard library only."""

from grounding.data.annotation_values import KINDS, BoxValue, CaptionSpan, PhraseValue, TrackValue, Value, value_from_json
from grounding.data.annotations import Annotation, current, new_id, now
from grounding.data.boxes import Boxes, Size, axis_aligned_bounds, clip_box, containment_nms, greedy_nms, intersection, ioa, iou
from grounding.data.masks import Masks
from grounding.data.progress import Progress, run_to_end
from grounding.data.queries import Query
from grounding.data.regions import Regions
from grounding.data.spans import TimeSpan
from grounding.data.tracks import Keyframe, Track

__all__ = [
    "KINDS",
    "Annotation",
    "BoxValue",
    "Boxes",
    "CaptionSpan",
    "Keyframe",
    "Masks",
    "PhraseValue",
    "Progress",
    "Query",
    "Regions",
    "Size",
    "TimeSpan",
    "Track",
    "TrackValue",
    "Value",
    "containment_nms",
    "axis_aligned_bounds",
    "ioa",
    "current",
    "clip_box",
    "intersection",
    "iou",
    "run_to_end",
    "new_id",
    "now",
    "value_from_json",
    "greedy_nms",
]
