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
from datetime import datetime, timedelta, timezone
from pathlib import Path

from grounding.machine.disk import part_file, sweep_parts, writing
from grounding.machine.errors import MachineError
from grounding.store import leases
from grounding.store.database_errors import BACKUPS, cure_of
from grounding.store.engine import Contents, alone, contents, copy
from grounding.store.files import DATABASE

NEWEST, DAYS = 3, 7  # so many of the newest are kept, and the last of each of so many days
SPARE = 256 << 20  # bytes that a backup leaves free on the disk
_NAME = re.compile(r"deixis-(\d{8}-\d{6})\.sqlite")
_ASIDE = "deixis-before-restore-{}.sqlite"


@dataclass(frozen=True)
class Backup:
    """A copy of the database; `made` is its moment in UTC."""

    path: Path
    made: datetime

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class Restored:
    """What a restore did: `used` came back, the file that was there lies at `aside` (None if there was none)."""

    used: Path
    aside: Path | None
    holds: Contents


def kept(folder: Path) -> list[Backup]:
    """The newest first."""
    found = [(path, _NAME.fullmatch(path.name)) for path in (folder / BACKUPS).glob("deixis-*.sqlite")]
    made = [
        Backup(path, datetime.strptime(name[1], "%Y%m%d-%H%M%S").replace(tzinfo=timezone.utc))
        for path, name in found
        if name
    ]
    return sorted(made, key=lambda backup: backup.name, reverse=True)


def back_up(folder: Path) -> Backup | None:
    """Makes a backup if the database changed since the last one; None if it did not. Edits go on meanwhile.

    Raises MachineError where the database is damaged, or the disk has too little room for one more copy.
    """
    database, known = folder / DATABASE, kept(folder)
    if not database.is_file() or known and _changed(database) <= known[0].path.stat().st_mtime:
        return None
    began = _changed(database)
    _check_room(folder, database)
    with writing(folder / BACKUPS):
        (folder / BACKUPS).mkdir(exist_ok=True)
        sweep_parts((folder / BACKUPS).iterdir())
        with part_file(folder / BACKUPS / DATABASE) as file:
            copy(database, Path(file.name))
            if known and _same(Path(file.name), known[0].path):
                os.utime(known[0].path, (began, began))
                return None
            target = _free(folder / BACKUPS, "deixis-{}.sqlite")
            os.utime(file.name, (began, began))  # what is written from now on is not in it
            os.replace(file.name, target)
    _thin(folder)
    return kept(folder)[0]


def check_present(folder: Path) -> None:
    """Raises MachineError where the database was emptied or lost though there are backups of it: a fresh one would hide
    that."""
    database, known = folder / DATABASE, kept(folder)
    if known and (not database.exists() or database.stat().st_size == 0):
        what = "is empty" if database.exists() else "is gone"
        raise MachineError(
            f"the database {database} {what}, but there are backups of it; {cure_of(database)} (to begin anew instead, "
            f"move {folder / BACKUPS} away)"
        )


def restore(folder: Path, name: str = "") -> Restored:
    """Brings back a backup (the newest by default) or another SQLite file of Deixis; the present file is kept aside.

    Raises ValueError where there is no such backup, MachineError where the app runs on the folder or the backup is
    damaged.
    """
    source, database = _chosen(folder, name), folder / DATABASE
    _check_stopped(folder, database)
    with writing(folder), part_file(database) as file:
        copy(source, Path(file.name))
        holds = contents(Path(file.name))
        aside = _set_aside(folder, database)
        os.replace(file.name, database)
    return Restored(source, aside, holds)


def _chosen(folder: Path, name: str) -> Path:
    known = kept(folder)
    if not name and not known:
        raise ValueError(
            f"there are no backups in {folder / BACKUPS}; name the file of a copy you made: python -m grounding "
            "restore FILE"
        )
    places = [folder / BACKUPS / name, folder / name, Path(name)] if name else [known[0].path]
    found = next(
        (place for place in places if place.is_file() and place.resolve() != (folder / DATABASE).resolve()), None
    )
    if found is None:
        raise ValueError(f"there is no backup {name!r}; list them with: python -m grounding restore --list")
    return found


def _check_stopped(folder: Path, database: Path) -> None:
    if leases.running(folder):
        raise MachineError(f"Deixis is running on {folder}; close it, then restore")
    if database.exists() and not alone(database):
        raise MachineError(f"another program works with {database} just now; close it, then restore")


def _set_aside(folder: Path, database: Path) -> Path | None:
    """Moves the present database away with the log that belongs to it; where it lies now."""
    aside, moved = _free(folder, _ASIDE), None
    for end in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{database}{end}", f"{aside}{end}")
            moved = moved or aside
    return moved


def _thin(folder: Path) -> None:
    """Keeps the newest few, and the last of each of the latest days."""
    known, of_day = kept(folder), {}
    for backup in known:
        of_day.setdefault(backup.made.date(), backup)
    stay = {*known[:NEWEST], *list(of_day.values())[:DAYS]}
    for backup in set(known) - stay:
        backup.path.unlink(missing_ok=True)


def _changed(database: Path) -> float:
    """When the database was last written, in seconds: the file, or the log that belongs to it."""
    log = Path(f"{database}-wal")
    logged = log.stat().st_mtime if log.is_file() and log.stat().st_size else 0.0
    return max(database.stat().st_mtime, logged)


def _check_room(folder: Path, database: Path) -> None:
    size, free = database.stat().st_size, shutil.disk_usage(folder).free
    if free < size + SPARE:
        raise MachineError(
            f"{free >> 20} MB are free in {folder}, but a backup takes {size >> 20} MB and leaves "
            f"{SPARE >> 20} MB; free some space"
        )


def _same(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while piece := first.read(1 << 20):
            if piece != second.read(1 << 20):
                return False
    return True


def _free(folder: Path, form: str) -> Path:
    """A name that tells this moment; the next second's where it is taken."""
    moment = datetime.now(timezone.utc)
    while (path := folder / form.format(moment.strftime("%Y%m%d-%H%M%S"))).exists():
        moment += timedelta(seconds=1)
    return path
