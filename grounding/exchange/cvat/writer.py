"""Writing CVAT video XML 1.1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from grounding.exchange.atomic_writer import AtomicWriter
from grounding.exchange.cvat.xml_files import EDGES
from grounding.exchange.photos import Category
from grounding.exchange.videos import PIXEL_DECIMALS, TrackAnnotation, VideoAnnotations, copy_video, write_video_set

_INVALID_XML_CHARS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold
_ATTRIBUTES = "".join(
    f"<attribute><name>{name}</name><mutable>{mutable}</mutable><input_type>text</input_type><default_value></default_value>"
    "<values></values></attribute>"
    for name, mutable in (("caption", False), ("stretch", True))
)


class CvatWriter:
    """Films wait until the labels are known, as their tracks only; end with `finish`."""

    def __init__(self, out: AtomicWriter, keyframes_only: bool = False):
        self._out, self._keyframes_only = out, keyframes_only
        self._videos: list[VideoAnnotations] = []

    def add(self, video: VideoAnnotations, video_file: Path | None = None) -> None:
        copy_video(self._out, video, video_file)
        self._videos.append(video)

    def finish(self, categories: Iterable[Category]) -> None:
        labels = [category.name for category in categories]
        for video in self._videos:
            with self._out.open(f"{video.name}/annotations.xml") as target:
                for line in _xml_lines(video, labels, self._keyframes_only):
                    target.write(line.encode("utf-8", "replace") + b"\n")


write = partial(write_video_set, CvatWriter)


def _xml_lines(video: VideoAnnotations, labels: list[str], keyframes_only: bool) -> Iterator[str]:
    named = "".join(f"<label><name>{_text(label)}</name><attributes>{_ATTRIBUTES}</attributes></label>" for label in labels)
    yield '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>'
    yield (f"<meta><task><name>{_text(video.name)}</name><size>{len(video)}</size><mode>interpolation</mode><overlap>0</overlap>"
           f"<start_frame>0</start_frame><stop_frame>{max(len(video) - 1, 0)}</stop_frame><frame_filter></frame_filter>"
           f"<labels>{named}</labels><original_size><width>{video.size.width}</width><height>{video.size.height}</height></original_size>"
           f"</task><source>{_text(video.original_name or video.name)}</source></meta>")
    for track_annotation in video.tracks:
        yield f'<track id="{track_annotation.id}" label={_quoted(track_annotation.track.label)} source="manual">'
        for frame, box, outside, key in _rows(track_annotation, len(video), keyframes_only):
            edges = " ".join(f'{edge}="{value:.{PIXEL_DECIMALS}f}"' for edge, value in zip(EDGES, box))
            captions = {"caption": track_annotation.track.caption, "stretch": "\n".join(_captions_at(track_annotation, frame))}
            attributes = "".join(
                f'<attribute name="{name}">{_text(text)}</attribute>'
                for name, text in captions.items()
                if track_annotation.caption_spans or name == "caption"
            )
            yield (
                f'<box frame="{frame}" outside="{int(outside)}" '
                f'occluded="{int(frame in track_annotation.occluded_frames and not outside)}" '
                f'keyframe="{int(key)}" {edges} z_order="0">{attributes}</box>'
            )
        yield "</track>"
    yield "</annotations>"


def _rows(track_annotation: TrackAnnotation, count: int, keyframes_only: bool) -> Iterator[tuple[int, tuple, bool, bool]]:
    """(frame, box, outside, keyframe) before frame `count`, rising; a keyframe also where it becomes covered or a
    sentence begins or ends."""
    track = track_annotation.track
    rows = {key.frame: (key.frame, key.box, key.outside, True) for key in track.keyframe_list()}
    if not len(track):
        return iter(())
    first, end = int(track.frames[0]), int(track.frames[-1]) + 1
    change_frames = {edge for span in track_annotation.caption_spans for edge in (span.start, span.end + 1)}
    change_frames |= {
        frame
        for frame in track.frames.tolist()
        if (frame in track_annotation.occluded_frames) != (frame - 1 in track_annotation.occluded_frames)
    }
    for frame in sorted(turn for turn in change_frames if first < turn < end and turn not in rows):
        before = rows[max(key for key in rows if key < frame)]
        rows[frame] = (frame, track.box_at(frame) or before[1], track.box_at(frame) is None, True)
    if not keyframes_only:
        rows |= {
            frame: (frame, box, False, False) for frame, box in zip(track.frames.tolist(), track.boxes.xyxy.tolist()) if frame not in rows
        }
    rows[end] = (end, track.boxes.xyxy[-1].tolist(), True, True)
    return iter(rows[frame] for frame in sorted(rows) if frame < count)


def _captions_at(track_annotation: TrackAnnotation, frame: int) -> list[str]:
    """The sentences about stretches of its life in which this frame lies."""
    return list(dict.fromkeys(span.text for span in track_annotation.caption_spans if span.start <= frame <= span.end))


def _text(text: str) -> str:
    return escape(_INVALID_XML_CHARS.sub("?", text))


def _quoted(text: str) -> str:
    return quoteattr(_INVALID_XML_CHARS.sub("?", text), {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})

