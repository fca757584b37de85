"""Workers: when the process that started them is killed, they are gone at once, in training, in pseudo queries and in probing a video."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COUNT = 2
WORKING = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, {root!r})

def working(folder):  # each worker leaves its number, and works on until it is killed
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(100)
"""
PARENTS = {
    "features and lessons of training": """
from grounding.machine.workers import worker_pool
if __name__ == "__main__":
    with worker_pool({count}, time.sleep, 0) as workers:
        [workers.submit(working, {folder!r}) for _ in range({count})]
        time.sleep(100)
""",
    "pseudo queries": """
from pseudo_query.stream import worker_pool
if __name__ == "__main__":
    with worker_pool({count}) as workers:
        [workers.submit(working, {folder!r}) for _ in range({count})]
        time.sleep(100)
""",
    "the probe of a video": """
from grounding.tasks.intake import probe
if __name__ == "__main__":
    probe._CHILD = ("import os, sys, time; from pathlib import Path; from grounding.machine.workers import exit_with_parent; "
                    "exit_with_parent(int(sys.argv[4])); "
                    "(Path({folder!r}) / str(os.getpid())).touch(); time.sleep(100)")
    list(probe.probe_video(Path(__file__), "film.mp4"))
""",
}


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="whether a process runs is read in /proc, which only Linux has")
@pytest.mark.parametrize("what, count", [(what, 1 if "probe" in what else COUNT) for what in PARENTS])
def test_workers_are_gone_within_two_seconds_of_a_kill(tmp_path, what, count):
    (tmp_path / "working").mkdir()
    (tmp_path / "parent.py").write_text((WORKING + PARENTS[what]).format(root=str(ROOT), folder=str(tmp_path / "working"), count=COUNT))
    parent = subprocess.Popen([sys.executable, tmp_path / "parent.py"])
    workers = _within(100, lambda: found if len(found := os.listdir(tmp_path / "working")) == count else None)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert workers and _within(2, lambda: not any(map(_runs, workers)))


def _within(seconds: float, asked: Callable):
    """What is asked for, as soon as there is something; the last answer after so many seconds."""
    until = time.monotonic() + seconds
    while not (answer := asked()) and time.monotonic() < until:
        time.sleep(0.02)
    return answer


def _runs(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
