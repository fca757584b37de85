"""Reading MOT: sequences with the tracks of their videos. What is wrong with a line is named, and the rest is read."""

from __future__ import annotations

import configparser
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

import numpy as np

from grounding.data import Boxes, Size, Track
from grounding.data.keyframe_simplification import thinned_track
from grounding.exchange.archive import ArchiveError, FolderTree, Tree, read_text
from grounding.exchange.faults import unreadable
from grounding.exchange.mot.lines import Lines, bad_lines, lines_of
from grounding.exchange.photos import Category, Fault
from grounding.exchange.values import number_in, whole_in
from grounding.exchange.videos import Film, FilmSet, Tube, is_named_like_a_video, spaced

T = TypeVar("T")
HALF_SEEN = 0.5  # a visible share below this is a thing partly covered
_DETECTIONS = "holds what a detector found and not what a person drew, so it was not read"


def read(folder: Path) -> FilmSet:
    """Every MOT sequence of a folder; a frame in which a thing has no line is one in which it is not seen."""
    return read_tree(FolderTree(folder))


def read_tree(tree: Tree) -> FilmSet:
    sequences = [_Sequence(tree, place, file) for place, file in _files(tree)]
    counted = any(sequence.lines.from_zero for sequence in sequences)
    films = [film for sequence in sequences if (film := sequence.film(counted))]
    faults = [
        *_detections(tree, {sequence.place for sequence in sequences}),
        *(fault for sequence in sequences for fault in sequence.faults),
    ]
    names = {tube.category: tube.track.label for film in films for tube in film.tubes}
    for sequence in sequences:
        names = sequence.labels | names
    return FilmSet(tuple(Category(number, names[number]) for number in sorted(names)), tuple(films), tuple(faults))


def info_of(tree: Tree, place: str) -> dict[str, str]:
    """What seqinfo.ini says, names in small letters; empty where there is none. Raises ArchiveError where it cannot be
    read."""
    if f"{place}seqinfo.ini" not in tree:
        return {}
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(read_text(tree, f"{place}seqinfo.ini"))
    except configparser.Error as error:
        raise ArchiveError(f"{place}seqinfo.ini is not an .ini file; remove it or write it anew") from error
    return {key: value or "" for section in parser.sections() for key, value in parser.items(section)}


