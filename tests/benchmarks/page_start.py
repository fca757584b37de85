"""How long until the page answers?  python tests/benchmarks/page_start.py [--runs N]

Starts the app as `make run` does, on a data folder that has been opened before, and counts the seconds to the first answer of `/`.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import stamped

ROOT = Path(__file__).resolve().parents[2]
RESULT = Path(__file__).parent / "results" / "page_start.json"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(folder: str, port: int) -> subprocess.Popen:
    env = {**os.environ, "DEIXIS_DATA": folder, "PORT": str(port)}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(["make", "--silent", "run"], env=env, cwd=ROOT, stdout=quiet, stderr=quiet, start_new_session=True)


def seconds_to_answer(url: str, began: float, patience_s: float = 120) -> float:
    while time.monotonic() - began < patience_s:
        try:
            with urllib.request.urlopen(url, timeout=30) as reply:
                if reply.status == 200 and reply.read():
                    return time.monotonic() - began
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.02)
    raise SystemExit(f"{url} did not answer in {patience_s} s")


def once(folder: str) -> float:
    port = free_port()
    began = time.monotonic()
    process = start(folder, port)
    try:
        return seconds_to_answer(f"http://127.0.0.1:{port}/", began)
    finally:
        os.killpg(process.pid, 15)
        process.wait(timeout=30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        first = once(folder)
        later = [once(folder) for _ in range(runs)]
    result = {
        "question": "seconds from `make run` to the first answer of the page",
        "first_start_of_a_data_folder_s": round(first, 2),
        "later_starts_s": [round(value, 2) for value in later],
        "later_median_s": round(statistics.median(later), 2),
        "later_worst_s": round(max(later), 2),
    }
    stamped.write(RESULT, result)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    sys.exit(main())
