"""Reading VidSTG: films with their tracks and sentences. What is wrong with a box, a thing or a sentence is named, and
the rest is read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import numpy as np

from grounding.data import Boxes, Size, Track
from grounding.data.keyframe_simplification import thinned_track
from grounding.exchange.archive import ArchiveError, FolderTree, Tree, read_json
from grounding.exchange.faults import unreadable
from grounding.exchange.json_kinds import VIDOR, VIDSTG, kind_of_json
from grounding.exchange.photos import Category, Fault
from grounding.exchange.values import MOST_FRAMES, are_numbers, identity, is_id, is_number, whole
from grounding.exchange.videos import (
    Film,
    FilmPhrase,
    FilmSet,
    Stretch,
    Tube,
    category_numbers,
    is_named_like_a_video,
    spaced,
)

CORNERS = ("xmin", "ymin", "xmax", "ymax")
LOOSE = "*"  # stands for the folder of files that lie in no folder vidor/
# about a thing, in frames from the first to the last; None: in all of its life
Sentence = tuple[str, int, tuple[int, int] | None]


def read(folder: Path) -> FilmSet:
    """Films of a folder as an export lays it out; what is wrong is named and the rest is read."""
    return read_tree(FolderTree(folder))


def read_tree(tree: Tree) -> FilmSet:
    faults: list[Fault] = []
    films: list[Film] = []
    for root, names in boxes_files(tree).items():
        sentences = {name: _told(tree, name, faults) for name in _sentence_files(tree, root)}
        told: dict[str, list[Sentence]] = defaultdict(list)
        for of_file in sentences.values():
            for vid, rows in of_file.items():
                told[vid] += rows
        read = [film for name in names if (film := _Reading(tree, name, root, told, faults).film())]
        for name, of_file in sentences.items():
            unknown = [vid for vid in of_file if vid not in {film.name for film in read}]
            if unknown:
                count = sum(len(of_file[vid]) for vid in unknown)
                faults.append(
                    Fault(
                        name,
                        f"holds {count} sentences about videos of which {'VidOR' if root == LOOSE else 'vidor/'} tells "
                        f"no boxes ({', '.join(unknown)[:80]}); they were left out: add the files of these videos",
                    )
                )
        films += read
    numbers = category_numbers(tube.track for film in films for tube in film.tubes)
    numbered = tuple(
        replace(film, tubes=tuple(replace(tube, category=numbers[tube.track.label]) for tube in film.tubes))
        for film in films
    )
    return FilmSet(tuple(Category(number, name) for name, number in numbers.items()), numbered, tuple(faults))


def boxes_files(tree: Tree) -> dict[str, list[str]]:
    """The files of boxes below a folder `vidor/`, by the folder that one lies in ("" or ending in "/"); those elsewhere
    that are VidOR by what they hold, as it is downloaded, stand under LOOSE."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in [name for name in tree.names() if name.lower().endswith(".json")]:
        before, there, _ = f"/{name}".partition("/vidor/")
        if there:
            found[f"{before[1:]}/" if before else ""].append(name)
        elif kind_of_json(tree, name) == VIDOR:
            found[LOOSE].append(name)
    return found


def _sentence_files(tree: Tree, root: str) -> list[str]:
    """The files of sentences about the boxes of a root: of an export its annotations.json, else all that are VidSTG by
    what they hold."""
    if root != LOOSE:
        return [name for name in [f"{root}annotations.json"] if name in tree]
    return [
        name
        for name in tree.names()
        if name.lower().endswith(".json") and "/vidor/" not in f"/{name}" and kind_of_json(tree, name) == VIDSTG
    ]


def _told(tree: Tree, name: str, faults: list[Fault]) -> dict[str, list[Sentence]]:
    """For each video its sentences in order."""
    told: dict[str, list[Sentence]] = defaultdict(list)
    try:
        records = read_json(tree, name)
    except ArchiveError as error:
        faults.append(unreadable(name, error))
        return told
    if not isinstance(records, list):
        faults.append(
            Fault(name, "is no list of records, so it is not VidSTG and its sentences were left out; write it anew")
        )
        return told
    questions = 0
    for number, record in enumerate(records, 1):
        where = f"{name}: record {number}"
        if not isinstance(record, dict) or not is_id(record.get("vid")):
            faults.append(Fault(where, "has no vid, so nobody can know its video; correct it"))
            continue
        questions += len(_list(record, "questions"))
        for caption in _list(record, "captions"):
            sentence = _sentence(record, caption)
            if isinstance(sentence, str):
                faults.append(Fault(where, sentence))
            else:
                told[str(identity(record["vid"]))].append(sentence)
    if questions:
        faults.append(
            Fault(name, f"holds {questions} questions, which are not kept; its sentences came in", skipped=False)
        )
    return told


def _sentence(record: dict, caption) -> Sentence | str:
    """What a caption of a record says; as a text what is wrong with it."""
    text, target = (
        (caption.get("description"), whole(caption.get("target_id"))) if isinstance(caption, dict) else (None, None)
    )
    if not isinstance(text, str) or target is None:
        return "has a caption without description and target_id; correct it"
    if record.get("temporal_gt") is None:
        return text, target, None
    extent = record["temporal_gt"]
    begin, end = (
        (whole(extent.get(key)) for key in ("begin_fid", "end_fid")) if isinstance(extent, dict) else (None, None)
    )
    if begin is None or end is None or not 0 <= begin < end:
        return f"has a temporal_gt that is no stretch of frames, so its sentence {text[:60]!r} was left out; correct it"
    return text, target, (begin, end - 1)


