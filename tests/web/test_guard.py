"""Guard: no other site reads or writes here, no path leads out, and nobody reaches what is another's."""

import json

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grounding.services.job_kinds import ProposeJob
from grounding.web.api import ROUTES
from grounding.web.guard import RequestGuard
from tests.web.sending import picture

HERE = "http://127.0.0.1:7860"


@pytest.mark.parametrize("headers", [
    {"origin": "http://evil.example"}, {"origin": "null"}, {"origin": "http://127.0.0.1:9999"}, {"origin": "http://127.0.0.1.evil.example:7860"},
    {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": HERE, "sec-fetch-site": "cross-site"},
])
def test_another_site_changes_nothing(web, project, headers):
    for method, url in (
        ("POST", "/api/projects"),
        ("DELETE", f"/api/projects/{project['id']}"),
        ("PATCH", f"/api/projects/{project['id']}"),
    ):
        answer = web.request(method, url, json={"name": "Evil"}, headers=headers)
        assert answer.status_code == 403 and "another site" in answer.json()["error"]
    assert web.get("/api/projects").json() == [project]


def test_the_page_itself_and_programs_may(web):
    for number, headers in enumerate(({"origin": HERE}, {"sec-fetch-site": "same-origin"}, {})):
        assert web.post("/api/projects", json={"name": f"{number}"}, headers=headers).status_code == 201


@pytest.mark.parametrize("host", [
    "evil.example", "evil.example:7860", "127.0.0.1.evil.example", "", "127.0.0.1@evil.example", "[::1",
    "x/../127.0.0.1",
])
def test_no_name_of_another_site_leads_here(web, host):
    answer = web.get("/api/projects", headers={"host": host})
    assert answer.status_code == 403 and "not one of this app" in answer.json()["error"]


@pytest.mark.parametrize("host", ["[a]", "[1:2:3]", "[::1", "a:99999", "a:x", "a@b", "a/b", "\u00ff"])
def test_behind_a_proxy_a_malformed_host_is_refused_in_a_sentence(serve, host):
    answer = serve(hosts=None).get("/api/projects", headers={b"host": host.encode("latin-1")})
    assert answer.status_code == 400 and "Host header" in answer.json()["error"]


@pytest.mark.parametrize("origin", ["http://[", "http://[a]", "://", "127.0.0.1:7860", "http://127.0.0.1:7860/", "http://a:b", "\u00ff"])
def test_a_malformed_origin_is_refused_in_a_sentence(web, origin):
    for method in ("GET", "POST"):
        answer = web.request(method, "/api/projects", headers={b"origin": origin.encode("latin-1")}, json={"name": "x"})
        assert answer.status_code == 400 and "Origin header" in answer.json()["error"]
    assert web.get("/api/projects").json() == []


@pytest.mark.parametrize("length", ["x", "-1", "1e3", "\u00b2", "1 2"])
def test_an_upload_with_a_malformed_length_is_refused_in_a_sentence(web, project, length):
    headers = {b"content-type": b"multipart/form-data; boundary=x", b"content-length": length.encode("latin-1")}
    answer = web.post(f"/api/projects/{project['id']}/upload", content=b"--x--", headers=headers)
    assert answer.status_code == 400 and "Content-Length" in answer.json()["error"]


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\r\n--x", b"\r\n--x-"])
def test_an_upload_that_was_cut_short_brings_no_half_file(web, project, works, end):
    sent = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n' + picture() + end
    answer = web.post(f"/api/projects/{project['id']}/upload", content=sent, headers={"content-type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 400 and "cut short" in answer.json()["error"]
    assert web.get(f"/api/projects/{project['id']}/jobs").json() == [] and not list(works.upload_folder().rglob("*"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:7860", "[::1]:7860", "LOCALHOST"])
def test_its_own_names_do(web, host):
    assert web.get("/api/projects", headers={"host": host}).status_code == 200


def test_behind_a_proxy_any_name_leads_here_but_no_other_site_writes(serve):
    web = serve(hosts=None, frame_ancestors=("https://huggingface.co",))
    assert web.get("/api/projects", headers={"host": "me-deixis.hf.space"}).status_code == 200
    own = {"host": "me-deixis.hf.space", "origin": "https://me-deixis.hf.space"}
    assert web.post("/api/projects", json={"name": "A"}, headers=own).status_code == 201
    assert web.post("/api/projects", json={"name": "B"}, headers={**own, "origin": "https://evil.hf.space"}).status_code == 403
    assert "frame-ancestors 'self' https://huggingface.co" in web.get("/api/projects").headers["content-security-policy"]


def test_every_answer_carries_an_enforced_policy_and_invites_no_other_site(web, photo):
    for url in ("/api/projects", "/api/items/x", "/nowhere", photo["thumb"]):
        headers = web.get(url, headers={"origin": "http://evil.example"}).headers
        assert headers["x-content-type-options"] == "nosniff" and "-report-only" not in str(headers)
        assert "object-src 'none'" in headers["content-security-policy"] or "default-src 'none'" in headers["content-security-policy"]
        assert not [name for name in headers if name.startswith("access-control")]


def test_what_is_mounted_is_guarded_too():
    async def inner(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"page"})
    page = TestClient(RequestGuard(inner), base_url=HERE)
    assert "script-src 'self';" in page.get("/").headers["content-security-policy"]
    assert page.post("/gradio_api/x", headers={"origin": "http://evil.example"}).status_code == 403


@pytest.mark.parametrize("id", [
    "..", "../..", "%2e%2e", "..%2f..%2fdeixis.sqlite", "%2fetc%2fpasswd", "..%5c..%5cx", "x%00y", "\\\\host\\share",
    "~",
])
def test_no_id_is_a_path(web, store, photo, id):
    for url in (
        f"/media/{id}/image", f"/media/{id}/thumb", f"/media/{id}/video", f"/api/items/{id}", f"/api/exports/{id}",
        f"/api/jobs/{id}", f"/media/{photo['id']}/frames/{id}", f"/media/{photo['id']}/{id}",
    ):
        answer = web.get(url)
        assert answer.status_code in (400, 404) and b"SQLite" not in answer.content and b"root:" not in answer.content


def test_a_link_in_the_media_folder_is_not_made_by_any_name(upload, items, store):
    upload(("deixis.sqlite", b"SQLite format 3\0" + b"x" * 200), ("page.html", b"<html><script>alert(1)</script>"),
           ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), ("really.jpg", b"<svg onload='alert(1)'/>"))
    assert items() == [] and list((store.folder / "media").rglob("*.*")) == []


@pytest.fixture
def strangers(serve, web, photo, works, project, store):
    """A visitor who owns another project, and every address of what is not theirs."""
    own = store.create_project("Own")
    job = works.start(ProposeJob(project["id"], [photo["id"]]))
    works.jobs.wait(job)
    visitor = serve(visible_projects=lambda request: {own.id})
    p, i = f"/api/projects/{project['id']}", f"/api/items/{photo['id']}"
    body = {"edit": "e", "annotations": []}
    return visitor, own, [
        ("GET", f"{p}/items", None), ("PATCH", p, {"name": "x"}), ("DELETE", p, None), ("POST", f"{p}/restore", None),
        ("POST", f"{p}/propose", {}), ("POST", f"{p}/export", {}), ("GET", f"{p}/jobs", None), ("GET", i, None),
        ("POST", f"{i}/edits", body), ("POST", f"{i}/status", {"status": "done"}), ("DELETE", i, None),
        ("POST", f"{i}/restore", None), ("POST", f"{i}/ground", {"text": "a"}),
        ("POST", f"{i}/check", {"things": [], "phrases": []}), ("POST", f"{i}/describe", {"point": [1, 1]}),
        ("POST", f"{i}/find", {"text": "a"}), ("GET", f"{p}/templates", None),
        ("PATCH", f"{p}/templates", {"name": "noun", "on": False}), ("POST", f"{i}/follow", {}),
        ("GET", f"{i}/history", None), ("GET", f"/media/{photo['id']}/image", None),
        ("GET", f"/media/{photo['id']}/thumb", None), ("GET", f"/media/{photo['id']}/video", None),
        ("GET", f"/media/{photo['id']}/frames/0", None), ("GET", f"/api/jobs/{job}", None),
        ("POST", f"/api/jobs/{job}/cancel", None), ("POST", f"/api/jobs/{job}/resume", None),
        ("GET", f"/api/exports/{job}", None),
    ]


def test_a_visitor_reaches_nothing_of_another(strangers, store, photo):
    visitor, own, addresses = strangers
    before = store.snapshot(photo["id"])
    for method, url, body in addresses:
        answer = visitor.request(method, url, json=body)
        assert answer.status_code == 403, (method, url)
        assert set(answer.json()) == {"error"}
    assert visitor.post(addresses[0][1].replace("/items", "/upload"), files=[("files", ("a.jpg", picture()))]).status_code == 403
    assert [p["id"] for p in visitor.get("/api/projects").json()] == [own.id]
    assert visitor.post("/api/projects", json={"name": "More"}).status_code == 403
    assert store.snapshot(photo["id"]) == before


def test_every_route_with_an_id_is_among_those_checked(strangers, serve):
    _, _, addresses = strangers
    checked = {(method, "/".join("{}" if len(part) == 32 else part for part in url.split("/"))) for method, url, _ in addresses}
    checked |= {("POST", "/api/projects/{}/upload")}
    routes, on = set(), serve().app.state.context
    for route in (route for build in ROUTES for route in build(on).routes):
        path = "/".join("{}" if part.startswith("{") else part for part in route.path.replace("{number}", "0").split("/"))
        routes |= {(method, path) for method in route.methods}
    assert {route for route in routes if "{}" in route[1]} == checked


def test_an_unforeseen_error_tells_an_id_only(serve, store, photo, caplog, monkeypatch):
    def broken(self, *_):
        raise RuntimeError("password is hunter2")
    monkeypatch.setattr(type(store), "item_position", broken)
    answer = serve().get(f"/api/items/{photo['id']}")
    assert answer.status_code == 500 and "hunter2" not in answer.text and "Traceback" not in answer.text
    number = answer.json()["error"].split("error ")[1][:8]
    assert number in caplog.text


def test_a_body_too_large_is_refused(web, photo):
    answer = web.post(f"/api/items/{photo['id']}/edits", content=b'{"edit":"' + b"x" * (17 << 20))
    assert answer.status_code == 413 and "16 MB" in answer.json()["error"]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(["box", "dog", "e1", "done"])
anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from([
        "edit", "annotations", "id", "object", "kind", "value", "replaces", "box", "label", "text", "targets", "status",
        "name", "labels", "items", "include", "format", "frame", "extra",
    ]), inner, max_size=5), max_leaves=10)
bodies = (
    anything.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=60)
    | st.sampled_from([b"[" * 50_000, b"", b"NaN", b'"\\ud800"'])
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies, value=anything, route=st.sampled_from([
    "edits", "status", "ground", "follow", "project", "propose", "export", "new", "upload",
]))
def test_random_bodies_never_fail_and_never_write_garbage(web, photo, project, store, body, value, route):
    i, p = f"/api/items/{photo['id']}", f"/api/projects/{project['id']}"
    method, url = {"project": ("PATCH", p), "propose": ("POST", f"{p}/propose"), "export": ("POST", f"{p}/export"),
                   "new": ("POST", "/api/projects"), "upload": ("POST", f"{p}/upload")}.get(route, ("POST", f"{i}/{route}"))
    change = {"id": "a", "object": "a", "kind": "box", "value": value, "replaces": []}
    for content in (body, json.dumps({"edit": "e", "annotations": [change]}).encode()):
        answer = web.request(method, url, content=content)
        assert answer.status_code < 500, (answer.status_code, answer.text)
        assert answer.status_code < 400 or 0 < len(answer.json()["error"]) < 500
    for kept in store.current(photo["id"]):
        assert kept.value.state in ("proposed", "accepted", "rejected")
        assert (
            kept.kind != "box" or list(kept.value.box) == sorted(kept.value.box[:2]) + list(kept.value.box[2:]) or len(kept.value.box) == 4
        )
    assert store.item(photo["id"]).status in ("new", "in_progress", "done")
