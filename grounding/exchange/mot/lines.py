"""Lines of MOT: numbers separated by commas, semicolons, tabs or spaces."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from grounding.exchange.archive import ArchiveError, FileTree, read_text
from grounding.exchange.faults import MAX_NAMED
from grounding.exchange.photos import Fault
from grounding.exchange.values import MAX_FRAMES, parse_number

_COLUMNS = 10
_CURE = "is not frame, id, left, top, width, height, ... in numbers; correct or remove it"


@dataclass(frozen=True, eq=False)
class MotLines:
    """`rows` (N, 10) float64: frame, id, left, top, width, height, mark, and two or three more, NaN where a line leaves
    them out; the `numbers` (N,) of their lines from 1; the `bad` ones that are no such numbers; whether a frame 0 is
    named (`from_zero`)."""

    rows: np.ndarray
    line_numbers: np.ndarray
    bad_line_numbers: list[int] = field(default_factory=list)
    from_zero: bool = False

    def __getitem__(self, chosen: np.ndarray) -> MotLines:
        return MotLines(self.rows[chosen], self.line_numbers[chosen], self.bad_line_numbers, self.from_zero)


def read_lines(tree: FileTree, name: str) -> MotLines:
    rows, numbers, bad, from_zero = [], [], [], False
    for number, line in enumerate(read_text(tree, name).splitlines(), 1):
        if not line.strip():
            continue
        values = _numbers(line)
        from_zero |= bool(values) and values[0] == 0
        if _is_valid(values):
            rows.append((values + [math.nan] * _COLUMNS)[:_COLUMNS])
            numbers.append(number)
        else:
            bad.append(number)
    return MotLines(np.array(rows, np.float64).reshape(-1, _COLUMNS), np.array(numbers, np.int64), bad, from_zero)


def bad_line_faults(name: str, lines: MotLines) -> list[Fault]:
    """The bad lines by number; of very many the first ones, and how many more there are."""
    faults = [Fault(f"{name}: line {number}", _CURE) for number in lines.bad_line_numbers[:MAX_NAMED]]
    more = len(lines.bad_line_numbers) - len(faults)
    return faults + (
        [Fault(name, f"holds {more} more lines that are not numbers of MOT; correct or remove them")] if more else []
    )


def read_rows(tree: FileTree, name: str) -> np.ndarray:
    """The rows of a file whose frames count from 1. Of nine columns the last two are class and visible share (2016 on),
    of ten the last three are a place in the world (2015); see `has_classes`. Raises ArchiveError for a bad line."""
    lines = read_lines(tree, name)
    if lines.from_zero:
        raise ArchiveError(f"{name} names a frame 0, but frames of MOT count from 1; add 1 to each")
    if lines.bad_line_numbers:
        raise ArchiveError(f"{name}: line {lines.bad_line_numbers[0]} {_CURE}")
    return lines.rows


def has_classes(rows: np.ndarray) -> bool:
    """Whether column 8 is a class: there are nine columns, and it is a whole number from 1 on."""
    return bool(len(rows) and np.isnan(rows[:, 9]).all() and (rows[:, 7] >= 1).all() and (rows[:, 7] % 1 == 0).all())


def _numbers(line: str) -> list[float]:
    """The numbers of a line, NaN for what is none."""
    if ";" in line:  # noqa: SIM108  (two conditions in one expression read worse)
        parts = line.replace(",", ".").split(";")
    else:
        parts = line.split(",") if "," in line else line.split()
    if len(parts) > 6 and not parts[-1].strip():
        parts = parts[:-1]
    return [parse_number(part) for part in parts]


def _is_valid(values: list[float]) -> bool:
    columns = values[:_COLUMNS]
    if len(columns) < 6 or any(map(math.isnan, columns)):
        return False
    frame, identity, _, _, width, height = columns[:6]
    return frame % 1 == 0 and identity % 1 == 0 and 0 <= frame <= MAX_FRAMES and width >= 0 and height >= 0
