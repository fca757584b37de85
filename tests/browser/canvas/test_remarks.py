"""A phrase that does not agree with its box says so, shows what it fits, and is mended with one key or one click."""

import pytest

ITEM = "zz 2 empty.png"


@pytest.fixture
def dogs(desk, bench):
    """Three accepted dogs in a row, 640 pixels wide, and one proposed phrase that fits all of them."""
    from tests.annotated import annotation

    store = bench.store
    item = store.item(bench.items()[ITEM])
    store.append(item.id, [a.edited(None, "person:test") for a in store.current(item.id)], edit=f"clear-{item.revision}")
    said = [
        annotation(item.id, "box", {"box": [x, 100.0, x + 120, 300.0], "label": "dog", "score": 1.0, "state": "accepted"}, "person:test")
        for x in (20.0, 240.0, 480.0)
    ]
    phrase = {
        "text": "the dog", "targets": [said[1].object], "state": "proposed", "origin": "template", "rule": "noun dog",
        "unique": True, "score": 0.8,
    }
    store.append(item.id, [*said, annotation(item.id, "phrase", phrase, "model:scripted@1")], edit=f"fill-{item.revision}")
    store.close()
    desk.open_item(ITEM)
    desk.wait_for("ed.services.checks.checksOf(ed.session.doc.ofKind('phrase')[0]).length === 1")
    return desk


def others(desk) -> list[int]:
    return desk.js("ed.view.ambiguousObjects().map((t) => Math.round(t.box[0]))")


def texts(desk) -> dict:
    return {phrase["text"]: (phrase["state"], phrase["origin"]) for phrase in desk.annotations("phrase")}


def test_a_badge_shows_the_others_that_a_phrase_fits(dogs):
    badge = dogs.page.locator(".dx-list [data-badge]")
    assert badge.inner_text() == "fits 2 others" and others(dogs) == []
    badge.hover()
    assert others(dogs) == [20, 480]
    dogs.mouse.move(5, 5)
    assert others(dogs) == []
    dogs.press("j")
    assert others(dogs) == [20, 480], "the phrase in hand shows them without a pointer"
    card = dogs.page.locator(".dx-card [data-badge]")
    assert card.get_attribute("tabindex") == "0" and card.inner_text() == "fits 2 others"
    assert dogs.page.get_by_role("option", name="the dog, proposed, fits 2 others").count() == 1


def test_one_key_mends_a_phrase_and_one_step_brings_it_back(dogs):
    dogs.press("j", "c")
    assert texts(dogs) == {"the middle dog": ("accepted", "person")}
    assert dogs.stored("phrase")[0]["rule"] == "noun dog"
    dogs.press("Control+z")
    assert texts(dogs) == {"the dog": ("proposed", "template")}


def test_a_phrase_is_checked_while_it_is_typed_and_typing_is_never_held_up(dogs):
    dogs.press("Escape")
    dogs.click(540, 200)
    dogs.press("p")
    dogs.keyboard.type("the left dog")
    dogs.page.locator(".dx-picker .dx-hint-words").wait_for()
    assert dogs.page.locator(".dx-picker .dx-hint-words").inner_text() == "you wrote left, the box is the right-most one"
    assert others(dogs) == [20]
    dogs.press("Alt+Enter")
    assert dogs.page.locator(".dx-picker .dx-input:visible").input_value() == "the right dog"
    dogs.press("Enter")
    assert texts(dogs)["the right dog"] == ("accepted", "person")
    dogs.press("p")
    dogs.keyboard.type("the left dog")
    dogs.press("Enter")  # before anything could be said
    assert texts(dogs)["the left dog"] == ("accepted", "person")


def test_a_wrong_word_is_said_below_the_phrase_and_the_other_box_can_be_taken(dogs):
    dogs.press("Escape")
    dogs.click(540, 200)
    dogs.press("p")
    dogs.keyboard.type("the left dog")
    dogs.press("Enter")
    remark = dogs.page.locator(".dx-row.check")
    remark.wait_for()
    assert remark.inner_text() == "you wrote left, the box is the right-most one"
    dogs.page.get_by_role("button", name="Point at the other box").click()
    dogs.page.locator(".dx-row.check").wait_for(state="detached")
    kept = {phrase["text"]: phrase["targets"] for phrase in dogs.stored("phrase")}
    assert kept["the left dog"] == [box["object"] for box in dogs.annotations("box") if round(box["box"][0]) == 20]


def test_words_are_checked_while_a_row_is_edited(dogs):
    dogs.press("j", "e")
    dogs.keyboard.type("the left dog")
    hint = dogs.page.locator(".dx-row .dx-hint.floating")
    hint.wait_for()
    hint.get_by_role("button", name="“the middle dog”").click()
    dogs.press("Enter")
    assert texts(dogs) == {"the middle dog": ("accepted", "person")}
    assert dogs.js("ed.view.matchesOf.typed") is None


def test_the_phrases_of_a_box_stand_beside_it_under_the_pointer(dogs):
    dogs.press("Escape")
    dogs.mouse.move(*dogs.to_page(300, 200))
    dogs.wait_for("!document.querySelector('.dx-hover-card').hidden")
    assert dogs.page.locator(".dx-hover-card").inner_text() == "the dog"
    dogs.mouse.move(*dogs.to_page(80, 200))
    dogs.wait_for("document.querySelector('.dx-hover-card').hidden")


def test_three_rejections_of_a_template_bring_an_offer_to_stop_it(dogs):
    dogs.wait_for("ed.services.templates.known.length > 0")
    for _ in range(3):
        dogs.press("j", "x", "Control+z")
    assert switched_off(dogs) == []
    dogs.page.get_by_role("button", name="Propose no more of them").click()
    dogs.wait_for("ed.services.templates.known.find((t) => t.name === 'noun').off")
    assert switched_off(dogs) == ["noun"]
    dogs.page.get_by_role("button", name="Undo", exact=True).last.click()
    dogs.wait_for("!ed.services.templates.known.find((t) => t.name === 'noun').off")
    assert switched_off(dogs) == []


def switched_off(desk) -> list[str]:
    """The templates that the server leaves out of proposals."""
    known = desk.page.evaluate(
        "project => fetch(`/api/projects/${project}/templates`).then((answer) => answer.json())", desk.js("ed.session.project")
    )
    return [template["name"] for template in known["templates"] if template["off"]]
