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

from grounding.__main__ import app
from grounding.cli import terminal
from grounding.data import Progress
from tests import barcode, drawn

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def data(store, monkeypatch):
    """The folder that the commands work on."""
    monkeypatch.setenv("DEIXIS_DATA", str(store.folder))
    monkeypatch.delenv("DEIXIS_DATABASE_URL", raising=False)
    return store.folder


def call(*words) -> tuple[int, str, str]:
    """Exit code, stdout, stderr of a command run inside this process."""
    ran = CliRunner().invoke(app, [str(word) for word in words])
    code = ran.exception.code if isinstance(ran.exception, terminal.CommandExit) else ran.exit_code
    if ran.exception and not isinstance(ran.exception, (terminal.CommandExit, SystemExit)):
        raise ran.exception
    return code, ran.stdout, ran.stderr


COMMANDS = [
    ["load"],
    ["propose"],
    ["ground"],
    ["follow"],
    ["publish"],
    ["projects"],
    ["serve"],
    ["train", "grounder"],
    ["evaluate", "grounding"],
]


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
        drawn.write_photo(tmp_path / f"in/{number}.jpg", number)
    (tmp_path / "in/notes.jpg").write_text("no photo")
    code, out, err = call("load", "Street", tmp_path / "in")
    assert code == 0 and out == "3 photos loaded, 1 skipped\n" and "notes.jpg is text" in err
    code, out, _ = call("projects")
    assert code == 0 and out == "Street: 3 new, 0 in progress, 0 done; labels: none\n"
    code, out, _ = call("publish", "Street", tmp_path / "out.zip")
    assert code == 0 and out.startswith("3 images with 0 boxes and 0 phrases written to")
    assert len([name for name in zipfile.ZipFile(tmp_path / "out.zip").namelist() if name.startswith("images/default/")]) == 3


def test_programs_read_json(data, tmp_path):
    drawn.write_photo(tmp_path / "a.jpg")
    code, out, _ = call("load", "Street", tmp_path / "a.jpg", tmp_path / "lost.jpg", "--json")
    report = json.loads(out)
    assert (
        code == 0
        and report["added"] == 1
        and report["skipped"] == [[str(tmp_path / "lost.jpg"), f"{tmp_path}/lost.jpg is not there; check the path"]]
    )
    [project] = json.loads(call("projects", "--json")[1])
    assert project["name"] == "Street" and project["counts"] == {"new": 1, "in_progress": 0, "done": 0, "trashed": 0}
    code, out, _ = call("publish", "Street", tmp_path / "out", "--json")
    assert json.loads(out) == {"out": str(tmp_path / "out"), "images": 1, "boxes": 0, "phrases": 0, "tracks": 0, "videos": 0, "skipped": []}


def test_loading_the_same_again_is_no_failure(data, tmp_path):
    drawn.write_photo(tmp_path / "a.jpg")
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
    drawn.write_photo(tmp_path / "a.jpg")
    call("load", "Street", tmp_path / "a.jpg")
    code, out, err = call(*words)
    assert code == 1 and out == "" and sentence in err and err.startswith("deixis: ") and err.count("\n") == 1
    code, out, _ = call(*words, "--json")
    assert code == 1 and sentence in json.loads(out)["error"]


@pytest.mark.parametrize(
    "fault", [KeyError("labels"), IndexError("list index out of range"), RuntimeError("boom"), TypeError("wrong")], ids=repr
)
def test_a_fault_of_ours_keeps_its_trace(fault):
    with pytest.raises(type(fault)), terminal.reporting_errors(as_json=True):
        raise fault


