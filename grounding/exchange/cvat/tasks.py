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
from grounding.exchange.values import MAX_FRAMES, parse_integer


@dataclass(frozen=True)
class Task:
    """`size` frames are shown (0: unknown), every `step`-th from `first_frame` to `last_frame`; `offset` is what the file adds to
    their numbers.

    `covers_video` is a task of all frames of its video, as far as the file states; it may end before the video does where
    the file is `consistent`: size, start, stop and step agree, and the image size is stated. `overlap`
    frames are shared with the next job.
    """

    id: str
    name: str
    source: str
    image_size: Size
    size: int
    first_frame: int
    last_frame: int
    step: int
    overlap: int
    covers_video: bool
    consistent: bool
    subset: str = ""
    offset: int | None = 0

    def shows(self, frame: int) -> bool:
        """Whether a frame of the video is one of those shown; where their number is not told, any from the first on."""
        return (
            self.first_frame <= frame <= (self.last_frame if self.size else MAX_FRAMES) and (frame - self.first_frame) % self.step == 0
        )


def read_tasks(root: ElementTree.Element) -> list[Task]:
    """The tasks that `meta` tells of, in order; one of which nothing is known where it tells of none."""
    meta = root.find("meta")
    if meta is None:
        return [_parse_task(ElementTree.Element("task"))]
    project = meta.findall("project/tasks/task")
    if project:
        return _with_offsets([_parse_task(element) for element in project])
    single = next(
        (element for name in ("task", "job") if (element := meta.find(name)) is not None), ElementTree.Element("task")
    )
    return [_parse_task(single, meta)]


def tasks_start_at_zero(tasks: list[Task], frames: Iterable[tuple[str, list[int]]]) -> bool | None:
    """Whether the tracks, given as (task id, frames), count each task for itself; None where some do and some do
    not."""
    by_id = {task.id: task for task in tasks if task.offset}
    tracks = [(by_id[task_id], rows) for task_id, rows in frames if task_id in by_id]
    fits_own = [all(map(task.shows, rows)) for task, rows in tracks]
    fits_offset = [all(task.shows(frame - task.offset) for frame in rows) for task, rows in tracks]
    only_own, only_on = any(a and not b for a, b in zip(fits_own, fits_offset)), any(b and not a for a, b in zip(fits_own, fits_offset))
    return None if only_own and only_on else only_own


def _parse_task(element: ElementTree.Element, meta: ElementTree.Element | None = None) -> Task:
    def text(path: str) -> str:
        return (element.findtext(path) or (meta.findtext(path) if meta is not None else "") or "").strip()

    size, start, stop = parse_integer(text("size")) or 0, parse_integer(text("start_frame")) or 0, parse_integer(text("stop_frame"))
    found = re.search(r"step\s*=\s*([1-9][0-9]{0,5})\b", text("frame_filter"))
    step = int(found[1]) if found else 1
    stated_size = (stop - start) // step + 1 if stop is not None and stop >= start else 0
    size, agree = size or stated_size, size == stated_size
    if start + size * step > MAX_FRAMES:
        size, start, step = 0, 0, 1  # nothing that a video has
    image_size = Size(parse_integer(text("original_size/width")) or 0, parse_integer(text("original_size/height")) or 0)
    return Task(
        text("id"),
        text("name"),
        text("source"),
        image_size,
        size,
        start,
        start + max(size - 1, 0) * step,
        step,
        parse_integer(text("overlap")) or 0,
        element.tag == "task" and bool(size) and start == 0 and step == 1,
        agree and bool(size) and all(image_size),
        text("subset"),
    )


def _with_offsets(tasks: list[Task]) -> list[Task]:
    """With the offsets that CVAT adds in a project."""
    with_offsets: list[Task] = []
    offset: int | None = 0
    for before, task in zip([None, *tasks], tasks):
        if before and before.subset != task.subset:
            offset = 0
        with_offsets.append(replace(task, offset=offset))
        offset = offset + task.first_frame + task.step * task.size if offset is not None and task.size else None
    return with_offsets
