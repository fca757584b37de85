"""The Python code keeps the rules of `pyproject.toml`: ruff finds nothing."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def ruff(*words: str, text: str = "") -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise", *words]
    return subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True)


def test_ruff_finds_nothing():
    ran = ruff(".")
    assert (ran.returncode, ran.stdout) == (0, "All checks passed!\n")


def test_an_unused_import_and_a_long_line_are_found():
    found = ruff("--stdin-filename", "grounding/new.py", "-", text=f"import os\n\nNAME = '{'x' * 140}'\n").stdout
    assert "F401" in found and "E501" in found
