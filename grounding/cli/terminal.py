"""Shell: how long work and its end look in a terminal: a line of progress, a sentence, an exit code."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from grounding.machine.errors import MachineError, as_machine_error

if TYPE_CHECKING:  # numpy is not needed to print --help
    from grounding.data import Progress

FAILED, STOPPED = 1, 130
_WIDTH, _EVERY_S = 24, 0.1
_EVERY_S_IN_A_LOG = 60


class CommandExit(Exception):
    """The command ends here with this exit code; everything has been said."""

    def __init__(self, code: int):
        super().__init__(code)
        self.code = code


@contextlib.contextmanager
def reporting_errors(as_json: bool) -> Iterator[None]:
    """What a person can mend becomes one sentence on stderr (and {"error": ...} on stdout for programs); a fault of ours keeps
    its trace."""
    try:
        yield
    except KeyboardInterrupt:
        raise CommandExit(_print_error("stopped; what was finished is kept, nothing half-written is left", as_json, STOPPED)) from None
    except _expected_errors() as error:
        raise CommandExit(_print_error(_error_message(error), as_json, FAILED)) from error
    except Exception as error:
        refusal = as_machine_error(error)
        if refusal is None:
            raise
        raise CommandExit(_print_error(str(refusal), as_json, FAILED)) from error


def _expected_errors() -> tuple[type[Exception], ...]:
    """The errors that say in plain words what was wanted, what came and the cure."""
    from grounding.store import Conflict, NotFound  # only once something went wrong: --help stays quick

    return ValueError, OSError, NotFound, Conflict, MachineError


def run_task(steps: Iterator[Progress], quiet: bool = False) -> Any:
    """Runs a task to its end with a progress line on stderr; its result. Ctrl-C closes the task, which then tidies up."""
    result, line = None, _ProgressLine(quiet)
    with contextlib.closing(steps), line:  # pyright: ignore[reportArgumentType]  (tasks are generators)
        for step in steps:
            result = step.result if step.result is not None else result
            line.show(step)
    return result


def print_result(value: Any, as_json: bool, lines: Iterator[str] | list[str]) -> None:
    """The answer of a command: JSON for programs, lines for people."""
    if as_json:
        print(json.dumps(value, ensure_ascii=False))
        return
    for line in lines:
        print(line)


def print_skipped(sentences: list[tuple[str, str]], max_count: int = 20) -> None:
    """What was left out or changed, on stderr; the first `max_count` of them."""
    for _, sentence in sentences[:max_count]:
        print(f"  {sentence}", file=sys.stderr)
    if len(sentences) > max_count:
        print(f"  ... and {len(sentences) - max_count} more; --json lists them all", file=sys.stderr)


def interrupt_on_sigterm() -> None:
    """Lets a polite kill (SIGTERM) tidy up just as Ctrl-C does."""
    def interrupt(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, interrupt)


class _ProgressLine:
    """One line on stderr that is drawn over and over; in a log, where it cannot be, a line every minute."""

    def __init__(self, quiet: bool):
        self._terminal, self._enabled = sys.stderr.isatty(), not quiet
        self._drawn = 0.0 if self._terminal else time.monotonic()

    def __enter__(self) -> _ProgressLine:
        return self

    def __exit__(self, *_) -> None:
        if self._enabled and self._terminal and self._drawn:
            sys.stderr.write("\r\x1b[K")

    def show(self, step: Progress) -> None:
        if not self._enabled or time.monotonic() - self._drawn < (_EVERY_S if self._terminal else _EVERY_S_IN_A_LOG):
            return
        self._drawn = time.monotonic()
        filled = _WIDTH * min(step.done, step.total) // step.total if step.total else 0
        count = f"{step.done}/{step.total} " if step.total else ""
        note = "".join(char if char.isprintable() else "?" for char in step.note)[:60]
        line = f"{count}{note}"
        sys.stderr.write(f"\r\x1b[K[{'#' * filled}{'.' * (_WIDTH - filled)}] {line}" if self._terminal else line + "\n")
        sys.stderr.flush()


def _error_message(error: Exception) -> str:
    """What to tell a person; errors of files say little by themselves."""
    refusal = as_machine_error(error)
    if refusal is not None:
        return str(refusal)
    if isinstance(error, OSError) and error.strerror:
        where = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror.lower()}{where}"
    return " ".join(str(error).split()) or type(error).__name__


def _print_error(sentence: str, as_json: bool, code: int) -> int:
    print(f"deixis: {sentence}", file=sys.stderr)
    if as_json:
        print(json.dumps({"error": sentence}, ensure_ascii=False))
    return code
