"""What every test may ask for."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
import uuid
from pathlib import Path

import pytest

from tests import processes

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def nothing_outlives_the_tests():
    """Every process that a test started has ended when all tests have, servers and browsers too; what has not is killed and named."""
    mark = os.environ[processes.MARK] = uuid.uuid4().hex
    yield
    until = time.monotonic() + 10
    while (left := processes.alive(mark)) and time.monotonic() < until:
        time.sleep(0.1)
    for number in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    assert left == {}


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real photos and videos; tests that need it skip where it is missing."""
    folder = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real photos at {folder}; set DEIXIS_TEST_DATA to the folder that holds flickr8k_entities")
    return folder


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """The tables of the store, made once; copying the file is quicker than making them again."""
    from grounding.store import Store

    folder = tmp_path_factory.mktemp("empty")
    Store.open(folder).close()
    return folder / "deixis.sqlite"


@pytest.fixture
def new_store(tmp_path_factory, empty_database):
    """Opens a new, empty store in a folder of its own each time it is called."""
    from grounding.store import Store

    stores = []

    def make() -> Store:
        folder = tmp_path_factory.mktemp("data")
        shutil.copy(empty_database, folder / "deixis.sqlite")
        stores.append(Store.open(folder))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def store(new_store):
    """A new, empty store."""
    return new_store()


class SmallDisk:
    """A disk of a few megabytes that can be filled to the last byte, and emptied again."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, left: int = 0) -> None:
        """Takes all room but `left` bytes."""
        spare = self.folder / "spare"
        spare.write_bytes(bytes(left))
        with self._ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(1 << 12)):
                pass
        spare.unlink()

    def empty(self) -> None:
        self._ballast.unlink()


@pytest.fixture
def small_disk(tmp_path):
    """A real disk of 8 MB in memory; where nobody may mount one, the test is skipped."""
    folder = tmp_path / f"disk-{uuid.uuid4().hex[:4]}"
    folder.mkdir()
    try:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no `mount` here, so no disk can be filled")
    if mounted.returncode:
        pytest.skip(f"a small disk can be mounted by root on Linux alone: {mounted.stderr.strip()}")
    yield SmallDisk(folder)
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def on_small_disk(small_disk):
    """A new store on a disk of 8 MB: (store, disk)."""
    from grounding.store import Store

    store = Store.open(small_disk.folder / "data")
    yield store, small_disk
    store.close()
