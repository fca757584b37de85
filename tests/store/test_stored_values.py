"""What a project file of today holds is read as it stands there, and what a newer version added outlives an edit."""

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from grounding.data import KINDS, new_id
from grounding.web.shapes import annotation_to_json
from tests.annotated import annotation

TODAY = [
    ("box", '{"state":"accepted","score":1.0,"box":[1.0,2.0,30.25,40.0],"label":"dog"}'),
    ("box", '{"box":[1,2,30,40],"label":"dog","score":0.5,"state":"proposed","occluded":true,"locked":false}'),
    ("phrase", '{"state":"accepted","score":1.0,"text":"no dog","targets":[],"origin":"person"}'),
    ("phrase", '{"text":"dogs","targets":["a","b"],"state":"rejected","origin":"template","rule":"plural","unique":false,"score":0.25}'),
    ("track", '{"label":"dog","caption":"","state":"proposed","score":0.5,"keyframes":[{"frame":0,"box":[1,2,3,4],"outside":false}]}'),
    ("track", '{"state":"accepted","score":1.0,"label":"dog","caption":"a dog","captions":[{"start":0,"end":2,"text":"runs"}],'
              '"keyframes":[{"frame":0,"box":[1,2,3,4],"outside":false,"occluded":true,"by":"person"},'
              '{"frame":5,"box":[1,2,3,4],"outside":true}],"locked":true}'),
]  # fmt: skip
PLAIN = {
    "box": {"box": [0, 0, 1, 1], "label": "dog"},
    "phrase": {"text": "a"},
    "track": {"label": "dog", "keyframes": [{"frame": 0, "box": [0, 0, 1, 1]}]},
}


def written(store, item, kind, text):
    """An annotation whose row of the log holds this text, as another version of the app wrote it."""
    made = annotation(item.id, kind, PLAIN[kind], "person:ann", id=new_id())
    store.append(item.id, [made], edit=made.id)
    with store.transaction() as connection:
        connection.execute(sa.text("UPDATE log SET value = :text WHERE id = :id"), {"text": text, "id": made.id})
    return made.id


def test_todays_project_file_opens_with_every_kind(store, item):
    ids = [written(store, item, kind, text) for kind, text in TODAY]
    found = store.current(item.id)
    assert [a.id for a in found] == ids and {a.kind for a in found} == set(KINDS)
    assert [annotation_to_json(a)["value"] for a in found] == [json.loads(text) for _, text in TODAY]


@pytest.mark.parametrize("author, state", [("person:ann", "accepted"), ("model:ssd@1", "proposed")])
def test_without_a_state_a_persons_box_is_accepted_and_a_models_proposed(store, item, author, state):
    store.append(item.id, [annotation(item.id, "box", PLAIN["box"], author)], edit="1")
    (found,) = store.current(item.id)
    assert found.state == state and "state" not in found.value.to_json()


def test_a_key_of_a_newer_version_outlives_an_edit(store, item):
    written(store, item, "box", '{"score":1.0,"box":[1,2,3,4],"label":"dog","angle":[30,{"unit":"degree"}]}')
    (found,) = store.current(item.id)
    store.append(item.id, [found.edited(replace(found.value, state="accepted"), "person:ann")], edit="2")
    (again,) = store.current(item.id)
    assert again.value.state == "accepted" and again.value.to_json()["angle"] == [30, {"unit": "degree"}]


def test_a_value_of_another_kind_is_refused(item):
    box = annotation(item.id, "box", PLAIN["box"], "person:ann")
    with pytest.raises(TypeError, match="the value of a phrase is a PhraseValue; got a BoxValue"):
        replace(box, kind="phrase")
