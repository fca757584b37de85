"""A store in a fresh folder, with one project and one photo."""

import pytest

from tests.annotated import annotation

SHA = "0" * 64


@pytest.fixture
def project(store):
    return store.create_project("Street", ["dog", "cat"])


@pytest.fixture
def add(store, project):
    """Adds a photo by its name."""
    return lambda name, sha=SHA, to=project.id: store.add_item(
        to, name=name, kind="photo", sha256=sha, ext="jpg", size=(640, 480))


@pytest.fixture
def item(add):
    return add("photo.jpg")


@pytest.fixture
def box(item):
    """A person's box of the item."""
    def make(x=1.0, label="dog", author="person:ann", **rest):
        return annotation(item.id, "box", {"box": [x, 2.0, x + 30, 40.0], "label": label, "state": "accepted"}, author, **rest)
    return make
