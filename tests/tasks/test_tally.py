"""Tally: what a project holds, and what an export of it would."""

import pytest

from grounding.data import Annotation
from grounding.tasks.tally import tally


def add(store, project, number, kind="photo", states=()):
    item = store.add_item(project, name=f"{number}.jpg", kind=kind, path_sha256=f"{number:064x}", ext="jpg", size=(40, 30),
                          frames=5 if kind == "video" else None)
    thing = "track" if kind == "video" else "box"
    value = {"keyframes": [{"frame": 0, "box": [1, 2, 3, 4]}]} if kind == "video" else {"box": [1, 2, 3, 4]}
    made = [Annotation(item.id, thing, {**value, "label": "dog", "state": state}, "person:ann" if state == "accepted" else "model:m@1")
            for state in states]
    store.append(item.id, made, edit=f"edit-{number}")
    return item


@pytest.fixture
def street(store):
    project = store.create_project("Street", ["dog"]).id
    add(store, project, 1, states=("accepted", "proposed"))
    add(store, project, 2, states=("proposed",))
    add(store, project, 3)
    add(store, project, 4, states=("rejected",))
    add(store, project, 5, kind="video", states=("proposed",))
    return project


def test_an_empty_project_holds_nothing(store):
    found = tally(store, store.create_project("Empty", []).id)
    assert found.written("proposals", empty=True) == {"photos": 0, "videos": 0, "boxes": 0, "tracks": 0, "phrases": 0}


def test_accepted_things_are_counted_alone_or_with_proposals(store, street):
    found = tally(store, street)
    assert found.written("accepted", empty=True) == {"photos": 4, "videos": 0, "boxes": 1, "tracks": 0, "phrases": 0}
    assert found.written("proposals", empty=True) == {"photos": 4, "videos": 1, "boxes": 3, "tracks": 1, "phrases": 0}


def test_empty_photos_may_stay_out_and_all_frames_bring_every_video(store, street):
    found = tally(store, street)
    assert found.written("accepted", empty=False)["photos"] == 1
    assert found.written("proposals", empty=False)["photos"] == 2
    assert found.written("accepted", empty=True, frames="all")["videos"] == 1


def test_the_trash_does_not_count(store, street):
    store.trash_items([store.items(street)[0].id])
    assert tally(store, street).written("accepted", empty=True)["photos"] == 3
