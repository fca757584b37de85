"""What the store hands out: projects, labels, items, and the ways it says no."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from grounding.data import Annotation, Size

STATUSES = ("new", "in_progress", "done")
ITEM_KINDS = ("photo", "video")


@dataclass(frozen=True)
class Label:
    """A class of things. `id` >= 1 stays for good: it survives renames and is never given to another label."""

    id: int
    name: str
    color: str


@dataclass(frozen=True)
class Project:
    """A set of items and the labels (in the order a person gave them) that are used on them."""

    id: str
    name: str
    labels: tuple[Label, ...]
    created: str
    trashed: bool = False


@dataclass(frozen=True)
class Item:
    """A photo or a video of a project; width and height are those of the upright picture.

    `revision` counts the edits; `frame_count` is None for photos; `name` is for display only, never a path to open.
    """

    id: str
    project: str
    name: str
    kind: str
    width: int
    height: int
    frame_count: int | None
    status: str
    revision: int
    trashed: bool
    sha256: str
    ext: str

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)


@dataclass(frozen=True)
class ItemPosition:
    """Where an item stands among the untrashed ones of its project: ids beside it, 0-based position, how many."""

    previous: str | None
    next: str | None
    position: int
    count: int


@dataclass(frozen=True)
class JobRow:
    """A piece of long work as the store remembers it.

    `state`: queued, running, done, failed, cancelled or interrupted. `owner` names the running app that works on it.
    """

    id: str
    kind: str
    project: str | None
    item: str | None
    owner: str
    state: str
    done: int
    total: int
    note: str
    params: dict[str, Any] = field(default_factory=dict)
    result: Any = None
    error: str | None = None
    created: str = ""
    updated: str = ""


class NotFound(LookupError):
    """There is no such project, item, label or job."""


class Conflict(Exception):
    """An edit replaces a version that is no longer current. `current` and `revision` say what is."""

    def __init__(self, item: str, revision: int, current: list[Annotation]):
        super().__init__("somebody else changed this meanwhile; look at what stands now and make the change again")
        self.item, self.revision, self.current = item, revision, current
