"""In a film the frame asked for is the frame shown; tracks bend to what a person does on a frame."""

import pytest

LAST = 47  # of the films of conftest.py
SHOWN = """(async () => {
  const ed = document.querySelector('.deixis').__ed, element = ed.view.player.element, canvas = document.createElement('canvas');
  canvas.width = 320; canvas.height = 240;
  const context = canvas.getContext('2d');
  context.drawImage(element, 0, 0, 320, 240);
  let number = 0;
  for (let bit = 0; bit < 8; bit++) number += (context.getImageData(20 + bit * 40, 60, 1, 1).data[0] > 127) << bit;
  return number;
})()"""


@pytest.fixture(params=["film.mp4", "uneven.mp4"])
def film(desk, request):
    return desk.open_item(request.param)


@pytest.fixture
def even(desk):
    return desk.open_item("film.mp4")


def go(desk, frame):
    desk.js(f"void ed.view.seek({frame})")
    desk.wait_for(f"ed.view.frame === {frame} && !ed.view.player.busy")


def fresh(desk):
    """A track drawn on frame 10."""
    go(desk, 10)
    desk.press("r")
    desk.drag((20, 130), (80, 190))
    return desk.selected()[0]


def keys(desk):
    return [(key["frame"], key["outside"]) for key in desk.selected()[0]["keyframes"]]


@pytest.mark.parametrize("native", [True, False])
def test_the_frame_asked_for_is_the_frame_shown(film, native):
    if not native:
        film.js("ed.view.player.fallBack(ed.view.player.element)")
        film.wait_for("!ed.view.player.busy && ed.view.player.element.tagName === 'IMG'")
    for frame in (0, 1, 2, 17, 16, 46, 47, 3, 30, 31, 32, 0):
        go(film, frame)
        assert film.page.evaluate(SHOWN) == frame


def test_steps_are_never_lost(even):
    go(even, 5)
    even.press("f", "f", "f", "d", ".", ".", ",")
    even.wait_for("!ed.view.player.busy")
    assert even.js("ed.view.frame") == 8 == even.page.evaluate(SHOWN)


def test_scrubbing_lands_where_the_pointer_is(even):
    lanes = even.page.locator(".dx-timeline-rows").bounding_box()
    x = even.js("ed.parts.timeline.xOf(33)")
    even.mouse.move(lanes["x"] + 200, lanes["y"] + 8)
    even.mouse.down()
    even.mouse.move(lanes["x"] + x, lanes["y"] + 8, steps=15)
    even.mouse.up()
    even.wait_for("ed.view.frame === 33 && !ed.view.player.busy")
    assert even.page.evaluate(SHOWN) == 33


def test_playing_goes_on_and_stops_on_the_frame_it_shows(even):
    go(even, 0)
    even.press(" ")
    even.wait_for("ed.view.frame > 4")
    even.press(" ")
    even.wait_for("!ed.view.player.busy && !ed.view.player.playingNow")
    frame = even.js("ed.view.frame")
    assert frame > 4 and even.page.evaluate(SHOWN) == frame


def test_a_box_drawn_on_a_frame_is_a_track_and_moving_it_elsewhere_bends_it(even):
    drawn = fresh(even)
    assert drawn["kind"] == "track" and keys(even) == [(10, False)]
    go(even, 20)
    even.drag((50, 160), (150, 160))
    assert keys(even) == [(10, False), (20, False)]
    go(even, 15)
    box = even.js("ed.view.selectedObjects()[0].box")
    assert box == pytest.approx([70, 130, 130, 190], abs=1)
    kept = [track for track in even.stored("track") if track["object"] == drawn["object"]][0]
    assert [key["frame"] for key in kept["keyframes"]] == [10, 20]
    even.press("Control+z", "Control+z")
    assert drawn["object"] not in [track["object"] for track in even.stored("track")]


def test_a_keyframe_is_set_and_removed_and_a_thing_hides_and_returns(even):
    fresh(even)
    go(even, 30)
    even.press("k")
    assert keys(even) == [(10, False), (30, False)]
    go(even, 20)
    even.press("o")
    assert keys(even) == [(10, False), (20, True), (30, False)]
    assert even.js("ed.session.doc.boxAt(ed.session.selectedAnnotations()[0], 25)") is None
    assert even.js("ed.session.doc.boxAt(ed.session.selectedAnnotations()[0], 30)") is not None
    even.press("k")
    assert keys(even) == [(10, False), (30, False)]
    even.press("k")
    assert keys(even) == [(10, False), (20, False), (30, False)]
    even.press("[")
    even.wait_for("ed.view.frame === 10 && !ed.view.player.busy")
    even.press("]")
    even.wait_for("ed.view.frame === 20 && !ed.view.player.busy")
    even.press(*["Control+z"] * 5)


def test_deleting_asks_from_here_or_the_whole_track(even):
    drawn = fresh(even)
    go(even, 30)
    even.press("k")
    go(even, 20)
    even.press("Delete")
    even.page.get_by_role("button", name="From frame 20 on").click()
    assert keys(even)[-1] == (19, False)
    even.press("Control+z", "Delete")
    even.page.get_by_role("button", name="The whole track").click()
    assert drawn["object"] not in [track["object"] for track in even.stored("track")]
    even.press("Control+z")
    assert drawn["object"] in [track["object"] for track in even.stored("track")]
    even.press(*["Control+z"] * 2)


def test_the_timeline_says_the_frame_to_those_who_listen(even):
    go(even, 12)
    lanes = even.page.get_by_role("slider", name="Frame")
    assert lanes.get_attribute("aria-valuenow") == "12"
    assert lanes.get_attribute("aria-valuemax") == str(LAST)


def test_following_shows_its_progress_and_can_be_stopped(even):
    even.page.get_by_role("button", name="Find and follow every object").click()
    card = even.page.locator(".dx-job", has_text="Following objects")
    card.wait_for()
    even.page.wait_for_function("/of 200/.test(document.querySelector('.dx-job').textContent)")
    card.get_by_role("button", name="Stop").click()
    even.page.wait_for_selector(".dx-toast:has-text('Following objects: stopped')")
    assert card.count() == 0
    [job] = [
        job
        for job in even.page.evaluate(
            "project => fetch(`/api/projects/${project}/jobs`).then((answer) => answer.json())", even.js("ed.session.project")
        )
        if job["kind"] == "follow"
    ]
    assert job["state"] == "cancelled" and job["done"] < job["total"] == 200
