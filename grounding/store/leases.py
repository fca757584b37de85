"""Leases: how one running app tells that another, which left work unfinished, is gone.

Each app holds a locked file; the system lets go of the lock when the process ends, however it ends.
"""

from __future__ import annotations

import fcntl
from pathlib import Path

from grounding.data import new_id


class Lease:
    """A sign of life in `folder`, held until `release` or the end of the process."""

    def __init__(self, folder: Path):
        self.owner = new_id()
        self._path = _path(folder, self.owner)
        self._file = self._path.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def release(self) -> None:
        self._path.unlink(missing_ok=True)
        self._file.close()


def alive(folder: Path, owner: str) -> bool:
    """Whether that app still runs."""
    path = _path(folder, owner)
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
            return False
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True


def _path(folder: Path, owner: str) -> Path:
    return folder / "cache" / f"alive-{owner}"
