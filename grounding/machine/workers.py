"""Workers: processes that help and end when the process that started them does, however it ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context

_PR_SET_PDEATHSIG = 1  # of Linux
_POLL_S = 0.3  # how often a worker looks whether its parent is there


@contextmanager
def worker_pool(workers: int, initializer: Callable | None = None, *arguments) -> Iterator[ProcessPoolExecutor]:
    """Worker processes that each call `initializer(*arguments)` first; keep the thread that gives them work until they are
    done."""
    prepare = partial(_initialize_worker, _ParentTie(), initializer, arguments)
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=prepare) as executor:
        yield executor


def exit_with_parent(parent: int) -> None:
    """Ends this process when the one that started it, whose number is `parent`, has ended; also if that was before this
    call."""
    # at once, even while compiled code keeps Python waiting; elsewhere and for the rest there is the watch
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_exit_when_orphaned, args=(parent,), daemon=True).start()


def _exit_when_orphaned(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL_S)
    os._exit(1)


class _ParentTie:
    """Ties a worker to its parent as soon as it is read there, before the large imports that follow it."""

    def __reduce__(self):
        return exit_with_parent, (os.getpid(),)


def _initialize_worker(_tied: object, initializer: Callable | None, arguments: tuple) -> None:
    if initializer is not None:
        initializer(*arguments)
