"""Boxes are drawn, moved, resized, labelled, deleted and found again after a reload, with a real mouse and real keys."""

import pytest
from playwright.sync_api import expect

EMPTY, FEW = "zz 2 empty.png", "zz 0 few.png"


def rounded(box):
    return [round(x) for x in box]


def test_a_drawn_box_is_there_after_a_reload(blank):
    drawn = blank.draw((60, 80), (260, 240))
    assert rounded(drawn["box"]) == [60, 80, 260, 240]
    assert drawn["state"] == "accepted"
    kept = blank.stored("box")
    blank.load().open_item(EMPTY)
    assert [box["box"] for box in blank.annotations("box")] == [box["box"] for box in kept] == [drawn["box"]]


def test_a_box_follows_the_mouse_and_its_handles(blank):
    blank.draw((100, 100), (200, 200))
    blank.drag((150, 150), (190, 170))
    assert rounded(blank.selected()[0]["box"]) == [140, 120, 240, 220]
    blank.drag((240, 220), (300, 260))
    assert rounded(blank.selected()[0]["box"]) == [140, 120, 300, 260]
    blank.drag((140, 190), (100, 190))
    assert rounded(blank.selected()[0]["box"]) == [100, 120, 300, 260]


def test_boxes_stay_inside_the_picture(blank):
    blank.draw((500, 400), (700, 600))
    assert blank.selected()[0]["box"][2:] == [640, 480]
    blank.drag((550, 450), (900, 450))
    assert blank.selected()[0]["box"][2] == 640


@pytest.mark.parametrize("zoom", ["0", "+", "-"])
def test_the_picture_point_under_the_pointer_is_the_one_drawn(blank, zoom):
    blank.press(*[zoom] * 2)
    assert blank.draw((210, 160), (330, 270))["box"] == pytest.approx([210, 160, 330, 270], abs=0.6)


def test_the_wheel_zooms_at_the_pointer(blank):
    x, y = (round(v) for v in blank.to_page(200, 150))
    before = blank.js(f"ed.view.viewport.toImage(ed.view.pointer.point({{ clientX: {x}, clientY: {y} }}))")
    blank.mouse.move(x, y)
    blank.mouse.wheel(0, -300)
    blank.wait_for("!ed.view.viewport.fitted")
    after = blank.js(f"ed.view.viewport.toImage(ed.view.pointer.point({{ clientX: {x}, clientY: {y} }}))")
    assert after["x"] == pytest.approx(before["x"], abs=0.01)
    assert after["y"] == pytest.approx(before["y"], abs=0.01)


def test_space_and_drag_pans(blank):
    blank.draw((60, 80), (560, 440))
    before = blank.js("[ed.view.viewport.x, ed.view.viewport.y]")
    blank.keyboard.down(" ")
    blank.drag((200, 200), (260, 230))
    blank.keyboard.up(" ")
    after = blank.js("[ed.view.viewport.x, ed.view.viewport.y]")
    assert after[0] > before[0] + 20 and after[1] > before[1] + 10
    assert rounded(blank.annotations("box")[0]["box"]) == [60, 80, 560, 440]


def test_digits_give_labels_and_typing_finds_them(blank):
    blank.draw((60, 80), (260, 240))
    blank.press("3")
    assert blank.selected()[0]["label"] == "ball"
    blank.press("Enter")
    blank.keyboard.type("pers")
    blank.press("Enter")
    assert blank.selected()[0]["label"] == "person"
    assert blank.stored("box")[0]["label"] == "person"


def test_a_new_label_is_made_where_it_is_needed(blank):
    blank.draw((60, 80), (260, 240))
    blank.press("Enter")
    blank.keyboard.type("zebra crossing")
    blank.press("Enter")
    blank.wait_for("ed.session.labels.some((label) => label.name === 'zebra crossing' && label.id)")
    assert blank.stored("box")[0]["label"] == "zebra crossing"


