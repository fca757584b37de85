"""Values: which numbers and ids a stranger's file may hold, and which ids are the same one."""

from __future__ import annotations

import re
from typing import Any

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
LARGEST = 1e9  # no coordinate, size or count of a picture is above it
LARGEST_ID = 1 << 53


def is_number(value: Any) -> bool:
    """Whether it is a number that can be a coordinate: not a text, not NaN, not infinite, not of 400 digits."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST


def are_numbers(values: list) -> bool:
    """Whether there are any and each is such a number; quicker for the many of a mask."""
    if not values or not {int, float}.issuperset(map(type, values)):
        return False
    # NaN is no number and hides in both
    return -LARGEST <= min(values) and max(values) <= LARGEST and sum(values) == sum(values)


def is_id(value: Any) -> bool:
    """Whether a file may call something by this: a whole number (pandas writes 7.0) or a text."""
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, (int, str)) and not isinstance(value, bool) and value != ""


def identity(value: Any) -> int | str:
    """An id as one value however it is written: 7, 7.0 and "7" are the same id; "007" is another."""
    if isinstance(value, float):
        return int(value)
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value


def whole_id(value: Any) -> int:
    """An id as a positive integer; 0 where it is none."""
    known = identity(value) if is_id(value) else 0
    return known if isinstance(known, int) and 0 < known <= LARGEST_ID else 0
