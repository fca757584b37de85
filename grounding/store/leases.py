"""Leases: how one running app tells that another, which left work unfinished, is gone.

Each app holds a locked file; the system lets go of the lock when the process ends, however it ends. Apps that share a
database therefore share its folder too.
"""

from __future__ import annotations

import fcntl
import time
from pathlib import Path

from grounding.data import new_id

MIN_STALE_AGE_S = 60  # a file younger than this may belong to an app that is just about to lock it


class Lease:
    """A sign of life in `folder`, held until `release` or the end of the process."""

    def __init__(self, folder: Path):
        _remove_stale(folder)
        self.owner = new_id()
        self._path = _path(folder, self.owner)
        self._file = self._path.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def release(self) -> None:
        self._path.unlink(missing_ok=True)
        self._file.close()


def is_alive(folder: Path, owner: str) -> bool:
    """Whether that app still runs."""
    path = _path(folder, owner)
    if _is_locked(path):
        return True
    path.unlink(missing_ok=True)
    return False


def is_app_running(folder: Path) -> bool:
    """Whether an app runs on this folder."""
    return any(_is_locked(path) for path in folder.joinpath("cache").glob("alive-*"))


def _is_locked(path: Path) -> bool:
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True


def _remove_stale(folder: Path) -> None:
    """Removes what apps that were killed left behind."""
    for path in folder.joinpath("cache").glob("alive-*"):
        if time.time() - path.stat().st_mtime > MIN_STALE_AGE_S:
            is_alive(folder, path.name.removeprefix("alive-"))


def _path(folder: Path, owner: str) -> Path:
    return folder / "cache" / f"alive-{owner}"
