"""What `make run` installs: PyTorch's CPU build where there is no NVIDIA driver and its index answers in time, else the usual one."""

import http.server
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REPORT = {"install": [{"metadata": {"project_url": ["Homepage, https://torch.invalid", "Repository, https://code.invalid/torch"]}}]}
PIP = """import json, os, sys
words = sys.argv[1:]
open(os.environ["ASKED"], "a").write(json.dumps(words) + "\\n")
if "--report" in words: print(os.environ["REPORT"])
if "--index-url" in words: sys.exit(int(os.environ.get("INDEX_FAILS", 0)))
"""


@pytest.fixture
def index():
    """Starts an index whose pages hold `page` after `wait_s`; its address."""
    servers = []

    def start(page: str = "<a>torch-2.14.1+cpu-cp311.whl</a>", wait_s: float = 0) -> str:
        class Pages(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                time.sleep(wait_s)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *_):
                pass

        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages))
        servers[-1].daemon_threads = True
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/whl/cpu"

    yield start
    for server in servers:
        server.shutdown()


@pytest.fixture
def install(tmp_path):
    """Runs the installer with a pip that only notes what it is asked for: (exit code, what pip was asked, what was said)."""
    (tmp_path / "stub/pip").mkdir(parents=True)
    (tmp_path / "stub/pip/__init__.py").touch()
    (tmp_path / "stub/pip/__main__.py").write_text(PIP)
    (tmp_path / "requirements.txt").write_text("numpy>=2\ntorch==2.14.1\n")

    def run(*words: str, driver: bool = False, **env: str):
        asked = tmp_path / "asked"
        asked.unlink(missing_ok=True)
        script = (
            f"import sys; sys.path[:0] = [{str(tmp_path / 'stub')!r}, {str(ROOT / '.ci')!r}]; sys.prefix = "
            f"{str(tmp_path)!r}; import install\n"
            "install.installed = lambda name: "
            f"False\nsys.exit(install.main({list(words or ('-r', 'requirements.txt'))!r}, driver={driver}))"
        )
        clean = {name: value for name, value in os.environ.items() if name not in ("TORCH", "TORCH_INDEX") and "proxy" not in name.lower()}
        env = {**clean, "PYTHONPATH": str(tmp_path / "stub"), "ASKED": str(asked), "REPORT": json.dumps(REPORT), **env}
        done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
        calls = [json.loads(line) for line in asked.read_text().splitlines() if "pip>=" not in line] if asked.exists() else []
        return done.returncode, calls, done.stdout + done.stderr
    return run


USUAL = ["--disable-pip-version-check", "install", "-r", "requirements.txt"]


def test_without_a_driver_the_cpu_build_is_installed_first_and_the_rest_as_usual(install, index):
    address = index()
    code, calls, said = install(TORCH_INDEX=address)
    assert code == 0 and calls[-1] == USUAL and len(calls) == 2
    assert calls[0][-3:] == ["--index-url", address, "torch==2.14.1"] and "--no-deps" in calls[0]
    assert "about 2.5 GB" in said


def test_an_index_that_never_answers_costs_seconds_and_the_usual_build_is_installed(install, index):
    address, began = index(wait_s=40), time.monotonic()
    code, calls, said = install(TORCH_INDEX=address)
    assert code == 0 and calls == [USUAL] and time.monotonic() - began < 15
    assert "did not answer" in said and "about 6.9 GB" in said


def test_an_index_without_that_version_is_not_used(install, index):
    code, calls, said = install(TORCH_INDEX=index("<a>torch-1.0+cpu.whl</a>"))
    assert code == 0 and calls == [USUAL] and "2.14.1" in said


def test_an_index_that_answers_and_then_fails_does_not_stop_the_usual_install(install, index):
    code, calls, said = install(TORCH_INDEX=index(), INDEX_FAILS="1")
    assert code == 0 and calls[-1] == USUAL and "could not be installed" in said


def test_a_newer_pip_is_asked_for_first_and_done_without(tmp_path, install):
    code, calls, _ = install(driver=True)
    assert json.loads((tmp_path / "asked").read_text().splitlines()[0])[1:3] == ["install", "--quiet"]
    assert code == 0 and calls == [USUAL]
    (tmp_path / "stub/pip/__main__.py").write_text(PIP + "if '--quiet' in words: sys.exit(1)\n")
    assert install(driver=True)[:2] == (0, [USUAL])


def test_with_a_driver_the_usual_build_is_installed_and_no_index_is_asked(install, index):
    assert install(driver=True, TORCH_INDEX=index())[:2] == (0, [USUAL])


def test_torch_cuda_takes_the_usual_build_without_a_driver(install, index):
    assert install(TORCH="cuda", TORCH_INDEX=index())[:2] == (0, [USUAL])


def test_torch_cpu_takes_the_cpu_build_beside_a_driver(install, index):
    code, calls, _ = install(driver=True, TORCH="cpu", TORCH_INDEX=index())
    assert code == 0 and "--index-url" in calls[0]


def test_torch_cpu_without_its_index_installs_nothing_and_names_the_cure(install):
    code, calls, said = install(TORCH="cpu", TORCH_INDEX="http://127.0.0.1:9/whl/cpu")
    assert code == 1 and calls == [] and "TORCH_INDEX=" in said


def test_another_word_for_the_build_is_refused(install):
    code, calls, said = install(TORCH="gpu")
    assert code == 1 and calls == [] and "TORCH=cpu" in said


def test_what_is_installed_later_comes_from_the_same_index(install, index, tmp_path):
    address = index()
    assert install(TORCH_INDEX=address)[0] == 0
    (tmp_path / "more.txt").write_text("torchvision==0.29.1\n")
    code, calls, _ = install("-r", "more.txt")
    assert code == 0 and calls[0][-3:] == ["--index-url", address, "torchvision==0.29.1"]


def test_the_index_is_found_from_the_homepage_that_the_package_names(install):
    code, calls, said = install()
    assert code == 0 and "--report" in calls[0] and calls[-1] == USUAL and "cannot be reached" in said


def test_a_driver_is_found_by_its_tool_its_files_or_its_devices(tmp_path):
    script = f"import sys; sys.path.insert(0, {str(ROOT / '.ci')!r}); from pathlib import Path; import install\n" \
             "print(*[install.driver_found(Path(root), path) for root, path in zip(sys.argv[1::2], sys.argv[2::2])])"
    for name in ("none", "proc/proc/driver/nvidia", "device/dev/nvidia0", "tool"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "tool/nvidia-smi").write_text("#!/bin/sh\n")
    (tmp_path / "tool/nvidia-smi").chmod(0o755)
    places = [str(tmp_path / part) for pair in (("none", "none"), ("proc", "none"), ("device", "none"), ("none", "tool")) for part in pair]
    said = subprocess.run([sys.executable, "-c", script, *places], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["False", "True", "True", "True"]


def test_no_file_names_the_host_of_a_registry():
    names = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "Makefile", ".ci", "*.txt", "*.toml", "*.md"], capture_output=True, text=True
    ).stdout.split()
    for name in names:
        text = (ROOT / name).read_text()
        assert "download." + "pytorch" not in text and "pypi." + "org" not in text, name
