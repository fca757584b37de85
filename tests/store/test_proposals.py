"""Proposals: what models say never alters what people said, and saying it again changes nothing."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grounding.store import digest
from tests.annotated import annotation

SSD, NEWER, OTHER = "model:ssd@1", "model:ssd@2", "model:phrases@1"


@pytest.fixture
def said(item):
    """A model's words about the item, with ids that follow from them."""
    def make(*xs, author=SSD, label="dog"):
        return [annotation(item.id, "box", {"box": [x, 0.0, x + 9.0, 9.0], "label": label, "score": 0.5, "state": "proposed"}, author,
                           id=digest([item.id, author, x, label])) for x in xs]
    return make


def values(annotations):
    return sorted(a.value.box[0] for a in annotations)


def test_a_second_run_changes_nothing(store, item, said):
    assert store.propose(item.id, SSD, said(1, 2)) == 1
    before = store.history(item.id)
    assert store.propose(item.id, SSD, said(1, 2)) == 1 and store.history(item.id) == before
    assert store.item(item.id).status == "new"


def test_a_run_replaces_the_models_own_untouched_words_only(store, item, said, box):
    mine = box()
    store.append(item.id, [mine], edit="1")
    store.propose(item.id, OTHER, said(7, author=OTHER))
    store.propose(item.id, SSD, said(1, 2))
    store.propose(item.id, SSD, said(2, 3))
    assert values(store.current(item.id)) == [1.0, 2.0, 3.0, 7.0] and mine in store.current(item.id)
    assert [a.value.box[0] for a in store.current(item.id) if a.author == SSD] == [2.0, 3.0]


def test_a_newer_version_takes_the_place_of_the_older(store, item, said):
    store.propose(item.id, SSD, said(1, 2))
    store.propose(item.id, NEWER, said(2, 3, author=NEWER))
    assert {a.author for a in store.current(item.id)} == {NEWER} and values(store.current(item.id)) == [2.0, 3.0]


@pytest.mark.parametrize("state", ["accepted", "rejected", "deleted", "proposed"])
def test_what_a_person_touched_stays_through_every_run(store, item, said, state):
    proposed = said(1, 2)
    store.propose(item.id, SSD, proposed)
    value = None if state == "deleted" else replace(proposed[0].value, state=state, label="mine")
    touched = proposed[0].edited(value, "person:ann")
    store.append(item.id, [touched], edit="1")
    for run in (proposed, said(3), [], proposed):
        store.propose(item.id, SSD, run)
        standing = [a for a in store.current(item.id) if a.object == touched.object]
        assert standing == ([] if state == "deleted" else [touched])
    assert values(store.current(item.id)) == ([2.0] if state == "deleted" else [1.0, 2.0])


def test_a_withdrawn_proposal_can_be_made_again(store, item, said):
    for run in (said(1), [], said(1), [], said(1)):
        store.propose(item.id, SSD, run)
    assert values(store.current(item.id)) == [1.0] and store.item(item.id).revision == 5


def test_a_proposal_that_a_persons_phrase_points_at_is_not_withdrawn(store, item, said):
    dog = said(1)[0]
    store.propose(item.id, SSD, [dog])
    phrase = annotation(item.id, "phrase", {"text": "the dog", "targets": [dog.object]}, "person:ann")
    store.append(item.id, [phrase], edit="1")
    store.propose(item.id, SSD, said(5))
    assert {a.object for a in store.current(item.id)} >= {dog.object, phrase.object}


@pytest.mark.parametrize("author", ["model:ssd", "model:@1", "person:ann", "ssd@1", ""])
def test_proposals_without_a_model_and_its_version_are_refused(store, item, author):
    with pytest.raises(ValueError, match="model:NAME@VERSION"):
        store.propose(item.id, author, [])


def test_proposals_can_be_dropped_by_version_and_by_model(store, project, item, said, add):
    other = add("other.jpg")
    store.propose(item.id, SSD, said(1, 2))
    store.append(item.id, [said(1)[0].edited(said(1)[0].value, "person:ann")], edit="1")
    store.propose(item.id, OTHER, said(7, author=OTHER))
    assert store.drop_proposals(project.id, "model:ssd@9") == 0
    assert store.drop_proposals(project.id, SSD) == 1 and values(store.current(item.id)) == [1.0, 7.0]
    assert store.drop_proposals(project.id, "model:phrases") == 1 and values(store.current(item.id)) == [1.0]
    assert store.history(other.id) == []
    with pytest.raises(ValueError, match="only proposals of a model"):
        store.drop_proposals(project.id, "person:ann")


def test_a_proposal_for_one_item_never_reaches_another(store, item, said, add):
    other = add("other.jpg")
    with pytest.raises(ValueError, match="send it there"):
        store.propose(other.id, SSD, said(1))
    assert store.history(other.id) == []


runs = st.lists(st.tuples(st.sampled_from(["run", "newer", "accept", "reject", "delete", "draw"]), st.sets(st.integers(0, 4))), max_size=8)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs)
def test_whatever_happens_people_keep_what_they_said(add, store, steps):
    item = add("a.jpg")
    mine = {}
    for number, (what, xs) in enumerate(steps):
        if what in ("run", "newer"):
            author = SSD if what == "run" else NEWER
            store.propose(
                item.id,
                author,
                [annotation(item.id, "box", {"box": [x, 0, 9, 9], "label": "dog", "state": "proposed"}, author, id=f"o{x}") for x in xs],
            )
        elif what == "draw":
            mine[f"n{number}"] = annotation(
                item.id, "box", {"box": [-1, 0, 9, 9], "label": "dog", "state": "accepted"}, "person:a", id=f"n{number}"
            )
            store.append(item.id, [mine[f"n{number}"]], edit=str(number))
        else:
            state = {"accept": "accepted", "reject": "rejected"}.get(what)
            for old in [a for a in store.current(item.id) if a.value.box[0] in xs]:
                mine[old.object] = old.edited(replace(old.value, state=state) if state else None, "person:a")
                store.append(item.id, [mine[old.object]], edit=mine[old.object].id)
        standing = {a.object: a for a in store.current(item.id)}
        for object, said in mine.items():
            assert standing.get(object) == (said if said.value else None)
        assert list(standing.values()) == store.annotations_at(item.id, store.item(item.id).revision)

