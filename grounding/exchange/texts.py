"""Texts: what the bytes of a text or JSON file say, or why they say nothing, in one sentence."""

from __future__ import annotations

import json
import math
from typing import Any

_DIGITS = 4000  # of a whole number; Python reads no more of them at once
_COMPRESSED = {b"\x1f\x8b": "gzip", b"PK": "zip", b"BZ": "bzip2", b"\xfd7": "xz", b"7z": "7z"}


class ArchiveError(ValueError):
    """What is wrong with an archive or with one of its members, and the cure, in one sentence."""


class _DuplicateKey:
    """Stands where an object of a JSON file has one key twice, with two values: nobody knows which of them is meant."""

    def __repr__(self) -> str:
        return "two values"


DUPLICATE_KEY = _DuplicateKey()


def decode_text(data: bytes, name: str) -> str:
    """A UTF-8 text (a byte order mark is dropped); raises ArchiveError where it is none."""
    compression = _COMPRESSED.get(bytes(data[:2]))
    if compression and not data[:16].isascii() or data[:4] == b"PK\x03\x04":
        raise ArchiveError(f"{name} is packed ({compression}); unpack it and load what is in it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ArchiveError(f"{name} is not UTF-8 text; save it as UTF-8") from error


def parse_json(text: str, name: str) -> Any:
    """The value of a JSON text; raises ArchiveError with the place of the fault. A duplicate key has the value
    `DUPLICATE_KEY`."""
    if not text.strip():
        raise ArchiveError(f"{name} is not JSON: it is empty; export it again")
    try:
        return _loads(text)
    except json.JSONDecodeError as error:
        raise ArchiveError(f"{name} is not JSON from line {error.lineno} on ({error.msg}); export it again") from error
    except (RecursionError, ValueError) as error:
        raise ArchiveError(f"{name} holds JSON that no export writes; export it again") from error


def _loads(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object_from_pairs)
    except json.JSONDecodeError:
        raise
    except ValueError:  # more digits than Python converts at once
        return json.loads(text, object_pairs_hook=_object_from_pairs, parse_int=_parse_int)


def _parse_int(digits: str) -> int | float:
    return int(digits) if len(digits) <= _DIGITS else math.nan


def _object_from_pairs(pairs: list[tuple[str, Any]]) -> dict:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    values: dict[str, Any] = {}
    for key, value in pairs:
        values[key] = value if key not in values or _same(values[key], value) else DUPLICATE_KEY
    return values


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and isinstance(one, (int, float, str, bool, type(None))) and one == other
