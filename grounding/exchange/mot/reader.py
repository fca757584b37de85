"""Reading MOT: sequences with the tracks of their videos. What is wrong with a line is named, and the rest is read."""

from __future__ import annotations

import configparser
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

import numpy as np

from grounding.data import Boxes, Size, Track
from grounding.data.keyframe_simplification import simplify_track
from grounding.exchange.archive import ArchiveError, FileTree, FolderTree, read_text
from grounding.exchange.faults import unreadable_file
from grounding.exchange.mot.lines import MotLines, bad_line_faults, read_lines
from grounding.exchange.photos import Category, Fault
from grounding.exchange.values import parse_integer, parse_number
from grounding.exchange.videos import TrackAnnotation, VideoAnnotations, VideoSet, has_video_extension, uniform_pts

T = TypeVar("T")
MIN_VISIBILITY = 0.5  # a visible share below this is a thing partly covered
_DETECTIONS = "holds what a detector found and not what a person drew, so it was not read"


def read(folder: Path) -> VideoSet:
    """Every MOT sequence of a folder; a frame in which a thing has no line is one in which it is not seen."""
    return read_tree(FolderTree(folder))


def read_tree(tree: FileTree) -> VideoSet:
    sequences = [_Sequence(tree, place, file) for place, file in _find_gt_files(tree)]
    any_from_zero = any(sequence.lines.from_zero for sequence in sequences)
    videos = [video for sequence in sequences if (video := sequence.read_video(any_from_zero))]
    faults = [
        *_detection_faults(tree, {sequence.folder for sequence in sequences}),
        *(fault for sequence in sequences for fault in sequence.faults),
    ]
    names = {track_annotation.category: track_annotation.track.label for video in videos for track_annotation in video.tracks}
    for sequence in sequences:
        names = sequence.labels | names
    return VideoSet(tuple(Category(number, names[number]) for number in sorted(names)), tuple(videos), tuple(faults))


def read_seqinfo(tree: FileTree, folder: str) -> dict[str, str]:
    """What seqinfo.ini says, names in small letters; empty where there is none. Raises ArchiveError where it cannot be
    read."""
    if f"{folder}seqinfo.ini" not in tree:
        return {}
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(read_text(tree, f"{folder}seqinfo.ini"))
    except configparser.Error as error:
        raise ArchiveError(f"{folder}seqinfo.ini is not an .ini file; remove it or write it anew") from error
    return {key: value or "" for section in parser.sections() for key, value in parser.items(section)}


