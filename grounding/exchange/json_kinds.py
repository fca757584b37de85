"""Kinds of JSON: what a .json file is, told from its first bytes, so that a large one is not read to be recognised."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grounding.exchange.archive import ArchiveError, FileTree

_HEAD = 1 << 16  # bytes that are looked at
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
COCO, COCO_PHRASES = "COCO", "phrases of a COCO set"
VIDOR = "boxes of VidOR; load it beside its video"
VIDSTG = "sentences of VidSTG; load it together with the files of VidOR that hold their boxes, and the videos"
_ROWS = re.compile(rb'"annotations"\s*:\s*\[\s*\{')
_NO_BOXES = {"caption", "segments_info"}  # keys of annotations that are none of boxes
_EXPORT_AS_COCO = 'export it as COCO (a JSON with the lists "images", "annotations" and "categories")'


@dataclass(frozen=True)
class JsonOutline:
    """The outline of a JSON text: `outer` "{" or "["; the keys of the outermost object, each with those of the first
    object in its list; of an outermost list, the keys of its first object under ""."""

    outer: str
    keys: dict[str, frozenset[str]]


def classify_json(tree: FileTree, name: str) -> str:
    """What a JSON file is, in words; "" of a file that is no JSON by its first bytes, or cannot be read, which is said
    where it comes in. `COCO` is a set of boxes."""
    try:
        with tree.open(name) as source:
            head = source.read(_HEAD)
            rest = _late_annotation_keys(source, head)
    except (ArchiveError, OSError):
        return ""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16 text; save it as UTF-8"
    text = head.decode("utf-8-sig", "replace").lstrip()
    if not text:
        return "empty; export it again"
    if text[0] not in "{[":
        return ""
    shape = json_outline(text)
    if rest & _NO_BOXES:  # what a later list holds is looked at only where it tells captions and the like from boxes
        shape.keys["annotations"] = rest
    return _describe_outline(shape)


def _late_annotation_keys(source, head: bytes) -> frozenset[str]:
    """The keys of the first annotation where the list comes behind the bytes that are looked at, as in the captions of
    COCO."""
    if len(head) < _HEAD or _ROWS.search(head):
        return frozenset()
    last = head
    while piece := source.read(_HEAD << 4):
        found = _ROWS.search(last[-_HEAD:] + piece)
        if found:
            row = ((last[-_HEAD:] + piece)[found.start():] + source.read(_HEAD))[:_HEAD]
            return json_outline("{" + row.decode("utf-8", "replace")).keys.get("annotations", frozenset())
        last = piece
    return frozenset()


def json_outline(text: str) -> JsonOutline:
    """The outline of what there is of a JSON text."""
    keys: dict[str, set[str]] = {"": set()} if text[0] == "[" else {}
    depth, last, outer, inner = 0, "", "", 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in "{[":
            depth += 1
            inner += depth == (3 if text[0] == "{" else 2) and mark == "{"
        elif mark in "}]":
            depth -= 1
        elif mark == ":" and depth == 1:
            outer, inner = last, 0
            keys.setdefault(outer, set())
        elif mark == ":" and depth == (3 if text[0] == "{" else 2) and inner == 1:
            keys[outer].add(last)
        last = token[1] if mark[0] == '"' else last
    return JsonOutline(text[0], {key: frozenset(found) for key, found in keys.items()})


def _describe_outline(shape: JsonOutline) -> str:
    keys, first = shape.keys, shape.keys.get("", frozenset())
    if shape.outer == "{":
        if _is_coco(keys):
            return COCO
        if "annotations" in keys and "caption" in keys["annotations"]:
            return f"a set of captions without boxes; {_EXPORT_AS_COCO}"
        if "segments_info" in keys.get("annotations", ()):
            return f"a set of panoptic segments, whose masks are pictures; {_EXPORT_AS_COCO}"
        if {"shapes", "imagePath"} <= keys.keys():
            return f"a file of Labelme; {_EXPORT_AS_COCO}"
        if "_via_img_metadata" in keys:
            return f"a project of the VGG Image Annotator; {_EXPORT_AS_COCO}"
        if {"video_id", "subject/objects"} <= keys.keys() or {"trajectories", "subject/objects"} <= keys.keys():
            return VIDOR
        return f"JSON, but no COCO set; {_EXPORT_AS_COCO}"
    if {"vid", "captions"} <= first:
        return VIDSTG
    if "sentences" in first:
        return COCO_PHRASES
    if {"image_id", "bbox"} <= first:
        return f"a list of COCO detections without images and categories; {_EXPORT_AS_COCO}"
    if "data" in first and first & {"annotations", "predictions", "completions"}:
        return "JSON of Label Studio's own form; export it there as COCO"
    return f"JSON, but no COCO set; {_EXPORT_AS_COCO}"


def _is_coco(keys: dict[str, frozenset[str]]) -> bool:
    images, rows = keys.get("images", frozenset()), keys.get("annotations", frozenset())
    if "annotations" in keys and rows and not rows & {"bbox", "segmentation", "category_id"}:
        return False
    signs = [bool(images & {"file_name", "coco_url", "id"}), bool(rows & {"image_id", "bbox"}), "categories" in keys]
    return "images" in keys and (any(signs) or "annotations" in keys) or signs[1] and "image_id" in rows
