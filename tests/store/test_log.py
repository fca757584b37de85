"""The log: edits append and replace, exactly once, and the past can always be rebuilt."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grounding.data import Annotation, current
from grounding.store import Conflict
from grounding.store.log import rebuild_heads
from tests.annotated import annotation


def test_an_edit_appends_a_version_and_the_newest_stands(store, item, box):
    first = box()
    second = first.edited(replace(first.value, box=(5, 5, 9, 9)), "person:bob")
    assert store.append(item.id, [first], edit="1") == 1
    assert store.append(item.id, [second], edit="2") == 2
    assert store.current(item.id) == [second] and store.history(item.id) == [first, second]
    assert store.annotations_at(item.id, 0) == [] and store.annotations_at(item.id, 1) == [first]
    assert store.annotations_at(item.id, 2) == [second]


def test_floats_come_back_exactly(store, item):
    box = [0.1, 1 / 3, 639.9999999999999, 4.000000000000001e-5]
    store.append(item.id, [annotation(item.id, "box", {"box": box, "label": "x"}, "person:a")], edit="1")
    assert store.current(item.id)[0].value.box == tuple(box)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=50, max_size=50), st.text(st.characters(codec="utf-8"), max_size=30)
)
def test_any_number_and_any_text_comes_back_exactly(store, add, numbers, text):
    item = add("a.jpg")
    store.append(item.id, [annotation(item.id, "box", {"box": numbers, "label": "x", "note": text}, "person:a")], edit="1")
    assert store.current(item.id)[0].value.to_json() == {"score": 1.0, "box": numbers, "label": "x", "note": text}


def test_the_same_edit_twice_is_one_edit(store, item, box):
    first, other = box(), box()
    assert store.append(item.id, [first], edit="1") == store.append(item.id, [first], edit="1") == 1
    store.append(item.id, [other], edit="2")
    assert store.append(item.id, [first], edit="1") == 1  # late echo of a lost answer
    assert store.current(item.id) == [first, other]


def test_an_edit_of_nothing_makes_no_revision(store, item):
    assert store.append(item.id, [], edit="1") == 0 and store.item(item.id).status == "new"


def test_a_deletion_is_a_tombstone_and_can_be_undone(store, item, box):
    first = box()
    gone = first.edited(None, "person:ann")
    store.append(item.id, [first], edit="1")
    store.append(item.id, [gone], edit="2")
    assert store.current(item.id) == []
    store.append(item.id, [gone.edited(first.value, "person:ann")], edit="3")
    assert [a.value for a in store.current(item.id)] == [first.value]


def test_a_deleted_object_may_come_back_without_naming_its_tombstone(store, item, box):
    first = box()
    store.append(item.id, [first], edit="1")
    store.append(item.id, [first.edited(None, "person:ann")], edit="2")
    store.append(item.id, [box(object=first.object)], edit="3")
    assert len(store.current(item.id)) == 1 and store.current(item.id) == current(store.history(item.id))


def test_a_merge_replaces_several_and_a_split_undoes_it(store, item, box):
    left, right = box(1), box(50)
    store.append(item.id, [left, right], edit="1")
    merged = box(1, object=left.object, replaces=(left.id, right.id))
    store.append(item.id, [merged], edit="2")
    assert store.current(item.id) == [merged]
    again = [box(1, object=left.object, replaces=(merged.id,)), box(50, object=right.object, replaces=(merged.id,))]
    store.append(item.id, again, edit="3")
    assert store.current(item.id) == again


def test_several_versions_of_one_object_in_one_edit_are_a_chain(store, item, box):
    first = box()
    second = first.edited(replace(first.value, label="cat"), "person:ann")
    store.append(item.id, [first, second], edit="1")
    assert store.current(item.id) == [second] and store.history(item.id) == [first, second]


def test_who_replaces_what_no_longer_stands_is_told_what_does(store, item, box):
    first = box()
    store.append(item.id, [first], edit="1")
    ann = first.edited(replace(first.value, label="cat"), "person:ann")
    bob = first.edited(replace(first.value, label="cow"), "person:bob")
    store.append(item.id, [ann], edit="2")
    with pytest.raises(Conflict) as refused:
        store.append(item.id, [bob, box()], edit="3")
    assert refused.value.current == [ann] == store.current(item.id) and refused.value.revision == 2
    merged = ann.edited(bob.value, "person:bob")  # the second person chooses to overwrite, knowingly
    assert store.append(item.id, [merged], edit="4") == 3


def test_nobody_overwrites_silently_by_leaving_replaces_out(store, item, box):
    first = box()
    store.append(item.id, [first], edit="1")
    with pytest.raises(Conflict):
        store.append(item.id, [box(object=first.object)], edit="2")
    with pytest.raises(Conflict):
        store.append(item.id, [box(object="new"), box(object="new")], edit="3")
    assert store.current(item.id) == [first]


def test_an_edit_is_written_whole_or_not_at_all(store, item, box):
    with pytest.raises(Conflict):
        store.append(item.id, [box(), box(replaces=("unheard of",))], edit="1")
    assert store.history(item.id) == [] and store.item(item.id).revision == 0


@pytest.mark.parametrize("spoil", [lambda a: {"media": "another item"}, lambda a: {"id": a.id}])
def test_what_belongs_elsewhere_or_was_said_before_is_refused(store, item, box, spoil):
    first = box()
    store.append(item.id, [first], edit="1")
    wrong = Annotation(**{"media": item.id, "kind": "box", "value": first.value, "author": "person:x", **spoil(first)})
    with pytest.raises(ValueError):
        store.append(item.id, [wrong], edit="2")
    assert store.history(item.id) == [first]


def test_an_object_stays_of_one_kind(store, item, box):
    first = box()
    store.append(item.id, [first], edit="1")
    with pytest.raises(ValueError, match="is a box, not a phrase"):
        store.append(item.id, [annotation(item.id, "phrase", {"text": "a"}, "person:x", (first.id,), object=first.object)], edit="2")


def test_only_a_persons_first_edit_puts_an_item_in_progress(store, item, box):
    store.append(item.id, [box(author="model:m@1")], edit="1")
    assert store.item(item.id).status == "new"
    store.append(item.id, [box()], edit="2")
    assert store.item(item.id).status == "in_progress"
    store.set_status(item.id, "done")
    store.append(item.id, [box()], edit="3")
    assert store.item(item.id).status == "done"


def test_a_project_streams_its_annotations_in_order_without_the_trash(store, project, item, box, add):
    other, gone = add("zebra.jpg"), add("gone.jpg")
    store.trash_items([gone.id])
    first = box()
    store.append(item.id, [first], edit="1")
    assert [(i.name, found) for i, found in store.annotations(project.id)] == [("photo.jpg", [first]), ("zebra.jpg", [])]
    assert [i.name for i, _ in store.annotations(project.id, status="new")] == ["zebra.jpg"]
    assert [i.name for i, _ in store.annotations(project.id, item_ids=[other.id])] == ["zebra.jpg"]


def test_what_stands_can_be_rebuilt_from_the_log(store, item, box):
    first = box()
    store.append(item.id, [first, box()], edit="1")
    store.append(item.id, [first.edited(None, "person:a")], edit="2")
    before = store.current(item.id)
    with store.transaction() as connection:
        rebuild_heads(connection, item.id)
    assert store.current(item.id) == before
    store.append(item.id, [box(object=first.object)], edit="3")
    assert len(store.current(item.id)) == 2


def test_several_steps_in_one_transaction_are_undone_together(store, project, item, box):
    with pytest.raises(RuntimeError), store.transaction():
        store.append(item.id, [box()], edit="1")
        assert len(store.current(item.id)) == 1
        raise RuntimeError("power cut")
    assert store.current(item.id) == [] and store.append(item.id, [box()], edit="1") == 1
