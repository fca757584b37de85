"""The app as a program: what it takes from its environment, and what it leaves behind when it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def begin(data, **more):
    home = {name: value for name, value in os.environ.items() if name not in ("SPACE_ID", "DEIXIS_DATABASE_URL")}
    command = [sys.executable, str(ROOT / "app.py")]
    return subprocess.Popen(command, env={**home, "DEIXIS_DATA": str(data), **more}, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    "name, value", [("PORT", "abc"), ("PORT", "70000"), ("PORT", "-1"), ("DEIXIS_PROXIES", "-1"), ("DEIXIS_PROXIES", "one")]
)
def test_a_number_of_the_environment_that_is_none_is_one_sentence(tmp_path, name, value):
    program = begin(tmp_path, **{"PORT": "0", name: value})
    said = program.communicate(timeout=120)[1]
    assert program.returncode == 1 and len(said.splitlines()) == 1 and name in said and repr(value) in said and "whole number" in said


@pytest.mark.parametrize(
    "end, more", [(signal.SIGKILL, {}), (signal.SIGTERM, {"SPACE_ID": "someone/deixis"})], ids=["home, killed", "a Space, stopped"]
)
def test_nothing_is_left_in_the_folder_for_temporary_files(tmp_path, end, more):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = begin(tmp_path / "data", PORT=str(port), TMPDIR=str(temporary), **more)
    until = time.monotonic() + 120
    while not answers(port):
        assert time.monotonic() < until and program.poll() is None, program.stderr.read()
        time.sleep(0.2)
    assert any(temporary.glob("deixis-*/deixis.sqlite")) == bool(more)  # of a Space the data lies there
    program.send_signal(end)
    program.communicate(timeout=60)
    assert not list(temporary.glob("deixis*"))


def answers(port):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/config", timeout=20).status == 200
    except (urllib.error.URLError, ConnectionError):
        return False