@pytest.fixture
def scripted(monkeypatch):
    """The menus with the scripted models that ship, called "scripted"."""
    from grounding import catalog, model_cache
    from grounding.data import Boxes, Regions
    from grounding.models.scripted import ScriptedDetector, ScriptedGrounder

    square = Regions(Boxes([drawn.SQUARE]), [0.75], ["dog"])
    for menu, model in (
        (catalog.DETECTORS, ScriptedDetector(default=square)),
        (catalog.GROUNDERS, ScriptedGrounder({"red dog": square})),
    ):
        monkeypatch.setitem(menu, "scripted", catalog.ModelEntry(lambda make, model=model: model, "Scripted", "", 0, ""))
    monkeypatch.setattr(model_cache, "_builtin_models", {})


@pytest.mark.parametrize("orientation", [1, 6])
def test_ground_answers_in_pixels_of_the_upright_photo(data, tmp_path, scripted, orientation):
    photo = drawn.write_photo(tmp_path / "a.jpg", orientation=orientation)
    code, out, _ = call("ground", photo, "red dog", "--grounder", "scripted", "--json")
    answer = json.loads(out)
    assert code == 0 and answer["query"] == "red dog" and set(answer["ms"]) == {"encode", "phrase"}
    assert answer["regions"] == [{"box": list(map(float, drawn.SQUARE)), "score": 0.75, "label": "red dog"}]
    code, out, _ = call("ground", photo, "red dog", "--grounder", "scripted")
    assert code == 0 and out == "0.75  [    8.0    12.0    24.0    20.0]  red dog\n"
    code, out, _ = call("ground", photo, "a zebra", "--grounder", "scripted")
    assert code == 0 and out == "nothing in this photo fits the phrase\n"


def test_a_phrase_that_is_not_understood_is_declined_in_a_sentence(data, tmp_path, scripted):
    photo = drawn.write_photo(tmp_path / "a.jpg")
    code, out, _ = call("ground", photo, "man no. 5", "--grounder", "scripted")
    assert code == 0 and out.startswith("Numbers and track ids cannot be read") and "nothing in this photo" not in out
    code, out, _ = call("ground", photo, "man no. 5", "--grounder", "scripted", "--json")
    assert code == 0 and json.loads(out)["regions"] == [] and json.loads(out)["kind"] == "number"
    code, out, _ = call("ground", photo, "find the red dog that is not on the left", "--grounder", "scripted")
    assert out == "nothing in this photo fits the phrase\n"


@pytest.mark.parametrize("phrase", ["", "   ", "x" * 10_000])
def test_a_phrase_of_nothing_or_of_far_too_much_is_refused_in_a_sentence(data, tmp_path, scripted, phrase):
    code, out, err = call("ground", drawn.write_photo(tmp_path / "a.jpg"), phrase, "--grounder", "scripted")
    assert code == 1 and out == "" and err.startswith("deixis: ") and err.count("\n") == 1 and len(err) < 300


def test_propose_shows_boxes_and_phrases_and_stores_nothing(data, tmp_path, scripted):
    drawn.write_photo(tmp_path / "in/a.jpg"), (tmp_path / "in/b.jpg").write_text("no photo")
    code, out, err = call("propose", tmp_path / "in", "--detector", "scripted", "--json")
    [photo] = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and photo["file"] == "a.jpg" and (photo["width"], photo["height"]) == drawn.SIZE
    assert photo["objects"] == [{"box": list(map(float, drawn.SQUARE)), "label": "dog", "score": 0.75}]
    assert all(phrase["targets"] == [0] for phrase in photo["phrases"]) and "b.jpg is text" in err
    assert json.loads(call("projects", "--json")[1]) == []


def test_load_proposes_when_asked_to(data, tmp_path, scripted):
    drawn.write_photo(tmp_path / "a.jpg")
    code, out, _ = call("load", "Street", tmp_path / "a.jpg", "--propose", "--detector", "scripted", "--json")
    assert code == 0 and json.loads(out)["proposed"]["boxes"] == 1
    report = json.loads(call("publish", "Street", tmp_path / "mine.zip", "--json")[1])
    assert report["boxes"] == 0  # nobody has accepted anything
    report = json.loads(call("publish", "Street", tmp_path / "all.zip", "--include", "proposals", "--json")[1])
    assert report["boxes"] == 1


