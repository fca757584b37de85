"""Zip names: how the files of a .zip are called where the archive does not say in which code page it spelt them."""

from __future__ import annotations

import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable

CODE_PAGES = (
    "cp437",
    "cp850",
    "cp866",
    "cp1251",
    "cp1252",
    "cp932",
    "cp936",
    "gb18030",
    "cp949",
    "cp950",
    "cp1250",
    "cp852",
    "cp855",
    "koi8_r",
    "cp737",
    "cp1253",
    "cp857",
    "cp1254",
    "cp862",
    "cp1255",
    "cp720",
    "cp1256",
    "cp775",
    "cp1257",
    "cp1258",
    "cp874",
    "cp858",
    "cp863",
    "cp865",
    "euc_jp",
)
_UTF8 = 0x800  # the flag that says that a name is UTF-8
_UNICODE_PATH = 0x7075  # the extra field that repeats a name in UTF-8


class ZipNames:
    """The names of the files of one archive. `uncertain` counts those whose encoding the archive does not state."""

    def __init__(self, infos: Iterable[zipfile.ZipInfo], code_page: str = "cp437"):
        self.infos, self.code_page = list(infos), code_page
        raw = [raw_name(info) for info in self.infos if not info.flag_bits & _UTF8]
        self._all_utf8 = all(_decode(name, "utf-8") is not None for name in raw)
        self.uncertain = sum(
            not name.isascii() and _unicode_path_name(info) is None
            for name, info in ((raw_name(info), info) for info in self.infos if not info.flag_bits & _UTF8)
        ) * (not self._all_utf8)

    def name(self, info: zipfile.ZipInfo) -> str:
        """With forward slashes."""
        if info.flag_bits & _UTF8:
            return info.orig_filename.replace("\\", "/")
        raw = raw_name(info)
        encoding = "utf-8" if self._all_utf8 else self.code_page
        return (_unicode_path_name(info) or _decode(raw, encoding) or info.orig_filename).replace("\\", "/")

    def decoded_like(self, expected_names: Iterable[str]) -> ZipNames:
        """In the code page in which most of the told names are found; as they are where none is."""
        wanted = {base_name(name) for name in expected_names if not name.isascii()}
        if not self.uncertain or not wanted:
            return self
        pages = [ZipNames(self.infos, candidate) for candidate in CODE_PAGES]
        found = [len(wanted & {base_name(names.name(info)) for info in self.infos}) for names in pages]
        return pages[found.index(max(found))] if max(found) else self


def raw_name(info: zipfile.ZipInfo) -> bytes:
    """The name as it lies in the archive; zipfile reads what is not marked as UTF-8 as code page 437."""
    return info.orig_filename.encode("cp437", "replace")


def base_name(name: str) -> str:
    """The last part of a path, in one spelling of its accents."""
    return unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])


def _decode(raw: bytes, page: str) -> str | None:
    try:
        return raw.decode(page)
    except UnicodeDecodeError:
        return None


def _unicode_path_name(info: zipfile.ZipInfo) -> str | None:
    """The name in the extra field for Unicode paths, if it is about this name."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        body, extra = extra[4:4 + size], extra[4 + size:]
        if (
            kind == _UNICODE_PATH
            and len(body) > 5
            and body[0] == 1
            and struct.unpack_from("<I", body, 1)[0] == zlib.crc32(raw_name(info))
        ):
            return _decode(body[5:], "utf-8")
    return None
