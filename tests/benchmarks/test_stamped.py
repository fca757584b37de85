"""Every result says by which commit, when, on what machine and with which weights it was measured."""

import importlib.util
import json
import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
RESULTS = sorted((HERE / "results").glob("*.json"))
SCRIPTS = sorted(path for path in HERE.glob("*.py") if path.name not in (Path(__file__).name, "stamped.py"))
spec = importlib.util.spec_from_file_location("stamped", HERE / "stamped.py")
stamped = importlib.util.module_from_spec(spec)
spec.loader.exec_module(stamped)


@pytest.mark.parametrize("file", RESULTS, ids=lambda path: path.stem)
def test_every_results_file_says_what_it_was_measured_with(file):
    found = json.loads(file.read_text())["measured"]
    for stamp in (found, *found.get("earlier", [])):
        assert re.fullmatch(r"[0-9a-f]{7,12}(\+changes)?", stamp["commit"]) and re.fullmatch(r"20\d\d-\d\d-\d\d", stamp["date"])
        assert stamp["machine"]["cores"] >= 1 and isinstance(stamp["weights"], dict)
        assert "known_from" in stamp or {"python", "torch"} <= set(stamp) and {"processor", "memory_gb"} <= set(stamp["machine"])


def test_there_are_results_and_each_is_of_a_script():
    assert len(RESULTS) > 20 and {path.stem for path in RESULTS} <= {path.stem for path in SCRIPTS}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_no_script_writes_a_result_past_the_stamp(script):
    text = script.read_text()
    assert not re.search(r"\b(RESULTS?|FILE|out|part)\.write_text\(", text)
    assert (
        ".json" not in text or "stamped.write(" in text or script.stem in ("annotation_saving", "pseudo_training", "pseudo_material")
    )  # these write by pseudo_trials


def test_a_stamp_names_commit_date_machine_versions_and_weights():
    class Grounder:
        version, card = "grounder-both@aa31eb75", {"eyes": "ssd@2a8d+lite@5793", "text": "minilm@53aa"}

    stamp = stamped.measured(Grounder(), "motion-tracker@1-1ce7")
    assert stamp["weights"] == {"grounder-both": "aa31eb75", "ssd": "2a8d", "lite": "5793", "minilm": "53aa", "motion-tracker": "1-1ce7"}
    assert set(stamp) == {"commit", "date", "machine", "python", "torch", "weights"}
    assert set(stamp["machine"]) == {"processor", "cores", "memory_gb", "load_average"}


def test_a_commit_is_marked_where_measured_files_differ_from_it_and_not_where_results_do(tmp_path):
    def git(*words):
        return subprocess.run(
            ["git", "-C", tmp_path, "-c", "user.name=n", "-c", "user.email=e", *words], check=True, capture_output=True, text=True
        ).stdout

    git("init", "-q")
    results, code = tmp_path / "tests/benchmarks/results/a.json", tmp_path / "grounding/model.py"
    for file in (results, code):
        file.parent.mkdir(parents=True)
        file.write_text("1")
    git("add", "."), git("commit", "-qm", "first")
    head = git("rev-parse", "--short=7", "HEAD").strip()
    results.write_text("2")
    assert stamped.commit(tmp_path) == head
    code.write_text("2")
    assert stamped.commit(tmp_path) == f"{head}+changes"


def test_numbers_that_stay_from_earlier_keep_their_stamps(tmp_path):
    file = tmp_path / "results.json"
    stamped.write(file, {"a": 1}, "one@11")
    stamped.write(file, {"a": 1, "b": 2}, "two@22", kept=json.loads(file.read_text()))
    stamped.write(file, {"a": 1, "b": 2, "c": 3}, "three@33", kept=json.loads(file.read_text()))
    page = json.loads(file.read_text())
    assert page["measured"]["weights"] == {"three": "33"}
    assert [stamp["weights"] for stamp in page["measured"]["earlier"]] == [{"two": "22"}, {"one": "11"}]
    assert [page[name] for name in "abc"] == [1, 2, 3] and not list(tmp_path.glob("*.part"))


def test_without_a_repository_a_stamp_says_so(tmp_path):
    assert stamped.commit(tmp_path) == "not in a git repository"
