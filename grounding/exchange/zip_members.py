"""Members of a .zip: their bytes while they are unpacked, a piece at a time."""

from __future__ import annotations

import lzma
import zipfile
import zlib

from grounding.exchange.texts import ArchiveError

_CHUNK = 1 << 20


class MemberReader:
    """A member being unpacked: counts bytes, and tells damage in a sentence."""

    def __init__(self, source, tree, name: str):
        self._source, self._tree, self._name = source, tree, name

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._source.read(_CHUNK if size < 0 else size)
            if size < 0:
                data = self._read_rest(data)
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError) as error:  # bz2 tells damage as an OSError
            raise ArchiveError(f"{self._name} is damaged inside {self._tree.title}; make the archive again") from error
        if size >= 0:
            self._tree.count_unpacked(len(data), self._name)
        return data

    def _read_rest(self, first: bytes) -> bytes:
        pieces = [first]
        while pieces[-1]:
            self._tree.count_unpacked(len(pieces[-1]), self._name)
            pieces.append(self._source.read(_CHUNK))
        return b"".join(pieces)

    def __enter__(self) -> MemberReader:
        return self

    def __exit__(self, *_) -> None:
        self._source.close()

    def close(self) -> None:
        self._source.close()