@dataclass(eq=False)
class _Sequence:
    """One sequence, while it is being read."""

    tree: Tree
    place: str
    file: str
    faults: list[Fault] = field(default_factory=list)
    labels: dict[int, str] = field(default_factory=dict)

    def __post_init__(self):
        self.lines = self._tried(
            self.file, lambda: lines_of(self.tree, self.file), Lines(np.zeros((0, 10)), np.zeros(0, np.int64))
        )
        self.info = self._tried(f"{self.place}seqinfo.ini", lambda: info_of(self.tree, self.place), {})
        self.labels = self._tried(f"{self.place}gt/labels.txt", lambda: _labels(self.tree, self.place), {})
        self.told = self._whole("seqLength")  # frames, 0 where not told

    def film(self, any_from_zero: bool) -> Film | None:
        """The film; None where nobody can know which frames are meant. `any_from_zero`: a file of the same set names a
        frame 0."""
        self.faults += bad_lines(self.file, self.lines)
        if not len(self.lines.rows) and not self.faults and not self.told:
            self._fault("holds no lines, so nothing is said of its video", skipped=False)
        why = self._uncertain(any_from_zero)
        if why:
            self._fault(why)
            return None
        lines = self._kept(self._from_one())
        count = self.told or int(lines.rows[:, 0].max(initial=0))
        size = Size(self._whole("imWidth"), self._whole("imHeight"))
        name = self.info.get("name", "").strip()
        file = name if is_named_like_a_video(name) else ""
        return Film(
            self.place.rstrip("/") or name or self.tree.title,
            size,
            spaced(self._rate(), count),
            self._tubes(lines),
            counted=bool(self.told),
            file=file,
            original=self.info.get("originalname", "").strip(),
            stills=self._stills(),
        )

    def _whole(self, key: str) -> int:
        """A whole number of seqinfo.ini, 0 where none is told."""
        text = self.info.get(key.lower(), "").strip()
        number = whole_in(text)
        if text and number is None:
            self._name_unread(key, text)
        return number or 0

    def _rate(self) -> float:
        """Frames a second."""
        text = self.info.get("framerate", "").strip()
        rate = number_in(text)
        if 0 < rate < 10_000:
            return rate
        if text:
            self._name_unread("frameRate", text)
        return 30.0

    def _name_unread(self, key: str, text: str) -> None:
        why = f"has the {key} {text[:20]!r}, which is no such number, so it counts as not told: correct it"
        self.faults.append(Fault(f"{self.place}seqinfo.ini", why, skipped=False))

    def _stills(self) -> str:
        """The folder of its frames as pictures, "" where there is none."""
        folder = f"{self.place}{self.info.get('imdir', '').strip().strip('/') or 'img1'}/"
        return folder if any(name.startswith(folder) for name in self.tree.names()) else ""

    def _uncertain(self, any_from_zero: bool) -> str:
        """Why nobody can know whether frames count from 0 or from 1, with the cure; "" where it is certain."""
        last = int(self.lines.rows[:, 0].max(initial=0))
        if self.lines.from_zero and self.told and last >= self.told:
            return (
                f"names frame 0 and frame {last}, but its sequence has {self.told} frames, so nobody can know whether "
                "they count from 0 or from 1; its tracks stayed out: number the frames from 1"
            )
        if any_from_zero and not self.lines.from_zero and len(self.lines.rows) and last != self.told:
            return (
                "names no frame 0, but another file of the set does, so nobody can know whether its frames count from "
                "0 or from 1; its tracks stayed out: number the frames of all files from 1"
            )
        return ""

    def _from_one(self) -> Lines:
        if not self.lines.from_zero:
            return self.lines
        self._fault("counts frames from 0; its frame 0 is the first of the video", skipped=False)
        return Lines(self.lines.rows + np.eye(10)[0], self.lines.numbers)

    def _kept(self, lines: Lines) -> Lines:
        """The lines that are about things in frames of the video; the others are counted and named by what is wrong
        with them."""
        rows = lines.rows
        lines = self._without(lines, rows[:, 6] == 0, "marked 0, as not to be looked at; left out", skipped=False)
        lines = self._without(
            lines,
            lines.rows[:, 1] < 0,
            "with a negative id, as detections without a thing have; left out: give each thing an id of its own",
        )
        if self.told:
            lines = self._without(
                lines, lines.rows[:, 0] > self.told, f"after the end of a sequence of {self.told} frames; left out"
            )
        _, first = np.unique(lines.rows[:, :2], axis=0, return_index=True)
        again = ~np.isin(np.arange(len(lines.rows)), first)
        return self._without(
            lines,
            again,
            "about a thing that an earlier line tells of in the same frame; the earlier one was kept: give each thing "
            "an id of its own",
        )

    def _without(self, lines: Lines, which: np.ndarray, why: str, skipped: bool = True) -> Lines:
        if which.any():
            count, first = int(which.sum()), int(lines.numbers[which][0])
            self._fault(
                f"holds {count} line{'s' if count > 1 else ''} (the first is line {first}) {why}", skipped=skipped
            )
        return lines[~which]

    def _tubes(self, lines: Lines) -> tuple[Tube, ...]:
        rows = lines.rows
        called = self._classes(rows)
        shift = max(0, 1 - min(called, default=1))  # categories count from 1
        alone = self.labels.get(1, "class 1") if len(self.labels) == 1 else "class 1"
        several, tubes = [], []
        for number in np.unique(rows[:, 1]).astype(int).tolist():
            part = rows[rows[:, 1] == number]
            classes, counts = np.unique(part[:, 7] if called else np.ones(len(part)), return_counts=True)
            several += [str(number)] if len(classes) > 1 else []
            category = int(classes[counts.argmax()])
            tubes.append(_tube(number, category + shift, called.get(category, alone), part, bool(called)))
        if several:
            self._fault(
                f"tells of more than one class of the same thing (id {', '.join(several[:5])}); the more frequent was "
                "taken",
                skipped=False,
            )
        return tuple(tubes)

    def _classes(self, rows: np.ndarray) -> dict[int, str]:
        """What the classes of the file are called; empty where it tells none."""
        told = rows[:, 7]
        narrow = np.isnan(rows[:, 9])
        if not narrow.all() or np.isnan(told).any() or (told % 1 != 0).any() or not (told >= 1).any():
            if len(rows) and (len(self.labels) > 1 or narrow.any() and not narrow.all()):
                self._fault(
                    "tells no class in a column that every line has; its things are called 'class 1'", skipped=False
                )
            return {}
        found = np.unique(told).astype(int).tolist()
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

    def _tried(self, name: str, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except ArchiveError as error:
            self.faults.append(unreadable(name, error))
            return otherwise


def _tube(number: int, category: int, label: str, rows: np.ndarray, shares: bool) -> Tube:
    rows = rows[np.argsort(rows[:, 0])]
    frames, boxes = rows[:, 0].astype(int) - 1, Boxes.from_xywh(rows[:, 2:6])
    track = thinned_track(Track(frames, boxes, np.zeros(len(frames), bool), label))
    return Tube(
        number,
        category,
        track,
        frozenset(frames[(rows[:, 8] >= 0) & (rows[:, 8] < HALF_SEEN)].tolist()) if shares else frozenset(),
    )


def _files(tree: Tree) -> list[tuple[str, str]]:
    """(the folder of a sequence, "" or ending in "/"; its gt.txt)."""
    found: dict[str, str] = {}
    for name in [name for name in tree.names() if PurePosixPath(name).name == "gt.txt"]:
        folder = PurePosixPath(name).parent
        place = name.removesuffix("gt/gt.txt" if folder.name == "gt" else "gt.txt")
        found[place] = name if place not in found or folder.name == "gt" else found[place]
    return list(found.items())


def _detections(tree: Tree, places: set[str]) -> list[Fault]:
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


def _labels(tree: Tree, place: str) -> dict[int, str]:
    name = next((name for name in (f"{place}gt/labels.txt", f"{place}labels.txt") if name in tree), None)
    return (
        {number: line.strip() for number, line in enumerate(read_text(tree, name).splitlines(), 1) if line.strip()}
        if name
        else {}
    )
