"""Items: order, pages, status, trash, frame tables and files."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grounding.store import NotFound
from grounding.store.naming import display_name, natural_key


def names(items):
    return [item.name for item in items]


def test_items_come_in_the_order_people_count(store, project, add):
    for name in ["b/1.jpg", "a10.jpg", "a9.jpg", "A1.jpg", "é.jpg", "a009b.jpg", "b.jpg"]:
        add(name)
    assert names(store.items(project.id)) == ["A1.jpg", "a9.jpg", "a009b.jpg", "a10.jpg", "b/1.jpg", "b.jpg", "é.jpg"]


def test_pages_together_are_the_list_also_where_names_are_equal(store, project, add):
    for i in range(25):
        add(f"same{i % 3}.jpg")
    whole = [item.id for item in store.items(project.id)]
    paged, after = [], None
    while page := store.items(project.id, after=after, limit=4):
        paged += [item.id for item in page]
        after = page[-1].id
    assert paged == whole and len(set(whole)) == 25
    assert [item.id for item in store.all_items(project.id)] == whole


def test_a_page_goes_on_behind_an_item_that_went_to_the_trash(store, project, add):
    _, b, _ = add("a"), add("b"), add("c")
    store.trash_items([b.id])
    assert names(store.items(project.id, after=b.id)) == ["c"] and names(store.items(project.id)) == ["a", "c"]
    assert names(store.items(project.id, trashed=True)) == ["b"]


def test_status_filters_and_counts(store, project, add):
    a, b, c, d = (add(name) for name in "abcd")
    store.set_status(b.id, "done")
    store.set_status(c.id, "in_progress")
    store.trash_items([d.id, "no such item"])
    assert names(store.items(project.id, status="done")) == ["b"]
    assert store.counts(project.id) == {"new": 1, "in_progress": 1, "done": 1, "trashed": 1}
    with pytest.raises(ValueError, match="a status is one of"):
        store.set_status(a.id, "finished")
    store.restore_items([d.id])
    assert store.counts(project.id)["trashed"] == 0


def test_neighbours_and_position_skip_the_trash(store, add):
    a, b, c, d = (add(name) for name in "abcd")
    store.trash_items([b.id])
    place = store.item_position(c.id)
    assert (place.previous, place.next, place.position, place.count) == (a.id, d.id, 1, 3)
    assert store.item_position(a.id).previous is None and store.item_position(d.id).next is None


def test_a_trashed_item_keeps_what_was_said_and_its_status(store, item, box):
    store.append(item.id, [box()], edit="1")
    store.trash_items([item.id])
    assert store.restore_items([item.id]) == 1
    assert store.item(item.id).status == "in_progress" and len(store.current(item.id)) == 1


def test_a_frame_table_comes_back_bit_for_bit(store, project):
    pts = np.cumsum(np.random.default_rng(0).uniform(0.01, 0.1, 5000)) + 0.5
    video = store.add_item(project.id, name="v.mp4", kind="video", sha256="1" * 64, ext="mp4", size=(64, 48), pts=pts,
                           meta={"codec": "h264"})
    assert video.frame_count == 5000 and store.item(video.id) == video
    assert np.array_equal(store.pts(video.id), pts) and store.meta(video.id) == {"codec": "h264"}


def test_a_photo_has_no_frames(store, item):
    assert len(store.pts(item.id)) == 0 and item.frame_count is None and item.size == (640, 480)


@pytest.mark.parametrize("wrong", [{"kind": "sound"}, {"sha256": "../../etc"}, {"ext": "j/../g"}, {"ext": ""}, {"size": (0, 4)}])
def test_an_item_that_could_not_be_shown_is_refused(store, project, wrong):
    with pytest.raises(ValueError):
        store.add_item(project.id, **{"name": "a", "kind": "photo", "sha256": "0" * 64, "ext": "jpg", "size": (1, 1), **wrong})
    assert store.items(project.id) == []


def test_the_same_bytes_are_kept_once_and_found_again(store, project, add, tmp_path):
    (tmp_path / "one").write_bytes(b"x" * 100)
    (tmp_path / "two").write_bytes(b"x" * 100)
    sha = store.add_file(tmp_path / "one", "jpg")
    assert store.add_file(tmp_path / "two", "jpg") == sha
    item = add("a.jpg", sha)
    assert store.media_path(item).read_bytes() == b"x" * 100 and store.items_by_hash(project.id, sha) == [item]
    assert len(list(store.folder.joinpath("media").rglob("*.jpg"))) == 1 and not list(store.folder.joinpath("media").rglob(".*"))


def test_an_unknown_item_is_a_plain_sentence(store, project):
    for ask in (store.item, store.current, store.history, store.item_position, lambda id: store.items(project.id, after=id)):
        with pytest.raises(NotFound, match="there is no item 'nobody'"):
            ask("nobody")


@given(st.text(max_size=60))
def test_every_name_can_be_shown_and_stored(name):
    shown = display_name(name)
    assert shown and shown.encode() and not any(ord(c) < 32 for c in shown)
    assert "\x00" not in natural_key(shown)


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_numbers_sort_as_numbers(a, b):
    assert (natural_key(f"p{a}x") < natural_key(f"p{b}x")) == (a < b)
