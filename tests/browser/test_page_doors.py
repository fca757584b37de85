"""The doors of the running app: strange hosts, strange origins, strange folders, and other visitors."""

import json
import re
import urllib.error
import urllib.request

import pytest


def ask(url: str, method: str = "GET", headers: dict | None = None, body: bytes | None = None):
    """(status, headers, body) of one request, whatever the status."""
    request = urllib.request.Request(url, method=method, headers=headers or {}, data=body)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_every_answer_carries_an_enforced_policy(server):
    for path in ("/", "/config", "/api/projects"):
        status, headers, _ = ask(server.url + path)
        assert status == 200
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "object-src 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers.get("access-control-allow-origin") != "*"


def test_another_site_can_neither_read_nor_write(server):
    assert ask(server.url + "/api/projects", headers={"Host": "evil.example"})[0] == 403
    assert ask(server.url + "/config", headers={"Host": "evil.example"})[0] == 403
    body = json.dumps({"name": "stolen"}).encode()
    status, _, _ = ask(server.url + "/api/projects", "POST", {"Origin": "http://evil.example", "Content-Type": "application/json"}, body)
    assert status == 403
    assert b"stolen" not in ask(server.url + "/api/projects")[2]


@pytest.mark.parametrize("path", [
    "/gradio_api/file=/etc/passwd", "/gradio_api/file=deixis.sqlite", "/gradio_api/file={folder}/deixis.sqlite", "/gradio_api/file=app.py",
    "/file=/etc/passwd", "/media/..%2f..%2fdeixis.sqlite/image", "/frontend/../app.py", "/static/..%2f..%2fapp.py", "/media/%00/image",
])  # fmt: skip
def test_no_file_of_this_machine_comes_out(server, path):
    status, _, body = ask(server.url + path.format(folder=server.folder))
    assert status in (400, 403, 404)
    assert b"SQLite format" not in body
    assert b"root:" not in body


def test_files_are_not_taken_in_by_the_back_door(server):
    assert ask(server.url + "/gradio_api/upload", "POST", {"Content-Type": "multipart/form-data; boundary=x"}, b"--x--\r\n")[0] == 403


def test_the_page_runs_only_the_scripts_it_was_served_with(opened, _tab, server):
    policy = ask(server.url + "/")[1]["content-security-policy"]
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    for tab in ("Project", "Improve", "Export", "Models & help", "Annotate"):
        opened.get_by_role("tab", name=tab, exact=True).click()
        opened.wait_for_timeout(500)
    assert _tab[1].errors == []
    opened.evaluate("""() => {
        const script = Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'});
        document.head.append(script);
        const picture = document.createElement('div');
        picture.innerHTML = '<img src="data:," onerror="window.ran = 2"><a href="javascript:window.ran = 3">x</a>';
        document.body.append(picture);
        picture.querySelector('a').click();
    }""")
    opened.wait_for_timeout(500)
    assert opened.evaluate("window.ran") is None
    assert len(_tab[1].errors) >= 3 and all("Content Security Policy" in error for error in _tab[1].errors)
    _tab[1].errors.clear()


def test_answers_that_are_no_page_of_gradio_let_no_inline_script_run(server):
    for path in ("/config", "/api/projects", "/nowhere", "/theme.css"):
        assert "unsafe" not in ask(server.url + path)[1]["content-security-policy"]


@pytest.fixture(scope="module")
def space(serve):
    """The app as it runs on a Space."""
    return serve(SPACE_ID="someone/deixis")


def visit(space) -> tuple[dict, str, str]:
    """A new visitor: (headers with the token, project, first item)."""
    _, headers, _ = ask(space.url + "/api/projects")
    token = re.match(r"[^;]+", headers["set-cookie"])[0]
    mine = {"Cookie": token}
    [project] = json.loads(ask(space.url + "/api/projects", headers=mine)[2])
    items = json.loads(ask(f"{space.url}/api/projects/{project['id']}/items", headers=mine)[2])["items"]
    return mine, project["id"], items[0]["id"]


def test_each_visitor_of_a_space_has_the_demo_and_nothing_of_others(space):
    ann, anns_project, anns_item = visit(space)
    ben, bens_project, _ = visit(space)
    assert anns_project != bens_project
    for path in (
        f"/api/projects/{anns_project}/items",
        f"/api/items/{anns_item}",
        f"/media/{anns_item}/image",
        f"/media/{anns_item}/thumb",
    ):
        assert ask(space.url + path, headers=ann)[0] == 200
        assert ask(space.url + path, headers=ben)[0] == 403
        assert ask(space.url + path)[0] == 403


def test_a_visitor_cannot_make_projects_nor_upload_too_much(space):
    ann, project, _ = visit(space)
    assert ask(space.url + "/api/projects", "POST", {**ann, "Content-Type": "application/json"}, b'{"name": "more"}')[0] == 403
    parts = b"".join(b'--x\r\nContent-Disposition: form-data; name="files"; filename="%d.png"\r\n\r\nx\r\n' % n for n in range(80))
    status, _, body = ask(
        f"{space.url}/api/projects/{project}/upload",
        "POST",
        {**ann, "Content-Type": "multipart/form-data; boundary=x"},
        parts + b"--x--\r\n",
    )
    assert status in (400, 413)
    assert b"at most" in body


def test_a_visitor_of_a_space_is_told_where_the_files_go_and_for_how_long(browser, space):
    page = browser.new_page()
    page.goto(space.url)
    page.wait_for_selector("body[data-ready='1']")
    page.get_by_role("tab", name="Project", exact=True).click()
    page.get_by_text("It is deleted with all that is in it 60 minutes after this visit began").wait_for()
    assert page.get_by_text("They are sent to this server").is_visible()
    assert not page.locator("#pg-trash").is_visible()
    page.get_by_role("tab", name="Models & help", exact=True).click()
    page.get_by_text("run on the processor of this server").wait_for()
    assert "this machine" not in page.locator("body").inner_text()
    page.close()
