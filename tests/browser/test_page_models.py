"""Models of a project and its worst mistakes, on the page: chosen with words, tried before they serve, seen as pictures."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pictures import draw_photo
from tests.browser.steps import api, make_project, open_tab, upload
from tests.models import tiny

SAY = """async (item) => {
  const at = {kind: "box", value: {box: [0, 0, 12, 9], label: "square", score: 1, state: "accepted"}, replaces: []};
  const say = {kind: "phrase", value: {text: "the red square", targets: ["corner0"], state: "accepted", origin: "person"}, replaces: []};
  const body = {edit: crypto.randomUUID(), revision: (await (await fetch(`/api/items/${item}`)).json()).revision,
                annotations: [{id: "corner0", object: "corner0", ...at}, {id: "phrase0", object: "phrase0", ...say}]};
  const reply = await fetch(`/api/items/${item}/edits`,
        {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
  return [reply.status, await reply.text()];
}"""


@pytest.fixture
def photo(opened, tmp_path):
    """The id of a drawn photo in a project of this test alone."""
    made = make_project(opened, f"Farm {len(api(opened, '/api/projects'))}", "square")
    upload(opened, draw_photo(tmp_path / "drawn.png", 1))
    return api(opened, f"/api/projects/{made}/items")["items"][0]["id"]


def pick(page, title: str) -> None:
    page.locator("#pg-detector input").click()
    page.get_by_role("option", name=title).click()


def test_a_detector_is_tried_before_it_serves(opened, photo):
    open_tab(opened, "Models & help")
    expect(opened.locator("#pg-detector-serves")).to_contain_text("In use: SSD MobileNet v2")
    pick(opened, "Any detector of transformers")
    which = opened.locator("#pg-detector-which textarea")
    which.fill("/no/such/folder")
    opened.locator("#pg-detector-go").click()
    expect(opened.locator("#pg-detector-job")).to_contain_text("there is no folder /no/such/folder")
    expect(opened.locator("#pg-detector-serves")).to_contain_text("In use: SSD MobileNet v2")
    expect(which).to_have_value("/no/such/folder")  # a slip is mended, not typed again
    which.fill(str(tiny.detr()))
    opened.locator("#pg-detector-go").click()
    expect(opened.locator("#pg-detector-job")).to_contain_text(
        re.compile(r"It serves in this project now: .* a photo on this machine"), timeout=120_000
    )
    expect(opened.locator("#pg-detector-serves")).to_contain_text("In use: Any detector of transformers")


def test_the_worst_mistakes_are_pictures_that_open_in_the_editor(opened, photo):
    status, said = opened.evaluate(SAY, photo)
    assert status == 200, said
    open_tab(opened, "Improve")
    opened.locator("#pg-mistakes-go").click()
    card = opened.locator("#pg-mistakes .pg-mistake")
    expect(card).to_contain_text("the red square", timeout=120_000)
    expect(opened.locator("#pg-mistakes .pg-truth")).to_have_count(1)
    card.click()
    opened.wait_for_selector(f".deixis[data-item='{photo}'][data-ready]")
