"""Follow a box: one object of a video is followed from a frame on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

from grounding.data import Progress, new_id
from grounding.services.job_kinds.context import JobContext
from grounding.store import NotFound
from grounding.tasks.video.follow_item import follow_item


@dataclass(frozen=True)
class FollowBoxJob:
    """Follows one object of the video `item` from `frame` on; the parameters are those of tasks/video/follow_item.py."""

    kind: ClassVar[str] = "follow_box"
    item: str
    frame: int
    box: Sequence[float] | None = None
    object: str | None = None
    label: str = ""
    until: int | None = None
    every: int = 1

    def start(self, context: JobContext) -> str:
        item = context.store.item(self.item)
        if item.kind != "video":
            raise ValueError(f"{item.name} is a photo; only things in videos can be followed")
        context.models.provider.maker("follower")
        last, furthest = (item.frame_count or 0) - 1, max(self.frame, self.until or 0)
        if furthest > last:
            raise NotFound(f"{item.name} has frames 0 to {last}; frame {furthest} was asked for")
        params = asdict(self) | {"box": self.box and list(self.box), "object": self.object or new_id()}
        return context.jobs.start_once(self.kind, item.project, params, item.id, ignored_param="" if self.object else "object")

    def run(self, context: JobContext) -> Iterator[Progress]:
        item, provider = context.store.item(self.item), context.models.provider
        options = {"box": self.box, "object": self.object or "", "label": self.label, "until": self.until, "every": self.every}
        return follow_item(context.store, item, provider.get("follower"), provider.get("detector"), self.frame, **options)
