"""Disk: a file appears whole or not at all; what a killed program left goes, and nothing else."""

import signal
import subprocess
import sys

import pytest

from grounding.machine.disk import PART_NAME, open_atomic, part_file, part_files_of, part_folder, remove_stale_parts_in, write_atomic
from grounding.machine.errors import DiskFullError, MachineError

WRITER = """
import sys, time
from pathlib import Path
from grounding.machine.disk import part_folder, open_atomic
with open_atomic(Path(sys.argv[1]) / "a.bin") as file, part_folder(Path(sys.argv[1]) / "out") as folder:
    file.write(b"x" * 100), file.flush(), (folder / "one").write_text("1")
    print("writing", flush=True)
    time.sleep(60)
"""


def test_a_file_is_whole_or_what_was_there_stays(tmp_path):
    path = tmp_path / "new" / "a.json"
    write_atomic(path, b"first")
    with pytest.raises(KeyError), open_atomic(path) as file:
        file.write(b"sec")
        raise KeyError
    assert path.read_bytes() == b"first" and [p.name for p in path.parent.iterdir()] == ["a.json"]
    write_atomic(path, b"second")
    assert path.read_bytes() == b"second"


def test_a_full_disk_names_the_folder_and_leaves_no_half(small_disk):
    small_disk.fill()
    with pytest.raises(DiskFullError, match=f"the disk is full: nothing more can be written in {small_disk.folder}"):
        write_atomic(small_disk.folder / "a.bin", bytes(100_000))
    assert [p.name for p in small_disk.folder.iterdir()] == ["ballast"]
    small_disk.empty()
    write_atomic(small_disk.folder / "a.bin", bytes(100_000))
    assert (small_disk.folder / "a.bin").stat().st_size == 100_000


def test_a_file_in_the_place_of_a_folder_is_a_sentence(tmp_path):
    (tmp_path / "a").write_text("x")
    with pytest.raises(MachineError, match="name a"):
        write_atomic(tmp_path / "a" / "b", b"")


def test_names_at_the_limit_of_the_system_have_parts_too(tmp_path):
    path = tmp_path / ("é" * 127)
    with part_file(path) as file:
        assert PART_NAME.fullmatch(file.name.rsplit("/", 1)[1]) and len(part_files_of(path)) == 1
    write_atomic(path, b"1")
    with pytest.raises(MachineError, match="too long for this system"):
        write_atomic(tmp_path / ("é" * 128), b"1")


def test_what_a_killed_writer_left_goes_and_what_is_being_written_stays(tmp_path):
    mine = [tmp_path / name for name in ("a.part", ".a.part", ".b.part", "photo.jpg.deadbeef.part", ".x.DEADBEEF.part")]
    for path in mine:
        path.write_text("mine")
    process = subprocess.Popen([sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"writing\n"
    assert remove_stale_parts_in(tmp_path) == 0 and len(part_files_of(tmp_path / "a.bin")) == len(part_files_of(tmp_path / "out")) == 1
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(part_files_of(tmp_path / "a.bin")) == 1
    assert remove_stale_parts_in(tmp_path) == 2
    assert sorted(tmp_path.iterdir()) == sorted(mine)


def test_a_sweep_goes_as_deep_as_asked_and_follows_no_links(tmp_path):
    away = tmp_path / "away"
    for folder in (away, tmp_path / "data" / "aa"):
        folder.mkdir(parents=True)
        (folder / ".x.0123abcd.part").write_text("left")
    (tmp_path / "data" / "link").symlink_to(away)
    assert remove_stale_parts_in(tmp_path / "data") == 0 and remove_stale_parts_in(tmp_path / "data", 1) == 1
    assert (away / ".x.0123abcd.part").exists()


def test_a_folder_that_is_not_moved_goes(tmp_path):
    with part_folder(tmp_path / "out") as folder:
        (folder / "x").write_text("1")
    assert list(tmp_path.iterdir()) == []
