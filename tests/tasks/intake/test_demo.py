"""The demo project: there whole or not at all, once, with something to look at, to accept and to correct."""

import pytest

from grounding.data.media import FrameTable, open_image, open_video
from grounding.store import Store
from grounding.tasks.intake.demo import NAME, PHOTOS, VIDEO, demo_steps, make_demo
from grounding.tasks.label.annotate import check_value


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store.open(tmp_path_factory.mktemp("demo"))
    make_demo(store)
    return store


def test_it_has_photos_and_a_film_in_every_state(store):
    (project,) = store.projects()
    items = store.items(project.id)
    assert project.name == NAME and [item.name for item in items] == [name for name, _, _ in PHOTOS] + [VIDEO[0]]
    assert [item.status for item in items] == ["done", "in_progress"] + ["new"] * (len(items) - 2)
    states = {a.state for item in items for a in store.current(item.id)}
    assert states == {"accepted", "proposed"}
    assert {label.name for label in project.labels} >= {"person", "dog", "cup", "car"}


def test_every_proposal_would_pass_the_door_for_edits(store):
    (project,) = store.projects()
    for item in store.items(project.id):
        standing = store.current(item.id)
        assert {a.kind for a in standing} == ({"box", "phrase"} if item.kind == "photo" else {"track", "phrase"})
        for annotation in standing:
            check_value(annotation.kind, annotation.value.to_json(), item)
        objects = {a.object for a in standing if a.kind != "phrase"}
        assert all(set(a.value.targets) <= objects for a in standing if a.kind == "phrase")
        assert all(a.author.count("@") == 1 for a in standing if not a.by_person)


def test_its_files_open_and_agree_with_what_the_store_says(store):
    (project,) = store.projects()
    for item in store.items(project.id):
        path = store.media_path(item)
        if item.kind == "photo":
            assert open_image(path).size == item.size
            continue
        with open_video(path) as video, open_video(path, FrameTable(store.pts(item.id))) as again:
            assert video.size == item.size and len(video) == len(again) == item.frame_count and video.playable
            tracks = [a.value.to_track() for a in store.current(item.id) if a.kind == "track"]
            assert len(tracks) >= 5 and max(track.frames[-1] for track in tracks) == len(video) - 1
            assert all(track.caption for track in tracks)


def test_making_it_twice_changes_nothing(store):
    before = [(item.id, item.revision) for item in store.items(store.projects()[0].id)]
    assert make_demo(store) == store.projects()[0].id and len(store.projects()) == 1
    assert [(item.id, item.revision) for item in store.items(store.projects()[0].id)] == before


def test_one_in_the_trash_is_not_made_again(tmp_path):
    store = Store.open(tmp_path)
    store.trash_project(make_demo(store))
    make_demo(store)
    assert store.projects() == [] and len(store.projects(trashed=True)) == 1


def test_stopping_in_the_middle_leaves_nothing(tmp_path):
    store = Store.open(tmp_path)
    steps = demo_steps(store)
    next(steps), next(steps)
    steps.close()
    assert store.projects() == []


def test_each_visitor_may_have_one_of_their_own(store):
    first = make_demo(store, "Visit 1")
    assert first != make_demo(store, "Visit 2") and store.counts(first)["new"] == len(PHOTOS) - 1
    for name in ("Visit 1", "Visit 2"):
        store.purge_project(store.project(name).id)
    (project,) = store.projects()
    assert all(store.media_path(item).is_file() for item in store.items(project.id))
