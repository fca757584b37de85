"""What every test may ask for."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


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
