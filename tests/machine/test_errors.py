"""Machine errors: what the machine refuses is one sentence with what, where and the cure, in a job, a route and a shell alike."""

import errno
import os
import sqlite3

import pytest

from grounding.machine.errors import DiskFullError, MachineError, as_machine_error
from grounding.store import Store
from grounding.store.database_errors import sqlite_error


@pytest.mark.parametrize("code, words", [
    (errno.ENOSPC, "the disk is full: nothing more can be written in /data/media; free some space"),
    (errno.EDQUOT, "quota is used up: nothing more can be written in /data/media"),
    (errno.EFBIG, "no room for a larger file in /data/media"),
    (errno.EROFS, "/data/media/x.jpg is read-only"),
    (errno.EACCES, "permission denied for /data/media/x.jpg"),
    (errno.EPERM, "permission denied for /data/media/x.jpg"),
    (errno.ENAMETOOLONG, "too long for this system; choose a shorter"),
    (errno.ENOTDIR, "name a folder"),
    (errno.EMFILE, "too many files are open"),
    (errno.EIO, "the disk failed at /data/media/x.jpg"),
    (errno.ENOMEM, "too little memory"),
])
def test_each_refusal_of_the_system_has_its_sentence(code, words):
    error = OSError(code, os.strerror(code), "/data/media/x.jpg")
    assert words in str(as_machine_error(error)) and len(str(as_machine_error(error)).splitlines()) == 1
    assert str(as_machine_error(OSError(code, os.strerror(code)), "/data")).find("None") < 0


def test_a_full_disk_told_in_words_alone_is_known_too():
    error = RuntimeError("I/O error: No space left on device (os error 28)")
    assert isinstance(as_machine_error(error, "/data"), DiskFullError) and "/data" in str(as_machine_error(error, "/data"))


@pytest.mark.parametrize("error", [
    MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes"),
    RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"),
])
def test_too_little_memory_is_a_sentence(error):
    assert "too little memory" in str(as_machine_error(error))


@pytest.mark.parametrize(
    "error", [ValueError("photo.jpg is text"), FileNotFoundError(errno.ENOENT, "gone", "/x"), KeyError("x"), RuntimeError("shapes differ")]
)
def test_what_is_not_of_the_machine_is_left_to_others(error):
    assert as_machine_error(error) is None


def test_a_path_of_any_length_and_alphabet_stays_one_line():
    told = str(as_machine_error(OSError(errno.ENAMETOOLONG, "", "/a\nb/" + "x" * 5000)))
    assert len(told) < 400 and "\n" not in told


def test_a_database_that_may_not_grow_says_that_the_disk_is_full(store):
    project = store.create_project("P")
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    store.close()
    import sqlalchemy as sa

    @sa.event.listens_for(store._engine, "connect")
    def stop_growing(raw, _record):
        raw.execute(f"PRAGMA max_page_count={pages}").close()

    with pytest.raises(DiskFullError, match=f"the disk is full: nothing more can be written in {store.folder}"):
        for number in range(500):
            store.create_project(f"{number} " + "x" * 150)
    assert store.project(project.id) == project


def test_a_database_locked_by_another_program_is_a_sentence_and_nothing_is_written(store, monkeypatch):
    monkeypatch.setattr("grounding.store.engine.BUSY_MS", 50)
    again = Store.open(store.folder)
    other = sqlite3.connect(store.folder / "deixis.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(MachineError, match="locked by another program; close that program"):
        again.create_project("P")
    other.close()
    assert again.create_project("P").name == "P"
    again.close()


def test_an_error_of_a_statement_is_not_the_machines(store):
    with pytest.raises(sqlite3.IntegrityError) as caught:
        raw = sqlite3.connect(store.folder / "deixis.sqlite")
        raw.execute("CREATE TABLE t (x UNIQUE)"), raw.execute("INSERT INTO t VALUES (1)"), raw.execute("INSERT INTO t VALUES (1)")
    assert sqlite_error(caught.value, store.folder) is None
