"""Writing VidSTG and VidOR."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from grounding.exchange.atomic_writer import Outlet
from grounding.exchange.photos import Category
from grounding.exchange.videos import Film, copy_video, shown, write_with
from grounding.exchange.vidstg.reader import CORNERS


class VidstgWriter:
    """Writes one film at a time; end with `finish`."""

    def __init__(self, out: Outlet, keyframes_only: bool = False):
        self._out, self._keyframes_only = out, keyframes_only
        self._records: list[dict] = []

    def add(self, film: Film, video: Path | None = None) -> None:
        copy_video(self._out, film, video)
        facts = {"frame_count": len(film), "fps": film.fps, "width": film.size.width, "height": film.size.height,
                 "subject/objects": [{"tid": tube.id, "category": tube.track.label} for tube in film.tubes]}
        self._dump(
            f"vidor/{film.name}.json",
            {
                "version": "VERSION 1.0",
                "video_id": film.name,
                "video_path": film.original or film.name,
                **facts,
                "trajectories": self._trajectories(film),
                "relation_instances": [],
            },
        )
        self._records += [{"vid": film.name, **facts, **record} for record in _records(film)]

    def finish(self, categories: Iterable[Category]) -> None:
        """Writes the sentences. Categories are names here, and each thing brings its own."""
        self._dump("annotations.json", self._records)

    def _trajectories(self, film: Film) -> list[list[dict]]:
        frames: list[list[dict]] = [[] for _ in range(len(film))]
        for tube in film.tubes:
            for frame, box, key in shown(tube.track, self._keyframes_only, len(film)):
                frames[frame].append({"tid": tube.id, "bbox": dict(zip(CORNERS, box)), "generated": int(not key), "tracker": "none"})
        return frames

    def _dump(self, name: str, value) -> None:
        with self._out.open(name) as target:
            target.write(json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace"))


write = partial(write_with, VidstgWriter)


def _records(film: Film) -> Iterator[dict]:
    """One for each caption of a thing, then for each stretch of it and each phrase about it alone."""
    sentences = [(tube.id, tube.track.caption, None) for tube in film.tubes if tube.track.caption]
    sentences += [(tube.id, part.text, (part.start, part.end)) for tube in film.tubes for part in tube.stretches]
    frames = {tube.id: tube.track.frames for tube in film.tubes}
    sentences += [(p.targets[0], p.text, None) for p in film.phrases if len(p.targets) == 1 and p.targets[0] in frames]
    for tid, text, stretch in dict.fromkeys(sentences):
        seen = frames[tid][frames[tid] < len(film)]
        if not len(seen):
            continue
        first, last = stretch or (int(seen[0]), int(seen[-1]))
        span = {"begin_fid": first, "end_fid": last + 1}
        yield {"used_segment": {"begin_fid": 0, "end_fid": len(film)},
               "used_relation": {"subject_tid": tid, "object_tid": tid, "predicate": "", **span}, "temporal_gt": span,
               "captions": [{"description": text, "type": "subject", "target_id": tid}], "questions": []}
