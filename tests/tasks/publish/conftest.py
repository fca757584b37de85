"""A project of photos to export: drawn photos under any name, with what was said of them."""

import pytest

from grounding.data import new_id
from tests import drawn
from tests.tasks.publish.exported import box, say


@pytest.fixture
def project(store):
    return store.create_project("Street", ["dog", "cat"])


@pytest.fixture
def add(tmp_path, store, project):
    """Adds a drawn photo under a name; its item."""
    def make(name, seed=0, orientation=1):
        path = drawn.write_photo(
            tmp_path / f"in/{new_id()}.png" if name.endswith("png") else tmp_path / f"in/{new_id()}.jpg", seed, orientation
        )
        return store.add_item(project.id, name=name, kind="photo", sha256=store.add_file(path, path.suffix[1:]),
                              ext=path.suffix[1:], size=drawn.SIZE)
    return make


@pytest.fixture
def mixed(store, add):
    """A photo with an accepted, a proposed, a rejected and a deleted box, and phrases for them."""
    item = add("a.jpg")
    model = {"author": "model:eye@1"}
    accepted, proposed = box(store, item, 1.0), box(store, item, 20.0, state="proposed", score=0.5, **model)
    rejected, deleted = box(store, item, 40.0, state="rejected"), box(store, item, 50.0)
    [version] = [a for a in store.current(item.id) if a.object == deleted]
    store.append(item.id, [version.edited(None, "person:ann")], edit=new_id())
    def phrase(text, *targets, **more):
        return say(store, item, "phrase", text=text, targets=list(targets), origin="person", **more)

    phrase("mine", accepted), phrase("none"), phrase("theirs", accepted, state="proposed", **model), phrase(
        "no", accepted, state="rejected"
    )
    phrase("lost", rejected), phrase("gone", accepted, deleted)
    return item, accepted, proposed, phrase
