"""The shell does what the page does: the same tasks, plain words for people, JSON for programs, honest exit codes."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grounding import shell
from grounding.__main__ import app
from grounding.data import Progress
from tests import drawn, fresh

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("DEIXIS_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("DEIXIS_DATABASE_URL", raising=False)
    fresh.store(tmp_path / "data").close()
    return tmp_path / "data"


def call(*words) -> tuple[int, str, str]:
    """Exit code, stdout, stderr of a command run inside this process."""
    ran = CliRunner().invoke(app, [str(word) for word in words])
    code = ran.exception.code if isinstance(ran.exception, shell.Stop) else ran.exit_code
    if ran.exception and not isinstance(ran.exception, (shell.Stop, SystemExit)):
        raise ran.exception
    return code, ran.stdout, ran.stderr


COMMANDS = [["load"], ["propose"], ["ground"], ["follow"], ["publish"], ["projects"], ["serve"], ["train", "grounder"], ["evaluate", "grounding"]]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_teaches_with_an_example(command):
    code, out, _ = call(*command, "--help")
    assert code == 0 and f"python -m grounding {' '.join(command)}" in out and "--help" in out


def test_help_answers_at_once_and_loads_nothing_heavy():
    run = subprocess.run([sys.executable, "-X", "importtime", "-m", "grounding", "--help"], cwd=ROOT, capture_output=True, text=True)
    loaded = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert run.returncode == 0 and "load" in run.stdout
    assert not loaded & {"torch", "gradio", "cv2", "spacy", "sqlalchemy", "numpy", "transformers", "PIL.Image"}


def test_photos_go_in_and_out_again(data, tmp_path):
    for number in range(3):
        drawn.photo(tmp_path / f"in/{number}.jpg", number)
    (tmp_path / "in/notes.jpg").write_text("no photo")
    code, out, err = call("load", "Street", tmp_path / "in")
    assert code == 0 and out == "3 photos loaded, 1 skipped\n" and "notes.jpg is text" in err
    code, out, _ = call("projects")
    assert code == 0 and out == "Street: 3 new, 0 in progress, 0 done; labels: none\n"
    code, out, _ = call("publish", "Street", tmp_path / "out.zip")
    assert code == 0 and out.startswith("3 images with 0 boxes and 0 phrases written to")
    assert len([name for name in zipfile.ZipFile(tmp_path / "out.zip").namelist() if name.startswith("images/default/")]) == 3


def test_programs_read_json(data, tmp_path):
    drawn.photo(tmp_path / "a.jpg")
    code, out, _ = call("load", "Street", tmp_path / "a.jpg", tmp_path / "lost.jpg", "--json")
    report = json.loads(out)
    assert code == 0 and report["added"] == 1 and report["skipped"] == [[str(tmp_path / "lost.jpg"), f"{tmp_path}/lost.jpg is not there; check the path"]]
    [project] = json.loads(call("projects", "--json")[1])
    assert project["name"] == "Street" and project["counts"] == {"new": 1, "in_progress": 0, "done": 0, "trashed": 0}
    code, out, _ = call("publish", "Street", tmp_path / "out", "--json")
    assert json.loads(out) == {"out": str(tmp_path / "out"), "images": 1, "boxes": 0, "phrases": 0, "skipped": []}


def test_loading_the_same_again_is_no_failure(data, tmp_path):
    drawn.photo(tmp_path / "a.jpg")
    assert call("load", "Street", tmp_path / "a.jpg")[0] == 0
    code, out, err = call("load", "Street", tmp_path / "a.jpg")
    assert code == 0 and out == "nothing loaded, 1 skipped\n" and "already" in err


def test_a_load_of_nothing_fails_and_leaves_no_project(data, tmp_path):
    (tmp_path / "a.jpg").write_text("no photo")
    code, out, err = call("load", "Street", tmp_path / "a.jpg")
    assert code == 1 and out == "nothing loaded, 1 skipped\n"
    assert json.loads(call("projects", "--json")[1]) == []


@pytest.mark.parametrize("words, sentence", [
    (["publish", "Nobody", "out.zip"], "there is no project 'Nobody'"),
    (["publish", "Street", "out.zip", "--format", "yolo"], "formats to publish in are coco"),
    (["publish", "Street", "out.zip", "--include", "all"], "include is one of accepted, proposals"),
    (["ground", "lost.jpg", "dog"], "lost.jpg"),
    (["follow", "lost.mp4"], "lost.mp4"),
    (["load", "Street", "x.jpg", "--propose", "--detector", "nobody"], "there is no detector called 'nobody'"),
])  # fmt: skip
def test_a_failure_is_one_sentence_and_exit_code_1(data, tmp_path, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    drawn.photo(tmp_path / "a.jpg")
    call("load", "Street", tmp_path / "a.jpg")
    code, out, err = call(*words)
    assert code == 1 and out == "" and sentence in err and err.startswith("deixis: ") and err.count("\n") == 1
    code, out, _ = call(*words, "--json")
    assert code == 1 and sentence in json.loads(out)["error"]


@pytest.mark.parametrize("words", [["load"], ["nonsense"], ["publish", "Street"], ["ground", "a.jpg", "dog", "--top", "0"]])
def test_wrong_usage_is_exit_code_2(data, words):
    assert call(*words)[0] == 2


def test_ctrl_c_stops_cleanly(data, tmp_path):
    """The photos that are whole stay, no temporary file does, and the exit code says that it was stopped."""
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(3000):
            archive.writestr(f"{number}.jpg", drawn.encoded("JPEG", number))
    run = subprocess.Popen([sys.executable, "-m", "grounding", "load", "Street", str(tmp_path / "many.zip")], cwd=ROOT,
                           env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 30
    while not list((data / "media").rglob("*.jpg")) and time.monotonic() < until:
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=30)
    assert run.returncode == 130 and err.strip() == "deixis: stopped; what was finished is kept, nothing half-written is left"
    assert list((data / "cache").iterdir()) == []
    [project] = json.loads(call("projects", "--json")[1])
    assert 0 < project["counts"]["new"] < 3000


def test_progress_is_drawn_for_people_only(monkeypatch, capsys):
    steps = [Progress(n, 4, f"photo \x1b[31m{n}.jpg", 7 if n == 4 else None) for n in range(5)]
    assert shell.run(step for step in steps) == 7
    assert capsys.readouterr().err == ""  # no terminal, no line
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert shell.run(step for step in steps) == 7
    drawn_line = capsys.readouterr().err
    assert "[........................] 0/4 photo ?[31m0.jpg" in drawn_line and drawn_line.endswith("\r\x1b[K")


def test_the_rest_of_a_long_list_of_complaints_is_counted(capsys):
    shell.warn([("a", f"sentence {n}") for n in range(30)])
    err = capsys.readouterr().err
    assert err.count("sentence") == 20 and "and 10 more" in err
