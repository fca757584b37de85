"""The types of the folders that `pyproject.toml` lists under [tool.basedpyright] agree: basedpyright finds nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def findings(*words: str) -> tuple[int, list[str]]:
    """How many files were read, and what was found in them."""
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable, *words]
    said = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout)
    rows = said["generalDiagnostics"]
    return said["summary"]["filesAnalyzed"], [
        f"{row['file']}:{row['range']['start']['line'] + 1} {row['message']}" for row in rows
    ]


@pytest.mark.timeout(600)  # 15 seconds of one core; more where others use it too
def test_the_types_agree():
    files, found = findings("--project", str(ROOT / "pyproject.toml"))
    assert files > 60 and found == []


def test_a_wrong_type_is_found(tmp_path):
    (tmp_path / "wrong.py").write_text("def double(number: int) -> int:\n    return number * 2\n\n\ndouble('2')\n")
    (tmp_path / "pyproject.toml").write_text('[tool.basedpyright]\ntypeCheckingMode = "basic"\n')
    files, found = findings("--project", str(tmp_path / "pyproject.toml"))
    assert files == 1 and len(found) == 1 and "not assignable" in found[0]
