"""Writing VidSTG and VidOR."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from grounding.exchange.atomic_writer import AtomicWriter
from grounding.exchange.photos import Category
from grounding.exchange.videos import VideoAnnotations, copy_video, visible_boxes, write_video_set
from grounding.exchange.vidstg.reader import CORNERS


class VidstgWriter:
    """Writes one film at a time; end with `finish`."""

    def __init__(self, out: AtomicWriter, keyframes_only: bool = False):
        self._out, self._keyframes_only = out, keyframes_only
        self._records: list[dict] = []

    def add(self, video: VideoAnnotations, video_file: Path | None = None) -> None:
        copy_video(self._out, video, video_file)
        facts = {
            "frame_count": len(video),
            "fps": video.fps,
            "width": video.size.width,
            "height": video.size.height,
            "subject/objects": [
                {"tid": track_annotation.id, "category": track_annotation.track.label} for track_annotation in video.tracks
            ],
        }
        self._dump(
            f"vidor/{video.name}.json",
            {
                "version": "VERSION 1.0",
                "video_id": video.name,
                "video_path": video.original_name or video.name,
                **facts,
                "trajectories": self._trajectories(video),
                "relation_instances": [],
            },
        )
        self._records += [{"vid": video.name, **facts, **record} for record in _records(video)]

    def finish(self, categories: Iterable[Category]) -> None:
        """Writes the sentences. Categories are names here, and each thing brings its own."""
        self._dump("annotations.json", self._records)

    def _trajectories(self, video: VideoAnnotations) -> list[list[dict]]:
        frames: list[list[dict]] = [[] for _ in range(len(video))]
        for track_annotation in video.tracks:
            for frame, box, key in visible_boxes(track_annotation.track, self._keyframes_only, len(video)):
                frames[frame].append(
                    {"tid": track_annotation.id, "bbox": dict(zip(CORNERS, box)), "generated": int(not key), "tracker": "none"}
                )
        return frames

    def _dump(self, name: str, value) -> None:
        with self._out.open(name) as target:
            target.write(json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace"))


write = partial(write_video_set, VidstgWriter)


def _records(video: VideoAnnotations) -> Iterator[dict]:
    """One for each caption of a thing, then for each stretch of it and each phrase about it alone."""
    sentences = [
        (track_annotation.id, track_annotation.track.caption, None) for track_annotation in video.tracks if track_annotation.track.caption
    ]
    sentences += [
        (track_annotation.id, part.text, (part.start, part.end))
        for track_annotation in video.tracks
        for part in track_annotation.caption_spans
    ]
    frames = {track_annotation.id: track_annotation.track.frames for track_annotation in video.tracks}
    sentences += [(p.targets[0], p.text, None) for p in video.phrases if len(p.targets) == 1 and p.targets[0] in frames]
    for tid, text, extent in dict.fromkeys(sentences):
        visible = frames[tid][frames[tid] < len(video)]
        if not len(visible):
            continue
        first, last = extent or (int(visible[0]), int(visible[-1]))
        span = {"begin_fid": first, "end_fid": last + 1}
        yield {"used_segment": {"begin_fid": 0, "end_fid": len(video)},
               "used_relation": {"subject_tid": tid, "object_tid": tid, "predicate": "", **span}, "temporal_gt": span,
               "captions": [{"description": text, "type": "subject", "target_id": tid}], "questions": []}
