"""Archives: folders and .zip files read as one thing, so that nothing hostile in a zip ever reaches the disk."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from grounding.exchange.names import natural_sort_key
from grounding.exchange.texts import ArchiveError, decode_text, parse_json
from grounding.exchange.zip_members import MemberReader
from grounding.exchange.zip_names import ZipNames

__all__ = [
    "ArchiveError", "UploadTree", "FolderTree", "Limits", "FileTree", "ZipTree", "extract", "natural_sort_key",
    "read_json", "read_text",
]
_IGNORED = {"thumbs.db", "desktop.ini", "__macosx"}
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Limits:
    """How much one archive may hold."""

    members: int = 200_000
    member_bytes: int = 8 << 30
    total_bytes: int = 64 << 30
    ratio: float = 200.0  # photos and videos hardly shrink; JSON shrinks to a tenth
    ratio_from_bytes: int = 4 << 20  # small members may shrink as they like


class FileTree(Protocol):
    """Files by relative name, wherever they lie. `refused` holds (name, why) of what may not come out."""

    title: str
    refused: list[tuple[str, str]]

    def names(self) -> list[str]:
        """Every file, forward slashes, in natural order; hidden files and a system's own litter left out."""

    def __contains__(self, name: str) -> bool: ...

    def open(self, name: str) -> BinaryIO:
        """The bytes of one file; raises ArchiveError where they cannot be had."""

    def path(self, name: str) -> Path | None:
        """Where the file lies, or None if it has to be copied out first."""

    def same_name_files(self, name: str) -> list[str]:
        """Other files that came under the same name, so that nobody knows which of them is meant by it."""


class UploadTree:
    """Files from anywhere, under the names a person sees: what a browser uploads, or a shell names one by one.

    `original_names` holds the name under which a file was uploaded where another file has it too; see `names.deduplicate_names`.
    """

    def __init__(self, files: Mapping[str, Path], title: str = "the files", original_names: Mapping[str, str] | None = None):
        self.title = title
        self._original_names = {name: sent for name, sent in (original_names or {}).items() if name != sent}
        self._files = {name: Path(path) for name, path in files.items() if not _leaves_folder(name)}
        self.refused = [(name, "has a name that leads out of its folder; rename it") for name in files if _leaves_folder(name)]

    def names(self) -> list[str]:
        """What lies in no folder was named by a person and is never left out."""
        return sorted((name for name in self._files if "/" not in name or not any(map(_is_hidden, name.split("/")))), key=natural_sort_key)

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def path(self, name: str) -> Path | None:
        return self._files.get(name)

    def same_name_files(self, name: str) -> list[str]:
        return [other for other, sent in self._original_names.items() if sent == name]

    def open(self, name: str) -> BinaryIO:
        return _open_file(self, name)


class FolderTree:
    """A folder and everything below it; links to folders are not followed, but named."""

    def __init__(self, root: Path):
        self.root = Path(root)
        self.title = self.root.name or str(self.root)
        self.refused: list[tuple[str, str]] = []

    def names(self) -> list[str]:
        self.refused = []
        return sorted(self._walk(), key=natural_sort_key)

    def _walk(self) -> Iterator[str]:
        for folder, folders, files in os.walk(self.root, onerror=self._unreadable):
            folders[:] = [name for name in folders if not _is_hidden(name)]
            inside = Path(folder).relative_to(self.root)
            links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
            self.refused += [((inside / name).as_posix(), "is a link to a folder; load that folder itself") for name in links]
            yield from ((inside / name).as_posix() for name in files if not _is_hidden(name))

    def _unreadable(self, error: OSError) -> None:
        self.refused.append((str(error.filename), "cannot be opened; check the permissions of this folder"))

    def __contains__(self, name: str) -> bool:
        path = self.path(name)
        return path is not None and os.path.isfile(path)

    def path(self, name: str) -> Path | None:
        return None if _leaves_folder(name) else self.root / name

    def same_name_files(self, name: str) -> list[str]:
        return []

    def open(self, name: str) -> BinaryIO:
        return _open_file(self, name)


