"""Machine errors: what the machine refuses (a full disk, a missing permission, too little memory), as one sentence with
its cure."""

from __future__ import annotations

import errno
from pathlib import Path


class MachineError(Exception):
    """The machine refused, and the input is not to blame; the message says what, where and the cure."""


class DiskFullError(MachineError):
    """There is no room left where something was to be written."""


NO_MEMORY = "there is too little memory for this; close other programs, or work on less at once, then try again"
WORKER_ENDED = (
    "a worker process ended before its work was done, mostly because memory ran out; close other programs, then try "
    "again"
)
_MEMORY_SIGNS = ("can't allocate memory", "out of memory", "insufficient memory", "cannot allocate memory", "bad_alloc")
_FULL_SIGNS = ("no space left on device", "disk quota exceeded")

_DISK_FULL_MESSAGES = {
    errno.ENOSPC: "the disk is full: nothing more can be written in {folder}; free some space there, then try again",
    errno.EDQUOT: (
        "the disk quota is used up: nothing more can be written in {folder}; "
        "delete something or ask for more quota, then try again"
    ),
    errno.EFBIG: (
        "there is no room for a larger file in {folder}: the largest size allowed there is reached; "
        "raise that limit or use another folder, then try again"
    ),
}
_OTHER_MESSAGES = {
    errno.EROFS: "{path} is read-only; allow writing there, or choose another folder",
    errno.EACCES: "permission denied for {path}; change the permissions there, or choose another folder",
    errno.EPERM: "permission denied for {path}; change the permissions there, or choose another folder",
    errno.ENAMETOOLONG: "the path {path} is too long for this system; choose a shorter folder or name",
    errno.ENOTDIR: "{path} is in the place of a folder or lies in something that is none; name a folder",
    errno.EEXIST: "{path} is there already and is not what was expected; name another place",
    errno.EISDIR: "{path} is a folder; name a file",
    errno.EMFILE: "too many files are open at once; close other programs, or raise the limit of open files (ulimit -n)",
    errno.ENFILE: "too many files are open at once; close other programs, or raise the limit of open files (ulimit -n)",
    errno.EIO: "the disk failed at {path} (input/output error); check the disk, and copy your data to another one",
    errno.ENOMEM: NO_MEMORY,
}
_MAX_PATH_CHARS = 200  # characters of a path that a sentence shows


def as_machine_error(error: BaseException, folder: Path | str | None = None) -> MachineError | None:
    """An error of the machine as a MachineError; None for any other error.

    `folder` is where the work wrote, for errors that name no file.
    """
    if isinstance(error, MachineError):
        return error
    if isinstance(error, OSError) and error.errno is not None:
        return _file_error(error, folder)
    text = str(error).lower()
    out_of_memory = isinstance(error, RuntimeError) and any(sign in text for sign in _MEMORY_SIGNS)
    if isinstance(error, MemoryError) or out_of_memory:
        return MachineError(NO_MEMORY)
    if type(error).__name__ == "BrokenProcessPool":
        return MachineError(WORKER_ENDED)
    if any(sign in text for sign in _FULL_SIGNS):  # libraries that tell errors of files in words alone
        return DiskFullError(_DISK_FULL_MESSAGES[errno.ENOSPC].format(folder=_shorten_path(folder)))
    return None


def _file_error(error: OSError, folder: Path | str | None) -> MachineError | None:
    path = error.filename if isinstance(error.filename, (str, bytes, Path)) else None
    path = Path(path.decode("utf-8", "replace") if isinstance(path, bytes) else path) if path else None
    if error.errno in _DISK_FULL_MESSAGES:
        return DiskFullError(_DISK_FULL_MESSAGES[error.errno].format(folder=_shorten_path(path.parent if path else folder)))
    if error.errno in _OTHER_MESSAGES:
        return MachineError(_OTHER_MESSAGES[error.errno].format(path=_shorten_path(path or folder)))
    return None


def _shorten_path(path: Path | str | None) -> str:
    text = "".join(char if char.isprintable() else "?" for char in str(path or "the folder it was to be written in"))
    return text if len(text) <= _MAX_PATH_CHARS else f"{text[:_MAX_PATH_CHARS]}..."
