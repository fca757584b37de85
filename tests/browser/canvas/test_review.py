"""Proposals are looked through with one key each; a phrase and its boxes light each other up; a question finds a box."""

import json

import pytest
from playwright.sync_api import expect

from tests.annotated import annotation

FEW = "zz 0 few.png"


@pytest.fixture
def few(desk, bench):
    """The picture with four proposed boxes and two phrases each, proposed anew."""
    store = bench.store
    item = store.item(bench.items()[FEW])
    gone = [a.edited(None, "person:test") for a in store.current(item.id)]
    store.append(item.id, gone, edit=f"clear-{item.revision}")

    said, author = [], "model:scripted@2"
    for n in range(3):
        x = 60 + 400 * n
        said.append(annotation(item.id, "box", {"box": [x, 100, x + 300, 400], "label": "dog", "score": 0.8, "state": "proposed"}, author))
        for text, unique in ((f"dog {n}", True), (f"the dog number {n}", n != 1)):
            said.append(
                annotation(
                    item.id,
                    "phrase",
                    {
                        "text": text,
                        "targets": [said[3 * n].object],
                        "state": "proposed",
                        "origin": "template",
                        "rule": "noun",
                        "unique": unique,
                    },
                    author,
                )
            )
    store.append(item.id, said, edit=f"propose-{item.revision}")
    store.close()
    return desk.open_item(FEW)


def states(desk, kind):
    return {thing.get("text", str(round(thing["box"][0])) if kind == "box" else ""): thing["state"] for thing in desk.annotations(kind)}


def test_one_key_decides_and_goes_on(few):
    few.press("j", "a", "x", "x", "x")
    assert states(few, "phrase") == {
        "dog 0": "accepted",
        "the dog number 0": "rejected",
        "dog 1": "rejected",
        "the dog number 1": "rejected",
        "dog 2": "proposed",
        "the dog number 2": "proposed",
    }
    assert states(few, "box") == {"60": "accepted", "460": "proposed", "860": "proposed"}
    assert few.selected()[0]["box"][0] == 460
    few.press("x", "a")
    assert states(few, "box") == {"60": "accepted", "460": "rejected", "860": "accepted"}
    kept = {phrase["text"]: phrase["state"] for phrase in few.stored("phrase")}
    assert kept == states(few, "phrase")


def test_editing_rewrites_accepts_and_goes_on(few):
    few.press("j", "e")
    few.keyboard.type("the brown dog by the fence")
    few.press("Enter")
    assert "the brown dog by the fence" in [phrase["text"] for phrase in few.stored("phrase")]
    assert states(few, "phrase")["the brown dog by the fence"] == "accepted"
    assert states(few, "box")["60"] == "accepted"
    assert few.js("ed.session.doc.get(ed.session.activeId).value.text") == "the dog number 0"


def test_escape_leaves_a_phrase_as_it_was(few):
    few.press("j", "e")
    few.keyboard.type("something else")
    few.press("Escape")
    assert states(few, "phrase")["dog 0"] == "proposed"


def test_a_decision_is_one_step_back(few):
    few.press("j", "a", "Control+z")
    assert set(states(few, "phrase").values()) == set(states(few, "box").values()) == {"proposed"}


def test_everything_is_accepted_at_once_and_can_be_taken_back(few):
    few.press("Shift+A")
    assert set(states(few, "phrase").values()) == {"accepted"}
    few.press("Control+z")
    assert set(states(few, "phrase").values()) == {"proposed"}


def test_a_phrase_lights_its_box_and_a_box_its_phrases(few):
    few.press("Escape")
    few.page.get_by_role("option", name="dog 1, proposed").hover()
    assert few.js("ed.view.visibleObjects().filter((t) => ed.view.isHighlighted(t.object)).map((t) => Math.round(t.box[0]))") == [460]
    few.mouse.move(*few.to_page(1000, 250))
    few.wait_for("document.querySelectorAll('.dx-row.phrase.lit').length === 2")
    assert few.page.locator(".dx-row.phrase.lit").all_inner_texts() == ["“\ndog 2", "“\nthe dog number 2"]


def test_an_ambiguous_phrase_says_so(few):
    few.wait_for("ed.root.dataset.checked")
    row = few.page.get_by_role("option", name="the dog number 1, proposed, may fit others too")
    assert row.locator(".dx-badge.warn").inner_text() == "fits others"
    row.click()
    expect(few.page.locator(".dx-card")).to_contain_text("may fit other things")


def test_a_phrase_is_written_for_two_boxes(few):
    few.press("Escape")
    few.click(200, 250)
    few.keyboard.down("Shift")
    few.click(600, 250)
    few.keyboard.up("Shift")
    few.press("p")
    few.keyboard.type("two dogs")
    few.press("Enter")
    phrase = [p for p in few.stored("phrase") if p["text"] == "two dogs"][0]
    assert len(phrase["targets"]) == 2 and phrase["origin"] == "person"


