"""Values: which numbers and ids a file from elsewhere may hold, as JSON values or as text, and which ids are the same one."""

from __future__ import annotations

import math
import re
from typing import Any

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,18}")  # of 64 bits
_DIGITS = re.compile(r"([0-9]{1,15})(\.0*)?")
MAX_COORDINATE = 1e9  # no coordinate, size or count of a picture is above it
MAX_ID = 1 << 53
MAX_FRAMES = 1_000_000  # of one video


def is_number(value: Any) -> bool:
    """Whether it is a number that can be a coordinate: not a text, not NaN, not infinite, not of 400 digits."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -MAX_COORDINATE <= value <= MAX_COORDINATE


def are_numbers(values: list) -> bool:
    """Whether there are any and each is such a number; quicker for the many of a mask."""
    if not values or not {int, float}.issuperset(map(type, values)):
        return False
    # NaN is no number and hides in both
    return min(values) >= -MAX_COORDINATE and max(values) <= MAX_COORDINATE and sum(values) == sum(values)


def parse_number(text: str | None) -> float:
    """The number that a text holds; NaN where it holds none, or one that cannot be a coordinate."""
    try:
        value = float(text) if text and text.isascii() and "_" not in text else math.nan
    except ValueError:
        return math.nan
    return value if is_number(value) else math.nan


def parse_integer(text: str | None, max_value: int = MAX_FRAMES) -> int | None:
    """The integer from 0 to `max_value` that a text holds, as 20 or 20.0; None for anything else."""
    found = _DIGITS.fullmatch((text or "").strip())
    return int(found[1]) if found and int(found[1]) <= max_value else None


def as_integer(value: Any) -> int | None:
    """The whole number that a value of JSON is, as 7 or 7.0; None for anything else."""
    return int(value) if is_number(value) and value % 1 == 0 else None


def is_id(value: Any) -> bool:
    """Whether a file may call something by this: a whole number (pandas writes 7.0) or a text."""
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, (int, str)) and not isinstance(value, bool) and value != ""


def normalize_id(value: Any) -> int | str:
    """An id as one value however it is written: 7, 7.0 and "7" are the same id; "007" is another."""
    if isinstance(value, float):
        return int(value)
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value


def as_positive_id(value: Any) -> int:
    """An id as a positive integer; 0 where it is none."""
    known = normalize_id(value) if is_id(value) else 0
    return known if isinstance(known, int) and 0 < known <= MAX_ID else 0
