"""Database errors: what a database refuses, as one sentence with its cure."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import sqlalchemy as sa

from grounding.machine.errors import DiskFullError, MachineError, as_machine_error
from grounding.store.files import DATABASE

BACKUP_FOLDER = "backups"  # the folder of backups, beside the database
MIN_FREE_BYTES = 1 << 16  # bytes; with less, a failing write is taken for a full disk


def server_error(engine: sa.Engine, context) -> MachineError | None:
    """What an error of a database server says; None if it is about a statement."""
    if not isinstance(context.sqlalchemy_exception, sa.exc.OperationalError):
        return None
    message = str(context.original_exception).strip().split("\n")[0][:200]
    place = engine.url.render_as_string(hide_password=True)
    return MachineError(
        f"the database {place} does not work ({message}); check that its server runs and has room, and DEIXIS_DATABASE_URL"
    )


def recovery_hint(path: Path) -> str:
    """What to do about a database that is damaged or gone."""
    if path.parent.name == BACKUP_FOLDER:
        return "choose another backup: python -m grounding restore --list"
    if path.name != DATABASE:
        return f"put a sound copy in its place, or choose another file (sqlite3 {path.name} .recover may save a part)"
    if any((path.parent / BACKUP_FOLDER).glob("*.sqlite")):
        return "stop Deixis and bring back the last backup with: python -m grounding restore"
    return (
        "no backup of it was made yet: put a copy of yours in its place, or move it away to begin anew (sqlite3 "
        f"{path.name} .recover may save a part)"
    )


def sqlite_error(error: BaseException, path: Path) -> MachineError | None:
    """What an error of SQLite says of the machine; None if it is about a statement."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and _disk_is_full(path.parent):
        return DiskFullError(
            f"the disk is full: nothing more can be written in {path.parent}; free some space there, then try again"
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return MachineError(f"the database {path} is damaged ({error}); {recovery_hint(path)}")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL):
        return MachineError(f"the database {path} is locked by another program; close that program, then try again")
    if code == sqlite3.SQLITE_NOMEM:
        return as_machine_error(MemoryError())
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN):
        return MachineError(
            f"the database {path} cannot be opened for writing ({error}); change the permissions of {path.parent}, or "
            "choose another data folder with DEIXIS_DATA"
        )
    if code == sqlite3.SQLITE_IOERR:
        return MachineError(
            f"the disk failed at the database {path} ({error}); check that the disk is there and healthy, then start "
            "Deixis again"
        )
    return None


def _disk_is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < MIN_FREE_BYTES
    except OSError:
        return False
