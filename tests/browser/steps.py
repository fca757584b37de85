"""What a person does on the page, as small steps for the browser tests."""

from playwright.sync_api import Page, expect


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def api(page: Page, path: str):
    """What a route answers, asked from within the page."""
    return page.evaluate("async (path) => (await fetch(path)).json()", path)


def project_id(page: Page, name: str) -> str:
    return next(project["id"] for project in api(page, "/api/projects") if project["name"] == name)


def make_project(page: Page, name: str, labels: str | None = None) -> str:
    """Makes a project on the Project tab and leaves the page there; its id. Without labels it gets the detector's."""
    page.get_by_role("button", name="New project").click()
    page.locator("#pg-make-name textarea").fill(name)
    if labels is not None:
        page.get_by_text("My own list").click()
        page.get_by_label("My labels").fill(labels)
    page.locator("#pg-make-go").click()
    expect(page.locator("#pg-project input")).to_have_value(name)
    expect(page.locator("#pg-rename textarea")).to_have_value(name)
    return project_id(page, name)


def upload(page: Page, *paths) -> str:
    """Chooses files on the Project tab; what the report says in the end."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files").click()
    chooser.value.set_files([str(path) for path in paths])
    page.wait_for_selector("#pg-uploader .pg-report:not([hidden])", timeout=90_000)
    return page.locator("#pg-uploader .pg-report").inner_text()


def open_editor(page: Page, item: str | None = None) -> None:
    """Goes to the editor and waits until this item (or any) is drawn there."""
    open_tab(page, "Annotate")
    page.wait_for_selector(f".deixis[data-item='{item}'][data-ready]" if item else ".deixis[data-item][data-ready]")


def open_item(page: Page, item: str) -> None:
    page.evaluate("id => document.querySelector('.deixis').__ed.openItem(id)", item)
    open_editor(page, item)


def js(page: Page, expression: str):
    """An expression over `ed`, the editor."""
    return page.evaluate(f"(() => {{ const ed = document.querySelector('.deixis').__ed; return {expression} }})()")


def draw(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draws a box with a real mouse; corners in pixels of the picture."""
    page.locator(".dx-stage").focus()
    page.keyboard.press("r")
    first, last = (js(page, f"ed.view.toPage({x}, {y})") for x, y in (start, end))
    page.mouse.move(first["x"], first["y"])
    page.mouse.down()
    page.mouse.move(last["x"], last["y"], steps=6)
    page.mouse.up()


def wait_saved(page: Page) -> None:
    page.wait_for_function("document.querySelector('.deixis').dataset.save === 'saved'")


def stored_annotations(page: Page, item: str, kind: str) -> list[dict]:
    """What the server has of an item, values with their object ids."""
    wait_saved(page)
    return [{"object": a["object"], "author": a["author"], **a["value"]} for a in api(page, f"/api/items/{item}")["annotations"]
            if a["kind"] == kind and a["value"]]
