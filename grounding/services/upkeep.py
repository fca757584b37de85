"""Upkeep: what the app does for its data folder by itself: it removes what killed runs left half-written, and makes
backups."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from grounding.data import new_id
from grounding.exchange.atomic_writer import sweep_beside
from grounding.machine.disk import sweep_folder, write_whole
from grounding.machine.errors import MachineError, machine_error
from grounding.store import Store

KEPT_S = 7 * 24 * 3600  # of uploads nobody loads, exports nobody fetches and checkpoints nobody goes on from
EVERY_S = 3600
log = logging.getLogger("deixis")


def uploads(folder: Path) -> Path:
    """Where uploads wait until they are loaded."""
    return folder / "cache" / "uploads"


def tidy(store: Store) -> None:
    """Removes what killed runs left of exports, uploads and weights, here and where exports went; quick enough for
    every start."""
    folder = store.folder
    for note in _notes(folder).glob("*.json"):
        _sweep_noted(note)
    for place, depth in ((folder / "exports", 0), (uploads(folder), 0), (folder / "models", 1), (folder / "cache", 0)):
        sweep_folder(place, depth)
    for old in (
        *_in(uploads(folder)),
        *_in(folder / "exports"),
        *(folder / "models").glob("*/*.checkpoint.safetensors"),
    ):
        _remove_old(old)


def discard(folder: Path, project_id: str) -> None:
    """Removes what waits or was written for a project that is gone: its exports, and its uploads that nobody loaded."""
    discard_exports(folder, project_id)
    for waiting in uploads(folder).glob(f"{project_id}-*"):
        shutil.rmtree(waiting, ignore_errors=True)


def discard_exports(folder: Path, project_id: str) -> None:
    for path in (folder / "exports").glob(f"{project_id}-*.zip"):
        path.unlink(missing_ok=True)


def look_after(store: Store, every_s: float = EVERY_S) -> None:
    """Sweeps the large folders once, makes a backup now and whenever an hour brought changes, for ever; what goes wrong
    is logged."""
    for place in ("media", "cache"):
        sweep_folder(store.folder / place, 4)
    while True:
        try:
            store.back_up()
        except Exception as error:
            log.warning("no backup was made: %s", machine_error(error) or error)
        time.sleep(every_s)


@contextlib.contextmanager
def remembered(store: Store, out: Path) -> Iterator[None]:
    """While an export outside of the data folder is written, a note there tells the next start where to tidy up if this
    run is killed."""
    out = Path(os.path.abspath(out))
    if out.is_relative_to(store.folder):
        yield
        return
    note = _notes(store.folder) / f"{new_id()}.json"
    with contextlib.suppress(MachineError):  # the export itself may lie where there is room
        write_whole(note, json.dumps({"out": str(out)}).encode())
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def _sweep_noted(note: Path) -> None:
    """Tidies up beside the place of an export; its note goes after a week only, for another app may still write there."""
    try:
        out = Path(json.loads(note.read_text())["out"])
        sweep_beside(out)
    except (OSError, ValueError, KeyError, TypeError, MachineError) as error:
        log.info("the note %s tells nothing: %s", note.name, error)
    _remove_old(note)


def _notes(folder: Path) -> Path:
    return folder / "cache" / "exporting"


def _in(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _remove_old(path: Path) -> None:
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime > KEPT_S:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
