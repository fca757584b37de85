"""What a person does on the timeline: split, merge, cover, hide, lock, caption a stretch, follow a box; each is one step back."""

import pytest

from tests.browser.canvas.test_film import even, fresh, go, keys  # noqa: F401  (`even` is a fixture)


@pytest.fixture
def long(even):  # noqa: F811
    """A track drawn on frame 10, with a second keyframe on 30."""
    fresh(even)
    go(even, 30)
    even.press("k")
    return even


def tracks(desk):
    return len(desk.annotations("track"))


def test_a_track_is_split_here_and_merged_again(long):
    before = tracks(long)
    go(long, 20)
    long.press("s")
    assert tracks(long) == before + 1 and keys(long) == [(20, False), (30, False)]
    second = long.selected()[0]["object"]
    long.js(
        "void ed.session.select([ed.session.doc.ofKind('track').find((t) => t.value.keyframes[0].frame === 10 "
        f"&& t.value.keyframes.length === 2).object, '{second}'])"
    )
    long.press("m")
    assert tracks(long) == before and keys(long) == [(10, False), (19, False), (20, False), (30, False)]
    assert second not in [track["object"] for track in long.stored("track")]
    long.press(*["Control+z"] * 4)
    assert tracks(long) == before - 1


def test_covered_hidden_and_shown_again(long):
    go(long, 15)
    long.press("q")
    assert long.js("ed.view.visibleObjects().find((t) => t.object === ed.session.selection[0]).occluded") is True
    go(long, 20)
    long.press("o")
    go(long, 25)
    long.press("o")
    assert keys(long) == [(10, False), (15, False), (20, True), (25, False), (30, False)]
    assert [key.get("occluded") for key in long.stored("track")[-1]["keyframes"]][:2] == [None, True]
    long.press(*["Control+z"] * 5)


def test_a_locked_track_is_left_alone(long):
    long.press("l", "k")
    assert keys(long) == [(10, False), (30, False)]
    long.page.get_by_text("It is locked. Press L to unlock it.").wait_for()
    long.drag((50, 160), (150, 160))
    assert keys(long) == [(10, False), (30, False)]
    long.press(*["Control+z"] * 3)


def test_a_stretch_is_begun_ended_and_captioned_by_keys(long):
    go(long, 12)
    long.press("b")
    go(long, 22)
    long.press("b")
    long.keyboard.type("turns round")
    long.press("Enter")
    assert long.selected()[0]["captions"] == [{"start": 12, "end": 22, "text": "turns round"}]
    assert long.stored("track")[-1]["captions"] == [{"start": 12, "end": 22, "text": "turns round"}]
    long.press(*["Control+z"] * 3)


def test_a_keyframe_is_dragged_in_time(long):
    lanes = long.page.locator(".dx-timeline-rows").bounding_box()
    y = lanes["y"] + long.js("ed.parts.timeline.yOf(ed.session.selection[0])") + 24
    start, end = (lanes["x"] + long.js(f"ed.parts.timeline.xOf({frame})") for frame in (30, 40))
    long.mouse.move(start, y)
    long.mouse.down()
    long.mouse.move(end, y, steps=6)
    long.mouse.up()
    long.wait_for("ed.view.frame === 40 && !ed.view.player.busy")
    assert keys(long) == [(10, False), (40, False)]
    long.press(*["Control+z"] * 3)


def test_a_drawn_box_is_followed_and_that_is_one_step_back(even):  # noqa: F811
    fresh(even)
    even.press("t")
    even.page.wait_for_selector(".deixis[data-followed]", timeout=120_000)
    even.press("Control+z")
    assert keys(even) == [(10, False)]
    even.press("Control+z")
    even.wait_saved()


@pytest.mark.parametrize("width", [1280, 1024])
def test_no_button_of_the_timeline_is_cut_off(even, width):
    even.page.set_viewport_size({"width": width, "height": 720})
    cut = even.page.evaluate("""() => {
      const edge = document.querySelector('.dx-time-bar').getBoundingClientRect().right;
      const buttons = [...document.querySelectorAll('.dx-time-bar .dx-button')];
      return buttons.filter((one) => one.getBoundingClientRect().right > edge || one.scrollWidth > one.clientWidth).map((one) => one.title);
    }""")
    even.page.set_viewport_size({"width": 1360, "height": 840})
    assert cut == []


def test_the_lanes_are_painted_anew_in_the_dark(even):
    light = even.js("ed.parts.timeline.ink")
    even.page.evaluate("document.body.classList.toggle('dark')")
    even.wait_for(
        "ed.parts.timeline.ink.text === getComputedStyle(ed.parts.timeline.root).color && "
        "ed.parts.timeline.ink.back === "
        "getComputedStyle(ed.parts.timeline.root).getPropertyValue('--dx-panel').trim()"
    )
    dark = even.js("ed.parts.timeline.ink")
    even.page.evaluate("document.body.classList.toggle('dark')")
    even.wait_for(f"ed.parts.timeline.ink.text === '{light['text']}'")
    assert dark["text"] != light["text"] and dark["back"] != light["back"]