def test_follow_tracks_a_video(data, tmp_path, scripted):
    film = barcode.write_video(tmp_path / "film.mp4", count=12)
    code, out, _ = call("follow", film, "--detector", "scripted", "--json")
    answer = json.loads(out)
    assert code == 0 and (answer["video"], answer["frames"], answer["width"], answer["height"]) == ("film.mp4", 12, 320, 192)
    [track] = answer["tracks"]
    assert track["label"] == "dog" and track["keyframes"][0]["frame"] == 0 and track["keyframes"][-1]["frame"] == 11
    code, _, err = call("follow", drawn.write_photo(tmp_path / "a.jpg"))
    assert code == 1 and "a.jpg is a photo" in err


@pytest.mark.parametrize("words, sentence", [
    (["train", "grounder", "--data", "lost", "--from", "human", "--out", "x.safetensors"], "lost"),
    (["train", "grounder", "--project", "Nobody", "--out", "x.safetensors"], "there is no project 'Nobody'"),
    (["evaluate", "grounding", "lost", "--grounder", "scripted"], "lost"),
    (["ground", "a.jpg", "dog", "--grounder", "lost.json"], "there are no weights at lost.json"),
])  # fmt: skip
def test_training_and_evaluation_need_their_data(data, tmp_path, monkeypatch, scripted, words, sentence):
    monkeypatch.chdir(tmp_path)
    drawn.write_photo(tmp_path / "a.jpg")
    code, out, err = call(*words)
    assert code == 1 and out == "" and sentence in err and err.count("\n") == 1


def test_train_learns_either_from_a_folder_or_from_a_project(data):
    assert call("train", "grounder", "--out", "x.safetensors")[0] == 2
    assert call("train", "grounder", "--out", "x.safetensors", "--data", "x", "--project", "y")[0] == 2


@pytest.mark.parametrize("words", [["load"], ["nonsense"], ["publish", "Street"], ["ground", "a.jpg", "dog", "--top", "0"]])
def test_wrong_usage_is_exit_code_2(data, words):
    assert call(*words)[0] == 2


def as_in_a_terminal() -> None:
    """Ctrl-C reaches the command, which what runs in the background ignores; on a busy machine who presses it goes first."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.nice(10)


def test_ctrl_c_stops_cleanly(data, tmp_path):
    """The photos that are whole stay, no temporary file does, and the exit code says that it was stopped."""
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(600):
            archive.writestr(f"{number}.jpg", drawn.encode_photo("JPEG", number))
    run = subprocess.Popen([sys.executable, "-m", "grounding", "load", "Street", str(tmp_path / "many.zip")], cwd=ROOT,
                           env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=as_in_a_terminal)
    until = time.monotonic() + 100
    while len(list((data / "media").rglob("*.jpg"))) < 3 and run.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 130 and err.strip() == "deixis: stopped; what was finished is kept, nothing half-written is left"
    assert list((data / "cache").iterdir()) == []
    [project] = json.loads(call("projects", "--json")[1])
    assert 2 <= project["counts"]["new"] == len([path for path in (data / "media").rglob("*") if path.is_file()]) < 600


def test_progress_is_drawn_for_people_only(monkeypatch, capsys):
    steps = [Progress(n, 4, f"photo \x1b[31m{n}.jpg", 7 if n == 4 else None) for n in range(5)]
    assert terminal.run_task(step for step in steps) == 7
    assert capsys.readouterr().err == ""  # no terminal, no line
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert terminal.run_task(step for step in steps) == 7
    drawn_line = capsys.readouterr().err
    assert "[........................] 0/4 photo ?[31m0.jpg" in drawn_line and drawn_line.endswith("\r\x1b[K")


def test_the_rest_of_a_long_list_of_complaints_is_counted(capsys):
    terminal.print_skipped([("a", f"sentence {n}") for n in range(30)])
    err = capsys.readouterr().err
    assert err.count("sentence") == 20 and "and 10 more" in err
