"""Load: photos and videos come into a project, with the boxes and phrases that a COCO set says of them.

Whatever cannot come in is named with its cure, and the rest of the batch goes on. An item is there whole or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grounding.data import Annotation, Progress, Size, new_id
from grounding.data.media import MediaError, kind_of, open_image
from grounding.data.queries import ORIGINS
from grounding.exchange.archive import ArchiveError, Limits, Tree
from grounding.exchange.names import relative_name
from grounding.exchange.pictures import Phrase, Picture
from grounding.exchange.upright import stored, turned
from grounding.store import Item, Store
from grounding.tasks.annotate import Refused, check_value
from grounding.tasks.probe import probe_video
from grounding.tasks.sources import Wanted, find, local_file

AUTHOR = "person:import"
LONGEST_LABEL = 100


@dataclass
class LoadReport:
    """What came in; `skipped` and `notes` hold (name, a sentence that names it and the cure).

    Skipped things stayed out; notes tell what came in changed. `items` are the ids of the new items.
    """

    items: list[str] = field(default_factory=list)
    photos: int = 0
    videos: int = 0
    boxes: int = 0
    phrases: int = 0
    labels: list[str] = field(default_factory=list)  # new in the project
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def added(self) -> int:
        return len(self.items)

    def summary(self) -> str:
        """One line for people."""
        parts = [_count(self.photos, "photo"), _count(self.videos, "video"), _count(self.boxes, "box", "boxes"),
                 _count(self.phrases, "phrase")]
        came = ", ".join(part for part in parts if part) or "nothing"
        return f"{came} loaded" + (f", {len(self.skipped)} skipped" if self.skipped else "")


def load(store: Store, project_id: str, paths: Iterable[Path | str | Tree], *, detector: Any = None, generator: Any = None,
         limits: Limits = Limits()) -> Iterator[Progress]:
    """Brings photos, videos, folders, .zip archives and COCO sets into a project; the last progress holds a LoadReport.

    Proposes boxes and phrases for what came in only where a `detector` is given. Stopping in between keeps the items
    that are whole by then.
    """
    project, report = store.project(project_id), LoadReport()
    with ExitStack() as stack:
        yield Progress(0, 0, "looking through the files")
        found = find(paths, limits, stack)
        report.skipped += found.skipped
        report.notes += found.notes
        names = _add_labels(store, project.id, found.labels, report)
        for number, wanted in enumerate(found.wanted):
            yield Progress(number, len(found.wanted), wanted.shown)
            for _ in _safely(store, project.id, wanted, names, report):
                yield Progress(number, len(found.wanted), wanted.shown)
    if detector is not None and report.items:
        yield from _propose(store, project.id, report, detector, generator)
    yield Progress(len(found.wanted), len(found.wanted), report.summary(), report)


def _safely(store: Store, project: str, wanted: Wanted, names: dict[str, str], report: LoadReport) -> Iterator[None]:
    """Takes one file in; a reason why not goes into the report."""
    try:
        with local_file(wanted, store.folder / "cache") as path:
            yield from _take(store, project, wanted, path, names, report)
    except (MediaError, ArchiveError) as error:
        report.skipped.append((wanted.shown, str(error)))
    except OSError as error:
        why = error.strerror or error
        report.skipped.append((wanted.shown, f"{wanted.shown} cannot be read or kept ({why}); check the disk and load it again"))


def _take(store: Store, project: str, wanted: Wanted, path: Path, names: dict[str, str], report: LoadReport) -> Iterator[None]:
    name, sha256 = relative_name(wanted.shown), _sha256(path)
    twins = [item for item in store.items_with(project, sha256) if item.name == name and not item.trashed]
    if twins:
        _join_twin(store, twins[0], wanted, path, names, report)
        return
    facts = yield from _examined(path, name)
    if facts.warning:
        report.notes.append((name, facts.warning))
    sha256 = store.keep_file(path, facts.ext)
    with store.writing():
        item = store.add_item(project, name=name, kind=facts.kind, path_sha256=sha256, ext=facts.ext, size=facts.size,
                              pts=facts.pts_s, meta=facts.meta)
        _say(store, item, wanted, path, names, report)
    report.items.append(item.id)
    report.photos += facts.kind == "photo"
    report.videos += facts.kind == "video"


def _join_twin(store: Store, twin: Item, wanted: Wanted, path: Path, names: dict[str, str], report: LoadReport) -> None:
    """The same file is in the project already; what a COCO set says of it is taken if nothing is said there yet."""
    if wanted.picture and (wanted.picture.things or wanted.picture.phrases) and twin.revision == 0:
        _say(store, twin, wanted, path, names, report)
        report.notes.append((twin.name, f"{twin.name} was in the project without boxes; those of the COCO file were added to it"))
        return
    report.skipped.append((twin.name, f"{twin.name} is in the project already, with the same content; it was not added again"))


@dataclass(frozen=True, eq=False)
class _Facts:
    """What a file turned out to be. `pts_s` is None for photos."""

    kind: str
    ext: str
    size: Size
    pts_s: np.ndarray | None = None
    meta: dict = field(default_factory=dict)
    warning: str = ""


def _examined(path: Path, name: str) -> Iterator[None]:
    """Decodes a file as a whole, a video elsewhere; a generator that returns _Facts. Raises MediaError."""
    kind = kind_of(path, name)
    if kind.kind == "photo":
        return _Facts("photo", kind.ext, open_image(path, name).size)
    facts = yield from probe_video(path, name)
    return _Facts("video", kind.ext, facts.size, facts.pts_s, facts.meta, facts.warning)


def _say(store: Store, item: Item, wanted: Wanted, path: Path, names: dict[str, str], report: LoadReport) -> None:
    """Writes what a COCO set says of an item, as accepted by a person."""
    if wanted.picture is None:
        return
    versions: list[Annotation] = []
    objects = _boxes(item, wanted, path, names, versions, report)
    report.boxes += len(versions)
    for phrase in wanted.picture.phrases:
        value = _phrase_value(phrase, objects)
        if value is None:
            report.notes.append((item.name, f"{item.name}: the phrase {phrase.text[:60]!r} stayed out with a box it points at"))
        else:
            report.phrases += _add(versions, item, "phrase", value, report) is not None
    store.append(item.id, versions, edit=new_id())


def _boxes(item: Item, wanted: Wanted, path: Path, names: dict[str, str], versions: list[Annotation],
           report: LoadReport) -> list[str | None]:
    """Appends a version for each thing; the object ids, None for those that stayed out."""
    picture = wanted.picture
    turn = _turn(item, picture, path, report)
    if turn is None:
        return [None] * len(picture.things)
    objects = []
    for thing in picture.things:
        value = {"box": list(turned(thing.box, *turn)), "label": names[wanted.labels[thing.category]], "state": "accepted",
                 "score": _score(thing.attributes)}
        objects.append(_add(versions, item, "box", value, report))
    return objects


def _turn(item: Item, picture: Picture, path: Path, report: LoadReport) -> tuple[int, Size] | None:
    """How boxes drawn on the photo as told have to be turned to lie on the upright photo; None if they cannot fit it."""
    told = picture.size
    if told in (item.size, Size(0, 0)) or not picture.things:
        return 1, item.size
    orientation, as_stored = stored(path)
    if told == as_stored:
        report.notes.append((item.name, f"{item.name} is a turned photo whose boxes were drawn on the unturned one; they were turned with it"))
        return orientation, as_stored
    report.notes.append((item.name, f"{item.name} is {item.width} x {item.height}, but its boxes are for {told.width} x {told.height}; "
                                    "they stayed out: load the photo they were drawn on"))
    return None


def _add(versions: list[Annotation], item: Item, kind: str, value: dict, report: LoadReport) -> str | None:
    """Appends a version if the value passes the door; its object id."""
    try:
        versions.append(Annotation(item.id, kind, check_value(kind, value, item), AUTHOR))
    except Refused as error:
        report.notes.append((item.name, f"{item.name}: a {kind} stayed out: {error}"))
        return None
    return versions[-1].object


def _phrase_value(phrase: Phrase, objects: list[str | None]) -> dict | None:
    targets = [objects[index] for index in phrase.targets]
    if None in targets:
        return None
    known = phrase.attributes
    value = {"text": phrase.text, "targets": targets, "state": "accepted", "score": _score(known),
             "origin": known["origin"] if known.get("origin") in ORIGINS else "person"}
    kept = {key: known[key] for key, kind in (("rule", str), ("unique", bool)) if isinstance(known.get(key), kind)}
    return value | kept


def _score(attributes) -> float:
    score = attributes.get("score")
    return float(score) if isinstance(score, (int, float)) and not isinstance(score, bool) and 0 <= score <= 1 else 1.0


def _add_labels(store: Store, project_id: str, names: list[str], report: LoadReport) -> dict[str, str]:
    """Adds the labels the project lacks; how each category of a file is called in the project."""
    known = {label.name for label in store.project(project_id).labels}
    called = {name: _label(name) for name in names}
    report.labels += [name for name in dict.fromkeys(called.values()) if name not in known]
    if report.labels:
        store.set_labels(project_id, [*store.project(project_id).labels, *report.labels])
    return called


def _label(name: str) -> str:
    """A category's name as a label: printable, at most 100 characters."""
    return "".join(char if char.isprintable() else " " for char in name).strip()[:LONGEST_LABEL].strip() or "unnamed"


def _propose(store: Store, project_id: str, report: LoadReport, detector: Any, generator: Any) -> Iterator[Progress]:
    from grounding.tasks.propose import propose

    yield from propose(store, project_id, detector, generator, item_ids=report.items)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}" if number else ""
