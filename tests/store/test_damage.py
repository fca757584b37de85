"""Damage: a database that is damaged, emptied, lost, too new or out of reach is one sentence with its cure, at opening
and while it serves."""

import sqlite3
import subprocess

import pytest

from grounding.machine.errors import MachineError
from grounding.store import Store
from tests.store.test_backups import damage


@pytest.mark.parametrize("content", [b"junk", b"x" * 50_000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_named_with_its_cure(tmp_path, content):
    (tmp_path / "deixis.sqlite").write_bytes(content)
    with pytest.raises(MachineError, match="deixis.sqlite is damaged .* no backup of it was made yet"):
        Store.open(tmp_path)


@pytest.mark.parametrize("lost", [lambda path: path.write_bytes(b""), lambda path: path.unlink()])
def test_an_emptied_or_lost_database_that_has_backups_is_not_begun_anew(store, project, lost):
    store.back_up()
    store.close()
    lost(store.folder / "deixis.sqlite")
    with pytest.raises(MachineError, match="there are backups of it; .*grounding restore"):
        Store.open(store.folder)


def test_pages_that_break_while_it_serves_are_a_sentence(store, add, project):
    for number in range(400):
        add(f"{number}.jpg")
    store.back_up()
    store.close()
    damage(store.folder / "deixis.sqlite", 8192, 200_000)
    with pytest.raises(MachineError, match="is damaged .*; stop Deixis and bring back the last backup"):
        again = Store.open(store.folder)
        list(again.all_items(project.id)), again.counts(project.id)


def test_a_database_of_a_newer_version_says_so(store):
    store.close()
    with sqlite3.connect(store.folder / "deixis.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(MachineError, match="written by a newer version of Deixis .*; update Deixis"):
        Store.open(store.folder)


def test_a_database_of_another_program_is_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / "deixis.sqlite") as other:
        other.execute("CREATE TABLE recipes (name)")
    before = (tmp_path / "deixis.sqlite").read_bytes()
    with pytest.raises(MachineError, match="tables of another program"):
        Store.open(tmp_path)
    with sqlite3.connect(tmp_path / "deixis.sqlite") as other:
        assert [row[0] for row in other.execute("SELECT name FROM sqlite_master")] == ["recipes"]
    assert len((tmp_path / "deixis.sqlite").read_bytes()) == len(before)


def test_a_file_in_the_place_of_the_data_folder_is_a_sentence(tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(MachineError, match="name a"):
        Store.open(tmp_path / "data")


def test_a_path_that_is_too_long_is_a_sentence(tmp_path):
    with pytest.raises(MachineError, match="too long for this system; choose a shorter"):
        Store.open(tmp_path / ("x" * 300))


@pytest.mark.parametrize("url", ["no address", "postgresql+nosuchdriver://host/db", "mysterysql://host/db"])
def test_an_address_of_no_database_is_a_sentence(tmp_path, url):
    with pytest.raises(MachineError, match="DEIXIS_DATABASE_URL"):
        Store.open(tmp_path, url)


def test_a_folder_that_becomes_read_only_is_a_sentence_and_reading_goes_on(on_small_disk):
    store, disk = on_small_disk
    project = store.create_project("P")
    store.close()
    _remount(disk, "ro")
    try:
        with pytest.raises(MachineError, match="change the permissions of|read-only"):
            store.create_project("Q")
        with pytest.raises(MachineError, match="change the permissions of|read-only"):
            Store.open(disk.folder / "data")
    finally:
        _remount(disk, "rw")
    assert store.projects() == [project]


def _remount(disk, how):
    subprocess.run(["mount", "-o", f"remount,{how}", disk.folder], check=True)


def test_a_closed_store_is_one_file(store, project, tmp_path):
    assert (store.folder / "deixis.sqlite-wal").exists()
    store.close()
    assert not (store.folder / "deixis.sqlite-wal").exists() or not (store.folder / "deixis.sqlite-wal").stat().st_size
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "deixis.sqlite").write_bytes((store.folder / "deixis.sqlite").read_bytes())
    copy = Store.open(tmp_path / "copy")
    assert copy.project(project.id) == project
    copy.close()
