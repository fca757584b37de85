"""Look: photos and videos that are in no project, and what the models would propose for them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from grounding.data import PhraseValue, Progress
from grounding.data.media import FrameTable, MediaError, kind_of, open_image, open_video
from grounding.exchange.archive import ArchiveError, Limits
from grounding.tasks.intake.probe import probe_video
from grounding.tasks.intake.sources import ImportFile, find_files, local_file
from grounding.tasks.label.propose import detect_images, propose_item


def propose_files(paths: Iterable[Path], detector: Any, generator: Any, skipped: list[tuple[str, str]]) -> Iterator[dict]:
    """For each photo {"file", "width", "height", "objects", "phrases"}; files that are none go into `skipped`, with the cure."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deixis-")))
        found = find_files(paths, Limits(), stack)
        skipped += found.skipped
        for _, image, detections in detect_images(_open_photos(found.files, scratch, skipped), detector):
            yield _row(image, propose_item(image, detector, generator, detections=detections))


def open_external_video(path: Path) -> Iterator[Progress]:
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


def _open_photos(photos: Iterable[ImportFile], scratch: Path, skipped: list[tuple[str, str]]) -> Iterator[tuple[str, Any]]:
    """(name, image) of what can be read; the others go into `skipped`."""
    for file in photos:
        try:
            with local_file(file, scratch) as path:
                if kind_of(path, file.display_name).kind == "video":
                    raise MediaError(f"{file.display_name} is a video; use the command follow for it")
                image = open_image(path, file.display_name)
        except (MediaError, ArchiveError) as error:
            skipped.append((file.display_name, str(error)))
            continue
        yield file.display_name, image


def _phrase_row(value: PhraseValue, targets: Iterable[int]) -> dict:
    return {"text": value.text, "targets": list(targets), "unique": value.unique, "score": value.score, "rule": value.rule}


def _row(image, proposed) -> dict:
    boxes = [proposal.value for proposal in proposed if proposal.kind == "box"]
    objects = [{"box": list(value.box), "label": value.label, "score": value.score} for value in boxes]
    phrases = [_phrase_row(proposal.value, proposal.targets) for proposal in proposed if proposal.kind == "phrase"]
    return {"file": image.name, "width": image.size.width, "height": image.size.height, "objects": objects, "phrases": phrases}
