"""Outlets: an export on its way to a folder or a .zip, written beside its place and moved there when it is whole."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from grounding.machine.disk import explain_disk_errors, open_atomic, part_files_of, part_folder, remove_stale_parts

MARKER_FILE = ".deixis-export"  # lies in every folder we wrote, so that a later export may replace it, and nothing else
_COMMENT = b"deixis export"  # the same for archives
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same export gives the same archive


class AtomicWriter(Protocol):
    """Takes files by relative name."""

    def open(self, name: str) -> BinaryIO:
        """A new file to write to; use it in a `with`, one at a time."""

    def copy(self, name: str, source: Path) -> None: ...


@contextmanager
def open_atomic_writer(target: Path) -> Iterator[AtomicWriter]:
    """An outlet to `target`: a .zip if its name ends so, else a folder.

    What is written appears at `target` only when the block ends well; otherwise nothing is left. An archive or a folder
    with files of somebody else is refused (ValueError), an empty folder or an earlier export of ours is replaced.
    What the machine refuses (a full disk) is a MachineError that names the folder.
    """
    target = Path(os.path.abspath(target))
    is_zip = target.suffix.lower() == ".zip"
    remove_stale_exports(target)
    _check_target(target, is_zip)
    with explain_disk_errors(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        if is_zip:
            with open_atomic(target) as file, _archive(file) as archive:
                yield _ZipWriter(archive)
            return
        with part_folder(target) as temporary:
            folder = _FolderWriter(temporary)
            yield folder
            (temporary / MARKER_FILE).write_text(json.dumps({"files": folder.file_count}))
            _replace_target(temporary, target)


@contextmanager
def _archive(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    archive = zipfile.ZipFile(file, "w")
    archive.comment = _COMMENT
    try:
        yield archive
        archive.close()
    finally:
        # stopped in the middle: its table of contents is not wanted, and may have no room
        with suppress(OSError, ValueError):
            archive.close()


def remove_stale_exports(target: Path) -> None:
    """Removes what exports to `target` that were killed left beside it, and brings back an earlier export they had
    moved aside."""
    remove_stale_parts(part_files_of(target))
    for old in part_files_of(target, ".old"):
        if old.with_suffix(".part").exists():  # it is being moved just now
            continue
        if not target.exists():
            os.rename(old, target)
        elif (old / MARKER_FILE).is_file():
            shutil.rmtree(old, ignore_errors=True)


def _check_target(target: Path, is_zip: bool) -> None:
    if not os.path.lexists(target):
        return
    if is_zip:
        _check_zip(target)
        return
    if not target.is_dir():
        raise ValueError(f"{target} is a file; name a folder, or a file that ends in .zip")
    if any(target.iterdir()) and not _is_ours(target):
        raise ValueError(f"{target} holds files that are not from an export of ours; name a new or an empty folder")


def _check_zip(target: Path) -> None:
    if target.is_dir():
        raise ValueError(f"{target} is a folder; name a file that ends in .zip, or move the folder away")
    try:
        with zipfile.ZipFile(target) as archive:
            ours = archive.comment == _COMMENT
    except (zipfile.BadZipFile, OSError):
        ours = False
    if not ours:
        raise ValueError(f"{target} is there already and is no export of ours; name a new file")


def _is_ours(folder: Path) -> bool:
    """Whether an export of ours wrote this folder and nobody added a file since."""
    try:
        written = int(json.loads((folder / MARKER_FILE).read_text())["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return sum(len(files) for _, _, files in os.walk(folder)) - 1 <= written


def _replace_target(temporary: Path, target: Path) -> None:
    """Puts the finished export in its place; an earlier one goes only after that worked."""
    if not target.exists():
        os.replace(temporary, target)
        return
    old = temporary.with_suffix(".old")
    os.rename(target, old)
    try:
        os.rename(temporary, target)
    except OSError:
        os.rename(old, target)
        raise
    shutil.rmtree(old)


class _FolderWriter:
    def __init__(self, root: Path):
        self._root = root
        self.file_count = 0

    def open(self, name: str) -> BinaryIO:
        return self._create_path(name).open("xb")

    def copy(self, name: str, source: Path) -> None:
        shutil.copyfile(source, self._create_path(name))

    def _create_path(self, name: str) -> Path:
        path = self._root / _check_relative_name(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file_count += 1
        return path


class _ZipWriter:
    """Photos and videos are stored as they are (they do not shrink); text is deflated."""

    def __init__(self, archive: zipfile.ZipFile):
        self._archive = archive

    def open(self, name: str) -> BinaryIO:
        return self._archive.open(self._info(name), "w", force_zip64=True)  # type: ignore[return-value]

    def copy(self, name: str, source: Path) -> None:
        info = self._info(name)
        info.file_size = source.stat().st_size
        with source.open("rb") as data, self._archive.open(info, "w") as target:
            shutil.copyfileobj(data, target, 1 << 20)

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(_check_relative_name(name), _EPOCH)
        info.external_attr = 0o644 << 16
        info.compress_type = zipfile.ZIP_DEFLATED if name.endswith((".json", ".txt", ".xml", ".ini")) else zipfile.ZIP_STORED
        return info


def _check_relative_name(name: str) -> str:
    parts = PurePosixPath(name).parts
    if not parts or parts[0] == "/" or ".." in parts:
        raise ValueError(f"a file of an export has a relative name; got {name!r}")
    return name
