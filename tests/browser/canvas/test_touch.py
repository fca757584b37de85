"""The editor under fingers: one draws and pans, two zoom; the drawing is as fine as the screen."""

import pytest


@pytest.fixture
def fingers(browser, bench, desk):
    """A tablet with the empty picture open: `touch(kind, (x, y), ...)` puts fingers there."""
    context = browser.new_context(viewport={"width": 1100, "height": 800}, has_touch=True, device_scale_factor=2)
    page = context.new_page()
    tablet = type(desk)(page, bench).load().open_item("zz 2 empty.png")
    session = context.new_cdp_session(page)

    def touch(kind, *points):
        session.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]}
        )

    yield tablet, touch
    context.close()


def test_a_finger_draws(fingers):
    tablet, touch = fingers
    count = len(tablet.annotations("box"))
    tablet.page.get_by_role("button", name="Draw a box").tap()
    touch("touchStart", tablet.to_page(100, 100))
    for step in range(1, 6):
        touch("touchMove", tablet.to_page(100 + 30 * step, 100 + 20 * step))
    touch("touchEnd")
    assert len(tablet.annotations("box")) == count + 1
    assert tablet.selected()[0]["box"] == pytest.approx([100, 100, 250, 200], abs=1.5)
    assert len(tablet.stored("box")) == count + 1


def test_two_fingers_zoom_around_their_middle(fingers):
    tablet, touch = fingers
    x, y = tablet.to_page(320, 240)
    before = tablet.js("ed.view.viewport.scale")
    touch("touchStart", (x - 40, y), (x + 40, y))
    for apart in (50, 60, 80):
        touch("touchMove", (x - apart, y), (x + apart, y))
    touch("touchEnd")
    assert tablet.js("ed.view.viewport.scale") == pytest.approx(2 * before, rel=0.02)
    assert tablet.to_page(320, 240) == pytest.approx((x, y), abs=1.5)


def test_the_drawing_is_as_fine_as_the_screen(fingers):
    tablet, _ = fingers
    assert tablet.js("ed.view.stage.boxLayer.width / ed.view.stage.boxLayer.clientWidth") == pytest.approx(2, rel=0.01)
    assert tablet.js("document.documentElement.scrollWidth <= innerWidth")
