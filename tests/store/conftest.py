"""A store in a fresh folder, with one project and one photo."""

import shutil

import pytest

from grounding.data import Annotation
from grounding.store import Store

SHA = "0" * 64


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """The tables, made once; copying the file is quicker than making them again."""
    folder = tmp_path_factory.mktemp("empty")
    Store.open(folder).close()
    return folder / "deixis.sqlite"


@pytest.fixture
def fresh(tmp_path_factory, empty_database):
    """Opens a new, empty store each time it is called."""
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
def store(fresh):
    return fresh()


@pytest.fixture
def project(store):
    return store.create_project("Street", ["dog", "cat"])


@pytest.fixture
def add(store, project):
    """Adds a photo by its name."""
    return lambda name, sha=SHA, to=project.id: store.add_item(
        to, name=name, kind="photo", path_sha256=sha, ext="jpg", size=(640, 480))


@pytest.fixture
def item(add):
    return add("photo.jpg")


@pytest.fixture
def box(item):
    """A person's box of the item."""
    def make(x=1.0, label="dog", author="person:ann", **rest):
        return Annotation(item.id, "box", {"box": [x, 2.0, x + 30, 40.0], "label": label, "state": "accepted"}, author, **rest)
    return make
