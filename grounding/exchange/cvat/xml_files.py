"""CVAT XML 1.1: parsing it safely, and the upright boxes of the shapes in it.

A box or ellipse may be rotated: `rotation` is in degrees, clockwise about its centre. Polygons, masks and cuboids have
an upright box around them; polylines, points and skeletons have none that a person drew. What is not read is counted,
and told once a file.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np

from grounding.data import Size, axis_aligned_bounds, clip_box
from grounding.exchange.archive import ArchiveError, FileTree, read_text
from grounding.exchange.faults import format_count
from grounding.exchange.photos import Fault
from grounding.exchange.values import parse_integer, parse_number

Box = tuple[float, float, float, float]
EDGES = ("xtl", "ytl", "xbr", "ybr")
BOX_SHAPES = ("box", "ellipse", "polygon", "mask", "cuboid")
UNSUPPORTED_SHAPES = ("polyline", "points", "skeleton")
READ_ATTRIBUTES = ("caption", "stretch")
MAX_BYTES = 512 << 20
_HEAD_BYTES = 4 << 20
_FIRST_ENTRY = re.compile(rb"<(image|track)[\s/>]")
_ROOT = re.compile(rb"<annotations[\s/>]")
_PLURALS = {"box": "boxes", "points": "points", "ellipse": "ellipses"}


class Shape(NamedTuple):
    """The box (x0, y0, x1, y1) of a shape before it is rotated, the rotation in degrees, and the name of its
    element."""

    box: Box
    rotation: float = 0.0
    kind: str = "box"

    @property
    def bounds(self) -> Box:
        """The upright box around the rotated shape."""
        if self.kind != "ellipse" or not self.rotation:
            return axis_aligned_bounds(self.box, self.rotation)
        x0, y0, x1, y1 = self.box
        cosine, sine = math.cos(math.radians(self.rotation)), math.sin(math.radians(self.rotation))
        across, down = (
            math.hypot((x1 - x0) * cosine, (y1 - y0) * sine) / 2,
            math.hypot((x1 - x0) * sine, (y1 - y0) * cosine) / 2,
        )
        return (x0 + x1) / 2 - across, (y0 + y1) / 2 - down, (x0 + x1) / 2 + across, (y0 + y1) / 2 + down

    def interpolate(self, other: Shape, fraction: float) -> Shape:
        """What CVAT shows in between: the corners and the angle (the shorter way round) move linearly."""
        box = tuple(a + (b - a) * fraction for a, b in zip(self.box, other.box))
        rotation_difference = (other.rotation - self.rotation + 180) % 360 - 180
        return Shape(box, self.rotation + rotation_difference * fraction, self.kind)  # type: ignore[arg-type]


class ImportNotes:
    """What of one file came in changed or was left out; each kind is told once."""

    def __init__(self, file: str):
        self._file = file
        self._converted: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._clipped = 0
        self._unread: dict[str, None] = {}
        self._attributes: dict[str, None] = {}

    def count_converted(self, shape: Shape) -> None:
        """Counts a shape whose box is not the one that was drawn."""
        if shape.kind != "box":
            self._converted[shape.kind] += 1
        elif shape.rotation % 180:
            self._converted["rotated box"] += 1

    def count_left_out(self, kind: str) -> None:
        self._left_out[kind] += 1

    def count_clipped(self, shape: Shape, size: Size) -> None:
        """Counts a shape that reaches over the edge of a picture by more than a pixel; not one that lies outside."""
        self._clipped += all(size) and clip_box(shape.bounds, size)[1] > 1

    def note_unread(self, element: ElementTree.Element) -> None:
        """Notes the groups, layers and attributes of a shape or track."""
        if element.get("group_id", "0") != "0":
            self._unread["groups"] = None
        if element.get("z_order", "0") != "0":
            self._unread["layers (z_order)"] = None
        for attribute in element.iterfind("attribute"):
            if attribute.get("name") not in READ_ATTRIBUTES:
                self._attributes[(attribute.get("name") or "")[:40]] = None

    def note_tag(self) -> None:
        self._unread["tags"] = None

    def faults(self) -> Iterator[Fault]:
        if self._converted:
            yield Fault(
                self._file, f"holds {_counted(self._converted)}; of each the upright box around it came in", skipped=False
            )
        if self._left_out:
            yield Fault(
                self._file,
                f"holds {_counted(self._left_out)}, which are no boxes; they were left out: draw boxes around what they "
                "mark",
            )
        if self._clipped:
            yield Fault(
                self._file,
                f"holds {format_count(self._clipped, 'box', 'boxes')} over the edge of the photo; cut there",
                skipped=False,
            )
        names = list(self._attributes)
        unread = [
            *self._unread,
            *([f"attributes ({', '.join(names[:5])}{', ...' if len(names) > 5 else ''})"] if names else []),
        ]
        if unread:
            yield Fault(
                self._file,
                f"tells of {_listed(unread)}, which are not kept; the boxes came in without them",
                skipped=False,
            )


def find_xml_files(tree: FileTree, entry: str) -> list[str]:
    """The CVAT files of a tree whose first entry is an `entry`, "image" or "track"; one that holds neither, or cannot be
    read, counts as "track"."""
    return [name for name in tree.names() if name.lower().endswith(".xml") and _first_entry(tree, name) == entry]


def parse_xml(tree: FileTree, name: str) -> ElementTree.Element:
    """The root of an XML file without document types and entities, which could make much out of little."""
    text = read_text(tree, name, MAX_BYTES)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ArchiveError(f"{name} declares a document type, which CVAT never does; export it again from CVAT")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise ArchiveError(f"{name} is not XML ({error}); export it again") from error
    if root.tag != "annotations":
        raise ArchiveError(
            f'{name} is neither "CVAT for video 1.1" nor "CVAT for images 1.1"; choose one of them when exporting from'
            " CVAT"
        )
    return root


def parse_shape(element: ElementTree.Element) -> Shape:
    """The shape of one of OUTLINES; raises ValueError with what is wrong."""
    kind = element.tag
    rotation = _number(element, "rotation", "0") if kind in ("box", "ellipse") else 0.0
    if kind == "box":
        box = tuple(_number(element, edge) for edge in EDGES)
    elif kind == "ellipse":
        x, y, across, down = (_number(element, name) for name in ("cx", "cy", "rx", "ry"))
        box = (x - across, y - down, x + across, y + down)
    else:
        box = _points_bounds(
            _mask_points(element)
            if kind == "mask"
            else _cuboid_points(element) if kind == "cuboid" else _points(element)
        )
    if box[0] > box[2] or box[1] > box[3]:
        raise ValueError(f"{kind} {[round(edge, 2) for edge in box]} ends before it starts")
    return Shape(box, rotation, kind)  # type: ignore[arg-type]


def flag(element: ElementTree.Element, name: str, default: str = "0") -> bool:
    """Whether an attribute says yes: CVAT writes 1, other tools write true."""
    return element.get(name, default).strip().lower() in ("1", "true")


def _first_entry(tree: FileTree, name: str) -> str:
    """ "image" or "track" by the first of them in the file; "" for XML of others."""
    try:
        with tree.open(name) as source:
            head = source.read(_HEAD_BYTES)
    except ArchiveError:
        head = b""
    if not _ROOT.search(head):
        return "track" if name.rpartition("/")[2] == "annotations.xml" else ""
    found = _FIRST_ENTRY.search(head)
    return found[1].decode() if found else "track"


def _number(element: ElementTree.Element, name: str, default: str | None = None) -> float:
    return _finite(element.get(name, default), name)


def _finite(text: str | None, name: str) -> float:
    if text is None:
        raise ValueError(f"{name} is missing")
    value = parse_number(text)
    if math.isnan(value):
        raise ValueError(f"{name} is {text[:20]!r}")
    return value


def _points(element: ElementTree.Element) -> np.ndarray:
    """(N, 2) corners of a polygon."""
    pairs = [pair.split(",") for pair in element.get("points", "").split(";") if pair.strip()]
    if len(pairs) < 3 or any(len(pair) != 2 for pair in pairs):
        raise ValueError("its points are not three or more pairs x,y")
    return np.array([[_finite(value, "a point") for value in pair] for pair in pairs])


def _cuboid_points(element: ElementTree.Element) -> np.ndarray:
    corners = [f"{side}{face}" for face in (1, 2) for side in ("tl", "bl", "tr", "br")]
    return np.array([[_number(element, f"{axis}{corner}") for axis in "xy"] for corner in corners])


def _mask_points(element: ElementTree.Element) -> np.ndarray:
    """(2, 2) the first and last corner of what a mask covers: run lengths, row by row, empty ones first, in a
    rectangle."""
    left, top, width, height = (parse_integer(element.get(name), 100_000) for name in ("left", "top", "width", "height"))
    counts = [parse_integer(count, 1 << 40) for count in element.get("rle", "").split(",")]
    complete = None not in (left, top, width, height, *counts)
    if not complete or sum(counts) != width * height or width * height > 1 << 26:  # type: ignore[arg-type, operator]
        raise ValueError("its run lengths do not fill its rectangle")
    inside = np.repeat(np.arange(len(counts)) % 2 == 1, counts).reshape(height, width)  # type: ignore[arg-type]
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if not len(rows):
        raise ValueError("it covers nothing")
    return np.array([[columns[0], rows[0]], [columns[-1] + 1, rows[-1] + 1]], float) + (left, top)


def _points_bounds(points: np.ndarray) -> Box:
    return tuple(map(float, (*points.min(0), *points.max(0))))  # type: ignore[return-value]


def _counted(kinds: Counter[str]) -> str:
    return _listed(
        [
            f"{count} "
            f"{kind if count == 1 else _PLURALS.get(kind, 'rotated boxes' if kind == 'rotated box' else kind + 's')}"
            for kind, count in kinds.items()
        ]
    )


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