@dataclass(eq=False)
class _Sequence:
    """One sequence, while it is being read."""

    tree: FileTree
    folder: str
    file: str
    faults: list[Fault] = field(default_factory=list)
    labels: dict[int, str] = field(default_factory=dict)

    def __post_init__(self):
        self.lines = self._try_read(
            self.file, lambda: read_lines(self.tree, self.file), MotLines(np.zeros((0, 10)), np.zeros(0, np.int64))
        )
        self.info = self._try_read(f"{self.folder}seqinfo.ini", lambda: read_seqinfo(self.tree, self.folder), {})
        self.labels = self._try_read(f"{self.folder}gt/labels.txt", lambda: _read_labels(self.tree, self.folder), {})
        self.frame_count = self._seqinfo_integer("seqLength")  # frames, 0 where not told

    def read_video(self, any_from_zero: bool) -> VideoAnnotations | None:
        """The film; None where nobody can know which frames are meant. `any_from_zero`: a file of the same set names a
        frame 0."""
        self.faults += bad_line_faults(self.file, self.lines)
        if not len(self.lines.rows) and not self.faults and not self.frame_count:
            self._fault("holds no lines, so nothing is said of its video", skipped=False)
        why = self._numbering_error(any_from_zero)
        if why:
            self._fault(why)
            return None
        lines = self._drop_invalid_lines(self._one_based())
        count = self.frame_count or int(lines.rows[:, 0].max(initial=0))
        size = Size(self._seqinfo_integer("imWidth"), self._seqinfo_integer("imHeight"))
        name = self.info.get("name", "").strip()
        file = name if has_video_extension(name) else ""
        return VideoAnnotations(
            self.folder.rstrip("/") or name or self.tree.title,
            size,
            uniform_pts(self._rate(), count),
            self._build_tracks(lines),
            frame_count_known=bool(self.frame_count),
            file=file,
            original_name=self.info.get("originalname", "").strip(),
            frame_folder=self._find_frame_folder(),
        )

    def _seqinfo_integer(self, key: str) -> int:
        """A whole number of seqinfo.ini, 0 where none is told."""
        text = self.info.get(key.lower(), "").strip()
        number = parse_integer(text)
        if text and number is None:
            self._report_unread(key, text)
        return number or 0

    def _rate(self) -> float:
        """Frames a second."""
        text = self.info.get("framerate", "").strip()
        rate = parse_number(text)
        if 0 < rate < 10_000:
            return rate
        if text:
            self._report_unread("frameRate", text)
        return 30.0

    def _report_unread(self, key: str, text: str) -> None:
        why = f"has the {key} {text[:20]!r}, which is no such number, so it counts as not told: correct it"
        self.faults.append(Fault(f"{self.folder}seqinfo.ini", why, skipped=False))

    def _find_frame_folder(self) -> str:
        """The folder of its frames as pictures, "" where there is none."""
        folder = f"{self.folder}{self.info.get('imdir', '').strip().strip('/') or 'img1'}/"
        return folder if any(name.startswith(folder) for name in self.tree.names()) else ""

    def _numbering_error(self, any_from_zero: bool) -> str:
        """Why nobody can know whether frames count from 0 or from 1, with the cure; "" where it is certain."""
        last = int(self.lines.rows[:, 0].max(initial=0))
        if self.lines.from_zero and self.frame_count and last >= self.frame_count:
            return (
                f"names frame 0 and frame {last}, but its sequence has {self.frame_count} frames, so nobody can know whether "
                "they count from 0 or from 1; its tracks stayed out: number the frames from 1"
            )
        if any_from_zero and not self.lines.from_zero and len(self.lines.rows) and last != self.frame_count:
            return (
                "names no frame 0, but another file of the set does, so nobody can know whether its frames count from "
                "0 or from 1; its tracks stayed out: number the frames of all files from 1"
            )
        return ""

    def _one_based(self) -> MotLines:
        if not self.lines.from_zero:
            return self.lines
        self._fault("counts frames from 0; its frame 0 is the first of the video", skipped=False)
        return MotLines(self.lines.rows + np.eye(10)[0], self.lines.line_numbers)

    def _drop_invalid_lines(self, lines: MotLines) -> MotLines:
        """The lines that are about things in frames of the video; the others are counted and named by what is wrong
        with them."""
        rows = lines.rows
        lines = self._drop_lines(lines, rows[:, 6] == 0, "marked 0, as not to be looked at; left out", skipped=False)
        lines = self._drop_lines(
            lines,
            lines.rows[:, 1] < 0,
            "with a negative id, as detections without a thing have; left out: give each thing an id of its own",
        )
        if self.frame_count:
            lines = self._drop_lines(
                lines, lines.rows[:, 0] > self.frame_count, f"after the end of a sequence of {self.frame_count} frames; left out"
            )
        _, first = np.unique(lines.rows[:, :2], axis=0, return_index=True)
        duplicated = ~np.isin(np.arange(len(lines.rows)), first)
        return self._drop_lines(
            lines,
            duplicated,
            "about a thing that an earlier line tells of in the same frame; the earlier one was kept: give each thing "
            "an id of its own",
        )

    def _drop_lines(self, lines: MotLines, dropped: np.ndarray, why: str, skipped: bool = True) -> MotLines:
        if dropped.any():
            count, first = int(dropped.sum()), int(lines.line_numbers[dropped][0])
            self._fault(
                f"holds {count} line{'s' if count > 1 else ''} (the first is line {first}) {why}", skipped=skipped
            )
        return lines[~dropped]

    def _build_tracks(self, lines: MotLines) -> tuple[TrackAnnotation, ...]:
        rows = lines.rows
        class_names = self._class_names(rows)
        shift = max(0, 1 - min(class_names, default=1))  # categories count from 1
        default_label = self.labels.get(1, "class 1") if len(self.labels) == 1 else "class 1"
        multi_class_ids, tracks = [], []
        for number in np.unique(rows[:, 1]).astype(int).tolist():
            part = rows[rows[:, 1] == number]
            classes, counts = np.unique(part[:, 7] if class_names else np.ones(len(part)), return_counts=True)
            multi_class_ids += [str(number)] if len(classes) > 1 else []
            category = int(classes[counts.argmax()])
            tracks.append(_build_track(number, category + shift, class_names.get(category, default_label), part, bool(class_names)))
        if multi_class_ids:
            self._fault(
                f"tells of more than one class of the same thing (id {', '.join(multi_class_ids[:5])}); the more frequent was "
                "taken",
                skipped=False,
            )
        return tuple(tracks)

    def _class_names(self, rows: np.ndarray) -> dict[int, str]:
        """What the classes of the file are called; empty where it tells none."""
        class_column = rows[:, 7]
        nine_columns = np.isnan(rows[:, 9])
        if not nine_columns.all() or np.isnan(class_column).any() or (class_column % 1 != 0).any() or not (class_column >= 1).any():
            if len(rows) and (len(self.labels) > 1 or nine_columns.any() and not nine_columns.all()):
                self._fault(
                    "tells no class in a column that every line has; its things are called 'class 1'", skipped=False
                )
            return {}
        found = np.unique(class_column).astype(int).tolist()
        if found[0] < 1:
            self._fault(
                f"tells of class {found[0]}, though classes count from 1, so nobody can know their names; they are "
                "called by their numbers",
                skipped=False,
            )
            return {number: f"class {number}" for number in found}
        unnamed = [number for number in found if self.labels and number not in self.labels]
        if unnamed:
            self._fault(
                f"tells of class {unnamed[0]}, which labels.txt does not name; it is called by its number",
                skipped=False,
            )
        return {number: self.labels.get(number, f"class {number}") for number in found}

    def _fault(self, why: str, skipped: bool = True) -> None:
        self.faults.append(Fault(self.file, why, skipped))

    def _try_read(self, name: str, read: Callable[[], T], default: T) -> T:
        try:
            return read()
        except ArchiveError as error:
            self.faults.append(unreadable_file(name, error))
            return default


