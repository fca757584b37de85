"""Writing CVAT video XML 1.1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from grounding.exchange.atomic_writer import Outlet
from grounding.exchange.cvat.xml_files import EDGES
from grounding.exchange.photos import Category
from grounding.exchange.videos import DIGITS, Film, Tube, copy_video, write_with

_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold
_ATTRIBUTES = "".join(f"<attribute><name>{name}</name><mutable>{mutable}</mutable><input_type>text</input_type><default_value></default_value>"
                      "<values></values></attribute>" for name, mutable in (("caption", False), ("stretch", True)))


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


def _lines(film: Film, labels: list[str], keyframes_only: bool) -> Iterator[str]:
    named = "".join(f"<label><name>{_text(label)}</name><attributes>{_ATTRIBUTES}</attributes></label>" for label in labels)
    yield '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>'
    yield (f"<meta><task><name>{_text(film.name)}</name><size>{len(film)}</size><mode>interpolation</mode><overlap>0</overlap>"
           f"<start_frame>0</start_frame><stop_frame>{max(len(film) - 1, 0)}</stop_frame><frame_filter></frame_filter>"
           f"<labels>{named}</labels><original_size><width>{film.size.width}</width><height>{film.size.height}</height></original_size>"
           f"</task><source>{_text(film.original or film.name)}</source></meta>")
    for tube in film.tubes:
        yield f'<track id="{tube.id}" label={_quoted(tube.track.label)} source="manual">'
        for frame, box, outside, key in _rows(tube, len(film), keyframes_only):
            edges = " ".join(f'{edge}="{value:.{DIGITS}f}"' for edge, value in zip(EDGES, box))
            told = {"caption": tube.track.caption, "stretch": "\n".join(_said(tube, frame))}
            attributes = "".join(f'<attribute name="{name}">{_text(text)}</attribute>' for name, text in told.items() if tube.stretches or name == "caption")
            yield (f'<box frame="{frame}" outside="{int(outside)}" occluded="{int(frame in tube.covered and not outside)}" '
                   f'keyframe="{int(key)}" {edges} z_order="0">{attributes}</box>')
        yield "</track>"
    yield "</annotations>"


def _rows(tube: Tube, count: int, keyframes_only: bool) -> Iterator[tuple[int, tuple, bool, bool]]:
    """(frame, box, outside, keyframe) before frame `count`, rising; a keyframe also where it becomes covered or a
    sentence begins or ends."""
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


def _text(text: str) -> str:
    return escape(_UNSPEAKABLE.sub("?", text))


def _quoted(text: str) -> str:
    return quoteattr(_UNSPEAKABLE.sub("?", text), {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})

