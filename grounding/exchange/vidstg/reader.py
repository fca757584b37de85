"""Reading VidSTG: films with their tracks and sentences. What is wrong with a box, a thing or a sentence is named, and
the rest is read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import numpy as np

from grounding.data import Boxes, CaptionSpan, Size, Track
from grounding.data.keyframe_simplification import simplify_track
from grounding.exchange.archive import ArchiveError, FileTree, FolderTree, read_json
from grounding.exchange.faults import unreadable_file
from grounding.exchange.json_kinds import VIDOR, VIDSTG, classify_json
from grounding.exchange.photos import Category, Fault
from grounding.exchange.values import MAX_FRAMES, are_numbers, as_integer, is_id, is_number, normalize_id
from grounding.exchange.videos import (
    TrackAnnotation,
    VideoAnnotations,
    VideoPhrase,
    VideoSet,
    category_numbers,
    has_video_extension,
    uniform_pts,
)

CORNERS = ("xmin", "ymin", "xmax", "ymax")
NO_ROOT = "*"  # stands for the folder of files that lie in no folder vidor/
# about a thing, in frames from the first to the last; None: in all of its life
Sentence = tuple[str, int, tuple[int, int] | None]


def read(folder: Path) -> VideoSet:
    """Films of a folder as an export lays it out; what is wrong is named and the rest is read."""
    return read_tree(FolderTree(folder))


def read_tree(tree: FileTree) -> VideoSet:
    faults: list[Fault] = []
    videos: list[VideoAnnotations] = []
    for root, names in find_vidor_files(tree).items():
        sentences = {name: _read_sentences(tree, name, faults) for name in _find_sentence_files(tree, root)}
        sentences_by_video: dict[str, list[Sentence]] = defaultdict(list)
        for of_file in sentences.values():
            for vid, rows in of_file.items():
                sentences_by_video[vid] += rows
        read = [video for name in names if (video := _VidorReader(tree, name, root, sentences_by_video, faults).read_video())]
        for name, of_file in sentences.items():
            unknown = [vid for vid in of_file if vid not in {video.name for video in read}]
            if unknown:
                count = sum(len(of_file[vid]) for vid in unknown)
                faults.append(
                    Fault(
                        name,
                        f"holds {count} sentences about videos of which {'VidOR' if root == NO_ROOT else 'vidor/'} tells "
                        f"no boxes ({', '.join(unknown)[:80]}); they were left out: add the files of these videos",
                    )
                )
        videos += read
    numbers = category_numbers(track_annotation.track for video in videos for track_annotation in video.tracks)
    numbered = tuple(
        replace(
            video,
            tracks=tuple(replace(track_annotation, category=numbers[track_annotation.track.label]) for track_annotation in video.tracks),
        )
        for video in videos
    )
    return VideoSet(tuple(Category(number, name) for name, number in numbers.items()), numbered, tuple(faults))


def find_vidor_files(tree: FileTree) -> dict[str, list[str]]:
    """The files of boxes below a folder `vidor/`, by the folder that one lies in ("" or ending in "/"); those elsewhere
    that are VidOR by what they hold, as it is downloaded, stand under LOOSE."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in [name for name in tree.names() if name.lower().endswith(".json")]:
        before, there, _ = f"/{name}".partition("/vidor/")
        if there:
            found[f"{before[1:]}/" if before else ""].append(name)
        elif classify_json(tree, name) == VIDOR:
            found[NO_ROOT].append(name)
    return found


def _find_sentence_files(tree: FileTree, root: str) -> list[str]:
    """The files of sentences about the boxes of a root: of an export its annotations.json, else all that are VidSTG by
    what they hold."""
    if root != NO_ROOT:
        return [name for name in [f"{root}annotations.json"] if name in tree]
    return [
        name
        for name in tree.names()
        if name.lower().endswith(".json") and "/vidor/" not in f"/{name}" and classify_json(tree, name) == VIDSTG
    ]


