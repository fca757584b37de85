"""The examples run as they are written, and are short."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def run(name: str, *words: str) -> str:
    code = "import runpy, sys; sys.path.insert(0, sys.argv[1]); sys.argv = sys.argv[2:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [sys.executable, "-c", code, str(ROOT), str(ROOT / "examples" / name), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_a_phrase_is_grounded():
    said = run("ground_a_phrase.py", "the person on the left", "a person")
    assert re.search(r"^the person on the left: \[\d+, \d+, \d+, \d+\] with score 0\.\d\d$", said, re.MULTILINE)
    assert "\na person: " in said


def test_phrases_are_written_as_coco(tmp_path):
    assert "3 pictures" in run("pseudo_queries_to_coco.py", str(tmp_path / "out"))
    annotations = tmp_path / "out/coco/annotations"
    assert len(json.loads((annotations / "instances_default.json").read_text())["images"]) == 3
    assert {ref["image_id"] for ref in json.loads((annotations / "grefs(default).json").read_text())} == {1, 2, 3}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_has_under_40_lines(path):
    assert len(path.read_text().splitlines()) < 40