def test_a_question_shows_boxes_and_keeping_makes_a_phrase(few):
    few.press("/")
    few.keyboard.type("the dog on the left")
    few.press("Enter")
    few.page.wait_for_selector(".dx-answer")
    assert few.page.locator(".dx-answer").count() == 2
    assert "phrase 9 ms" in few.page.locator(".dx-answers").inner_text()
    few.press("Enter")
    phrase = [p for p in few.stored("phrase") if p["text"] == "the dog on the left"][0]
    box = [b for b in few.stored("box") if b["object"] in phrase["targets"]][0]
    assert box["box"] == pytest.approx([128, 144, 512, 576])
    few.page.locator(".dx-answer").nth(1).get_by_role("button", name="Keep").click()
    phrase = [p for p in few.stored("phrase") if p["text"] == "the dog on the left"][0]
    assert len(phrase["targets"]) == 2


def test_a_question_without_an_answer_can_be_kept_as_none(few):
    few.press("/")
    few.keyboard.type("a unicorn")
    few.press("Enter")
    few.page.get_by_role("button", name="Keep it as “there is none”").click()
    assert [p["targets"] for p in few.stored("phrase") if p["text"] == "a unicorn"] == [[]]


def test_a_late_answer_never_reaches_another_picture(few):
    few.press("/")
    few.keyboard.type("a slow question")
    few.press("Enter")
    few.js("void ed.openItem(ed.session.doc.item.next)")
    few.wait_for("ed.session.doc.item.name !== 'zz 0 few.png'")
    few.page.wait_for_timeout(1200)
    assert few.js("ed.view.regions.length") == 0


def test_done_counts_and_goes_on(few):
    few.js("void ed.services.api.status(ed.session.doc.item.id, 'new')")
    few.load().open_item(FEW)
    before = few.js("ed.parts.itemList.total.done")
    few.press("Control+Enter")
    few.wait_for("ed.session.doc && ed.session.doc.item.name === 'zz 1 two thousand.png'")
    assert few.js("ed.parts.itemList.total.done") == before + 1
    store = few.server.store
    item = few.server.items()[FEW]
    few.page.wait_for_function(f"fetch('/api/items/' + {json.dumps(item)}).then((r) => r.json()).then((i) => i.status === 'done')")
    assert store.item(item).status == "done"
    store.set_status(item, "in_progress")
    store.close()


def test_an_item_goes_to_the_trash_and_comes_back(few):
    row = few.page.locator(".dx-item.on")
    row.hover()
    row.get_by_role("button", name="Move to the trash").click()
    few.wait_for("ed.session.doc && ed.session.doc.item.name === 'zz 1 two thousand.png'")
    assert FEW not in few.server.items()
    few.page.get_by_role("button", name="Undo", exact=True).last.click()
    few.wait_for("ed.session.doc && ed.session.doc.item.name === 'zz 0 few.png'")
    assert FEW in few.server.items()


def test_a_phrase_that_is_not_understood_is_declined_and_cannot_be_kept_as_none(few):
    few.press("/")
    few.keyboard.type("man no. 5")
    few.press("Enter")
    few.page.wait_for_selector(".dx-ask .declined")
    assert "cannot be read in a picture" in few.page.inner_text(".dx-ask .dx-answers") and "there is none" not in few.page.inner_text(
        ".dx-ask .dx-answers"
    )
    few.press("Enter")
    assert few.js("ed.view.regions.length") == 0 and not [p for p in few.stored("phrase") if "no. 5" in p["text"]]
    few.page.fill(".dx-ask .dx-input", "the dog and the unicorn")
    few.press("Enter")
    few.page.wait_for_selector(".dx-ask .dx-answer")
    assert "“the unicorn”; the rest was found" in few.page.inner_text(".dx-ask .dx-answers")
    few.press("Enter")
    assert "the dog" in [p["text"] for p in few.stored("phrase")] and not [
        p for p in few.stored("phrase") if "unicorn" in p["text"] and p["targets"]
    ]


def test_what_is_kept_of_a_command_is_the_phrase(few):
    few.press("/")
    few.keyboard.type("find the small dog, please")
    few.press("Enter")
    few.page.wait_for_selector(".dx-ask .dx-answer")
    few.press("Enter")
    assert "the small dog" in [p["text"] for p in few.stored("phrase")]


def test_a_box_made_of_an_answer_has_the_label_its_phrase_names_whatever_label_is_chosen(few):
    for text, label in (("the tree", "object"), ("the man next to the car", "person")):
        few.press("/")
        few.page.fill(".dx-ask .dx-input", text)
        few.press("Enter")
        few.page.wait_for_selector(".dx-ask .dx-answer")
        few.press("Enter")
        [phrase] = [p for p in few.stored("phrase") if p["text"] == text]
        [box] = [b for b in few.stored("box") if b["object"] in phrase["targets"]]
        assert box["label"] == label
        few.press("Escape", "Control+z")
    assert few.js("ed.session.label") == "dog"


def test_a_message_about_a_step_goes_when_it_is_no_longer_the_last_or_another_item_opens(few):
    few.press("j", "x", "x", "x", "x", "x", "x", "x", "x", "x")
    few.page.wait_for_selector(".dx-toast:has-text('All looked through')")
    few.js("void ed.openItem(ed.session.doc.item.next)")
    few.wait_for("ed.session.doc && ed.session.doc.item.name !== 'zz 0 few.png'")
    assert few.page.locator(".dx-toast:has-text('All looked through')").count() == 0
