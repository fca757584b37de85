"""No edit is lost: not when the server dies, refuses, signs the person out, or somebody else is faster."""

import json
import time
from dataclasses import replace

import pytest

EMPTY = "zz 2 empty.png"


@pytest.fixture
def blank(blank):
    yield blank
    blank.page.unroute("**/edits")


def state(desk):
    return desk.page.locator(".dx-saved").inner_text().strip()


def refuse(desk, status: int, error: str = "asked to fail"):
    """Every edit is answered with this status, or not at all with 0."""
    desk.page.route(
        "**/edits",
        lambda route: (
            route.abort()
            if not status
            else route.fulfill(status=status, content_type="application/json", body=json.dumps({"error": error}))
        ),
    )


def test_an_edit_survives_the_death_of_the_server(blank, bench):
    drawn = blank.draw((60, 80), (260, 240))
    blank.wait_saved()
    time.sleep(0.5)
    bench.restart()
    blank.load().open_item(EMPTY)
    assert drawn["object"] in [box["object"] for box in blank.annotations("box")]


@pytest.mark.parametrize(
    "status, says", [(0, "Offline: 2 edits waiting"), (500, "Not saved yet: 2 edits waiting"), (401, "Signed out: 2 edits kept")]
)
def test_edits_wait_while_the_server_fails_and_arrive_afterwards(blank, status, says):
    refuse(blank, status)
    blank.draw((60, 80), (260, 240))
    blank.press("2")
    blank.page.wait_for_function(f"document.querySelector('.dx-saved').textContent.includes('{says}')")
    blank.page.reload()
    blank.page.wait_for_selector(".deixis[data-ready]")
    blank.open_item(EMPTY)
    assert blank.js("ed.view.visibleObjects().map((thing) => thing.annotation.value.label)") == ["person"]
    blank.page.unroute("**/edits")
    blank.press("Control+s")
    assert [box["label"] for box in standing(blank)] == ["person"]
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
    blank.wait_for("ed.view.visibleObjects().length === 0")
    assert standing(blank) == []


def elsewhere(bench, item: str, thing: str, change) -> None:
    """Somebody else changes a box: `change(value)` gives its new value, or None."""
    store = bench.store
    box = [a for a in store.current(item) if a.object == thing][0]
    store.append(item, [box.edited(change(box.value), "person:else")], edit=f"else-{box.id}")
    store.close()


def standing(desk):
    """The boxes of the open item that the store has, without the rejected."""
    return [box for box in desk.stored("box") if box["state"] != "rejected"]


@pytest.mark.parametrize("choice, label", [("Take theirs", "car"), ("Keep mine", "person")])
def test_whoever_is_later_is_asked(blank, bench, choice, label):
    drawn = blank.draw((60, 80), (260, 240))
    blank.wait_saved()
    elsewhere(bench, blank.item, drawn["object"], lambda value: replace(value, label="car"))
    blank.draw((300, 80), (400, 240))
    blank.click(160, 160)
    blank.press("2")
    dialog = blank.page.get_by_role("dialog")
    dialog.wait_for()
    assert "changed elsewhere" in dialog.inner_text() and "the box “person”" in dialog.inner_text()
    dialog.get_by_role("button", name=choice).click()
    boxes = standing(blank)
    assert len(boxes) == 2
    assert [box["label"] for box in boxes if box["object"] == drawn["object"]] == [label]
    blank.wait_for(f"ed.session.doc.get('{drawn['object']}').value.label === '{label}'")


def test_mine_comes_back_where_somebody_else_deleted_it(blank, bench):
    drawn = blank.draw((60, 80), (260, 240))
    blank.wait_saved()
    elsewhere(bench, blank.item, drawn["object"], lambda value: None)
    blank.press("2")
    blank.page.get_by_role("dialog").get_by_role("button", name="Keep mine").click()
    assert [(box["object"], box["label"]) for box in standing(blank)] == [(drawn["object"], "person")]
