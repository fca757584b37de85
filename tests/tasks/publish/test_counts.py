"""Tally: what a project holds, and what an export of it would."""

import zipfile

import pytest

from grounding.data import run_to_end
from grounding.tasks.intake.load import load
from grounding.tasks.publish.counts import count_project
from grounding.tasks.publish.publish import publish
from tests import barcode, drawn
from tests.annotated import annotation


def add(store, project, number, kind="photo", states=()):
    item = store.add_item(project, name=f"{number}.jpg", kind=kind, sha256=f"{number:064x}", ext="jpg", size=(40, 30),
                          frames=5 if kind == "video" else None)
    thing = "track" if kind == "video" else "box"
    value = {"keyframes": [{"frame": 0, "box": [1, 2, 3, 4]}]} if kind == "video" else {"box": [1, 2, 3, 4]}
    made = [annotation(item.id, thing, {**value, "label": "dog", "state": state}, "person:ann" if state == "accepted" else "model:m@1")
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
    found = count_project(store, store.create_project("Empty", []).id)
    assert found.export_counts("proposals", empty=True) == {"photos": 0, "videos": 0, "boxes": 0, "tracks": 0, "phrases": 0}


def test_accepted_things_are_counted_alone_or_with_proposals(store, street):
    found = count_project(store, street)
    assert found.export_counts("accepted", empty=True) == {"photos": 4, "videos": 1, "boxes": 1, "tracks": 0, "phrases": 0}
    assert found.export_counts("proposals", empty=True) == {"photos": 4, "videos": 1, "boxes": 3, "tracks": 1, "phrases": 0}


def test_photos_and_videos_on_which_nothing_stands_may_stay_out(store, street):
    found = count_project(store, street)
    assert found.export_counts("accepted", empty=False)["photos"] == 1
    assert found.export_counts("proposals", empty=False)["photos"] == 2
    assert found.export_counts("accepted", empty=False)["videos"] == 0
    assert found.export_counts("proposals", empty=False)["videos"] == 1


def test_the_trash_does_not_count(store, street):
    store.trash_items([store.items(street)[0].id])
    assert count_project(store, street).export_counts("accepted", empty=True)["photos"] == 3


@pytest.mark.parametrize("empty", [True, False])
@pytest.mark.parametrize("include", ["accepted", "proposals"])
def test_what_is_counted_is_what_an_export_holds(store, tmp_path, include, empty):
    """A photo and a video with nothing on them, and a photo with a proposal."""
    project = store.create_project("Street", ["dog"]).id
    load_all(
        store,
        project,
        drawn.write_photo(tmp_path / "a.png", 1),
        drawn.write_photo(tmp_path / "b.png", 2),
        barcode.write_video(tmp_path / "c.mp4", count=3),
    )
    photo = next(item for item in store.all_items(project) if item.name == "a.png")
    store.append(
        photo.id, [annotation(photo.id, "box", {"box": [1, 2, 9, 9], "label": "dog", "state": "proposed"}, "model:m@1")], edit="one"
    )
    run_to_end(publish(store, project, tmp_path / "out.zip", include=include, empty=empty))
    names = zipfile.ZipFile(tmp_path / "out.zip").namelist()
    found = count_project(store, project).export_counts(include, empty)
    assert [sum(name.startswith(folder) for name in names) for folder in ("images/", "videos/")] == [found["photos"], found["videos"]]


def load_all(store, project, *paths):
    assert run_to_end(load(store, project, list(paths))).added == len(paths)