def _read_sentences(tree: FileTree, name: str, faults: list[Fault]) -> dict[str, list[Sentence]]:
    """For each video its sentences in order."""
    sentences_by_video: dict[str, list[Sentence]] = defaultdict(list)
    try:
        records = read_json(tree, name)
    except ArchiveError as error:
        faults.append(unreadable_file(name, error))
        return sentences_by_video
    if not isinstance(records, list):
        faults.append(
            Fault(name, "is no list of records, so it is not VidSTG and its sentences were left out; write it anew")
        )
        return sentences_by_video
    questions = 0
    for number, record in enumerate(records, 1):
        where = f"{name}: record {number}"
        if not isinstance(record, dict) or not is_id(record.get("vid")):
            faults.append(Fault(where, "has no vid, so nobody can know its video; correct it"))
            continue
        questions += len(_list(record, "questions"))
        for caption in _list(record, "captions"):
            sentence = _parse_sentence(record, caption)
            if isinstance(sentence, str):
                faults.append(Fault(where, sentence))
            else:
                sentences_by_video[str(normalize_id(record["vid"]))].append(sentence)
    if questions:
        faults.append(
            Fault(name, f"holds {questions} questions, which are not kept; its sentences came in", skipped=False)
        )
    return sentences_by_video


def _parse_sentence(record: dict, caption) -> Sentence | str:
    """What a caption of a record says; as a text what is wrong with it."""
    text, target = (
        (caption.get("description"), as_integer(caption.get("target_id"))) if isinstance(caption, dict) else (None, None)
    )
    if not isinstance(text, str) or target is None:
        return "has a caption without description and target_id; correct it"
    if record.get("temporal_gt") is None:
        return text, target, None
    extent = record["temporal_gt"]
    begin, end = (
        (as_integer(extent.get(key)) for key in ("begin_fid", "end_fid")) if isinstance(extent, dict) else (None, None)
    )
    if begin is None or end is None or not 0 <= begin < end:
        return f"has a temporal_gt that is no stretch of frames, so its sentence {text[:60]!r} was left out; correct it"
    return text, target, (begin, end - 1)


