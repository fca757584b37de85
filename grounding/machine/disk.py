"""Disk: files that appear whole or not at all, and what is done with the halves that a killed program left.

While something is written it lies beside its place as `.NAME.xxxxxxxx.part`, locked by the program that writes it. The
system lets go of the lock when that program ends, however it ends: a part that nobody holds is left over.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from grounding.machine.errors import as_machine_error

PART_NAME = re.compile(r"\..+\.[0-9a-f]{8}\.part")
_MAX_NAME_BYTES = 200  # bytes of a name that the name of its part repeats


@contextlib.contextmanager
def explain_disk_errors(folder: Path | str) -> Iterator[None]:
    """Whatever the machine refuses inside is raised as a MachineError that names the folder."""
    try:
        yield
    except OSError as error:
        refusal = as_machine_error(error, folder)
        if refusal is None:
            raise
        raise refusal from error


@contextlib.contextmanager
def open_atomic(path: Path | str) -> Iterator[BinaryIO]:
    """A file to write to that appears at `path` when the block ends well; otherwise what was there stays. Makes the
    folder."""
    path = Path(path)
    with explain_disk_errors(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with part_file(path) as file:
            yield file
            file.flush()
            os.replace(file.name, path)


def write_atomic(path: Path | str, data: bytes) -> None:
    """Puts `data` at `path`, whole or not at all."""
    with open_atomic(path) as file:
        file.write(data)


@contextlib.contextmanager
def part_file(path: Path) -> Iterator[BinaryIO]:
    """A locked file beside `path`; it goes at the end unless it was moved."""
    part, file = _create_locked(path, lambda name: open(name, "x+b"), lambda file: file.fileno())
    try:
        yield file
        file.close()
    finally:
        with contextlib.suppress(OSError):  # something went wrong already, so what is left to write is not wanted
            file.close()
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def part_folder(path: Path) -> Iterator[Path]:
    """A locked folder beside `path`; it goes at the end unless it was moved."""
    def create(name: Path) -> int:
        name.mkdir()
        return os.open(name, os.O_RDONLY)

    part, handle = _create_locked(path, create, lambda handle: handle)
    try:
        yield part
    finally:
        os.close(handle)
        shutil.rmtree(part, ignore_errors=True)


def part_files_of(path: Path, suffix: str = ".part") -> list[Path]:
    """What was begun for `path`, by whomever; with another suffix, what was moved aside for it under the name of the
    part."""
    candidates = [(found, found.with_suffix(".part").name) for found in _list_folder(path.parent) if found.suffix == suffix]
    return [found for found, name in candidates if PART_NAME.fullmatch(name) and name[1:-14] == _stem(path.name)]


def remove_stale_parts(parts: Iterable[Path]) -> int:
    """Removes those that no program is writing any more; how many."""
    return sum(_remove_if_unlocked(part) for part in parts if PART_NAME.fullmatch(part.name))


def remove_stale_parts_in(folder: Path, depth: int = 0) -> int:
    """Removes the parts that were left over in a folder and, `depth` levels down, in those inside."""
    found = _list_folder(folder)
    inner = [
        path for path in found if depth and path.is_dir() and not path.is_symlink() and not PART_NAME.fullmatch(path.name)
    ]
    return remove_stale_parts(found) + sum(remove_stale_parts_in(path, depth - 1) for path in inner)


def _stem(name: str) -> str:
    return name.encode("utf-8", "surrogateescape")[:_MAX_NAME_BYTES].decode("utf-8", "ignore")


def _create_locked(path: Path, create, handle_of):
    """(path, open thing) of a new part that is locked; another try where a sweep was quicker than the lock."""
    while True:
        part = path.with_name(f".{_stem(path.name)}.{secrets.token_hex(4)}.part")
        with explain_disk_errors(path.parent):
            created = create(part)
        with contextlib.suppress(OSError):  # a file system without locks: its parts are never swept
            fcntl.flock(handle_of(created), fcntl.LOCK_EX)
        if part.exists():
            return part, created


def _remove_if_unlocked(part: Path) -> bool:
    try:
        handle = os.open(part, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(part) if part.is_dir() else part.unlink()
        return True
    except OSError:  # somebody writes it, or it is not ours to remove
        return False
    finally:
        os.close(handle)


def _list_folder(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
