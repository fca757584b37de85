"""Backups: made by themselves, few, only of a sound database; one comes back, and what was there is kept."""

import contextlib
import os
import shutil
import sqlite3
import threading
from datetime import UTC, datetime, timedelta

import pytest

from grounding.data import new_id
from grounding.machine.errors import MachineError
from grounding.store import Lease, Store, backups
from grounding.store.engine import DatabaseContents
from tests.annotated import annotation


def damage(path, start=4096, count=40_000):
    """Overwrites the middle of a file, as a failing disk does."""
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xff" * count)


def edit(item):
    return [annotation(item.id, "box", {"box": [1.0, 2, 30, 40], "label": "dog", "state": "accepted"}, "person:ann")]


def test_a_backup_is_made_when_something_changed_and_holds_what_only_the_log_held(store, item):
    store.append(item.id, edit(item), new_id())
    assert os.path.getsize(f"{store.folder}/deixis.sqlite-wal") > 0
    made = store.back_up()
    assert store.back_up() is None
    with sqlite3.connect(made.path) as copy:
        assert copy.execute("SELECT count(*) FROM edits").fetchone() == (1,)
    assert [path.name for path in made.path.parent.iterdir()] == [made.name]
    store.create_project("Later")
    assert store.back_up().name != made.name and len(backups.list_backups(store.folder)) == 2


def test_opening_and_closing_changes_nothing_so_no_backup_is_made(store, item):
    store.back_up()
    store.close()
    again = Store.open(store.folder)
    assert again.back_up() is None and len(backups.list_backups(store.folder)) == 1
    again.close()


def test_the_newest_three_stay_and_the_last_of_each_of_seven_days(store):
    folder, today = store.folder / "backups", datetime.now(UTC).replace(hour=0, minute=0, second=0)
    folder.mkdir()
    for day in range(12):
        for hour in (1, 2, 3):
            moment = today - timedelta(days=day + 1) + timedelta(hours=hour)
            (folder / f"deixis-{moment:%Y%m%d-%H%M%S}.sqlite").write_bytes(b"old")
            os.utime(folder / f"deixis-{moment:%Y%m%d-%H%M%S}.sqlite", (1, 1))
    (folder / "mine.sqlite").write_bytes(b"a person's")
    store.create_project("P")
    store.back_up()
    names = [backup.name for backup in backups.list_backups(store.folder)]
    days = [name[7:15] for name in names]
    assert len(names) == 8 and len(set(days)) == 7 and days.count(days[1]) == 2 and all(name[16:18] == "03" for name in names[3:])
    assert (folder / "mine.sqlite").exists()


def test_a_damaged_database_takes_no_backups_place(store, add):
    for number in range(400):
        add(f"{number}.jpg")
    good = store.back_up()
    content = good.path.read_bytes()
    add("later.jpg")
    store.close()
    damage(store.folder / "deixis.sqlite")
    with pytest.raises(MachineError, match="is damaged .* bring back the last backup with: python -m grounding restore"):
        backups.create_backup(store.folder)
    assert [path.name for path in good.path.parent.iterdir()] == [good.name] and good.path.read_bytes() == content


def test_a_backup_leaves_room_on_the_disk(on_small_disk):
    store, disk = on_small_disk
    store.create_project("P")
    with pytest.raises(MachineError, match="^. MB are free"):
        store.back_up()
    assert not (store.folder / "backups").exists()


def test_edits_go_on_while_a_backup_is_made(store, item):
    store.append(item.id, edit(item), "first")
    maker = threading.Thread(target=lambda: [(store.create_project(new_id()), store.back_up()) for _ in range(5)])
    maker.start()
    revisions = [store.append(item.id, edit(item), new_id()) for _ in range(50)]
    maker.join()
    assert revisions == list(range(2, 52))


def test_what_is_written_while_a_backup_is_made_comes_into_the_next_one(store, project, monkeypatch):
    def copied(source, target, real=backups.copy_database):
        real(source, target)
        store.create_project("Meanwhile")
        target.touch()  # the copy of a large file is written to the end after that

    with monkeypatch.context() as patched:
        patched.setattr(backups, "copy_database", copied)
        store.back_up()
    with sqlite3.connect(store.back_up().path) as copy:
        assert copy.execute("SELECT count(*) FROM projects").fetchone() == (2,)


