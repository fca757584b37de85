"""When the machine fails, every way in says one sentence with the cure: each command of the shell, and the app as it starts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from grounding.store import Store
from tests.test_cli import call

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def data(store, monkeypatch):
    """The folder that the commands work on, with one project and a backup of it."""
    monkeypatch.setenv("DEIXIS_DATA", str(store.folder))
    monkeypatch.delenv("DEIXIS_DATABASE_URL", raising=False)
    store.create_project("Street")
    store.back_up()
    store.close()
    return store.folder


COMMANDS = [
    ["load", "Street", "x.jpg"],
    ["publish", "Street", "out.zip"],
    ["projects"],
    ["train", "grounder", "--project", "Street", "--out", "x"],
    ["evaluate", "mistakes", "--project", "Street"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
def test_each_command_names_a_damaged_database_and_the_cure(data, command):
    (data / "deixis.sqlite").write_bytes(b"junk" * 1000)
    code, out, err = call(*command, "--json")
    sentence = (
        f"the database {data}/deixis.sqlite is damaged (file is not a database); stop Deixis and bring back the "
        "last backup with: python -m grounding restore"
    )
    assert code == 1 and err == f"deixis: {sentence}\n" and json.loads(out) == {"error": sentence}


def test_the_app_names_a_damaged_database_in_one_line_and_leaves(data):
    (data / "deixis.sqlite").write_bytes(b"junk" * 1000)
    said = start(data)
    assert said.returncode == 1 and len(said.stderr.splitlines()) == 1 and "python -m grounding restore" in said.stderr


def test_the_app_names_a_full_disk_in_one_line_and_leaves(on_small_disk):
    store, disk = on_small_disk
    store.create_project("P")
    store.close()
    disk.fill()
    said = start(store.folder)
    assert (
        said.returncode == 1
        and len(said.stderr.splitlines()) == 1
        and "the disk is full" in said.stderr
        and str(store.folder) in said.stderr
    )


def start(folder):
    home = {name: value for name, value in os.environ.items() if name not in ("SPACE_ID", "DEIXIS_DATABASE_URL")}
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        env={**home, "DEIXIS_DATA": str(folder), "PORT": "0"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_backup_is_listed_and_brought_back_and_it_is_told_what_came_and_what_is_kept(data):
    code, out, _ = call("restore", "--list", "--json")
    (row,) = json.loads(out)
    assert code == 0 and row["name"].startswith("deixis-20") and row["bytes"] > 0 and row["name"] in call("restore", "--list")[1]
    (data / "deixis.sqlite").write_bytes(b"junk" * 1000)
    code, out, _ = call("restore", row["name"])
    first, second = out.splitlines()
    assert (code, first) == (0, f"{row['name']} is back: 1 project, 0 items, 0 edits")
    assert second.startswith(f"the database that was there is kept as {data}/deixis-before-restore-")
    assert json.loads(call("projects", "--json")[1])[0]["name"] == "Street"


def test_no_backup_and_no_such_backup_are_sentences(data, tmp_path, monkeypatch):
    assert "there is no backup 'gone'" in call("restore", "gone")[2]
    monkeypatch.setenv("DEIXIS_DATA", str(tmp_path / "fresh"))
    assert call("restore", "--list")[1].startswith("no backup yet in ") and call("restore")[0] == 1
    assert not (tmp_path / "fresh").exists()


def test_a_database_of_a_server_is_restored_by_its_own_tools(data, monkeypatch):
    monkeypatch.setenv("DEIXIS_DATABASE_URL", "postgresql+psycopg://me@host/deixis")
    assert "restore it with its own tools" in call("restore")[2]


def test_an_export_to_a_full_disk_names_the_folder_and_leaves_nothing(data, small_disk):
    store = Store.open(data)
    project = store.project("Street")
    Image.frombytes("RGB", (1000, 1000), os.urandom(3_000_000)).save(data / "noise.png")
    sha = store.add_file(data / "noise.png", "png")
    store.add_item(project.id, name="a.png", kind="photo", sha256=sha, ext="png", size=(1000, 1000))
    store.close()
    small_disk.fill(1_000_000)
    for out in (small_disk.folder / "out.zip", small_disk.folder / "out"):
        code, _, err = call("publish", "Street", out)
        assert code == 1 and f"the disk is full: nothing more can be written in {small_disk.folder}" in err and len(err.splitlines()) == 1
        assert [path.name for path in small_disk.folder.iterdir()] == ["ballast"]
