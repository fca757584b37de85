"""The tasks a CVAT file is about: their video, and which of its frames they show.

An export is of a task, of a job (some frames of a task), or of a project (several tasks). CVAT numbers frames as the
video does: `start_frame` is the first one shown, `frame_filter` "step=N" leaves N - 1 out after each. In a project the
numbers of each task go on from those of the tasks before it in its subset; files in which each task counts for itself
are read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from xml.etree import ElementTree

from grounding.data import Size
from grounding.exchange.values import MOST_FRAMES, whole_in


@dataclass(frozen=True)
class Task:
    """`size` frames are shown (0: not told), every `step`-th from `start` to `last`; `offset` is what the file adds to
    their numbers.

    `whole` is a task of all frames of its video, as far as the file tells; it may end before the video does where the
    file is `sure` of its frames: size, start, stop and step agree, and the size of the picture is told. `overlap`
    frames are shared with the next job.
    """

    id: str
    name: str
    source: str
    picture: Size
    size: int
    start: int
    last: int
    step: int
    overlap: int
    whole: bool
    sure: bool
    subset: str = ""
    offset: int | None = 0

    def shows(self, frame: int) -> bool:
        """Whether a frame of the video is one of those shown; where their number is not told, any from the first on."""
        return (
            self.start <= frame <= (self.last if self.size else MOST_FRAMES) and (frame - self.start) % self.step == 0
        )


def tasks_of(root: ElementTree.Element) -> list[Task]:
    """The tasks that `meta` tells of, in order; one of which nothing is known where it tells of none."""
    meta = root.find("meta")
    if meta is None:
        return [_task(ElementTree.Element("task"))]
    project = meta.findall("project/tasks/task")
    if project:
        return _counted_on([_task(element) for element in project])
    single = next(
        (element for name in ("task", "job") if (element := meta.find(name)) is not None), ElementTree.Element("task")
    )
    return [_task(single, meta)]


def each_from_its_start(tasks: list[Task], frames: Iterable[tuple[str, list[int]]]) -> bool | None:
    """Whether the tracks, given as (task id, frames), count each task for itself; None where some do and some do
    not."""
    by_id = {task.id: task for task in tasks if task.offset}
    tracks = [(by_id[task_id], rows) for task_id, rows in frames if task_id in by_id]
    own = [all(map(task.shows, rows)) for task, rows in tracks]
    on = [all(task.shows(frame - task.offset) for frame in rows) for task, rows in tracks]
    only_own, only_on = any(a and not b for a, b in zip(own, on)), any(b and not a for a, b in zip(own, on))
    return None if only_own and only_on else only_own


def _task(element: ElementTree.Element, meta: ElementTree.Element | None = None) -> Task:
    def text(path: str) -> str:
        return (element.findtext(path) or (meta.findtext(path) if meta is not None else "") or "").strip()

    size, start, stop = whole_in(text("size")) or 0, whole_in(text("start_frame")) or 0, whole_in(text("stop_frame"))
    found = re.search(r"step\s*=\s*([1-9][0-9]{0,5})\b", text("frame_filter"))
    step = int(found[1]) if found else 1
    told = (stop - start) // step + 1 if stop is not None and stop >= start else 0
    size, agree = size or told, size == told
    if start + size * step > MOST_FRAMES:
        size, start, step = 0, 0, 1  # nothing that a video has
    picture = Size(whole_in(text("original_size/width")) or 0, whole_in(text("original_size/height")) or 0)
    return Task(
        text("id"),
        text("name"),
        text("source"),
        picture,
        size,
        start,
        start + max(size - 1, 0) * step,
        step,
        whole_in(text("overlap")) or 0,
        element.tag == "task" and bool(size) and start == 0 and step == 1,
        agree and bool(size) and all(picture),
        text("subset"),
    )


def _counted_on(tasks: list[Task]) -> list[Task]:
    """With the offsets that CVAT adds in a project."""
    counted: list[Task] = []
    offset: int | None = 0
    for before, task in zip([None, *tasks], tasks):
        if before and before.subset != task.subset:
            offset = 0
        counted.append(replace(task, offset=offset))
        offset = offset + task.start + task.step * task.size if offset is not None and task.size else None
    return counted
