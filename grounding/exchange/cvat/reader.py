"""Reading CVAT for video 1.1: films with their tracks, on the frames of the video, whatever task, job or project was
exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from grounding.exchange.archive import ArchiveError, FileTree, FolderTree
from grounding.exchange.cvat.tasks import Task, read_tasks, tasks_start_at_zero
from grounding.exchange.cvat.tracks import TrackRow, build_track, occlusions_and_captions, rows_differ
from grounding.exchange.cvat.xml_files import BOX_SHAPES, UNSUPPORTED_SHAPES, ImportNotes, find_xml_files, flag, parse_shape, parse_xml
from grounding.exchange.faults import unreadable_file
from grounding.exchange.photos import Category, Fault
from grounding.exchange.values import parse_integer
from grounding.exchange.videos import TrackAnnotation, VideoAnnotations, VideoSet, uniform_pts


def read(folder: Path) -> VideoSet:
    """Every file of video tasks in a folder; what is wrong is named and the rest is read."""
    return read_tree(FolderTree(folder))


def read_tree(tree: FileTree) -> VideoSet:
    videos: list[VideoAnnotations] = []
    faults: list[Fault] = []
    names: dict[str, int] = {}
    for name in find_xml_files(tree, "track"):
        try:
            root = parse_xml(tree, name)
        except ArchiveError as error:
            faults.append(unreadable_file(name, error))
            continue
        for label in root.iterfind("meta//labels/label/name"):
            names.setdefault((label.text or "").strip(), len(names) + 1)
        reading = _VideoTaskReader(name, names, faults)
        videos += reading.read_videos(root, partial(_resolve_source, tree, name.rpartition("/")[0]))
        faults += reading.notes.faults()
    return VideoSet(tuple(Category(number, label) for label, number in names.items()), tuple(videos), tuple(faults))


def _resolve_source(tree: FileTree, folder: str, source: str) -> str:
    """The path of a video that lies beside the file which names it; else its name as told."""
    return f"{folder}/{source}" if f"{folder}/{source}" in tree else source


@dataclass
class _VideoTaskReader:
    """One file, while it is being read."""

    file: str
    names: dict[str, int]
    faults: list[Fault]
    notes: ImportNotes = field(init=False)

    def __post_init__(self):
        self.notes = ImportNotes(self.file)

    def read_videos(self, root: ElementTree.Element, resolve_source: Callable[[str], str]) -> Iterator[VideoAnnotations]:
        self._report_loose_shapes(root)
        tasks = read_tasks(root)
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
        each_from_zero = tasks_start_at_zero(
            tasks, [(task_id, _visible_frames(element)) for task_id, rows in tracks.items() for _, element in rows]
        )
        for task in tasks:
            if task.offset is None or task.offset and each_from_zero is None:
                self.faults.append(
                    Fault(
                        f"{self.file}: task {task.name or task.id}",
                        "has tracks whose frames cannot be told from those of the tasks "
                        "before it; they were left out: export the task by itself",
                    )
                )
            else:
                video = self._read_video(task, tracks[task.id], 0 if each_from_zero else task.offset)
                yield replace(
                    video,
                    name=self._name(task, len(tasks) > 1),
                    file=resolve_source(task.source) if task.source else "",
                    original_name=task.source,
                )

    def _report_loose_shapes(self, root: ElementTree.Element) -> None:
        """Names what stands beside the tracks."""
        loose, images = sum(child.tag in (*BOX_SHAPES, *UNSUPPORTED_SHAPES) for child in root), len(root.findall("image"))
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
            self.notes.note_tag()

    def _name(self, task: Task, of_many: bool) -> str:
        return (not of_many and self.file.rpartition("/")[0]) or task.source or task.name or task.id or self.file

    def _read_video(self, task: Task, tracks: list[tuple[int, ElementTree.Element]], offset: int) -> VideoAnnotations:
        tracks_by_id: dict[int, TrackAnnotation] = {}
        for number, element in tracks:
            identity = parse_integer(element.get("id"), 1 << 53)
            free = number if identity is None or identity in tracks_by_id else identity
            while free in tracks_by_id:
                free += 1
            track = self._read_track(element, number, free, task, offset)
            if track is not None:
                tracks_by_id[free] = track
        count = max(
            [
                task.last_frame + 1 if task.size else 0,
                *(int(track_annotation.track.frames[-1]) + 1 for track_annotation in tracks_by_id.values()),
            ]
        )
        frame_ranges = ((task.first_frame, task.last_frame),) if task.size and (task.consistent or not task.covers_video) else ()
        return VideoAnnotations(
            "",
            task.image_size,
            uniform_pts(25.0, count),
            tuple(tracks_by_id.values()),
            frame_count_known=task.covers_video,
            frame_ranges=frame_ranges,
            overlap=task.overlap * task.step,
        )

    def _read_track(self, element: ElementTree.Element, number: int, identity: int, task: Task, offset: int) -> TrackAnnotation | None:
        """A track as a tube; None where nothing of it is a box."""
        self.notes.note_unread(element)
        kinds = list(dict.fromkeys(child.tag for child in element if child.tag != "attribute"))
        for kind in [kind for kind in kinds if kind not in BOX_SHAPES]:
            self.notes.count_left_out(kind if kind in UNSUPPORTED_SHAPES else f"<{kind[:40]}>")
        if not kinds:
            self._fault(element, number, "has no box, so it was left out; draw one or remove the track")
        if not {*kinds} & {*BOX_SHAPES}:
            return None
        fault_count = len(self.faults)
        try:
            rows = self._read_rows(element, number, task, offset)
        except ValueError as error:
            self._fault(element, number, f"has a box that cannot be read ({error}); correct it")
            return None
        track = build_track(rows, element, task.step)
        if not len(track):
            if len(self.faults) == fault_count:
                self._fault(element, number, "is outside in all of its frames, so it was left out; remove it")
            return None
        for row in [row for row in rows if row.visible and row.rotated][:1]:
            self.notes.count_converted(row.shape)
        return TrackAnnotation(
            identity, self.names.setdefault(track.label, len(self.names) + 1), track, *occlusions_and_captions(rows, track)
        )

    def _read_rows(self, element: ElementTree.Element, number: int, task: Task, offset: int) -> list[TrackRow]:
        """The rows of a track by frame, one for each; what is wrong with them is named. Raises ValueError where a row
        has no frame."""
        rows: dict[int, TrackRow] = {}
        unreadable_boxes, hidden_frames, duplicates = [], [], []
        for child in sorted(
            (child for child in element if child.tag in BOX_SHAPES),
            key=lambda child: (_frame_number(child), not flag(child, "keyframe", "1")),
        ):
            self.notes.note_unread(child)
            frame, outside, shape = _frame_number(child) - offset, flag(child, "outside"), None
            try:
                shape = parse_shape(child)
            except ValueError as error:
                unreadable_boxes += [] if outside else [f"frame {frame}: {error}"]
            if shape and not outside and not task.shows(frame):
                hidden_frames.append(str(frame))
                shape = None
            row = TrackRow(frame, shape, outside, flag(child, "keyframe", "1"), child)
            if frame in rows:
                duplicates += [str(frame)] if rows_differ(rows[frame], row) else []
            elif frame >= 0:
                rows[frame] = row
        self._report_bad_rows(element, number, unreadable_boxes, hidden_frames, duplicates)
        return list(rows.values())

    def _report_bad_rows(
        self, element: ElementTree.Element, number: int, unreadable_boxes: list[str], hidden_frames: list[str], duplicates: list[str]
    ) -> None:
        if unreadable_boxes:
            why = f"that cannot be read ({unreadable_boxes[0]}); left out up to the next box: correct it"
            self._fault(element, number, f"has {_count_boxes(unreadable_boxes)} {why}")
        if hidden_frames:
            why = f"in frames that the task or job does not show ({', '.join(hidden_frames[:5])}); left out"
            self._fault(element, number, f"has {_count_boxes(hidden_frames)} {why}")
        if duplicates:
            why = f"({', '.join(duplicates[:5])}); the first was kept: remove the other"
            self._fault(element, number, f"has more than one box in a frame {why}")

    def _fault(self, element: ElementTree.Element, number: int, why: str) -> None:
        self.faults.append(Fault(f"{self.file}: track {element.get('id', str(number))[:40]}", why))


def _frame_number(element: ElementTree.Element) -> int:
    frame = parse_integer(element.get("frame"), 1 << 31)
    if frame is None:
        raise ValueError(f"its frame is {element.get('frame', '')[:20]!r}")
    return frame


def _visible_frames(element: ElementTree.Element) -> list[int]:
    """The frames in which a track says that a thing is seen; none where they cannot be read."""
    found = [
        parse_integer(child.get("frame"), 1 << 31) for child in element if child.tag in BOX_SHAPES and not flag(child, "outside")
    ]
    return [] if None in found else found  # type: ignore[return-value]


def _count_boxes(found: list[str]) -> str:
    return "a box" if len(found) == 1 else f"{len(found)} boxes"
