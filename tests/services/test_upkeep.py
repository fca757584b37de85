"""Upkeep: what a killed run left goes at the next start, in the data folder and where its export went; nothing else does."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from grounding.exchange.atomic_writer import open_atomic_writer
from grounding.services import upkeep
from grounding.store import Store

EXPORTER = """
import sys, time
from pathlib import Path
from grounding.exchange.atomic_writer import open_atomic_writer
from grounding.store import Store
from grounding.services import upkeep
store, out = Store.open(sys.argv[1]), Path(sys.argv[2])
with upkeep.export_marker(store, out), open_atomic_writer(out) as opened, opened.open("a.json") as file:
    file.write(b"half")
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def killed(store):
    """Begins an export in another process and kills it in the middle."""
    def make(out):
        process = subprocess.Popen([sys.executable, "-c", EXPORTER, store.folder, out], stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"writing\n"
        upkeep.remove_leftovers(store)
        assert any(path.suffix == ".part" for path in out.parent.iterdir()), "what is being written was swept"
        process.send_signal(signal.SIGKILL)
        process.wait()
    return make


@pytest.mark.parametrize("name", ["street.zip", "street"])
def test_a_half_written_export_goes_at_the_next_start_wherever_it_went(store, killed, tmp_path, name):
    mine = [tmp_path / other for other in (f".{name}.part", "notes.part", f".other-{name}.0123abcd.part")]
    for path in mine:
        path.write_text("mine")
    killed(tmp_path / name)
    killed(store.folder / "exports" / name)
    upkeep.remove_leftovers(store)
    assert sorted(tmp_path.iterdir()) == sorted(mine) and not list((store.folder / "exports").iterdir())


def test_a_half_written_export_goes_too_when_the_same_one_is_made_again(store, killed, tmp_path):
    killed(tmp_path / "street.zip")
    with open_atomic_writer(tmp_path / "street.zip") as opened, opened.open("a.json") as file:
        file.write(b"{}")
    assert [path.name for path in tmp_path.iterdir()] == ["street.zip"]


def test_an_earlier_export_that_was_moved_aside_comes_back(store, tmp_path):
    out = tmp_path / "street"
    with open_atomic_writer(out) as opened, opened.open("a.json") as file:
        file.write(b"first")
    os.rename(out, tmp_path / ".street.0123abcd.old")
    with upkeep.export_marker(store, out):
        upkeep.remove_leftovers(store)
        assert (out / "a.json").read_bytes() == b"first" and len(list(tmp_path.iterdir())) == 1


def test_half_sent_uploads_and_half_written_pictures_features_and_weights_go(store):
    left = [
        store.folder / place / ".x.0123abcd.part"
        for place in ("cache/uploads", "cache/pictures/ab", "cache/features/1234/ab", "media/ab", "models/p", "cache")
    ]
    whole = [
        store.folder / place
        for place in ("media/ab/photo.jpg", "models/p/weights-1.safetensors", "cache/uploads/whole/0", "media/ab/.hidden", "cache/x.part")
    ]
    for path in (*left, *whole):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    upkeep.remove_leftovers(store)
    upkeep.remove_stale_parts_in(store.folder / "media", 4), upkeep.remove_stale_parts_in(store.folder / "cache", 4)
    assert [path for path in left if path.exists()] == [] and all(path.exists() for path in whole)


def test_uploads_exports_and_checkpoints_nobody_wants_go_after_a_week(store):
    old, young = [], []
    for place in ("cache/uploads/{}/0", "exports/{}.zip", "models/p/{}.checkpoint.safetensors"):
        for name, paths in (("old", old), ("young", young)):
            path = store.folder / place.format(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
            paths.append(path)
    for path in (*old, store.folder / "cache" / "uploads" / "old"):
        os.utime(path, (time.time() - upkeep.RETENTION_S - 60,) * 2)
    upkeep.remove_leftovers(store)
    assert [path.exists() for path in (*old, *young)] == [False] * 3 + [True] * 3


def test_a_running_app_makes_a_backup_and_one_more_after_changes(store):
    threading.Thread(target=upkeep.run_maintenance, args=(store, 0.05), daemon=True).start()
    assert _until(lambda: len(_backups(store)) == 1)
    time.sleep(0.5)  # ten looks without a change
    assert len(_backups(store)) == 1
    store.create_project("P")
    assert _until(lambda: len(_backups(store)) == 2)


def test_a_backup_that_cannot_be_made_is_told_in_the_log(store, caplog):
    store.back_up()
    Store.close(store)
    (store.folder / "deixis.sqlite").write_bytes(b"junk" * 5000)
    threading.Thread(target=upkeep.run_maintenance, args=(store, 60), daemon=True).start()
    assert _until(lambda: "no backup was made: the database" in caplog.text)
    assert len(_backups(store)) == 1


def _backups(store):
    return list((store.folder / "backups").glob("deixis-*.sqlite"))


def _until(true, within_s=60):
    """Whether it becomes true within this time."""
    until = time.monotonic() + within_s
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()
