"""Tracks of CVAT for video: from the rows of a track, a box in a frame each, to keyframes, covered frames and captions."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from grounding.data import Keyframe, Track
from grounding.data.keyframe_simplification import thinned_track
from grounding.exchange.cvat.xml_files import Shape, flag
from grounding.exchange.videos import Stretch


@dataclass(frozen=True)
class Row:
    """What is said of a thing in one frame of the video. Without a `shape`, and not `outside`, it is a box that cannot
    be read."""

    frame: int
    shape: Shape | None
    outside: bool
    key: bool
    element: ElementTree.Element

    @property
    def seen(self) -> bool:
        return self.shape is not None and not self.outside

    @property
    def rotated(self) -> bool:
        return self.shape is not None and (self.shape.kind != "box" or self.shape.rotation % 180 != 0)


def differ(a: Row, b: Row) -> bool:
    return a.outside != b.outside or not a.outside and a.shape != b.shape


def track_of(rows: list[Row], element: ElementTree.Element, step: int) -> Track:
    """Hidden from an outside row to the next; so is what lies between a box and one that cannot be read. Frames that
    were left out before a thing went away (`step`) do not show it. Keyframes are those of the file, and what linear
    motion needs besides."""
    keys: list[Keyframe] = []
    for row, following in zip(rows, [*rows[1:], None]):
        if row.shape and row.seen:
            keys += [Keyframe(row.frame, row.shape.upright), *_between(row.frame, row.shape, following, step)]
        elif keys and not keys[-1].outside:
            frame = max(keys[-1].frame + 1, row.frame - step + 1) if row.outside else keys[-1].frame + 1
            keys.append(Keyframe(frame, keys[-1].box, outside=True))
    caption = next((a.text or "" for a in element.iterfind("*/attribute") if a.get("name") == "caption"), "")
    return thinned_track(
        Track.from_keyframes(keys, element.get("label", ""), caption), {row.frame for row in rows if row.key}
    )


def _between(frame: int, shape: Shape, following: Row | None, step: int) -> list[Keyframe]:
    """The boxes between a row and the next that do not lie on a line between two seen ones: all of them where one is
    rotated, and the last one before an outside row, for CVAT moves a box towards where it is when it goes away."""
    if following is None or following.shape is None or following.outside and not _has_extent(following.shape):
        return []
    length = following.frame - frame
    last = length - 1 if following.seen else length - step
    rotated = following.rotated or shape.kind != "box" or shape.rotation % 180 != 0
    ways = range(1, last + 1) if rotated else range(max(last, 1), last + 1) if following.outside else ()
    return [Keyframe(frame + way, shape.towards(following.shape, way / length).upright) for way in ways]


def _has_extent(shape: Shape) -> bool:
    x0, y0, x1, y1 = shape.box
    return x0 < x1 and y0 < y1


def held(rows: list[Row], track: Track) -> tuple[frozenset[int], tuple[Stretch, ...]]:
    """What holds from a row to the next: the frames in which the thing is covered, and the sentences about
    stretches."""
    seen, end = set(track.frames.tolist()), int(track.frames[-1]) + 1
    covered: set[int] = set()
    open_since: dict[str, int] = {}
    stretches: list[Stretch] = []
    for row, stop in zip(rows, [*(row.frame for row in rows[1:]), end]):
        if flag(row.element, "occluded"):
            covered |= seen.intersection(range(row.frame, stop))
        texts = (
            [a.text or "" for a in row.element.iterfind("attribute") if a.get("name") == "stretch"]
            if row.frame < end
            else []
        )
        now = {line.strip() for text in texts for line in text.split("\n")} - {""}
        stretches += [Stretch(open_since.pop(text), row.frame - 1, text) for text in sorted(open_since.keys() - now)]
        open_since |= {text: row.frame for text in now if text not in open_since}
    stretches += [Stretch(start, end - 1, text) for text, start in open_since.items()]
    return frozenset(covered), tuple(sorted(stretches))