def _build_track(number: int, category: int, label: str, rows: np.ndarray, has_visibility: bool) -> TrackAnnotation:
    rows = rows[np.argsort(rows[:, 0])]
    frames, boxes = rows[:, 0].astype(int) - 1, Boxes.from_xywh(rows[:, 2:6])
    track = simplify_track(Track(frames, boxes, np.zeros(len(frames), bool), label))
    return TrackAnnotation(
        number,
        category,
        track,
        frozenset(frames[(rows[:, 8] >= 0) & (rows[:, 8] < MIN_VISIBILITY)].tolist()) if has_visibility else frozenset(),
    )


def _find_gt_files(tree: FileTree) -> list[tuple[str, str]]:
    """(the folder of a sequence, "" or ending in "/"; its gt.txt)."""
    found: dict[str, str] = {}
    for name in [name for name in tree.names() if PurePosixPath(name).name == "gt.txt"]:
        folder = PurePosixPath(name).parent
        place = name.removesuffix("gt/gt.txt" if folder.name == "gt" else "gt.txt")
        found[place] = name if place not in found or folder.name == "gt" else found[place]
    return list(found.items())


def _detection_faults(tree: FileTree, places: set[str]) -> list[Fault]:
    """What det.txt is not: truth. Beside a gt.txt that is no loss."""
    names = [name for name in tree.names() if PurePosixPath(name).name == "det.txt"]
    beside = [name for name in names if name.removesuffix("det.txt").removesuffix("det/") in places]
    return [
        Fault(
            name,
            _DETECTIONS + ("" if name in beside else "; load gt.txt, or let a detector propose boxes here"),
            name not in beside,
        )
        for name in names
    ]


def _read_labels(tree: FileTree, place: str) -> dict[int, str]:
    name = next((name for name in (f"{place}gt/labels.txt", f"{place}labels.txt") if name in tree), None)
    return (
        {number: line.strip() for number, line in enumerate(read_text(tree, name).splitlines(), 1) if line.strip()}
        if name
        else {}
    )