class ZipTree:
    """A .zip, checked member by member before anything is read; what is read is counted against the limits.

    Raises ArchiveError if the whole archive has to be refused. Close it, or use it in a `with`.
    """

    def __init__(self, path: Path, limits: Limits = Limits(), title: str = ""):
        self.title = title or Path(path).name
        self.refused: list[tuple[str, str]] = []
        self.renamed: dict[str, str] = {}
        self._limits, self._total = limits, 0
        try:
            self._zip = zipfile.ZipFile(path)
        except (PermissionError, FileNotFoundError) as error:
            raise ArchiveError(f"{self.title} cannot be opened ({error.strerror}); check its name and permissions") from error
        # a damaged table sends zipfile to places that are not there
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise ArchiveError(f"{self.title} is damaged or not a .zip; make the archive again") from error
        self._names = ZipNames(info for info in self._zip.infolist() if not info.filename.endswith("/"))  # is_dir() breaks on an empty name
        self.uncertain_names = self._names.uncertain  # how many names may be read wrongly: no code page is told, and none was found
        try:
            self._members = self._checked_members()
        except ArchiveError:
            self._zip.close()
            raise

    def decode_names_like(self, expected_names: Iterable[str]) -> str:
        """Reads names of an unknown code page so that those which another file tells are found; that page, "" where none is.

        `renamed` then holds {name of before: name of now}.
        """
        names, before = self._names.decoded_like(expected_names), self._names
        if names is before:
            return ""
        self._names, self.refused, self.uncertain_names = names, [], 0
        self._members = self._checked_members()
        self.renamed = {before.name(info): names.name(info) for info in names.infos}
        return names.code_page

    def __enter__(self) -> ZipTree:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self._zip.close()

    def names(self) -> list[str]:
        return sorted((name for name in self._members if not any(map(_is_hidden, name.split("/")))), key=natural_sort_key)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def path(self, name: str) -> Path | None:
        return None

    def same_name_files(self, name: str) -> list[str]:
        return []

    def open(self, name: str) -> BinaryIO:
        member = self._members.get(name)
        if member is None:
            raise ArchiveError(f"{name} is not in {self.title}; check the name")
        try:
            return MemberReader(self._zip.open(member), self, name)  # type: ignore[return-value]
        except (zipfile.BadZipFile, RuntimeError, OSError) as error:  # zipfile says so of encryption and of methods it does not know
            raise ArchiveError(f"{name} in {self.title} cannot be unpacked; make the archive again as a plain .zip") from error

    def count_unpacked(self, size: int, name: str) -> None:
        """Called with every piece that was unpacked; raises ArchiveError once it is too much."""
        self._total += size
        if self._total > self._limits.total_bytes:
            raise ArchiveError(f"{self.title} unpacks to more than {_human_size(self._limits.total_bytes)} (at {name}); split it")

    def _checked_members(self) -> dict[str, zipfile.ZipInfo]:
        infos = self._names.infos
        if len(infos) > self._limits.members:
            raise ArchiveError(f"{self.title} holds {len(infos)} files, more than {self._limits.members}; split it")
        total = sum(info.file_size for info in infos)
        if total > self._limits.total_bytes:
            raise ArchiveError(f"{self.title} unpacks to {_human_size(total)}, more than {_human_size(self._limits.total_bytes)}; split it")
        members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            name = self._names.name(info)
            why = "is there twice; keep one of the two" if name in members else self._rejection_reason(info, name)
            if why:
                self.refused.append((name.replace("\0", "\\0"), why))
            else:
                members[name] = info
        return members

    def _rejection_reason(self, info: zipfile.ZipInfo, name: str) -> str:
        """Why this member may not come out, with the cure, or an empty string."""
        limits = self._limits
        if _leaves_folder(name):
            return "would be written outside of the archive's folder; pack it again with plain relative names"
        if stat.S_ISLNK(info.external_attr >> 16):
            return "is a link to another file; pack the file itself"
        if info.flag_bits & 1:
            return "is locked with a password; pack it again without one"
        if info.file_size > limits.member_bytes:
            return f"unpacks to {_human_size(info.file_size)}, more than {_human_size(limits.member_bytes)}; split or shrink it"
        if info.file_size > limits.ratio_from_bytes and info.file_size > limits.ratio * max(info.compress_size, 1):
            return f"unpacks to over {limits.ratio:.0f} times its size, as zip bombs do; load it outside of the archive"
        return ""


def extract(tree: FileTree, name: str, target: BinaryIO) -> None:
    """Writes one file of a tree into an open one, a piece at a time."""
    with tree.open(name) as source:
        shutil.copyfileobj(source, target, _CHUNK)


def read_text(tree: FileTree, name: str, max_bytes: int = 1 << 30) -> str:
    """A UTF-8 text (a byte order mark is dropped); raises ArchiveError if it is longer than `max_bytes` bytes or no text."""
    with tree.open(name) as source:
        data = source.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise ArchiveError(f"{name} is over {_human_size(max_bytes)}; split it")
    return decode_text(data, name)


def read_json(tree: FileTree, name: str):
    """The value of a JSON file; raises ArchiveError with the place of the fault. See `texts.DUPLICATE_KEY` for duplicate keys."""
    return parse_json(read_text(tree, name), name)


def _open_file(tree: UploadTree | FolderTree, name: str) -> BinaryIO:
    path = tree.path(name)
    if path is None or not os.path.isfile(path):
        raise ArchiveError(f"{name} is not a file in {tree.title}; check the name")
    try:
        return path.open("rb")
    except OSError as error:
        raise ArchiveError(f"{name} cannot be opened ({error.strerror}); check its permissions") from error


def _leaves_folder(name: str) -> bool:
    """Whether a relative name could lead out of its folder. Colons and backslashes in a name do that on Windows alone;
    a drive (`C:/`) never comes in."""
    parts = (name.replace("\\", "/") if os.name == "nt" else name).split("/")
    drive = parts[0][1:2] == ":" and (os.name == "nt" or len(parts[0]) == 2)
    return not name or "\0" in name or ".." in parts or parts[0] == "" or drive


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in _IGNORED


def _human_size(size: float) -> str:
    for unit in ("bytes", "KB", "MB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.0f} GB"
