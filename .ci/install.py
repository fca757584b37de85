"""Installs requirements into the environment of the Python that runs this; says beforehand how much it is, and
meanwhile how far it is.

    .venv/bin/python .ci/install.py -r requirements.txt [-r MORE.txt] [--no-deps]

On Linux the usual PyTorch brings 4 GB of CUDA libraries. Where no NVIDIA driver is found, PyTorch's CPU build is taken
instead, if the index that has it answers within seconds. That index is $TORCH_INDEX, or else found from the homepage
that PyTorch's own package names. TORCH=cpu or TORCH=cuda chooses the build, whatever is found.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

# of .venv in the end, tests included; cpu: without the CUDA libraries and what is built with them
GB = {"cuda": 6.9, "cpu": 2.5}
FAMILY = ("torch", "torchvision")  # must come from one index
PATIENCE_S = 5
# tells which package it puts in place, and reads what a package says of itself without fetching it whole
NEWER_PIP = "pip>=25.1,<27"
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")


def main(words: list[str], driver: bool | None = None) -> int:
    """The exit code. `driver`: whether there is an NVIDIA driver; found out where it is not said."""
    wanted = pins([Path(words[at + 1]) for at, word in enumerate(words) if word == "-r"])
    say, noted = os.environ.get("TORCH", ""), Path(sys.prefix) / ".torch-index"
    if say not in ("", "cpu", "cuda"):
        return told(f"TORCH is {say!r}; say TORCH=cpu or TORCH=cuda, or leave it out")
    index = noted.read_text() if noted.exists() else ""
    if "torch" in wanted and not installed("torch"):
        pip("install", "--quiet", NEWER_PIP)  # where it cannot be had, the one that is there does
        index = cpu_index(wanted["torch"], say, driver_found() if driver is None else driver)
        if say == "cpu" and not index:
            return told(
                "PyTorch's CPU build cannot be had (see above). Say TORCH_INDEX=ADDRESS, the address after --index-url "
                "that PyTorch's installation page gives for CPU, or leave TORCH=cpu out"
            )
        size = GB["cpu" if index else "cuda"]
        print(
            f"Installing what Deixis needs into {sys.prefix}: about {size} GB on disk in the end; this takes minutes.",
            flush=True,
        )
    if index and not from_cpu_index(index, wanted):
        if say == "cpu" or noted.exists():  # the usual torchvision does not fit PyTorch's CPU build
            return told(
                f"{index} did not give PyTorch's CPU build (see above). For the usual build: make clean, then "
                "TORCH=cuda make run"
            )
        print("PyTorch's CPU build could not be installed; the usual one is, with its CUDA libraries.", flush=True)
    elif index:
        noted.write_text(index)
    return pip("install", *words)


def pins(files: list[Path]) -> dict[str, str]:
    """The versions of PyTorch's packages that requirements files pin."""
    lines = "\n".join(file.read_text() for file in files)
    return {name: found[1] for name in FAMILY if (found := re.search(rf"^{name}==(\S+)", lines, re.M))}


def driver_found(root: Path = Path("/"), path: str | None = None) -> bool:
    return (
        bool(shutil.which("nvidia-smi", path=path))
        or (root / "proc/driver/nvidia").exists()
        or any((root / "dev").glob("nvidia[0-9]*"))
    )


def cpu_index(torch: str, say: str, driver: bool) -> str:
    """The index to take PyTorch's CPU build from; "" for the usual build."""
    if say == "cuda" or not say and (driver or sys.platform != "linux"):
        return ""
    index = os.environ.get("TORCH_INDEX") or index_of_homepage(torch)
    problem = "no index is known that has it" if not index else problem_of(index, torch)
    print(
        "PyTorch's CPU build is taken." if not problem else f"PyTorch's CPU build is not taken: {problem}.", flush=True
    )
    return "" if problem else index


def index_of_homepage(torch: str) -> str:
    """PyTorch serves its builds from the host `download` of the homepage that its package names; asked of the index
    that pip uses."""
    words = ("install", "--dry-run", "--quiet", "--no-deps", "--ignore-installed", "--report", "-", f"torch=={torch}")
    try:
        said = subprocess.run([*PIP, *words], capture_output=True, text=True, timeout=4 * PATIENCE_S, check=True).stdout
        told_of = json.loads(said)["install"][0]["metadata"]
        links = [
            told_of.get("home_page") or "",
            *(
                link.split(", ", 1)[-1]
                for link in told_of.get("project_url", ())
                if link.lower().startswith("homepage")
            ),
        ]
        host = next(urlsplit(link).hostname for link in links if urlsplit(link).hostname)
    except (OSError, subprocess.SubprocessError, ValueError, LookupError, StopIteration):
        return ""
    return f"https://download.{host.removeprefix('www.')}/whl/cpu"


def problem_of(index: str, torch: str) -> str:
    """Why an index cannot be used; "" if it answers in time and has the version."""
    page: list[str] = []
    asking = threading.Thread(target=lambda: page.append(read(f"{index.rstrip('/')}/torch/")), daemon=True)
    asking.start()
    asking.join(PATIENCE_S)  # in all, however slowly the answer trickles
    if not page or not page[0]:
        return "its index cannot be reached" if page else f"its index did not answer within {PATIENCE_S} seconds"
    return "" if f"torch-{torch}" in page[0] else f"its index does not have the version {torch}"


def read(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=2 * PATIENCE_S) as answer:
            return answer.read().decode("utf8", "replace")
    except (OSError, ValueError):
        return ""


def from_cpu_index(index: str, wanted: dict[str, str]) -> bool:
    missing = [f"{name}=={pin}" for name, pin in wanted.items() if not installed(name)]
    return (
        not missing
        or pip("install", "--no-deps", "--timeout", "15", "--retries", "1", "--index-url", index, *missing) == 0
    )


def installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def pip(*words: str) -> int:
    """pip tells what it fetches and installs; while files are put in place it is silent, so how much is there is told
    beside it."""
    process = subprocess.Popen([*PIP, *words])
    threading.Thread(target=grown, args=(process,), daemon=True).start()
    return process.wait()


def grown(process: subprocess.Popen, every_s: float = 15) -> None:
    before = size_gb()
    while True:
        time.sleep(every_s)
        now = size_gb()
        if process.poll() is not None:
            return
        if now > before + 0.05:
            print(f"  {now:.1f} GB are in place", flush=True)
            before = now


def size_gb() -> float:
    """Of the environment, without what links lead to."""
    total = 0
    for folder, _, names in os.walk(sys.prefix):
        for name in names:
            with contextlib.suppress(OSError):  # pip moves files while they are counted
                total += os.lstat(os.path.join(folder, name)).st_size
    return total / 1e9


def told(problem: str) -> int:
    print(problem, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
