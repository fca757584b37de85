"""Tracks of CVAT for video: from the rows of a track, a box in a frame each, to keyframes, covered frames and captions."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from grounding.data import CaptionSpan, Keyframe, Track
from grounding.data.keyframe_simplification import simplify_track
from grounding.exchange.cvat.xml_files import Shape, flag


@dataclass(frozen=True)
class TrackRow:
    """What is said of a thing in one frame of the video. Without a `shape`, and not `outside`, it is a box that cannot
    be read."""

    frame: int
    shape: Shape | None
    outside: bool
    is_keyframe: bool
    element: ElementTree.Element

    @property
    def visible(self) -> bool:
        return self.shape is not None and not self.outside

    @property
    def rotated(self) -> bool:
        return self.shape is not None and (self.shape.kind != "box" or self.shape.rotation % 180 != 0)


def rows_differ(a: TrackRow, b: TrackRow) -> bool:
    return a.outside != b.outside or not a.outside and a.shape != b.shape


def build_track(rows: list[TrackRow], element: ElementTree.Element, step: int) -> Track:
    """Hidden from an outside row to the next; so is what lies between a box and one that cannot be read. Frames that
    were left out before a thing went away (`step`) do not show it. Keyframes are those of the file, and what linear
    motion needs besides."""
    keys: list[Keyframe] = []
    for row, following in zip(rows, [*rows[1:], None]):
        if row.shape and row.visible:
            keys += [Keyframe(row.frame, row.shape.bounds), *_interpolated_keyframes(row.frame, row.shape, following, step)]
        elif keys and not keys[-1].outside:
            frame = max(keys[-1].frame + 1, row.frame - step + 1) if row.outside else keys[-1].frame + 1
            keys.append(Keyframe(frame, keys[-1].box, outside=True))
    caption = next((a.text or "" for a in element.iterfind("*/attribute") if a.get("name") == "caption"), "")
    return simplify_track(
        Track.from_keyframes(keys, element.get("label", ""), caption), {row.frame for row in rows if row.is_keyframe}
    )


def _interpolated_keyframes(frame: int, shape: Shape, following: TrackRow | None, step: int) -> list[Keyframe]:
    """The boxes between a row and the next that do not lie on a line between two seen ones: all of them where one is
    rotated, and the last one before an outside row, for CVAT moves a box towards where it is when it goes away."""
    if following is None or following.shape is None or following.outside and not _has_extent(following.shape):
        return []
    length = following.frame - frame
    last = length - 1 if following.visible else length - step
    rotated = following.rotated or shape.kind != "box" or shape.rotation % 180 != 0
    steps = range(1, last + 1) if rotated else range(max(last, 1), last + 1) if following.outside else ()
    return [Keyframe(frame + offset, shape.interpolate(following.shape, offset / length).bounds) for offset in steps]


def _has_extent(shape: Shape) -> bool:
    x0, y0, x1, y1 = shape.box
    return x0 < x1 and y0 < y1


def occlusions_and_captions(rows: list[TrackRow], track: Track) -> tuple[frozenset[int], tuple[CaptionSpan, ...]]:
    """What holds from a row to the next: the frames in which the thing is covered, and the sentences about
    stretches."""
    seen, end = set(track.frames.tolist()), int(track.frames[-1]) + 1
    occluded: set[int] = set()
    open_since: dict[str, int] = {}
    caption_spans: list[CaptionSpan] = []
    for row, stop in zip(rows, [*(row.frame for row in rows[1:]), end]):
        if flag(row.element, "occluded"):
            occluded |= seen.intersection(range(row.frame, stop))
        texts = (
            [a.text or "" for a in row.element.iterfind("attribute") if a.get("name") == "stretch"]
            if row.frame < end
            else []
        )
        now = {line.strip() for text in texts for line in text.split("\n")} - {""}
        caption_spans += [CaptionSpan(open_since.pop(text), row.frame - 1, text) for text in sorted(open_since.keys() - now)]
        open_since |= {text: row.frame for text in now if text not in open_since}
    caption_spans += [CaptionSpan(start, end - 1, text) for text, start in open_since.items()]
    return frozenset(occluded), tuple(sorted(caption_spans))
