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
from grounding.exchange.atomic_writer import remove_stale_exports
from grounding.machine.disk import remove_stale_parts_in, write_atomic
from grounding.machine.errors import MachineError, as_machine_error
from grounding.store import Store

RETENTION_S = 7 * 24 * 3600  # of uploads nobody loads, exports nobody fetches and checkpoints nobody goes on from
EVERY_S = 3600
log = logging.getLogger("deixis")


def uploads_folder(folder: Path) -> Path:
    """Where uploads wait until they are loaded."""
    return folder / "cache" / "uploads"


def remove_leftovers(store: Store) -> None:
    """Removes what killed runs left of exports, uploads and weights, here and where exports went; quick enough for
    every start."""
    folder = store.folder
    for note in _markers_folder(folder).glob("*.json"):
        _sweep_marked_export(note)
    for folder_to_sweep, depth in ((folder / "exports", 0), (uploads_folder(folder), 0), (folder / "models", 1), (folder / "cache", 0)):
        remove_stale_parts_in(folder_to_sweep, depth)
    for old in (
        *_entries_of(uploads_folder(folder)),
        *_entries_of(folder / "exports"),
        *(folder / "models").glob("*/*.checkpoint.safetensors"),
    ):
        _remove_old(old)


def discard_project_files(folder: Path, project_id: str) -> None:
    """Removes what waits or was written for a project that is gone: its exports, and its uploads that nobody loaded."""
    discard_exports(folder, project_id)
    for waiting in uploads_folder(folder).glob(f"{project_id}-*"):
        shutil.rmtree(waiting, ignore_errors=True)


def discard_exports(folder: Path, project_id: str) -> None:
    for path in (folder / "exports").glob(f"{project_id}-*.zip"):
        path.unlink(missing_ok=True)


def run_maintenance(store: Store, every_s: float = EVERY_S) -> None:
    """Sweeps the large folders once, makes a backup now and whenever an hour brought changes, for ever; what goes wrong
    is logged."""
    for name in ("media", "cache"):
        remove_stale_parts_in(store.folder / name, 4)
    while True:
        try:
            store.back_up()
        except Exception as error:
            log.warning("no backup was made: %s", as_machine_error(error) or error)
        time.sleep(every_s)


@contextlib.contextmanager
def export_marker(store: Store, out: Path) -> Iterator[None]:
    """While an export outside of the data folder is written, a note there tells the next start where to tidy up if this
    run is killed."""
    out = Path(os.path.abspath(out))
    if out.is_relative_to(store.folder):
        yield
        return
    note = _markers_folder(store.folder) / f"{new_id()}.json"
    with contextlib.suppress(MachineError):  # the export itself may lie where there is room
        write_atomic(note, json.dumps({"out": str(out)}).encode())
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def _sweep_marked_export(note: Path) -> None:
    """Tidies up beside the place of an export; its note goes after a week only, for another app may still write there."""
    try:
        out = Path(json.loads(note.read_text())["out"])
        remove_stale_exports(out)
    except (OSError, ValueError, KeyError, TypeError, MachineError) as error:
        log.info("the note %s tells nothing: %s", note.name, error)
    _remove_old(note)


def _markers_folder(folder: Path) -> Path:
    return folder / "cache" / "exporting"


def _entries_of(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _remove_old(path: Path) -> None:
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime > RETENTION_S:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
