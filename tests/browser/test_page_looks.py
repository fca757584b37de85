"""The page in light and dark, its help, and names that try to become programs."""

import pytest
from playwright.sync_api import expect

from tests.browser.pictures import draw_photo
from tests.browser.steps import api, js, make_project, open_editor, open_tab, upload

EVIL = [
    "<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "\"><svg onload=alert(1)>", "${alert(1)}",
    "{{constructor.constructor('alert(1)')()}}",
    "javascript:alert(1)", "'-alert(1)-'", "</textarea><script>alert(1)</script>",
]  # fmt: skip


def brightness(page, selector: str) -> float:
    return page.evaluate("""(selector) => {
        const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
        probe.fillStyle = getComputedStyle(document.querySelector(selector)).backgroundColor;
        probe.fillRect(0, 0, 1, 1);
        return probe.getImageData(0, 0, 1, 1).data.slice(0, 3).reduce((a, b) => a + b) / 765;
    }""", selector)  # fmt: skip


def test_first_start_shows_the_demo_on_its_first_item(browser, serve):
    fresh = serve()
    page = browser.new_page()
    page.goto(fresh.url)
    page.wait_for_selector(".deixis[data-item][data-ready]", timeout=60_000)
    assert len(api(page, "/api/projects")) == 1
    assert js(page, "ed.snapshot().length") > 0
    page.close()
    fresh.stop()


@pytest.mark.parametrize("tab_name", ["Annotate", "Project", "Improve", "Export", "Models & help"])
def test_light_and_dark_change_every_tab_and_are_remembered(opened, server, tab_name):
    open_tab(opened, tab_name)
    opened.evaluate("Deixis.theme.set('light')")
    light = brightness(opened, "#pg-head")
    opened.get_by_label("Light or dark").click()
    dark = brightness(opened, "#pg-head")
    assert light > 0.8
    assert dark < 0.25
    opened.goto(server.url)
    opened.wait_for_selector("body.dark[data-ready='1']")
    opened.evaluate("Deixis.theme.set('light')")


def test_models_show_their_licence_and_keys_come_from_the_editor(opened):
    open_tab(opened, "Models & help")
    expect(opened.locator(".pg-model").first).to_contain_text("Licence")
    expect(opened.get_by_text("non-commercial").first).to_be_attached()
    expect(opened.locator("#pg-keys kbd").first).to_be_visible()
    keys = opened.locator("#pg-keys").inner_text()
    assert "Undo" in keys and "Draw a box" in keys


def test_names_labels_and_files_never_run(opened, tmp_path, server):
    make_project(opened, EVIL[0], ", ".join(EVIL[1:4]))
    photo = draw_photo(tmp_path / "a <img src=x onerror=alert(1)> ${alert(1)}.png", 1)
    assert "Added 1 photo" in upload(opened, photo)
    opened.locator("#pg-user textarea, #pg-user input").first.fill(EVIL[6])
    opened.locator("#pg-user textarea, #pg-user input").first.press("Enter")
    open_editor(opened)
    item = js(opened, "ed.session.doc.item.id")
    for number, text in enumerate(EVIL):
        say(opened, item, f"evil-{number}-{'0' * 20}", text)
    opened.goto(server.url)
    opened.wait_for_selector(".deixis[data-item][data-ready]")
    assert js(opened, "ed.snapshot().filter((head) => head.kind === 'phrase').length") == len(EVIL)
    for name in ("Project", "Improve", "Export", "Models & help", "Annotate"):
        open_tab(opened, name)
        opened.wait_for_timeout(200)
    assert opened.evaluate("document.querySelectorAll('img[onerror], svg[onload]').length") == 0


def say(page, item: str, edit_id: str, text: str) -> None:
    status = page.evaluate("""async ([item, edit, text]) => (await fetch(`/api/items/${item}/edits`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ edit, annotations: [
            { id: edit, object: edit, kind: 'phrase', replaces: [],
                  value: { text, targets: [], state: 'accepted', origin: 'person' } }] }) })).status""",
        [item, edit_id, text])  # fmt: skip
    assert status == 200
