"""The main job in the whole app with its real models: load, look at the proposals, correct, ask, export."""

import io
import json
import zipfile

import pytest
from playwright.sync_api import expect

from tests.browser.pictures import draw_photo
from tests.browser.steps import api, draw, js, make_project, open_editor, open_item, open_tab, stored_annotations, upload, wait_saved

PHOTO = "1001773457_577c3a7d70.webp"  # two dogs on a road


@pytest.fixture(scope="module")
def dogs(shared_data):
    photo = shared_data / "flickr8k_entities" / "photos_full" / PHOTO
    if not photo.is_file():
        pytest.skip(f"the photo {photo} is not there")
    return photo


@pytest.fixture(scope="module")
def house(_tab, server, dogs, tmp_path_factory):
    """A project with a real photo and a drawn one, made on the page once for this file: (project id, photo's id, drawn one's id)."""
    page, _ = _tab
    page.goto(server.url)
    page.wait_for_selector("body[data-ready='1']")
    project = make_project(page, "Dogs")
    said = upload(page, dogs, draw_photo(tmp_path_factory.mktemp("drawn") / "zz drawn.png", 1))
    assert "Added 2 photos" in said
    assert "Proposed" in said
    items = {item["name"]: item["id"] for item in api(page, f"/api/projects/{project}/items")["items"]}
    return project, items[PHOTO], items["zz drawn.png"]


@pytest.fixture
def desk(house, page, server):
    """The page, opened anew on the project of this file."""
    page.goto(server.url)
    page.wait_for_selector("body[data-ready='1']")
    open_editor(page)
    return page


def test_boxes_and_phrases_are_proposed_for_a_real_photo(desk, house):
    _, photo, _ = house
    boxes, phrases = stored_annotations(desk, photo, "box"), stored_annotations(desk, photo, "phrase")
    assert sum(box["label"] == "dog" for box in boxes) == 2
    assert phrases
    assert {thing["state"] for thing in boxes + phrases} == {"proposed"}
    assert all(thing["author"].startswith("model:") for thing in boxes + phrases)


def test_a_drawn_box_is_found_again_after_a_reload(desk, house, server):
    _, _, drawn = house
    desk.locator("#pg-user textarea, #pg-user input").first.fill("J\u00f6rg")
    desk.locator("#pg-user textarea, #pg-user input").first.press("Enter")
    desk.wait_for_function("document.cookie.includes('J%C3%B6rg')")
    open_item(desk, drawn)
    draw(desk, (60, 50), (200, 180))
    [box] = stored_annotations(desk, drawn, "box")
    assert box["box"] == pytest.approx([60, 50, 200, 180], abs=1)
    assert box["author"] == "person:J\u00f6rg"
    desk.goto(server.url)
    desk.wait_for_selector("body[data-ready='1']")
    open_editor(desk)
    open_item(desk, drawn)
    assert js(desk, "ed.snapshot().filter((head) => head.kind === 'box').map((head) => head.value.box)") == [box["box"]]


def test_a_phrase_finds_its_box(desk, house):
    _, photo, _ = house
    open_item(desk, photo)
    ask = desk.get_by_label("Type an English phrase, see the box")
    ask.fill("the black dog")
    ask.press("Enter")
    expect(desk.locator(".dx-answer").first).to_be_visible(timeout=60_000)
    box = js(desk, "ed.view.regions[0].box")
    dogs = sorted((each["box"] for each in stored_annotations(desk, photo, "box") if each["label"] == "dog"), key=lambda b: b[0])
    assert overlap(box, dogs[0]) > 0.5


def overlap(a, b) -> float:
    wide = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    high = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    return wide * high / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - wide * high)


def test_one_key_accepts_and_one_rejects(desk, house):
    _, photo, _ = house
    open_item(desk, photo)
    desk.locator(".dx-stage").focus()
    desk.keyboard.press("j")
    desk.keyboard.press("a")
    desk.keyboard.press("x")
    wait_saved(desk)
    things = api(desk, f"/api/items/{photo}")["annotations"]
    decided = [a for a in things if a["author"].startswith("person:")]
    assert {a["value"]["state"] for a in decided} == {"accepted", "rejected"}
    desk.keyboard.press("Control+z")
    desk.wait_for_function("document.querySelector('.deixis').dataset.save === 'saved'")
    states = [a["value"]["state"] for a in api(desk, f"/api/items/{photo}")["annotations"]]
    assert states.count("rejected") == sum(a["value"]["state"] == "rejected" for a in things) - 1


def test_done_is_counted(desk, house):
    project, photo, drawn = house
    open_item(desk, drawn)
    desk.locator(".dx-stage").focus()
    desk.keyboard.press("Control+Enter")
    desk.wait_for_function("async p => (await (await fetch(`/api/projects/${p}/items`)).json()).counts.done === 1", arg=project)
    open_tab(desk, "Project")
    expect(desk.locator("#pg-items [role=tab]", has_text="Done")).to_have_text("Done1")


def test_the_export_is_downloaded_and_pycocotools_loads_it(desk, house, tmp_path):
    from pycocotools.coco import COCO

    project, _, drawn = house
    people = list(stored_annotations(desk, drawn, "box"))
    open_tab(desk, "Export")
    expect(desk.locator("#pg-preview .pg-stat").first).to_contain_text("2")
    desk.get_by_text("Untouched proposals too").click()
    desk.locator("#pg-export-go").click()
    with desk.expect_download(timeout=60_000) as download:
        desk.locator("#pg-export-job a").click(timeout=60_000)
    archive = zipfile.ZipFile(download.value.path())
    instances = tmp_path / "instances.json"
    instances.write_bytes(archive.read("annotations/instances_default.json"))
    coco = COCO(str(instances))
    assert len(coco.imgs) == 2
    assert len(coco.anns) >= 2 + len(people)
    assert min(coco.cats) >= 1
    assert json.load(io.BytesIO(archive.read("annotations/grefs(default).json")))
    assert sum(name.startswith("images/default/") and not name.endswith("/") for name in archive.namelist()) == 2
