"""Lines of MOT: numbers separated by commas, semicolons, tabs or spaces."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from grounding.exchange.archive import ArchiveError, Tree, read_text
from grounding.exchange.faults import MOST_NAMED
from grounding.exchange.photos import Fault
from grounding.exchange.values import MOST_FRAMES, number_in

_COLUMNS = 10
_CURE = "is not frame, id, left, top, width, height, ... in numbers; correct or remove it"


@dataclass(frozen=True, eq=False)
class Lines:
    """`rows` (N, 10) float64: frame, id, left, top, width, height, mark, and two or three more, NaN where a line leaves
    them out; the `numbers` (N,) of their lines from 1; the `bad` ones that are no such numbers; whether a frame 0 is
    named (`from_zero`)."""

    rows: np.ndarray
    numbers: np.ndarray
    bad: list[int] = field(default_factory=list)
    from_zero: bool = False

    def __getitem__(self, chosen: np.ndarray) -> Lines:
        return Lines(self.rows[chosen], self.numbers[chosen], self.bad, self.from_zero)


def lines_of(tree: Tree, name: str) -> Lines:
    rows, numbers, bad, from_zero = [], [], [], False
    for number, line in enumerate(read_text(tree, name).splitlines(), 1):
        if not line.strip():
            continue
        values = _numbers(line)
        from_zero |= bool(values) and values[0] == 0
        if _sound(values):
            rows.append((values + [math.nan] * _COLUMNS)[:_COLUMNS])
            numbers.append(number)
        else:
            bad.append(number)
    return Lines(np.array(rows, np.float64).reshape(-1, _COLUMNS), np.array(numbers, np.int64), bad, from_zero)


def bad_lines(name: str, lines: Lines) -> list[Fault]:
    """The bad lines by number; of very many the first ones, and how many more there are."""
    faults = [Fault(f"{name}: line {number}", _CURE) for number in lines.bad[:MOST_NAMED]]
    more = len(lines.bad) - len(faults)
    return faults + (
        [Fault(name, f"holds {more} more lines that are not numbers of MOT; correct or remove them")] if more else []
    )


def rows_of(tree: Tree, name: str) -> np.ndarray:
    """The rows of a file whose frames count from 1. Of nine columns the last two are class and visible share (2016 on),
    of ten the last three are a place in the world (2015); see `has_classes`. Raises ArchiveError for a bad line."""
    lines = lines_of(tree, name)
    if lines.from_zero:
        raise ArchiveError(f"{name} names a frame 0, but frames of MOT count from 1; add 1 to each")
    if lines.bad:
        raise ArchiveError(f"{name}: line {lines.bad[0]} {_CURE}")
    return lines.rows


def has_classes(rows: np.ndarray) -> bool:
    """Whether column 8 is a class: there are nine columns, and it is a whole number from 1 on."""
    return bool(len(rows) and np.isnan(rows[:, 9]).all() and (rows[:, 7] >= 1).all() and (rows[:, 7] % 1 == 0).all())


def _numbers(line: str) -> list[float]:
    """The numbers of a line, NaN for what is none."""
    if ";" in line:
        parts = line.replace(",", ".").split(";")
    else:
        parts = line.split(",") if "," in line else line.split()
    if len(parts) > 6 and not parts[-1].strip():
        parts = parts[:-1]
    return [number_in(part) for part in parts]


def _sound(values: list[float]) -> bool:
    told = values[:_COLUMNS]
    if len(told) < 6 or any(map(math.isnan, told)):
        return False
    frame, identity, _, _, width, height = told[:6]
    return frame % 1 == 0 and identity % 1 == 0 and 0 <= frame <= MOST_FRAMES and width >= 0 and height >= 0
