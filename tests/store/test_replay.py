"""Replay: whatever people do, what stands is what the log tells, and undo and redo are appends that come back exactly."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grounding.data import current
from tests.annotated import annotation

gestures = st.lists(st.tuples(st.sampled_from(["draw", "move", "delete", "relabel", "all"]), st.integers(0, 9)), min_size=1, max_size=9)
quick = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def box(item, x, label="dog"):
    return annotation(item.id, "box", {"box": [x, 0, x + 5, 5], "label": label, "state": "accepted"}, "person:a")


def versions(store, item, what, pick):
    """The annotations of one gesture upon what stands."""
    now = store.current(item.id)
    if what == "draw" or not now:
        return [box(item, pick)]
    chosen = now if what == "all" else [now[pick % len(now)]]
    change = {"move": {"box": (pick, pick, 20, 20)}, "relabel": {"label": f"label {pick}"}, "all": {"label": "cat"}}.get(what)
    return [a.edited(replace(a.value, **change) if change else None, "person:a") for a in chosen]


def things(annotations):
    """What is there, whichever version says it."""
    return {a.object: a.value for a in annotations}


def put(store, item, wanted, edit):
    """Appends a version of each object upon its newest, so that it says what is wanted (None = deleted)."""
    newest = {a.object: a for a in store.history(item.id)}
    store.append(item.id, [newest[object].edited(value, "person:a") for object, value in wanted.items()], edit=edit)


@quick
@given(gestures)
def test_what_stands_is_the_replay_of_the_log_at_every_revision(add, store, steps):
    item, seen = add("a.jpg"), {0: []}
    for number, (what, pick) in enumerate(steps):
        revision = store.append(item.id, versions(store, item, what, pick), edit=f"e{number}")
        seen[revision] = store.current(item.id)
        assert seen[revision] == current(store.history(item.id))
    assert {revision: store.annotations_at(item.id, revision) for revision in seen} == seen
    assert sorted(seen) == list(range(store.item(item.id).revision + 1))


@quick
@given(gestures, gestures)
def test_n_undos_then_n_redos_are_the_identity_and_touch_only_their_item(add, store, steps, elsewhere):
    item, other = add("a.jpg"), add("b.jpg")
    done, states = [], [{}]
    for number, (what, pick) in enumerate(steps):
        before, drawn = things(store.current(item.id)), versions(store, item, what, pick)
        store.append(item.id, drawn, edit=f"e{number}")
        done.append(({a.object: before.get(a.object) for a in drawn}, {a.object: a.value for a in drawn}))
        states.append(things(store.current(item.id)))
    for number, (what, pick) in enumerate(elsewhere):
        store.append(other.id, versions(store, other, what, pick), edit=f"e{number}")
    there = store.history(other.id)
    for number in reversed(range(len(done))):
        put(store, item, done[number][0], f"undo {number}")
        assert things(store.current(item.id)) == states[number]
    for number in range(len(done)):
        put(store, item, done[number][1], f"redo {number}")
        assert things(store.current(item.id)) == states[number + 1]
    assert store.history(other.id) == there
    assert store.item(item.id).revision == 3 * len(steps)
