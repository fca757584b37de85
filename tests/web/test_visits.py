"""Visits: another visitor's things answer 403, and every browser gets a token of its own."""

import asyncio

import httpx
import pytest

from grounding.store import Store
from grounding.tasks.guests import Visitors
from grounding.web.visits import COOKIE, Visits


async def echo(scope, receive, send):
    """An app that answers every address with 200."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"inside"})


@pytest.fixture
def house(tmp_path):
    store = Store.open(tmp_path)
    guests = Visitors(store, seed=lambda name: store.create_project(name, ["dog"]).id)
    yield store, guests, Visits(echo, guests, store)
    store.close()


def ask(app, method: str, path: str, who: str | None = None, headers: dict | None = None) -> httpx.Response:
    async def send():
        transport = httpx.ASGITransport(app=app)
        cookies = {COOKIE: who} if who else None
        async with httpx.AsyncClient(transport=transport, base_url="http://deixis", cookies=cookies, headers=headers) as client:
            return await client.request(method, path)

    return asyncio.run(send())


ANN, BEN = "ann-" + "a" * 20, "ben-" + "b" * 20


def item_of(store, guests, who) -> str:
    project = guests.projects(who)[0].id
    return store.add_item(project, name="a.jpg", kind="photo", path_sha256="0" * 64, ext="jpg", size=(4, 3)).id


@pytest.mark.parametrize("path", ["/media/{item}/image", "/media/{item}/thumb", "/api/items/{item}", "/api/items/{item}/edits", "/api/projects/{project}/items"])
def test_only_the_owner_passes(house, path):
    store, guests, app = house
    item = item_of(store, guests, ANN)
    path = path.format(item=item, project=store.item(item).project)
    guests.projects(BEN)
    assert ask(app, "GET", path, ANN).status_code == 200
    assert ask(app, "GET", path, BEN).status_code == 403
    assert ask(app, "GET", path).status_code == 403


def test_jobs_and_exports_belong_to_the_owner_of_their_project(house):
    store, guests, app = house
    job = store.add_job("export", project=guests.projects(ANN)[0].id).id
    guests.projects(BEN)
    for path in (f"/api/jobs/{job}", f"/api/exports/{job}"):
        assert ask(app, "GET", path, ANN).status_code == 200
        assert ask(app, "GET", path, BEN).status_code == 403


@pytest.mark.parametrize("path", ["/media/nothing/image", "/api/items/nothing", "/api/unheard/of", "/media/", "/api/jobs/nothing"])
def test_what_is_unknown_is_refused(house, path):
    assert ask(house[2], "GET", path, ANN).status_code == 403


def test_a_visitor_cannot_make_projects(house):
    assert ask(house[2], "POST", "/api/projects", ANN).status_code == 403


def test_the_page_itself_is_open_and_hands_out_a_token_once(house):
    first = ask(house[2], "GET", "/")
    assert first.status_code == 200
    assert f"{COOKIE}=" in first.headers["set-cookie"]
    assert "HttpOnly" in first.headers["set-cookie"]
    assert "set-cookie" not in ask(house[2], "GET", "/", ANN).headers


def test_behind_https_the_token_also_works_in_a_frame(house):
    cookie = ask(house[2], "GET", "/", headers={"x-forwarded-proto": "https"}).headers["set-cookie"]
    assert "SameSite=None; Secure; Partitioned" in cookie
