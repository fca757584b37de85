"""Processes that tests start: they end with the tests, however these end, and what is left alive is found."""

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

MARK = "DEIXIS_TESTS"  # in the environment of everything that a run of the tests starts
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


def start(command: list, **more) -> subprocess.Popen:
    """A process that Linux kills when the tests are killed."""
    return subprocess.Popen(command, preexec_fn=_end_with_parent, **more)


def stop(process: subprocess.Popen, timeout_s: float = 20) -> None:
    """Asks the process to end, and kills it where it does not."""
    process.terminate()
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def alive(mark: str) -> dict[int, str]:
    """{number: command line} of the processes that stand under this mark and still run, without this one; none where there is no /proc."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment, command = (folder / "environ").read_bytes(), (folder / "cmdline").read_bytes()
        except OSError:  # another person's, or gone meanwhile
            continue
        if f"{MARK}={mark}".encode() in environment.split(b"\0") and int(folder.name) != os.getpid():
            found[int(folder.name)] = command.replace(b"\0", b" ").decode(errors="replace").strip()
    return {number: command for number, command in found.items() if command and "resource_tracker" not in command}


def _end_with_parent() -> None:
    if _LIBC:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