@dataclass
class _Reading:
    """One file of boxes, while it is being read. `wrong` are the boxes that were left out: why -> their frames."""

    tree: Tree
    file: str
    root: str
    told: dict[str, list[Sentence]]
    faults: list[Fault]
    wrong: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def film(self) -> Film | None:
        try:
            body = read_json(self.tree, self.file)
        except ArchiveError as error:
            self.faults.append(unreadable(self.file, error))
            return None
        frames = body.get("trajectories") if isinstance(body, dict) else None
        if not isinstance(frames, list) or not isinstance(body.get("subject/objects"), list):
            self._fault(
                'is not in the form of VidOR (it has no lists "trajectories" and "subject/objects"); write it anew'
            )
            return None
        count = whole(body["frame_count"]) if body.get("frame_count") is not None else len(frames)
        if count is None or not 0 <= count <= MOST_FRAMES:
            self._fault(
                f"is not in the form of VidOR (its frame_count is {str(body['frame_count'])[:20]}); write it anew"
            )
            return None
        return self._film(body, self._seen(frames, count, self._things(body["subject/objects"])), count)

    def _film(self, body: dict, tracks: dict[int, Track], count: int) -> Film:
        told = body.get("video_id")
        name = (
            str(identity(told))
            if is_id(told) and str(told).strip()
            else self._path_in_root().removesuffix(".json")
        )
        lives = {tid: (int(track.frames[0]), int(track.frames[-1])) for tid, track in tracks.items()}
        sentences = [sentence for sentence in self.told.get(name, []) if sentence[1] in tracks]
        if len(sentences) < len(self.told.get(name, [])):
            self._fault(
                f"lacks the things that {len(self.told[name]) - len(sentences)} sentences are about, so these were "
                "left out; correct their target_id"
            )
        wholes = [(text, tid) for text, tid, span in sentences if span in (None, lives[tid])]
        captions = {tid: text for text, tid in reversed(wholes)}
        parts = {
            tid: tuple(
                sorted(
                    Stretch(*span, text)
                    for text, other, span in sentences
                    if other == tid and span not in (None, lives[tid])
                )
            )
            for tid in tracks
        }
        tubes = tuple(
            Tube(tid, 1, replace(track, caption=captions.get(tid, "")), stretches=parts[tid])
            for tid, track in sorted(tracks.items())
        )
        phrases = tuple(FilmPhrase(text, (tid,)) for text, tid in wholes if text != captions[tid])
        path = body.get("video_path") if isinstance(body.get("video_path"), str) else ""
        file = path if is_named_like_a_video(path) else name
        size = Size(*(max(whole(body.get(side)) or 0, 0) for side in ("width", "height")))
        rate = body.get("fps") if is_number(body.get("fps")) else 0
        return Film(
            name, size, spaced(rate if 0 < rate < 10_000 else 25.0, count), tubes, phrases, file=file, original=path
        )

    def _path_in_root(self) -> str:
        return PurePosixPath(self.file).name if self.root == LOOSE else self.file[len(f"{self.root}vidor/"):]

    def _things(self, rows: list) -> dict[int, str]:
        """The labels of the things by their tid."""
        things: dict[int, str] = {}
        for number, row in enumerate(rows, 1):
            tid = whole(row.get("tid")) if isinstance(row, dict) else None
            label = row.get("category") if isinstance(row, dict) else None
            if tid is None or tid < 0 or not isinstance(label, str):
                self._fault(f"tells of a thing (number {number}) without tid and category; it was left out: correct it")
            elif things.setdefault(tid, label) != label:
                self._fault(
                    f"tells of thing {tid} as {things[tid]!r} and as {label!r}; the first was kept: give each thing a "
                    "tid of its own"
                )
        return things

    def _seen(self, frames: list, count: int, things: dict[int, str]) -> dict[int, Track]:
        """The tracks of the things, by their tid."""
        seen: dict[int, dict[int, tuple]] = defaultdict(dict)
        for index, rows in enumerate(frames):
            if not isinstance(rows, list):
                self.wrong["no list of boxes"].append(index)
                continue
            for row in rows:
                why = self._wrong(row, index, count, things, seen)
                if why:
                    self.wrong[why].append(index)
                else:
                    seen[whole(row["tid"])][index] = (
                        [row["bbox"][corner] for corner in CORNERS],
                        not row.get("generated"),
                    )
        for why, found in self.wrong.items():
            self._fault(
                f"holds {why} in {len(found)} place{'s' if len(found) > 1 else ''} (the first in frame {found[0]}); "
                "left out: correct it"
            )
        return {tid: _track(rows, things[tid]) for tid, rows in seen.items()}

    def _wrong(self, row, index: int, count: int, things: dict[int, str], seen: dict) -> str:
        """What is wrong with a box, "" for nothing."""
        tid, bbox = (whole(row.get("tid")), row.get("bbox")) if isinstance(row, dict) else (None, None)
        corners = [bbox.get(corner) for corner in CORNERS] if isinstance(bbox, dict) else []
        if tid not in things:
            return "a box that belongs to no thing"
        if not are_numbers(corners) or corners[0] > corners[2] or corners[1] > corners[3]:
            return f"a box of thing {tid} that is not xmin, ymin, xmax, ymax in pixels"
        if index >= count:
            return f"a box after the end of {count} frames"
        return f"a second box of thing {tid}" if index in seen[tid] else ""

    def _fault(self, why: str) -> None:
        self.faults.append(Fault(self.file, why))


def _track(rows: dict[int, tuple], label: str) -> Track:
    boxes, keys = zip(*rows.values())
    track = Track(np.array(list(rows)), Boxes(np.array(boxes, np.float64)), np.array(keys, bool), label)
    return thinned_track(track, track.frames[track.keyframes].tolist())


def _list(record: dict, key: str) -> list:
    return record[key] if isinstance(record.get(key), list) else []


