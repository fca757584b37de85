"""Progress: how far a long piece of work has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Progress:
    """`done` of `total` steps (total 0 = not known yet), what is being done, and at the end the result."""

    done: int
    total: int
    note: str = ""
    result: Any = None


def run_to_end(steps) -> Any:
    """Runs a generator of `Progress` to its end; the result of the last one (None if there was none)."""
    result = None
    for progress in steps:
        result = progress.result
    return result