def test_one_gesture_is_one_step_back(blank):
    blank.draw((100, 100), (200, 200))
    blank.drag((150, 150), (190, 170), steps=12)
    blank.press("2", "ArrowRight", "ArrowRight", "Shift+ArrowDown")
    blank.wait_for("!ed.view.isNudging")
    steps = [rounded(blank.selected()[0]["box"]) + [blank.selected()[0]["label"]]]
    for _ in range(3):
        blank.press("Control+z")
        steps.append(rounded(blank.selected()[0]["box"]) + [blank.selected()[0]["label"]])
    label = steps[-1][4]
    assert steps == [
        [142, 130, 242, 230, "person"],
        [140, 120, 240, 220, "person"],
        [140, 120, 240, 220, label],
        [100, 100, 200, 200, label],
    ]
    blank.press("Control+z")
    assert blank.annotations("box") == []
    blank.press(*["Control+Shift+z"] * 4)
    assert rounded(blank.stored("box")[0]["box"]) == [142, 130, 242, 230]


def test_deleting_can_be_undone_from_the_toast(blank):
    drawn = blank.draw((100, 100), (200, 200))
    blank.press("Delete")
    assert blank.stored("box") == []
    blank.page.get_by_role("button", name="Undo", exact=True).last.click()
    assert [box["object"] for box in blank.stored("box")] == [drawn["object"]]


def test_clicks_go_through_overlapping_boxes(blank):
    outer = blank.draw((50, 50), (450, 400))["object"]
    inner = blank.draw((150, 150), (250, 250))["object"]
    blank.press("Escape")
    seen = []
    for _ in range(3):
        blank.click(200, 200)
        seen.append(blank.selected()[0]["object"])
    assert seen == [inner, outer, inner]


def test_tab_goes_round_and_escape_lets_go(blank):
    first = blank.draw((50, 50), (150, 150))["object"]
    second = blank.draw((300, 50), (400, 150))["object"]
    blank.press("Escape")
    seen = []
    for _ in range(3):
        blank.press("Tab")
        seen.append(blank.selected()[0]["object"])
    assert seen == [first, second, first]
    blank.press("Escape")
    assert blank.selected() == []


def test_several_are_moved_copied_and_hidden_at_once(blank):
    blank.draw((50, 50), (150, 150))
    blank.draw((300, 50), (400, 150))
    blank.press("Control+a")
    blank.drag((100, 100), (120, 140))
    assert sorted(rounded(box["box"]) for box in blank.annotations("box")) == [[70, 90, 170, 190], [320, 90, 420, 190]]
    blank.press("Control+d")
    assert len(blank.stored("box")) == 4
    blank.press("h")
    assert blank.js("ed.view.visibleObjects().length") == 2


def test_keys_are_left_alone_while_typing(blank):
    blank.draw((50, 50), (150, 150))
    blank.press("/")
    blank.keyboard.type("frd x a 1")
    assert blank.page.input_value(".dx-ask .dx-input") == "frd x a 1"
    assert len(blank.annotations("box")) == 1 and blank.js("ed.session.doc.item.name") == EMPTY


def test_an_edit_touches_only_the_item_it_was_made_on(desk):
    """Drawing and switching at once, many times: each box is on the picture it was drawn on."""
    desk.open_item(FEW)
    few = desk.item
    before = len(desk.stored("box"))
    empty = desk.server.items()[EMPTY]
    count = len([a for a in desk.server.current(empty) if a.kind == "box"])
    for turn in range(10):
        desk.draw((300 + 4 * turn, 300), (400 + 4 * turn, 380))
        desk.js(f"void ed.openItem('{empty if turn % 2 == 0 else few}')")
        desk.wait_for(f"ed.session.doc && ed.session.doc.item.id === '{empty if turn % 2 == 0 else few}'")
    desk.wait_saved()
    boxes = {item: len([a for a in desk.server.current(item) if a.kind == "box"]) for item in (few, empty)}
    assert boxes == {few: before + 5, empty: count + 5}


def test_the_list_says_in_words_what_the_picture_shows(blank):
    blank.draw((50, 50), (150, 150))
    blank.press("1")
    row = blank.page.get_by_role("option", name="dog, accepted")
    expect(row).to_have_count(1)
    expect(row).to_have_attribute("aria-selected", "true")
