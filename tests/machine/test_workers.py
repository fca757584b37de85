"""Workers: when the process that started them is killed, they are gone at once, in training, in pseudo queries and in probing a video."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BEGIN = "import os, sys, time; sys.path.insert(0, {root!r})\n"
IDS = "    print('ready', flush=True); time.sleep(60)\n"
PARENTS = {
    "features and lessons of training": "from grounding.machine.workers import pool\nif __name__ == '__main__':\n  with pool(2, time.sleep, 0) as p:\n    list(p.map(abs, [1, 2, 3, 4]))\n    [p.submit(time.sleep, 50) for _ in range(2)]\n",
    "pseudo queries": "from pseudo_query.stream import crew\nif __name__ == '__main__':\n  with crew(2) as p:\n    [p.submit(time.sleep, 50) for _ in range(2)]; time.sleep(3)\n",
}
PROBE = """
import os, time
from pathlib import Path
from grounding.tasks.intake import probe
probe._CHILD = "import sys, time; from grounding.machine.workers import end_with; end_with(int(sys.argv[4])); time.sleep(50)"
steps = probe.probe_video(Path(__file__), "film.mp4")
until = time.monotonic() + 3
while time.monotonic() < until: next(steps)
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are counted by /proc, which only Linux has")
@pytest.mark.parametrize("what", [*PARENTS, "the probe of a video"])
def test_workers_are_gone_within_two_seconds_of_a_kill(tmp_path, what):
    body = PARENTS[what] + IDS if what in PARENTS else PROBE + IDS.strip()
    (tmp_path / "parent.py").write_text(BEGIN.format(root=str(ROOT)) + body)
    parent = subprocess.Popen([sys.executable, tmp_path / "parent.py"], stdout=subprocess.PIPE)
    assert parent.stdout.readline() == b"ready\n"
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    assert len(children) >= (2 if what in PARENTS else 1)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    until = time.monotonic() + 2
    while any(map(_runs, children)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(map(_runs, children))


def _runs(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
