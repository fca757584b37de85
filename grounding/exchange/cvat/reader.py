"""Reading CVAT for video 1.1: films with their tracks, on the frames of the video, whatever task, job or project was
exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from grounding.exchange.archive import ArchiveError, FolderTree, Tree
from grounding.exchange.cvat.tasks import Task, each_from_its_start, tasks_of
from grounding.exchange.cvat.tracks import Row, differ, held, track_of
from grounding.exchange.cvat.xml_files import NO_BOXES, OUTLINES, Remarks, files, flag, parsed, shape_of
from grounding.exchange.faults import unreadable
from grounding.exchange.photos import Category, Fault
from grounding.exchange.values import whole_in
from grounding.exchange.videos import Film, FilmSet, Tube, spaced


def read(folder: Path) -> FilmSet:
    """Every file of video tasks in a folder; what is wrong is named and the rest is read."""
    return read_tree(FolderTree(folder))


def read_tree(tree: Tree) -> FilmSet:
    films: list[Film] = []
    faults: list[Fault] = []
    names: dict[str, int] = {}
    for name in files(tree, "track"):
        try:
            root = parsed(tree, name)
        except ArchiveError as error:
            faults.append(unreadable(name, error))
            continue
        for label in root.iterfind("meta//labels/label/name"):
            names.setdefault((label.text or "").strip(), len(names) + 1)
        reading = _Reading(name, names, faults)
        films += reading.films(root, partial(_beside, tree, name.rpartition("/")[0]))
        faults += reading.remarks.faults()
    return FilmSet(tuple(Category(number, label) for label, number in names.items()), tuple(films), tuple(faults))


def _beside(tree: Tree, folder: str, source: str) -> str:
    """The path of a video that lies beside the file which names it; else its name as told."""
    return f"{folder}/{source}" if f"{folder}/{source}" in tree else source


@dataclass
class _Reading:
    """One file, while it is being read."""

    file: str
    names: dict[str, int]
    faults: list[Fault]
    remarks: Remarks = field(init=False)

    def __post_init__(self):
        self.remarks = Remarks(self.file)

    def films(self, root: ElementTree.Element, find: Callable[[str], str]) -> Iterator[Film]:
        self._loose(root)
        tasks = tasks_of(root)
        tracks: dict[str, list[tuple[int, ElementTree.Element]]] = {task.id: [] for task in tasks}
        for number, element in enumerate(root.iterfind("track"), 1):
            task_id = element.get("task_id", "") if len(tasks) > 1 else tasks[0].id
            if task_id in tracks:
                tracks[task_id].append((number, element))
            else:
                self._fault(
                    element,
                    number,
                    f"has the task_id {task_id!r}, which is none of the file's tasks, so nobody can know its video; "
                    "correct it",
                )
        own = each_from_its_start(
            tasks, [(task_id, _frames(element)) for task_id, rows in tracks.items() for _, element in rows]
        )
        for task in tasks:
            if task.offset is None or task.offset and own is None:
                self.faults.append(
                    Fault(
                        f"{self.file}: task {task.name or task.id}",
                        "has tracks whose frames cannot be told from those of the tasks "
                        "before it; they were left out: export the task by itself",
                    )
                )
            else:
                film = self._film(task, tracks[task.id], 0 if own else task.offset)
                yield replace(
                    film,
                    name=self._name(task, len(tasks) > 1),
                    file=find(task.source) if task.source else "",
                    original=task.source,
                )

    def _loose(self, root: ElementTree.Element) -> None:
        """Names what stands beside the tracks."""
        loose, images = sum(child.tag in (*OUTLINES, *NO_BOXES) for child in root), len(root.findall("image"))
        if loose:
            self.faults.append(
                Fault(
                    self.file,
                    f"holds {loose} shapes that belong to no track; they were left out: put each into a track",
                )
            )
        if images:
            self.faults.append(
                Fault(
                    self.file,
                    f'holds {images} images beside its tracks; they were left out: export them as "CVAT for images'
                    ' 1.1"',
                )
            )
        if root.find("tag") is not None:
            self.remarks.tag()

    def _name(self, task: Task, of_many: bool) -> str:
        return (not of_many and self.file.rpartition("/")[0]) or task.source or task.name or task.id or self.file

    def _film(self, task: Task, tracks: list[tuple[int, ElementTree.Element]], offset: int) -> Film:
        tubes: dict[int, Tube] = {}
        for number, element in tracks:
            identity = whole_in(element.get("id"), 1 << 53)
            free = number if identity is None or identity in tubes else identity
            while free in tubes:
                free += 1
            tube = self._tube(element, number, free, task, offset)
            if tube is not None:
                tubes[free] = tube
        count = max([task.last + 1 if task.size else 0, *(int(tube.track.frames[-1]) + 1 for tube in tubes.values())])
        parts = ((task.start, task.last),) if task.size and (task.sure or not task.whole) else ()
        return Film(
            "",
            task.picture,
            spaced(25.0, count),
            tuple(tubes.values()),
            counted=task.whole,
            parts=parts,
            overlap=task.overlap * task.step,
        )

    def _tube(self, element: ElementTree.Element, number: int, identity: int, task: Task, offset: int) -> Tube | None:
        """A track as a tube; None where nothing of it is a box."""
        self.remarks.reads(element)
        kinds = list(dict.fromkeys(child.tag for child in element if child.tag != "attribute"))
        for kind in [kind for kind in kinds if kind not in OUTLINES]:
            self.remarks.left(kind if kind in NO_BOXES else f"<{kind[:40]}>")
        if not kinds:
            self._fault(element, number, "has no box, so it was left out; draw one or remove the track")
        if not {*kinds} & {*OUTLINES}:
            return None
        said = len(self.faults)
        try:
            rows = self._rows(element, number, task, offset)
        except ValueError as error:
            self._fault(element, number, f"has a box that cannot be read ({error}); correct it")
            return None
        track = track_of(rows, element, task.step)
        if not len(track):
            if len(self.faults) == said:
                self._fault(element, number, "is outside in all of its frames, so it was left out; remove it")
            return None
        for row in [row for row in rows if row.seen and row.rotated][:1]:
            self.remarks.took(row.shape)
        return Tube(identity, self.names.setdefault(track.label, len(self.names) + 1), track, *held(rows, track))

    def _rows(self, element: ElementTree.Element, number: int, task: Task, offset: int) -> list[Row]:
        """The rows of a track by frame, one for each; what is wrong with them is named. Raises ValueError where a row
        has no frame."""
        rows: dict[int, Row] = {}
        unread, astray, twice = [], [], []
        for child in sorted(
            (child for child in element if child.tag in OUTLINES),
            key=lambda child: (_frame(child), not flag(child, "keyframe", "1")),
        ):
            self.remarks.reads(child)
            frame, outside, shape = _frame(child) - offset, flag(child, "outside"), None
            try:
                shape = shape_of(child)
            except ValueError as error:
                unread += [] if outside else [f"frame {frame}: {error}"]
            if shape and not outside and not task.shows(frame):
                astray.append(str(frame))
                shape = None
            row = Row(frame, shape, outside, flag(child, "keyframe", "1"), child)
            if frame in rows:
                twice += [str(frame)] if differ(rows[frame], row) else []
            elif frame >= 0:
                rows[frame] = row
        self._name_bad_rows(element, number, unread, astray, twice)
        return list(rows.values())

    def _name_bad_rows(
        self, element: ElementTree.Element, number: int, unread: list[str], astray: list[str], twice: list[str]
    ) -> None:
        if unread:
            why = f"that cannot be read ({unread[0]}); left out up to the next box: correct it"
            self._fault(element, number, f"has {_times(unread)} {why}")
        if astray:
            why = f"in frames that the task or job does not show ({', '.join(astray[:5])}); left out"
            self._fault(element, number, f"has {_times(astray)} {why}")
        if twice:
            why = f"({', '.join(twice[:5])}); the first was kept: remove the other"
            self._fault(element, number, f"has more than one box in a frame {why}")

    def _fault(self, element: ElementTree.Element, number: int, why: str) -> None:
        self.faults.append(Fault(f"{self.file}: track {element.get('id', str(number))[:40]}", why))


def _frame(element: ElementTree.Element) -> int:
    frame = whole_in(element.get("frame"), 1 << 31)
    if frame is None:
        raise ValueError(f"its frame is {element.get('frame', '')[:20]!r}")
    return frame


def _frames(element: ElementTree.Element) -> list[int]:
    """The frames in which a track says that a thing is seen; none where they cannot be read."""
    found = [
        whole_in(child.get("frame"), 1 << 31) for child in element if child.tag in OUTLINES and not flag(child, "outside")
    ]
    return [] if None in found else found  # type: ignore[return-value]


def _times(found: list[str]) -> str:
    return "a box" if len(found) == 1 else f"{len(found)} boxes"