def test_the_newest_backup_comes_back_and_the_present_file_can_too(store, project, item):
    store.append(item.id, edit(item), new_id())
    store.back_up()
    later = store.create_project("Later")
    store.close()
    done = backups.restore(store.folder)
    assert done.contents == DatabaseContents(1, 1, 1)
    again = Store.open(store.folder)
    assert [p.name for p in again.projects()] == [project.name] and len(again.current(item.id)) == 1
    again.close()
    backups.restore(store.folder, done.replaced.name)
    again = Store.open(store.folder)
    assert [p.name for p in again.projects()] == [project.name, later.name]
    again.close()


def test_what_only_the_log_of_the_present_file_holds_is_kept_aside_with_it(store, project):
    store.back_up()
    store.create_project("Only in the log")
    for end in ("", "-wal"):
        shutil.copy(f"{store.folder}/deixis.sqlite{end}", f"{store.folder}/copy{end}")
    store.close()
    for end in ("", "-wal"):
        os.replace(f"{store.folder}/copy{end}", f"{store.folder}/deixis.sqlite{end}")
    done = backups.restore(store.folder)
    with sqlite3.connect(done.replaced) as kept:
        assert kept.execute("SELECT count(*) FROM projects").fetchone() == (2,)


def test_the_log_of_a_file_that_is_gone_does_not_go_into_what_comes_back(store, project):
    store.back_up()
    store.create_project("Only in the log")
    shutil.copy(store.folder / "deixis.sqlite-wal", store.folder / "log")
    store.close()
    (store.folder / "deixis.sqlite").unlink()
    os.replace(store.folder / "log", store.folder / "deixis.sqlite-wal")
    backups.restore(store.folder)
    assert not (store.folder / "deixis.sqlite-wal").exists()
    with sqlite3.connect(store.folder / "deixis.sqlite") as back:
        assert back.execute("SELECT count(*) FROM projects").fetchone() == (1,)


def test_a_restore_is_refused_while_the_app_runs_or_another_program_works_there(store, project):
    store.back_up()
    with pytest.raises(MachineError, match="another program works with"):
        backups.restore(store.folder)
    store.close()
    lease = Lease(store.folder)
    with pytest.raises(MachineError, match="Deixis is running on .*; close it, then restore"):
        backups.restore(store.folder)
    lease.release()
    assert backups.restore(store.folder).replaced is not None


def test_a_damaged_backup_changes_nothing_and_another_is_named_as_the_cure(store, add):
    for number in range(400):
        add(f"{number}.jpg")
    damage(store.back_up().path)
    store.close()
    before = (store.folder / "deixis.sqlite").read_bytes()
    with pytest.raises(MachineError, match="choose another backup: python -m grounding restore --list"):
        backups.restore(store.folder)
    assert (store.folder / "deixis.sqlite").read_bytes() == before


@pytest.mark.parametrize(
    "name, sentence",
    [("", "there are no backups in"), ("gone.sqlite", "there is no backup 'gone.sqlite'"), ("deixis.sqlite", "there is no backup")],
)
def test_a_backup_that_is_not_there_is_a_sentence(store, name, sentence):
    store.close()
    with pytest.raises(ValueError, match=sentence):
        backups.restore(store.folder, name)


def test_a_file_of_another_program_does_not_come_back(store, tmp_path):
    store.close()
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("CREATE TABLE recipes (name)")
    with pytest.raises(MachineError, match="tables of another program"):
        backups.restore(store.folder, str(tmp_path / "other.sqlite"))


@pytest.mark.parametrize("content, sentence", [
    (None, "holds tables of another program (recipes); choose another file"),
    (b"", "holds no data of Deixis; choose another file"),
    (b"junk" * 1000, "is damaged (file is not a database); put a sound copy in its place, or choose another file"),
])
def test_a_file_that_cannot_come_back_is_named_as_the_person_named_it_with_a_cure_that_fits(store, tmp_path, content, sentence):
    store.close()
    other = tmp_path / "other.sqlite"
    if content is None:
        with contextlib.closing(sqlite3.connect(other)) as database:
            database.execute("CREATE TABLE recipes (name)")
    else:
        other.write_bytes(content)
    with pytest.raises(MachineError) as refused:
        backups.restore(store.folder, str(other))
    assert f"{other} {sentence}" in str(refused.value) and ".part" not in str(refused.value)
