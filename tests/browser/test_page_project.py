"""The Project tab: make a project, fill it, name its labels, throw away and bring back."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.pictures import draw_photo
from tests.browser.steps import api, js, make_project, open_item, open_tab, project_id, upload


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    return [draw_photo(folder / f"drawn {n} é.png", n) for n in range(3)]


@pytest.fixture
def street(opened, photos):
    """A project of this test alone, with three drawn photos."""
    name = f"Street {len(api(opened, '/api/projects'))}"
    made = make_project(opened, name, "square, disc")
    assert "3 photos" in upload(opened, *photos)
    return made


def test_a_project_is_made_with_its_own_labels_and_opened(opened):
    made = make_project(opened, "Kitchen", "cup, red bowl; spoon")
    labels = next(p["labels"] for p in api(opened, "/api/projects") if p["id"] == made)
    assert [label["name"] for label in labels] == ["cup", "red bowl", "spoon"]
    expect(opened.get_by_label("Name of label 2")).to_have_value("red bowl")


def test_the_same_name_twice_is_refused_in_a_sentence(opened):
    make_project(opened, "Twice", "a")
    opened.get_by_role("button", name="New project").click()
    opened.locator("#pg-make-name textarea").fill("Twice")
    opened.locator("#pg-make-go").click()
    expect(opened.get_by_text(re.compile("A project named 'Twice' exists already"))).to_be_visible()
    assert [project["name"] for project in api(opened, "/api/projects")].count("Twice") == 1


def test_an_empty_project_shows_its_own_labels_and_all_of_its_items(opened, street):
    open_tab(opened, "Annotate")
    opened.wait_for_selector(".deixis[data-item][data-ready]")
    opened.get_by_label("Which items").select_option("done")
    make_project(opened, "Bare", "cup, spoon")
    open_tab(opened, "Annotate")
    expect(opened.get_by_text("Nothing here yet")).to_be_visible()
    expect(opened.locator(".dx-labels .dx-chip:not(.more) span")).to_have_text(["cup", "spoon"])
    expect(opened.get_by_label("Which items")).to_have_value("")


def test_work_on_nothing_and_labels_that_are_there_say_so(opened):
    make_project(opened, "Nothing in it", "cup")
    opened.get_by_role("button", name="Propose again for all that is not done").click()
    expect(opened.locator("#pg-propose-job")).to_contain_text("There is nothing to propose for")
    for typed, said in (("", "Type a name first."), ("cup", "cup: in the list already.")):
        opened.get_by_label("New label").fill(typed)
        opened.get_by_role("button", name="Add", exact=True).click()
        expect(opened.locator("#pg-labels .pg-note")).to_have_text(said)


def test_a_page_loaded_anew_stands_where_it_was(opened, street):
    last = api(opened, f"/api/projects/{street}/items")["items"][-1]["id"]
    open_item(opened, last)
    opened.reload()
    opened.wait_for_selector(".deixis[data-item][data-ready]")
    assert js(opened, "ed.session.doc.item.id") == last


def test_a_new_project_stays_open_whatever_was_named_or_left_a_moment_before(opened, server):
    make_project(opened, "Before", "a")
    opened.get_by_role("button", name="New project").click()
    expect(opened.locator("#pg-make-name textarea")).to_have_value("")
    opened.locator("#pg-make-name textarea").fill("After")
    opened.locator("#pg-user textarea, #pg-user input").first.fill("Bo")
    opened.locator("#pg-make-go").click()  # leaves the field of the name, which must not bring the old project back
    expect(opened.locator("#pg-project input")).to_have_value("After")
    after = project_id(opened, "After")
    stands = f"ed => ed.session.project === '{after}' && ed.session.user === 'Bo' && localStorage.getItem('deixis.project') === '{after}'"
    opened.wait_for_function(f"({stands})(document.querySelector('.deixis').__ed)")
    opened.wait_for_timeout(800)  # whatever is still under way changes nothing of it
    expect(opened.locator("#pg-project input")).to_have_value("After")
    assert js(opened, "ed.session.project") == project_id(opened, "After") == opened.evaluate("localStorage.getItem('deixis.project')")
    assert js(opened, "ed.session.user") == "Bo"


def test_uploads_come_in_and_what_cannot_is_named_with_its_cure(opened, photos, tmp_path):
    make_project(opened, "Uploads", "square")
    (tmp_path / "not a photo.jpg").write_text("only text")
    (tmp_path / "picture.svg").write_text("<svg onload='alert(1)'/>")
    said = upload(opened, *photos, tmp_path / "not a photo.jpg", tmp_path / "picture.svg")
    assert "Added 3 photos" in said
    assert "2 files skipped" in said
    assert "not a photo.jpg is text" in said
    expect(opened.locator("#pg-items .pg-card")).to_have_count(3)


def test_items_are_marked_thrown_away_and_brought_back(opened, street):
    cards = opened.locator("#pg-items .pg-card")
    cards.first.locator("input").click(force=True)
    opened.get_by_role("button", name="Mark done").click()
    opened.locator("#pg-items [role=tab]", has_text="Done").locator("text=1").wait_for()
    cards.first.locator("input").click(force=True)
    opened.get_by_role("button", name="Move to trash").click()
    expect(cards).to_have_count(2)
    opened.locator("#pg-items [role=tab]", has_text="Trash").click()
    expect(cards).to_have_count(1)
    cards.first.locator("input").click(force=True)
    opened.get_by_role("button", name="Restore", exact=True).click()
    opened.locator("#pg-items .pg-empty").wait_for()
    assert api(opened, f"/api/projects/{street}/items")["counts"]["trashed"] == 0


def test_a_card_opens_in_the_editor(opened, street):
    opened.locator("#pg-items .pg-open").nth(1).click()
    wanted = api(opened, f"/api/projects/{street}/items")["items"][1]["id"]
    opened.wait_for_function("id => document.querySelector('.deixis')?.dataset.item === id", arg=wanted)
    assert opened.locator(".deixis").is_visible()


def test_labels_are_added_renamed_and_removed_and_stay_so(opened, street, server):
    opened.get_by_label("New label").fill("triangle")
    opened.get_by_role("button", name="Add", exact=True).click()
    opened.locator("#pg-labels").get_by_text("Saved").wait_for()
    before = {label["name"]: label["id"] for label in project_labels(opened, street)}
    opened.get_by_label("Name of label 1").fill("box")
    opened.get_by_label("Name of label 1").press("Tab")
    opened.wait_for_function(
        "async id => (await (await fetch('/api/projects')).json()).find(p => p.id === id).labels[0].name === 'box'", arg=street
    )
    opened.get_by_label("Remove disc").click(force=True)
    opened.wait_for_function(
        "async id => (await (await fetch('/api/projects')).json()).find(p => p.id === id).labels.length === 2", arg=street
    )
    after = {label["name"]: label["id"] for label in project_labels(opened, street)}
    assert after == {"box": before["square"], "triangle": before["triangle"]}


def project_labels(page, project: str) -> list:
    return next(p["labels"] for p in api(page, "/api/projects") if p["id"] == project)


def test_a_project_is_renamed_thrown_away_and_restored(opened, street):
    open_tab(opened, "Project")
    opened.locator("#pg-rename textarea").fill("Renamed street")
    opened.get_by_role("button", name="Rename").click()
    expect(opened.locator("#pg-project input")).to_have_value("Renamed street")
    opened.locator("#pg-trash").click()
    expect(opened.locator("#pg-project input")).not_to_have_value("Renamed street")
    assert street not in [p["id"] for p in api(opened, "/api/projects")]
    opened.locator("#pg-trashed input").click()
    opened.get_by_role("option", name="Renamed street").click()
    opened.wait_for_function("async id => (await (await fetch('/api/projects')).json()).some(p => p.id === id)", arg=street)


def test_the_browser_remembers_project_and_name(opened, street, server):
    opened.locator("#pg-user textarea, #pg-user input").first.fill("Ann")
    opened.locator("#pg-user textarea, #pg-user input").first.press("Enter")
    opened.wait_for_function("localStorage.getItem('deixis.user') === 'Ann'")
    name = opened.locator("#pg-project input").input_value()
    opened.goto(server.url)
    opened.wait_for_selector("body[data-ready='1']")
    assert opened.locator("#pg-project input").input_value() == name
    assert opened.locator("#pg-user textarea, #pg-user input").first.input_value() == "Ann"
    assert json.loads(opened.evaluate("JSON.stringify(localStorage)"))["deixis.project"] == street
