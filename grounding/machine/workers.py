"""Workers: processes that help and end when the process that started them does, however it ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process

_PR_SET_PDEATHSIG = 1  # of Linux


@contextmanager
def pool(workers: int, begin: Callable | None = None, *arguments) -> Iterator[ProcessPoolExecutor]:
    """Worker processes that each call `begin(*arguments)` first; keep the thread that gives them work until they are done."""
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(_Tied(), begin, arguments)) as executor:
        yield executor


def follow(pipe: int) -> None:
    """Ends this process when the other end of a pipe closes, as it does when the process that holds it ends."""
    _signal_at_death()
    threading.Thread(target=_end_with, args=(lambda: os.read(pipe, 1),), daemon=True).start()


class _Tied:
    """Ties a worker to its parent as soon as it is read there, before the large imports that follow it."""

    def __reduce__(self):
        return _tie, ()


def _tie() -> None:
    _signal_at_death()
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(lambda: connection.wait([parent.sentinel]),), daemon=True).start()


def _begin(_tied: None, begin: Callable | None, arguments: tuple) -> None:
    if begin is not None:
        begin(*arguments)


def _end_with(wait: Callable) -> None:
    wait()
    os._exit(1)


def _signal_at_death() -> None:
    """Linux ends this process itself when the thread that started it ends, even while compiled code keeps Python waiting."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
