"""Backups: copies of the SQLite file that Deixis makes by itself, and bringing one of them back.

They lie in backups/ of the data folder: the newest few, and the last one of each of the latest days. A copy is checked
before it counts, so a damaged database never takes the place of a good backup. Of other databases this is their own
tools' matter.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from grounding.machine.disk import explain_disk_errors, part_file, remove_stale_parts
from grounding.machine.errors import MachineError
from grounding.store import leases
from grounding.store.database_errors import BACKUP_FOLDER, recovery_hint
from grounding.store.engine import DatabaseContents, copy_database, count_contents, has_exclusive_access
from grounding.store.files import DATABASE

KEEP_NEWEST, KEEP_DAYS = 3, 7  # so many of the newest are kept, and the last of each of so many days
MIN_FREE_BYTES = 256 << 20  # bytes that a backup leaves free on the disk
_NAME = re.compile(r"deixis-(\d{8}-\d{6})\.sqlite")
_REPLACED_NAME = "deixis-before-restore-{}.sqlite"


@dataclass(frozen=True)
class Backup:
    """A copy of the database; `created` is its time in UTC."""

    path: Path
    created: datetime

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class RestoreResult:
    """The result of a restore: `source` is the backup used, `replaced` where the former file lies now (None if there was none)."""

    source: Path
    replaced: Path | None
    contents: DatabaseContents


def list_backups(folder: Path) -> list[Backup]:
    """The newest first."""
    found = [(path, _NAME.fullmatch(path.name)) for path in (folder / BACKUP_FOLDER).glob("deixis-*.sqlite")]
    made = [
        Backup(path, datetime.strptime(name[1], "%Y%m%d-%H%M%S").replace(tzinfo=UTC))
        for path, name in found
        if name
    ]
    return sorted(made, key=lambda backup: backup.name, reverse=True)


def create_backup(folder: Path) -> Backup | None:
    """Makes a backup if the database changed since the last one; None if it did not. Edits go on meanwhile.

    Raises MachineError where the database is damaged, or the disk has too little room for one more copy.
    """
    database, known = folder / DATABASE, list_backups(folder)
    if not database.is_file() or known and _modified_time(database) <= known[0].path.stat().st_mtime:
        return None
    modified_at = _modified_time(database)
    _check_free_space(folder, database)
    with explain_disk_errors(folder / BACKUP_FOLDER):
        (folder / BACKUP_FOLDER).mkdir(exist_ok=True)
        remove_stale_parts((folder / BACKUP_FOLDER).iterdir())
        with part_file(folder / BACKUP_FOLDER / DATABASE) as file:
            copy_database(database, Path(file.name))
            if known and _same_bytes(Path(file.name), known[0].path):
                os.utime(known[0].path, (modified_at, modified_at))
                return None
            target = _unused_path(folder / BACKUP_FOLDER, "deixis-{}.sqlite")
            os.utime(file.name, (modified_at, modified_at))  # what is written from now on is not in it
            os.replace(file.name, target)
    _prune(folder)
    return list_backups(folder)[0]


def check_database_present(folder: Path) -> None:
    """Raises MachineError where the database was emptied or lost though there are backups of it: a fresh one would hide
    that."""
    database, known = folder / DATABASE, list_backups(folder)
    if known and (not database.exists() or database.stat().st_size == 0):
        what = "is empty" if database.exists() else "is gone"
        raise MachineError(
            f"the database {database} {what}, but there are backups of it; {recovery_hint(database)} (to begin anew instead, "
            f"move {folder / BACKUP_FOLDER} away)"
        )


def restore(folder: Path, name: str = "") -> RestoreResult:
    """Brings back a backup (the newest by default) or another SQLite file of Deixis; the present file is kept aside.

    Raises ValueError where there is no such backup, MachineError where the app runs on the folder or the backup is
    damaged.
    """
    source, database = _resolve_backup(folder, name), folder / DATABASE
    _check_stopped(folder, database)
    with explain_disk_errors(folder), part_file(database) as file:
        copy_database(source, Path(file.name))
        holds = count_contents(Path(file.name))
        aside = _move_database_aside(folder, database)
        os.replace(file.name, database)
    return RestoreResult(source, aside, holds)


def _resolve_backup(folder: Path, name: str) -> Path:
    known = list_backups(folder)
    if not name and not known:
        raise ValueError(
            f"there are no backups in {folder / BACKUP_FOLDER}; name the file of a copy you made: python -m grounding "
            "restore FILE"
        )
    candidates = [folder / BACKUP_FOLDER / name, folder / name, Path(name)] if name else [known[0].path]
    found = next(
        (place for place in candidates if place.is_file() and place.resolve() != (folder / DATABASE).resolve()), None
    )
    if found is None:
        raise ValueError(f"there is no backup {name!r}; list them with: python -m grounding restore --list")
    return found


def _check_stopped(folder: Path, database: Path) -> None:
    if leases.is_app_running(folder):
        raise MachineError(f"Deixis is running on {folder}; close it, then restore")
    if database.exists() and not has_exclusive_access(database):
        raise MachineError(f"another program works with {database} just now; close it, then restore")


def _move_database_aside(folder: Path, database: Path) -> Path | None:
    """Moves the present database away with the log that belongs to it; where it lies now."""
    replaced, moved = _unused_path(folder, _REPLACED_NAME), None
    for end in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{database}{end}", f"{replaced}{end}")
            moved = moved or replaced
    return moved


def _prune(folder: Path) -> None:
    """Keeps the newest few, and the last of each of the latest days."""
    known, of_day = list_backups(folder), {}
    for backup in known:
        of_day.setdefault(backup.created.date(), backup)
    keep = {*known[:KEEP_NEWEST], *list(of_day.values())[:KEEP_DAYS]}
    for backup in set(known) - keep:
        backup.path.unlink(missing_ok=True)


def _modified_time(database: Path) -> float:
    """When the database was last written, in seconds: the file, or the log that belongs to it."""
    log = Path(f"{database}-wal")
    logged = log.stat().st_mtime if log.is_file() and log.stat().st_size else 0.0
    return max(database.stat().st_mtime, logged)


def _check_free_space(folder: Path, database: Path) -> None:
    size, free = database.stat().st_size, shutil.disk_usage(folder).free
    if free < size + MIN_FREE_BYTES:
        raise MachineError(
            f"{free >> 20} MB are free in {folder}, but a backup takes {size >> 20} MB and leaves "
            f"{MIN_FREE_BYTES >> 20} MB; free some space"
        )


def _same_bytes(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while piece := first.read(1 << 20):
            if piece != second.read(1 << 20):
                return False
    return True


def _unused_path(folder: Path, pattern: str) -> Path:
    """A name that tells this moment; the next second's where it is taken."""
    moment = datetime.now(UTC)
    while (path := folder / pattern.format(moment.strftime("%Y%m%d-%H%M%S"))).exists():
        moment += timedelta(seconds=1)
    return path
