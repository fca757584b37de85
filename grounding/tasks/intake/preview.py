"""Look: photos and videos that are in no project, and what the models would propose for them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from grounding.data import Progress
from grounding.data.media import FrameTable, MediaError, kind_of, open_image, open_video
from grounding.exchange.archive import ArchiveError, Limits
from grounding.tasks.intake.probe import probe_video
from grounding.tasks.intake.sources import Wanted, find, local_file
from grounding.tasks.label.propose import propose_item, seen_in_turn


def proposals(paths: Iterable[Path], detector: Any, generator: Any, refused: list[tuple[str, str]]) -> Iterator[dict]:
    """For each photo {"file", "width", "height", "objects", "phrases"}; files that are none go into `refused`, with the cure."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deixis-")))
        found = find(paths, Limits(), stack)
        refused += found.skipped
        for _, image, seen in seen_in_turn(_opened(found.wanted, scratch, refused), detector):
            yield _row(image, propose_item(image, detector, generator, seen=seen))


def strange_video(path: Path) -> Iterator[Progress]:
    """Opens a video of no project: decoded once in a process of its own, then here; the last progress holds the Video."""
    if kind_of(path).kind == "photo":
        raise MediaError(f"{path.name} is a photo, not a video; use the command ground or propose for it")
    steps = probe_video(path, path.name)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            yield Progress(1, 1, path.name, open_video(path, FrameTable(end.value.pts_s)))
            return
        yield Progress(0, 0, f"reading {path.name}")


def _opened(photos: Iterable[Wanted], scratch: Path, refused: list[tuple[str, str]]) -> Iterator[tuple[str, Any]]:
    """(name, image) of what can be read; the others go into `refused`."""
    for wanted in photos:
        try:
            with local_file(wanted, scratch) as path:
                if kind_of(path, wanted.shown).kind == "video":
                    raise MediaError(f"{wanted.shown} is a video; use the command follow for it")
                image = open_image(path, wanted.shown)
        except (MediaError, ArchiveError) as error:
            refused.append((wanted.shown, str(error)))
            continue
        yield wanted.shown, image


def _row(image, proposed) -> dict:
    things = [{key: proposal.value[key] for key in ("box", "label", "score")} for proposal in proposed if proposal.kind == "box"]
    phrases = [{key: proposal.value[key] for key in ("text", "targets", "unique", "score", "rule")}
               for proposal in proposed if proposal.kind == "phrase"]
    return {"file": image.name, "width": image.size.width, "height": image.size.height, "objects": things, "phrases": phrases}
