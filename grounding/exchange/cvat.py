"""CVAT video XML 1.1: one annotations.xml a video, tracks as keyframes between which CVAT moves boxes in straight lines, as we do.

Frames count from 0. A box with outside="1" hides the thing from its frame on until the next keyframe; CVAT shows a thing to the
end of the video, so one stands after the last frame of each track. Two attributes of each label hold sentences: `caption` is about
all of a thing's life; `stretch` is mutable, holds from a keyframe to the next, and has a line for each sentence that is about these frames
(none where they have ended, for CVAT goes on with what it was told last).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from grounding.data import Keyframe, Size, Track
from grounding.exchange.archive import ArchiveError, FolderTree, Tree, read_text
from grounding.exchange.films import DIGITS, Film, FilmSet, Stretch, Tube, copy_video, spaced, write_with
from grounding.exchange.outlet import Outlet
from grounding.exchange.pictures import Category, Fault

_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold
_EDGES = ("xtl", "ytl", "xbr", "ybr")
_ATTRIBUTES = "".join(f"<attribute><name>{name}</name><mutable>{mutable}</mutable><input_type>text</input_type><default_value></default_value>"
                      "<values></values></attribute>" for name, mutable in (("caption", False), ("stretch", True)))
MOST_BYTES = 512 << 20
MOST_FRAMES = 10_000_000


class CvatWriter:
    """Films wait until the labels are known, as their tracks only; end with `finish`."""

    def __init__(self, out: Outlet, keyframes_only: bool = False):
        self._out, self._keyframes_only = out, keyframes_only
        self._films: list[Film] = []

    def add(self, film: Film, video: Path | None = None) -> None:
        copy_video(self._out, film, video)
        self._films.append(film)

    def finish(self, categories: Iterable[Category]) -> None:
        labels = [category.name for category in categories]
        for film in self._films:
            with self._out.open(f"{film.name}/annotations.xml") as target:
                for line in _lines(film, labels, self._keyframes_only):
                    target.write(line.encode("utf-8", "replace") + b"\n")


write = partial(write_with, CvatWriter)


def read(folder: Path) -> FilmSet:
    """Every annotations.xml of video tasks in a folder; what is wrong is named and the rest is read."""
    return read_tree(FolderTree(folder))


def read_tree(tree: Tree) -> FilmSet:
    films, faults, names = [], [], {}
    for name in [name for name in tree.names() if name.rpartition("/")[2] == "annotations.xml"]:
        try:
            root = _parsed(tree, name)
            for label in root.iterfind("meta//labels/label/name"):
                names.setdefault((label.text or "").strip(), len(names) + 1)
            films.append(_film(root, name, names, faults))
        except ArchiveError as error:
            faults.append(Fault(name, str(error)))
    return FilmSet(tuple(Category(number, label) for label, number in names.items()), tuple(films), tuple(faults))


def _lines(film: Film, labels: list[str], keyframes_only: bool) -> Iterator[str]:
    named = "".join(f"<label><name>{_text(label)}</name><attributes>{_ATTRIBUTES}</attributes></label>" for label in labels)
    yield '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>'
    yield (f"<meta><task><name>{_text(film.name)}</name><size>{len(film)}</size><mode>interpolation</mode><overlap>0</overlap>"
           f"<start_frame>0</start_frame><stop_frame>{max(len(film) - 1, 0)}</stop_frame><frame_filter></frame_filter>"
           f"<labels>{named}</labels><original_size><width>{film.size.width}</width><height>{film.size.height}</height></original_size>"
           f"</task><source>{_text(film.name)}</source></meta>")
    for tube in film.tubes:
        yield f'<track id="{tube.id}" label={_quoted(tube.track.label)} source="manual">'
        for frame, box, outside, key in _rows(tube, len(film), keyframes_only):
            edges = " ".join(f'{edge}="{value:.{DIGITS}f}"' for edge, value in zip(_EDGES, box))
            told = {"caption": tube.track.caption, "stretch": "\n".join(_said(tube, frame))}
            attributes = "".join(f'<attribute name="{name}">{_text(text)}</attribute>' for name, text in told.items() if tube.stretches or name == "caption")
            yield (f'<box frame="{frame}" outside="{int(outside)}" occluded="{int(frame in tube.covered and not outside)}" '
                   f'keyframe="{int(key)}" {edges} z_order="0">{attributes}</box>')
        yield "</track>"
    yield "</annotations>"


def _rows(tube: Tube, count: int, keyframes_only: bool) -> Iterator[tuple[int, tuple, bool, bool]]:
    """(frame, box, outside, keyframe) before frame `count`, rising; a keyframe also where it becomes covered or a sentence begins or ends."""
    track = tube.track
    rows = {key.frame: (key.frame, key.box, key.outside, True) for key in track.keyframe_list()}
    if not len(track):
        return iter(())
    first, end = int(track.frames[0]), int(track.frames[-1]) + 1
    turns = {edge for stretch in tube.stretches for edge in (stretch.start, stretch.end + 1)}
    turns |= {frame for frame in track.frames.tolist() if (frame in tube.covered) != (frame - 1 in tube.covered)}
    for frame in sorted(turn for turn in turns if first < turn < end and turn not in rows):
        before = rows[max(key for key in rows if key < frame)]
        rows[frame] = (frame, track.at(frame) or before[1], track.at(frame) is None, True)
    if not keyframes_only:
        rows |= {frame: (frame, box, False, False) for frame, box in zip(track.frames.tolist(), track.boxes.xyxy.tolist()) if frame not in rows}
    rows[end] = (end, track.boxes.xyxy[-1].tolist(), True, True)
    return iter(rows[frame] for frame in sorted(rows) if frame < count)


def _said(tube: Tube, frame: int) -> list[str]:
    """The sentences about stretches of its life in which this frame lies."""
    return list(dict.fromkeys(stretch.text for stretch in tube.stretches if stretch.start <= frame <= stretch.end))


def _parsed(tree: Tree, name: str) -> ElementTree.Element:
    """The root of an XML file without document types and entities, which could make much out of little."""
    text = read_text(tree, name, MOST_BYTES)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ArchiveError(f"{name} declares a document type, which CVAT never does; export it again from CVAT")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise ArchiveError(f"{name} is not XML ({error}); export it again") from error
    if root.tag != "annotations" or root.find("image") is not None:
        raise ArchiveError(f'{name} is not "CVAT for video 1.1"; choose that format when exporting from CVAT')
    return root


def _film(root: ElementTree.Element, file: str, names: dict[str, int], faults: list[Fault]) -> Film:
    tubes = []
    for number, element in enumerate(root.iterfind("track"), 1):
        try:
            track = _track(element)
        except (TypeError, ValueError) as error:
            faults.append(Fault(f"{file}: track {element.get('id', number)}", f"has a box that cannot be read ({error}); correct it"))
            continue
        if not len(track):
            continue
        covered, stretches = _held(element, track)
        identity = element.get("id", "")
        tubes.append(Tube(int(identity) if identity.isdecimal() and int(identity) < 1 << 53 else number,
                          names.setdefault(track.label, len(names) + 1), track, covered, stretches))
    width, height, size = (_whole(root.findtext(f"meta//{path}")) for path in ("original_size/width", "original_size/height", "size"))
    count = max([size, *(int(tube.track.frames[-1]) + 1 for tube in tubes)])
    name = file.rpartition("/")[0] or (root.findtext("meta//source") or file).strip()
    return Film(name, Size(width, height), spaced(25.0, count), tuple(tubes), counted=size == count)


def _held(element: ElementTree.Element, track: Track) -> tuple[frozenset[int], tuple[Stretch, ...]]:
    """What holds from a keyframe to the next: the frames in which the thing is covered, and the sentences about stretches."""
    keys = sorted((box for box in element.iterfind("box") if box.get("keyframe", "1") == "1"), key=lambda box: int(box.get("frame", "")))
    frames = [int(box.get("frame", "")) for box in keys]
    seen, end = set(track.frames.tolist()), int(track.frames[-1]) + 1
    covered: set[int] = set()
    open_since: dict[str, int] = {}
    stretches: list[Stretch] = []
    for box, start, stop in zip(keys, frames, [*frames[1:], end]):
        if box.get("occluded") == "1":
            covered |= seen.intersection(range(start, stop))
        texts = [a.text or "" for a in box.iterfind("attribute") if a.get("name") == "stretch"] if start < end else []
        now = {line.strip() for text in texts for line in text.split("\n")} - {""}
        stretches += [Stretch(open_since.pop(text), start - 1, text) for text in sorted(open_since.keys() - now)]
        open_since |= {text: start for text in now if text not in open_since}
    stretches += [Stretch(start, end - 1, text) for text, start in open_since.items()]
    return frozenset(covered), tuple(sorted(stretches))


def _track(element: ElementTree.Element) -> Track:
    keys: dict[int, Keyframe] = {}
    last_seen: Keyframe | None = None
    for box in element.iterfind("box"):
        key = Keyframe(int(box.get("frame", "")), tuple(float(box.get(edge, "")) for edge in _EDGES), box.get("outside") == "1")  # type: ignore[arg-type]
        if not all(map(math.isfinite, key.box)) or not 0 <= key.frame < MOST_FRAMES:
            raise ValueError(f"frame {key.frame}")
        if box.get("keyframe", "1") == "1":
            keys[key.frame] = key
        elif not key.outside and (last_seen is None or key.frame > last_seen.frame):
            last_seen = key
    if last_seen and last_seen.frame > max(keys, default=-1):
        keys[last_seen.frame] = last_seen
    caption = next((a.text or "" for a in element.iterfind("box/attribute") if a.get("name") == "caption"), "")
    ordered = [keys[frame] for frame in sorted(keys)]
    while ordered and ordered[-1].outside:
        ordered.pop()
    return Track.from_keyframes(ordered, element.get("label", ""), caption)


def _text(text: str) -> str:
    return escape(_UNSPEAKABLE.sub("?", text))


def _quoted(text: str) -> str:
    return quoteattr(_UNSPEAKABLE.sub("?", text), {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def _whole(text: str | None) -> int:
    text = (text or "").strip()
    return int(text) if text.isdecimal() and int(text) <= MOST_FRAMES else 0
