"""VidSTG: sentences about things in videos with their extent in time, beside the boxes as VidOR keeps them.

    annotations.json                 one record a sentence: vid, frame_count, fps, width, height, subject/objects, used_segment,
                                     used_relation, temporal_gt (end_fid is the frame after the last), captions, questions
    vidor/<video>.json               one a video: subject/objects and for each frame its boxes (`trajectories`); `generated` is 1
                                     where a box was interpolated

The first sentence about all of a thing's life is its caption; one with another extent is about a stretch of it. Relations between
things are not kept here, so `used_relation` names the thing alone, and `questions` is empty.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from grounding.data import Boxes, Size, Track
from grounding.exchange.archive import ArchiveError, FolderTree, Tree, read_json
from grounding.exchange.films import Film, FilmPhrase, FilmSet, Stretch, Tube, category_numbers, copy_video, shown, spaced, write_with
from grounding.exchange.outlet import Outlet
from grounding.exchange.pictures import Category, Fault

CORNERS = ("xmin", "ymin", "xmax", "ymax")


class VidstgWriter:
    """Writes one film at a time; end with `finish`."""

    def __init__(self, out: Outlet, keyframes_only: bool = False):
        self._out, self._keyframes_only = out, keyframes_only
        self._records: list[dict] = []

    def add(self, film: Film, video: Path | None = None) -> None:
        copy_video(self._out, film, video)
        facts = {"frame_count": len(film), "fps": film.fps, "width": film.size.width, "height": film.size.height,
                 "subject/objects": [{"tid": tube.id, "category": tube.track.label} for tube in film.tubes]}
        self._dump(f"vidor/{film.name}.json", {"version": "VERSION 1.0", "video_id": film.name, "video_path": film.original or film.name, **facts,
                                               "trajectories": self._trajectories(film), "relation_instances": []})
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


def read(folder: Path) -> FilmSet:
    """Films of a folder as `write` lays it out; what is wrong is named and the rest is read."""
    return read_tree(FolderTree(folder))


def read_tree(tree: Tree) -> FilmSet:
    faults: list[Fault] = []
    told = _told(tree, faults)
    films = [film for name in tree.names() if name.startswith("vidor/") and name.endswith(".json") if (film := _film(tree, name, told, faults))]
    numbers = category_numbers(tube.track for film in films for tube in film.tubes)
    numbered = tuple(replace(film, tubes=tuple(replace(tube, category=numbers[tube.track.label]) for tube in film.tubes)) for film in films)
    return FilmSet(tuple(Category(number, name) for name, number in numbers.items()), numbered, tuple(faults))


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


def _told(tree: Tree, faults: list[Fault]) -> dict[str, list[tuple[str, int, tuple[int, int] | None]]]:
    """For each video its (sentence, thing, first and last frame) in order."""
    told: dict[str, list] = defaultdict(list)
    if "annotations.json" not in tree:
        return told
    records = read_json(tree, "annotations.json")
    for number, record in enumerate(records if isinstance(records, list) else [], 1):
        captions = record.get("captions") if isinstance(record, dict) else None
        for caption in captions if isinstance(captions, list) else []:
            if isinstance(caption, dict) and isinstance(caption.get("description"), str) and isinstance(caption.get("target_id"), int):
                told[str(record.get("vid"))].append((caption["description"], caption["target_id"], _span(record.get("temporal_gt"))))
            else:
                faults.append(Fault(f"annotations.json: record {number}", "has a caption without description and target_id; correct it"))
    return told


def _film(tree: Tree, name: str, told: dict, faults: list[Fault]) -> Film | None:
    try:
        body = read_json(tree, name)
        frames = body["trajectories"]
        things = {int(row["tid"]): str(row["category"]) for row in body["subject/objects"]}
        size, fps = Size(int(body["width"]), int(body["height"])), float(body["fps"])
        seen = _boxes(frames, things)
        if not (0 < fps < 10_000 and len(frames) == int(body["frame_count"])):
            raise ValueError("its frame_count or fps is none")
    except (ArchiveError, KeyError, TypeError, ValueError) as error:
        faults.append(Fault(name, f"is not in the form of VidOR ({' '.join(str(error).split())[:80]}); write it anew"))
        return None
    sentences = told.get(str(body.get("video_id")), [])
    whole = {tid: (rows[0][0], rows[-1][0]) for tid, rows in seen.items()}
    wholes = [(text, tid) for text, tid, span in sentences if span in (None, whole.get(tid))]
    captions = {tid: text for text, tid in reversed(wholes)}
    parts = {tid: tuple(sorted(Stretch(*span, text) for text, other, span in sentences if other == tid and span not in (None, whole[tid]))) for tid in seen}
    tubes = tuple(Tube(tid, 1, _track(rows, things[tid], captions.get(tid, "")), stretches=parts[tid]) for tid, rows in sorted(seen.items()))
    phrases = tuple(FilmPhrase(text, (tid,)) for text, tid in wholes if tid in seen and text != captions[tid])
    path = body.get("video_path")
    return Film(str(body.get("video_id")), size, spaced(fps, len(frames)), tubes, phrases, original=path if isinstance(path, str) else "")


def _span(value) -> tuple[int, int] | None:
    """First and last frame of a temporal_gt; None where it is none."""
    ends = (value.get("begin_fid"), value.get("end_fid")) if isinstance(value, dict) else ()
    return (ends[0], ends[1] - 1) if len(ends) == 2 and all(isinstance(end, int) for end in ends) and ends[0] < ends[1] else None


def _boxes(frames: list, things: dict[int, str]) -> dict[int, list]:
    seen: dict[int, list] = defaultdict(list)
    for index, rows in enumerate(frames):
        for row in rows:
            corners = [float(row["bbox"][corner]) for corner in CORNERS]
            if int(row["tid"]) not in things or not all(map(math.isfinite, corners)):
                raise ValueError(f"a box of frame {index} belongs to nothing")
            seen[int(row["tid"])].append((index, corners, not row.get("generated")))
    return seen


def _track(rows: list, label: str, caption: str) -> Track:
    frames, boxes, keys = zip(*rows)
    return Track(np.array(frames), Boxes(np.array(boxes)), np.array(keys, bool), label, caption)
