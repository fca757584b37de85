"""No edit is lost: not when the server dies, refuses, signs the person out, or somebody else is faster."""

import json
import time

import pytest

from grounding.data import Annotation

EMPTY = "zz 2 empty.png"


@pytest.fixture
def blank(desk):
    desk.open(EMPTY)
    if desk.things("box"):
        desk.press("Control+a", "Delete")
    desk.press("Escape")
    desk.wait_saved()
    yield desk
    desk.page.unroute("**/edits")


def state(desk):
    return desk.page.locator(".dx-saved").inner_text().strip()


def refuse(desk, status: int, error: str = "asked to fail"):
    desk.page.route("**/edits", lambda route: route.fulfill(status=status, content_type="application/json", body=json.dumps({"error": error})))


def test_an_edit_survives_the_death_of_the_server(blank, bench):
    drawn = blank.draw((60, 80), (260, 240))
    blank.wait_saved()
    time.sleep(0.5)
    bench.revive()
    blank.enter().open(EMPTY)
    assert [box["object"] for box in blank.things("box")] == [drawn["object"]]


@pytest.mark.parametrize("status, says", [(500, "Offline: 2 edits waiting"), (401, "Signed out: 2 edits kept")])
def test_edits_wait_while_the_server_fails_and_arrive_afterwards(blank, status, says):
    refuse(blank, status)
    blank.draw((60, 80), (260, 240))
    blank.press("2")
    blank.page.wait_for_function(f"document.querySelector('.dx-saved').textContent.includes('{says}')")
    blank.page.reload()
    blank.page.wait_for_selector(".deixis[data-ready]")
    blank.open(EMPTY)
    assert blank.things("box")[0]["label"] == "person"
    blank.page.unroute("**/edits")
    blank.press("Control+s")
    assert blank.kept("box")[0]["label"] == "person"
    assert state(blank) == "Saved"


def test_a_refused_edit_is_kept_named_and_can_be_discarded(blank):
    refuse(blank, 400, "a box without a label")
    blank.draw((60, 80), (260, 240))
    blank.page.wait_for_function("document.querySelector('.dx-saved').textContent.includes('1 not saved')")
    toast = blank.page.locator(".dx-toast.error").inner_text()
    assert EMPTY in toast and "a box without a label" in toast and "[object" not in toast
    blank.page.unroute("**/edits")
    blank.page.locator(".dx-saved").click()
    blank.page.get_by_role("button", name="Discard what was refused").click()
    blank.wait_saved()
    assert blank.things("box") == [] == blank.kept("box")


def elsewhere(bench, item: str, **value) -> None:
    """Somebody else changes the only box of an item."""
    store = bench.store
    box = [a for a in store.current(item) if a.kind == "box"][0]
    store.append(item, [Annotation(item, "box", {**box.value, **value}, "person:else", (box.id,), object=box.object)], edit=f"else-{box.id}")
    store.close()


@pytest.mark.parametrize("choice, label", [("Take theirs", "car"), ("Keep mine", "person")])
def test_whoever_is_later_is_asked(blank, bench, choice, label):
    blank.draw((60, 80), (260, 240))
    blank.wait_saved()
    elsewhere(bench, blank.item, label="car")
    blank.press("2")
    blank.draw((300, 80), (400, 240))
    dialog = blank.page.get_by_role("dialog")
    dialog.wait_for()
    assert "changed elsewhere" in dialog.inner_text() and "the box “person”" in dialog.inner_text()
    dialog.get_by_role("button", name=choice).click()
    boxes = blank.kept("box")
    assert len(boxes) == 2
    assert [box["label"] for box in boxes if box["box"][0] < 100] == [label]
    assert sorted(box["label"] for box in blank.things("box")) == sorted(box["label"] for box in boxes)


def test_mine_comes_back_where_somebody_else_deleted_it(blank, bench):
    drawn = blank.draw((60, 80), (260, 240))
    blank.wait_saved()
    store = bench.store
    box = [a for a in store.current(blank.item) if a.kind == "box"][0]
    store.append(blank.item, [box.edited(None, "person:else")], edit=f"gone-{box.id}")
    store.close()
    blank.press("2")
    blank.wait_saved()
    assert [(b["object"], b["label"]) for b in blank.kept("box")] == [(drawn["object"], "person")] or blank.kept("box") == []
