"""Load: photos and videos come into a project, with the boxes, tracks and phrases that a set (COCO, MOT, CVAT, VidSTG) says of them.

Whatever cannot come in is named with its cure, and the rest of the batch goes on. An item is there whole or not at all.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grounding.data import Progress, Size
from grounding.data.media import MediaError, is_animation, kind_of, open_image
from grounding.exchange.archive import ArchiveError, FileTree, Limits
from grounding.exchange.names import relative_name
from grounding.store import Item, Store
from grounding.tasks.intake.imported_annotations import AnnotationImport
from grounding.tasks.intake.probe import probe_video
from grounding.tasks.intake.report import LoadReport
from grounding.tasks.intake.sources import ImportFile, find_files, local_file
from grounding.tasks.label.labels import map_categories
from grounding.tasks.label.propose import propose

ANIMATION_NOTE = "{} is an animation; its first picture came in: save it as a video to have all of it"


def load(store: Store, project_id: str, paths: Iterable[Path | str | FileTree], *, detector: Any = None, generator: Any = None,
         grounder: Any = None, tracker: Any = None, limits: Limits = Limits(),
         admit_file: Callable[[int], None] = lambda size: None) -> Iterator[Progress]:
    """Brings photos, videos, folders, .zip archives and sets with boxes or tracks into a project; the last progress holds a LoadReport.

    Proposes boxes, phrases and tracks for what came in only where a `detector` is given. Stopping in between keeps the
    items that are whole by then. `admit_file(size)` raises ValueError or PermissionError where the project may not keep
    a file of this size.
    """
    report = LoadReport()
    batch = _LoadRun(store, store.project(project_id).id, report, admit_file)
    with ExitStack() as stack:
        yield Progress(0, 0, "looking through the files")
        found = find_files(paths, limits, stack)
        report.skipped += found.skipped
        report.notes += found.notes
        batch.add_labels(found.labels)
        for number, file in enumerate(found.files):
            yield Progress(number, len(found.files), file.display_name)
            for _ in batch.add(file):
                yield Progress(number, len(found.files), file.display_name)
    if detector is not None and batch.new_items:
        for step in propose(store, project_id, detector, generator, batch.new_items, grounder, tracker):
            report.proposed = step.result or report.proposed
            yield Progress(step.done, step.total, step.note)
    yield Progress(len(found.files), len(found.files), report.summary(), report)


@dataclass(frozen=True, eq=False)
class _FileInfo:
    """What a file turned out to be. `pts_s` is None for photos."""

    kind: str
    ext: str
    size: Size
    pts_s: np.ndarray | None = None
    meta: dict = field(default_factory=dict)
    warning: str = ""
    depth: str = ""  # how a photo of more than 8 bits was brought to 8


@dataclass
class _LoadRun:
    """One load under way. `new_items` are the ids of the items nobody has said anything about."""

    store: Store
    project: str
    report: LoadReport
    admit_file: Callable[[int], None]
    new_items: list[str] = field(default_factory=list)
    deep_photos: list[tuple[str, str]] = field(default_factory=list)  # (name, sentence) of photos of more than 8 bits

    def __post_init__(self):
        self.annotations = AnnotationImport(self.store, self.report)

    def add_labels(self, names: list[str]) -> None:
        """Adds the labels that the project lacks, behind its own."""
        self.annotations.label_by_category, changed = map_categories(names)
        self.report.notes += changed
        existing = {label.name for label in self.store.project(self.project).labels}
        self.report.labels += [name for name in dict.fromkeys(self.annotations.label_by_category.values()) if name not in existing]
        if self.report.labels:
            self.store.set_labels(self.project, [*self.store.project(self.project).labels, *self.report.labels])

    def add(self, file: ImportFile) -> Iterator[None]:
        """Takes one file in; yields while that takes time. A reason why not goes into the report."""
        try:
            with local_file(file, self.store.folder / "cache") as path:
                yield from self._add_file(file, path)
        except (MediaError, ArchiveError) as error:
            self.report.skipped.append((file.display_name, str(error)))
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise
            self.report.skipped.append(
                (
                    file.display_name,
                    f"{file.display_name} cannot be read ({error.strerror or error}); check its permissions and load it again",
                )
            )

    def _add_file(self, file: ImportFile, path: Path) -> Iterator[None]:
        name, sha256 = relative_name(file.display_name), _sha256(path)
        twins = [item for item in self.store.items_by_hash(self.project, sha256) if item.name == name and not item.trashed]
        if twins:
            self._merge_into(twins[0], file, path)
            return
        facts = yield from _inspect_file(path, name)
        if facts.warning:
            self.report.notes.append((name, facts.warning))
        if facts.depth:
            self._note_depth(name, facts.depth)
        try:
            self.admit_file(path.stat().st_size)
        except (ValueError, PermissionError) as error:
            raise ArchiveError(f"{name} stayed out: {error}") from None
        sha256 = self.store.add_file(path, facts.ext)
        try:
            with self.store.transaction():
                item = self.store.add_item(self.project, name=name, kind=facts.kind, sha256=sha256, ext=facts.ext,
                                           size=facts.size, pts=facts.pts_s, meta=facts.meta, source=path)
                self.annotations.add(item, file, path)
        except BaseException:  # stopped or failed in between: the file goes with the item
            self.store.delete_unused_file(sha256, facts.ext)
            raise
        self.new_items.append(item.id)
        self.report.added += 1
        self.report.photos += facts.kind == "photo"
        self.report.videos += facts.kind == "video"

    def _merge_into(self, twin: Item, file: ImportFile, path: Path) -> None:
        """The same file is here already; what a set says of it is taken if nothing is said there yet, or nothing of
        that part of a video."""
        described = file.image and (file.image.objects or file.image.phrases) or file.video and file.video.tracks
        if described and (twin.revision == 0 or file.video and self.annotations.adds_new_part(twin, file.video)):
            self.annotations.add(twin, file, path)
            self.report.note(twin.name, "was in the project without boxes; those of the set were added to it" if twin.revision == 0 else
                       "was in the project; the tracks of another part of it were added")
            return
        if twin.revision == 0:
            self.new_items.append(twin.id)  # a load that was stopped before its proposals goes on with them
        self.report.known += 1
        not_added = "; what this set says of it stayed out, since it has annotations already: load it into another project" * bool(
            described
        )
        self.report.skipped.append(
            (twin.name, f"{twin.name} is in the project already, with the same content; it was not added again{not_added}")
        )

    def _note_depth(self, name: str, change: str) -> None:
        """One note for all the deep pictures of a load: the first by its values, the others by their number."""
        self.deep_photos.append((name, f"{name} {change}"))
        first, others = self.deep_photos[0], len(self.deep_photos) - 1
        self.report.notes[:] = [note for note in self.report.notes if note[0] != first[0] or not note[1].startswith(first[1])]
        more = f"; so were those of {others} more photo{'s' if others > 1 else ''}, each by its own values" if others else ""
        self.report.notes.append((first[0], first[1] + more))


def _inspect_file(path: Path, name: str) -> Iterator[None]:
    """Decodes a file as a whole, a video elsewhere; a generator that returns _Facts. Raises MediaError."""
    kind = kind_of(path, name)
    if kind.kind == "photo":
        image = open_image(path, name, require_complete=True)
        return _FileInfo(
            "photo",
            kind.ext,
            image.size,
            warning=ANIMATION_NOTE.format(name) if is_animation(path, name) else image.note,
            depth=image.bit_depth_note,
        )
    facts = yield from probe_video(path, name)
    return _FileInfo("video", kind.ext, facts.size, facts.pts_s, facts.meta, facts.warning)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
