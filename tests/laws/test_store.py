"""What a store promises, whichever database is behind it.

SQLite always; PostgreSQL too where $DEIXIS_TEST_POSTGRESQL names an empty database (postgresql+psycopg://...).
"""

import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa

from grounding.data import current
from grounding.store import Conflict, Store, digest
from grounding.store.schema import metadata
from tests.annotated import annotation

MODEL = "model:m@1"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, new_store, tmp_path):
    if request.param == "sqlite":
        yield new_store()
        return
    url = os.environ.get("DEIXIS_TEST_POSTGRESQL")
    if not url:
        pytest.skip("no PostgreSQL here; set DEIXIS_TEST_POSTGRESQL to the URL of an empty database")
    store = Store.open(tmp_path, url)
    yield store
    store.close()
    engine = sa.create_engine(url)
    metadata.drop_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE alembic_version"))
    engine.dispose()


@pytest.fixture
def project(store):
    return store.create_project(uuid.uuid4().hex, ["dog"])


@pytest.fixture
def item(store, project):
    return store.add_item(project.id, name="a.jpg", kind="photo", sha256="0" * 64, ext="jpg", size=(64, 48))


def box(item, x=0, author="person:a", **rest):
    value = {"box": [x, 0.1, x + 5, 1 / 3], "label": "dog", "state": "accepted" if author[0] == "p" else "proposed"}
    return annotation(item.id, "box", value, author, **rest)


def test_what_stands_is_the_replay_of_the_log(store, item):
    first = box(item)
    edits = [[first, box(item, 9)], [first.edited(replace(first.value, label="heron"), "person:b")]]
    edits += [[edits[1][0].edited(None, "person:a")]]
    edits += [[edits[2][0].edited(first.value, "person:a")]]
    for number, edit in enumerate(edits, 1):
        assert store.append(item.id, edit, edit=f"e{number}") == number
        assert store.current(item.id) == current(store.history(item.id)) == store.annotations_at(item.id, number)
    assert store.history(item.id) == [a for edit in edits for a in edit]


def test_an_edit_counts_once(store, item):
    new = box(item)
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: store.append(item.id, [new], edit="e"), range(8))) == {1}
    assert store.history(item.id) == [new]


def test_one_of_many_wins_and_the_others_hear_of_it(store, item):
    first = box(item)
    store.append(item.id, [first], edit="e")

    def move(n):
        try:
            return store.append(item.id, [first.edited(replace(first.value, score=n), f"person:{n}")], edit=f"e{n}")
        except Conflict as conflict:
            return conflict.current == store.current(item.id)
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(move, range(8))) == [True] * 7 + [2]


def test_writers_at_once_lose_nothing(store, project, item):
    def write(n):
        store.append(
            item.id,
            [box(item, n, id=f"v{n}"), annotation(item.id, "box", {"box": [1, 2, 3, 4], "label": f"new {n % 3}"}, "person:a")],
            edit=f"e{n}",
        )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(24)))
    assert store.item(item.id).revision == 24 and len(store.current(item.id)) == 48
    assert [label.id for label in store.vocabulary(project.id)] == [1, 2, 3, 4]


def test_models_never_alter_what_people_touched_and_repeat_nothing(store, item):
    said = [box(item, x, MODEL, id=digest([item.id, x])) for x in range(3)]
    store.propose(item.id, MODEL, said)
    mine = said[0].edited(replace(said[0].value, state="rejected"), "person:a")
    store.append(item.id, [mine], edit="e")
    for run in (said, said, said[:2], said):
        store.propose(item.id, MODEL, run)
        assert mine in store.current(item.id)
    assert len(store.current(item.id)) == 3
    store.drop_proposals(item.project, MODEL)
    assert store.current(item.id) == [mine]


def test_names_keep_the_same_order_everywhere(store, project):
    names = ["Z.jpg", "_.jpg", "a 10.jpg", "a 9.jpg", "b/1.jpg", "b-1.jpg", "é.jpg", "日本.jpg", "e.jpg"]
    for name in names:
        store.add_item(project.id, name=name, kind="photo", sha256="0" * 64, ext="jpg", size=(1, 1))
    expected = ["_.jpg", "a 9.jpg", "a 10.jpg", "b/1.jpg", "b-1.jpg", "e.jpg", "Z.jpg", "é.jpg", "日本.jpg"]
    assert [item.name for item in store.items(project.id)] == expected
    paged, after = [], None
    while page := store.items(project.id, after, 2):
        paged += [item.name for item in page]
        after = page[-1].id
    assert paged == expected


def test_frame_tables_labels_and_jobs_come_back(store, project):
    pts = np.arange(100) / 29.97 + 0.5
    video = store.add_item(project.id, name="v", kind="video", sha256="1" * 64, ext="mp4", size=(2, 2), pts=pts, meta={"a": [1, None]})
    assert np.array_equal(store.pts(video.id), pts) and store.meta(video.id) == {"a": [1, None]}
    changed = store.set_labels(project.id, [{"id": 1, "name": "hound"}, "cat"])
    assert [(label.id, label.name) for label in changed.labels] == [(1, "hound"), (2, "cat")]
    job = store.add_job("load", project.id, params={"files": {"é": "0"}})
    assert store.change_job(job.id, ("queued",), state="done", result={"n": 1.5})
    assert not store.change_job(job.id, ("queued",), state="failed")
    assert store.job(job.id).result == {"n": 1.5} and store.job(job.id).params == {"files": {"é": "0"}}


def test_a_purged_project_is_gone(store, project, item):
    store.append(item.id, [box(item)], edit="e")
    store.purge_project(project.id)
    assert store.projects() == [] and store.jobs(project.id) == []


def test_many_at_once_are_read_in_batches(store, project, item):
    store.append(item.id, [box(item, n) for n in range(3000)], edit="e")
    heads = store.current(item.id)
    store.append(item.id, [a.edited(None, "person:a") for a in heads], edit="f")
    assert len(heads) == 3000 and store.current(item.id) == []