@dataclass
class _VidorReader:
    """One file of boxes, while it is being read. `box_errors` are the boxes that were left out: reason -> their frames."""

    tree: FileTree
    file: str
    root: str
    sentences: dict[str, list[Sentence]]
    faults: list[Fault]
    box_errors: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def read_video(self) -> VideoAnnotations | None:
        try:
            body = read_json(self.tree, self.file)
        except ArchiveError as error:
            self.faults.append(unreadable_file(self.file, error))
            return None
        frames = body.get("trajectories") if isinstance(body, dict) else None
        if not isinstance(frames, list) or not isinstance(body.get("subject/objects"), list):
            self._fault(
                'is not in the form of VidOR (it has no lists "trajectories" and "subject/objects"); write it anew'
            )
            return None
        count = as_integer(body["frame_count"]) if body.get("frame_count") is not None else len(frames)
        if count is None or not 0 <= count <= MAX_FRAMES:
            self._fault(
                f"is not in the form of VidOR (its frame_count is {str(body['frame_count'])[:20]}); write it anew"
            )
            return None
        return self._build_video(body, self._read_tracks(frames, count, self._read_labels(body["subject/objects"])), count)

    def _build_video(self, body: dict, tracks: dict[int, Track], count: int) -> VideoAnnotations:
        video_id = body.get("video_id")
        name = (
            str(normalize_id(video_id))
            if is_id(video_id) and str(video_id).strip()
            else self._path_in_root().removesuffix(".json")
        )
        track_extents = {tid: (int(track.frames[0]), int(track.frames[-1])) for tid, track in tracks.items()}
        sentences = [sentence for sentence in self.sentences.get(name, []) if sentence[1] in tracks]
        if len(sentences) < len(self.sentences.get(name, [])):
            self._fault(
                f"lacks the things that {len(self.sentences[name]) - len(sentences)} sentences are about, so these were "
                "left out; correct their target_id"
            )
        whole_track_captions = [(text, tid) for text, tid, span in sentences if span in (None, track_extents[tid])]
        captions = {tid: text for text, tid in reversed(whole_track_captions)}
        caption_spans = {
            tid: tuple(
                sorted(
                    CaptionSpan(*span, text)
                    for text, other, span in sentences
                    if other == tid and span not in (None, track_extents[tid])
                )
            )
            for tid in tracks
        }
        track_annotations = tuple(
            TrackAnnotation(tid, 1, replace(track, caption=captions.get(tid, "")), caption_spans=caption_spans[tid])
            for tid, track in sorted(tracks.items())
        )
        phrases = tuple(VideoPhrase(text, (tid,)) for text, tid in whole_track_captions if text != captions[tid])
        path = body.get("video_path") if isinstance(body.get("video_path"), str) else ""
        file = path if has_video_extension(path) else name
        size = Size(*(max(as_integer(body.get(side)) or 0, 0) for side in ("width", "height")))
        rate = body.get("fps") if is_number(body.get("fps")) else 0
        return VideoAnnotations(
            name, size, uniform_pts(rate if 0 < rate < 10_000 else 25.0, count), track_annotations, phrases, file=file, original_name=path
        )

    def _path_in_root(self) -> str:
        return PurePosixPath(self.file).name if self.root == NO_ROOT else self.file[len(f"{self.root}vidor/"):]

    def _read_labels(self, rows: list) -> dict[int, str]:
        """The labels of the things by their tid."""
        labels: dict[int, str] = {}
        for number, row in enumerate(rows, 1):
            tid = as_integer(row.get("tid")) if isinstance(row, dict) else None
            label = row.get("category") if isinstance(row, dict) else None
            if tid is None or tid < 0 or not isinstance(label, str):
                self._fault(f"tells of a thing (number {number}) without tid and category; it was left out: correct it")
            elif labels.setdefault(tid, label) != label:
                self._fault(
                    f"tells of thing {tid} as {labels[tid]!r} and as {label!r}; the first was kept: give each thing a "
                    "tid of its own"
                )
        return labels

    def _read_tracks(self, frames: list, count: int, labels: dict[int, str]) -> dict[int, Track]:
        """The tracks of the things, by their tid."""
        boxes_by_track: dict[int, dict[int, tuple]] = defaultdict(dict)
        for index, rows in enumerate(frames):
            if not isinstance(rows, list):
                self.box_errors["no list of boxes"].append(index)
                continue
            for row in rows:
                why = self._box_error(row, index, count, labels, boxes_by_track)
                if why:
                    self.box_errors[why].append(index)
                else:
                    boxes_by_track[as_integer(row["tid"])][index] = (
                        [row["bbox"][corner] for corner in CORNERS],
                        not row.get("generated"),
                    )
        for why, found in self.box_errors.items():
            self._fault(
                f"holds {why} in {len(found)} place{'s' if len(found) > 1 else ''} (the first in frame {found[0]}); "
                "left out: correct it"
            )
        return {tid: _build_track(rows, labels[tid]) for tid, rows in boxes_by_track.items()}

    def _box_error(self, row, index: int, count: int, labels: dict[int, str], boxes_by_track: dict) -> str:
        """What is wrong with a box, "" for nothing."""
        tid, bbox = (as_integer(row.get("tid")), row.get("bbox")) if isinstance(row, dict) else (None, None)
        corners = [bbox.get(corner) for corner in CORNERS] if isinstance(bbox, dict) else []
        if tid not in labels:
            return "a box that belongs to no thing"
        if not are_numbers(corners) or corners[0] > corners[2] or corners[1] > corners[3]:
            return f"a box of thing {tid} that is not xmin, ymin, xmax, ymax in pixels"
        if index >= count:
            return f"a box after the end of {count} frames"
        return f"a second box of thing {tid}" if index in boxes_by_track[tid] else ""

    def _fault(self, why: str) -> None:
        self.faults.append(Fault(self.file, why))


def _build_track(rows: dict[int, tuple], label: str) -> Track:
    boxes, keys = zip(*rows.values())
    track = Track(np.array(list(rows)), Boxes(np.array(boxes, np.float64)), np.array(keys, bool), label)
    return simplify_track(track, track.frames[track.keyframes].tolist())


def _list(record: dict, key: str) -> list:
    return record[key] if isinstance(record.get(key), list) else []


