"""Several threads and processes write at once: nothing is lost, nothing is silently overwritten."""

import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from grounding.data import current
from grounding.store import Conflict, Store
from tests.annotated import annotation

WRITER = textwrap.dedent("""
    import sys
    from grounding.data import Annotation, BoxValue
    from grounding.store import Store
    store, item = Store.open(sys.argv[1]), sys.argv[2]
    for i in range(40):
        value = BoxValue(box=(i, 0, i + 1, 1), label=f"label {i % 7}")
        store.append(item, [Annotation(item, "box", value, "person:other")], edit=f"process {i}")
""")


def test_threads_and_a_second_process_lose_nothing(store, project, item):
    other = subprocess.Popen([sys.executable, "-c", WRITER, str(store.folder), item.id])

    def write(thread):
        for i in range(20):
            new = annotation(item.id, "box", {"box": [i, 0, i + 1, 1], "label": f"label {i % 7}"}, "person:me")
            store.append(item.id, [new], edit=f"{thread} {i}")
            store.current(item.id)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert other.wait(60) == 0
    assert store.item(item.id).revision == len(store.current(item.id)) == 120
    assert store.current(item.id) == current(store.history(item.id))
    assert sorted(label.id for label in store.vocabulary(project.id)) == list(range(1, 10))


def test_of_many_who_move_the_same_box_one_wins_and_all_others_hear_of_it(store, item, box):
    first = box()
    store.append(item.id, [first], edit="0")
    second = Store.open(store.folder)

    def move(client):
        try:
            return (store, second)[client % 2].append(
                item.id, [first.edited(replace(first.value, label=f"by {client}"), f"person:{client}")], edit=f"c{client}"
            )
        except Conflict as conflict:
            return conflict
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(move, range(16)))
    assert [a for a in answers if isinstance(a, int)] == [2]
    assert all(a.current == store.current(item.id) for a in answers if isinstance(a, Conflict))
    assert len(store.history(item.id)) == 2
    second.close()


def test_the_same_gesture_sent_by_many_retries_is_kept_once(store, item, box):
    new = box()
    with ThreadPoolExecutor(8) as pool:
        revisions = list(pool.map(lambda _: store.append(item.id, [new], edit="once"), range(16)))
    assert set(revisions) == {1} and store.history(item.id) == [new]


def test_readers_never_see_half_an_edit(store, item):
    def write():
        for i in range(30):
            store.append(
                item.id, [annotation(item.id, "box", {"box": [i, 0, i + 1, 1], "label": "dog"}, "person:a") for _ in range(10)], edit=str(i)
            )

    def read():
        return [len(store.snapshot(item.id)[1]) - 10 * store.snapshot(item.id)[0].revision for _ in range(60)]
    with ThreadPoolExecutor(2) as pool:
        writing, sizes = pool.submit(write), [len(store.current(item.id)) for _ in range(60)]
        writing.result()
    assert all(size % 10 == 0 for size in sizes) and read() == [0] * 60


def test_two_processes_may_open_a_new_folder_at_once(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: Store.open(tmp_path), range(4)))
    stores[0].create_project("P")
    assert [p.name for p in stores[3].projects()] == ["P"]
    for store in stores:
        store.close()


def test_any_folder_will_do(tmp_path):
    folder = tmp_path / "a ? % # é 日本 b"
    Store.open(folder).create_project("P")
    assert (folder / "deixis.sqlite").is_file() and [p.name for p in Store.open(folder).projects()] == ["P"]


@pytest.mark.parametrize("attempt", range(3))
def test_a_writer_that_dies_leaves_the_others_working(store, item, box, attempt):
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.append(item.id, [box()], edit="x")
        raise ZeroDivisionError
    assert store.append(item.id, [box()], edit="x") == 1


def test_a_file_that_goes_with_another_project_before_its_item_is_there_is_copied_anew(store, project, tmp_path):
    other, photo = store.create_project("Other"), tmp_path / "a.jpg"
    photo.write_bytes(b"the same photo")
    told = {"name": "a.jpg", "kind": "photo", "sha256": store.add_file(photo, "jpg"), "ext": "jpg", "size": (8, 8), "source": photo}
    store.add_item(other.id, **told)
    store.add_file(photo, "jpg")  # it is there already
    store.purge_project(other.id)
    item = store.add_item(project.id, **told)
    assert store.media_path(item).read_bytes() == b"the same photo"


def test_no_file_goes_while_projects_with_the_same_photo_come_and_go(store, tmp_path):
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"the same photo")

    def visit(number):
        for turn in range(15):
            project = store.create_project(f"{number} {turn}")
            sha = store.add_file(photo, "jpg")
            item = store.add_item(project.id, name="a.jpg", kind="photo", sha256=sha, ext="jpg", size=(8, 8), source=photo)
            assert store.media_path(item).read_bytes() == b"the same photo"
            store.purge_project(project.id)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(visit, range(4)))
    assert not list((store.folder / "media").rglob("*.jpg"))
