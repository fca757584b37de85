"""Names: what a picture is called in a project and inside an export, whatever it was called where it came from."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from urllib.parse import unquote

COMPONENT_BYTES = 255  # what ext4, APFS and NTFS take for one part of a path
PATH_BYTES = 1024  # room for the folder the export is unpacked in
# of the 260 that Windows gives a path: what is left is for the export's own folders and the place it is unpacked in
PORTABLE_CHARS = 180
# in names on Windows, beside separators and control characters
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
# names of devices, with any extension
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])", re.IGNORECASE)
_DIGITS = re.compile(r"(\d+)")
_SEPARATORS = str.maketrans({"\\": "/"})


def relative_name(name: str, fallback: str = "unnamed") -> str:
    """`name` as a relative path with forward slashes; never absolute, never with `..`, never empty.

    Drive letters, control characters and empty parts go; spaces, `%`, `#` and every script stay. Parts longer than
    255 bytes are cut before their extension.
    """
    parts = [
        part
        for part in (_strip_control(part) for part in name.translate(_SEPARATORS).split("/"))
        if part not in ("", ".", "..")
    ]
    while parts and parts[0][1:] == ":":
        parts = parts[1:]
    parts = parts or [fallback]
    whole = "/".join(shorten(part) for part in parts)
    return whole if len(whole.encode()) <= PATH_BYTES else shorten(parts[-1])


def portable_name(name: str) -> str:
    """`name` as a relative path that Windows, macOS and Linux take: no `< > : " | ? *`, no device (`aux.jpg` becomes
    `_aux.jpg`), no dot or space at an end, and at most 180 characters, of which the extension stays."""
    parts = [_portable(part) for part in relative_name(name).split("/")]
    *folders, last = parts if _utf16_length("/".join(parts[:-1])) <= PORTABLE_CHARS // 2 else parts[-1:]
    room = PORTABLE_CHARS - _utf16_length("".join(f"{folder}/" for folder in folders))
    while _utf16_length(last) > room:
        last = _portable(shorten(last, max_bytes=len(last.encode()) - 1))
    return "/".join([*folders, last])


def shorten(part: str, suffix: str = "", max_bytes: int = COMPONENT_BYTES) -> str:
    """`part` with `suffix` before its extension, cut between characters so that it fits 255 bytes, or those given."""
    stem, extension = _split(part)
    max_stem_bytes = max_bytes - len((suffix + extension).encode())
    kept = stem if len(stem.encode()) <= max_stem_bytes else stem.encode()[:max_stem_bytes].decode(errors="ignore").rstrip()
    return kept + suffix + extension


def printable(text: str, max_chars: int = 400) -> str:
    """A text that a page, a shell and JSON can show: without control characters and lone surrogates, cut at `max_chars`
    characters."""
    kept = "".join("_" if unicodedata.category(char) in ("Cc", "Cs") else char for char in text[: max_chars + 1])
    return kept if len(kept) <= max_chars else kept[: max_chars - 1] + "…"


def fold_case(name: str) -> str:
    """A name in one letter case and one form of its accents."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def normalize_path(name: str) -> str:
    """A path in one spelling: what is the same but for case, accents' form, backslashes and %XX comes out the same."""
    return fold_case(unquote(name).replace("\\", "/"))


def deduplicate_names(names: Iterable[str]) -> dict[str, str]:
    """{a relative name of its own for each file, in their order: the relative name that it came under}."""
    book = NameAllocator(relative_name, exact=True)
    return {book.allocate(name): relative_name(name) for name in names}


def natural_sort_key(name: str) -> list:
    """A sort key that puts `frame 9` before `frame 10`."""
    return [_natural_part(part) for part in _DIGITS.split(name) if part]


def _natural_part(part: str) -> tuple[int, int, str]:
    if not part.isdecimal():
        return 1, 0, part.casefold()
    digits = part.lstrip("0")
    return 0, len(digits), digits


class NameAllocator:
    """Gives each image of one export a name of its own, also where case or accents' spelling are not told apart.

    `normalize` writes a name: for an export as every system accepts it, for an import as it is
    (`relative_name`). `exact`: names that differ in case or in their accents' spelling are two, as what a set says of
    the one is not about the other.
    """

    def __init__(self, normalize: Callable[[str], str] = portable_name, *, exact: bool = False) -> None:
        self._normalize, self._key = normalize, str if exact else _key
        self._files: set[str] = set()
        self._folders: set[str] = set()
        self._next: dict[str, int] = {}

    def allocate(self, name: str) -> str:
        """A relative name for a file, as near to `name` as is free: `a.jpg`, then `a (2).jpg`, `a (3).jpg`, ..."""
        return self._allocate(self._normalize(name), folder=False)

    def allocate_folder(self, name: str) -> str:
        """A relative name for a folder that nothing else of the export lies in."""
        return self._allocate(self._normalize(name), folder=True)

    def _allocate(self, wanted: str, *, folder: bool) -> str:
        path = self._clear_of_files(PurePosixPath(wanted))
        free, key = path, self._key(path)
        while self._key(free) in self._files or self._key(free) in self._folders:
            number = self._next.get(key, 2)
            self._next[key] = number + 1
            free = path.with_name(shorten(path.name, f" ({number})"))
        (self._folders if folder else self._files).add(self._key(free))
        self._folders.update(self._key(parent) for parent in free.parents if parent.name)
        return str(free)

    def _clear_of_files(self, path: PurePosixPath) -> PurePosixPath:
        """`path` moved out of any 'folder' that is already the name of a file."""
        clear = PurePosixPath()
        for part in path.parts[:-1]:
            step, number = clear / part, 2
            while self._key(step) in self._files:
                step = clear / shorten(part, f" ({number})")
                number += 1
            clear = step
        return clear / path.name


def _strip_control(part: str) -> str:
    """Without control characters, lone surrogates and the spaces around."""
    kept = "".join("_" if unicodedata.category(char) in ("Cc", "Cs") else char for char in part)
    return kept.strip()


def _portable(part: str) -> str:
    kept = part.translate(_FORBIDDEN).rstrip(" .") or "_"
    return f"_{kept}" if _DEVICE.fullmatch(kept.partition(".")[0].rstrip()) else kept


def _utf16_length(text: str) -> int:
    """Characters as Windows counts them, in UTF-16."""
    return len(text.encode("utf-16-le")) // 2


def _split(part: str) -> tuple[str, str]:
    """Stem and extension; an 'extension' of more than 16 bytes is part of the name."""
    extension = PurePosixPath(part).suffix
    if len(extension.encode()) > 16:
        return part, ""
    return part[: len(part) - len(extension)], extension


def _key(path: PurePosixPath) -> str:
    """Two paths with one key are one file on a Mac or on Windows."""
    return fold_case(str(path))
