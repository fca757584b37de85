"""The Improve tab: what learning takes is said beforehand; a template is switched off and stays so."""

from playwright.sync_api import expect

from tests.browser.steps import api, make_project, open_tab

DEMO = "Demo: drawn worlds"


def test_a_fresh_project_says_what_learning_takes_and_its_templates_are_switched(opened, server):
    made = make_project(opened, f"Templates {len(api(opened, '/api/projects'))}", "dog")
    open_tab(opened, "Improve")
    expect(opened.locator("#pg-missing")).to_contain_text("at least 10 examples")
    expect(opened.locator("#pg-train-go")).to_be_disabled()
    table = opened.get_by_role("table", name="Accepted, edited and rejected phrases by template")
    row = table.get_by_role("row").filter(has_text="“the left dog”").first
    expect(row).to_contain_text("not judged yet")
    switch = opened.get_by_role("switch", name="Propose phrases like the left dog", exact=True)
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.focus()
    opened.keyboard.press("Space")
    opened.get_by_text("Left out from now on.").wait_for()
    assert [t["name"] for t in api(opened, f"/api/projects/{made}/templates")["templates"] if t["off"]] == ["place noun"]
    open_tab(opened, "Export")
    open_tab(opened, "Improve")
    expect(switch).to_have_attribute("aria-checked", "false")


def test_another_project_shows_its_own_corrections_at_once(opened):
    made = make_project(opened, f"Empty {len(api(opened, '/api/projects'))}", "dog")
    name = next(p["name"] for p in api(opened, "/api/projects") if p["id"] == made)
    open_tab(opened, "Improve")
    expect(opened.locator("#pg-missing")).to_contain_text("So far there are 0 on 0")
    for chosen, photos in ((DEMO, "2"), (name, "0")):
        opened.locator("#pg-project input").click()
        opened.get_by_role("option", name=chosen, exact=True).click()
        expect(opened.locator("#pg-corrections .pg-stat").first).to_contain_text(photos)
