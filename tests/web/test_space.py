"""A Space: a project is made when somebody opens the page, not for each request that comes by."""

import socket
import threading
import time

import httpx
import pytest

from tests.web.sending import picture
from tests.web.whole import event, outcome, running


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    with running(tmp_path_factory.mktemp("space"), True) as served:
        yield served


def ask(space, method="GET", path="/api/projects", **more) -> httpx.Response:
    """A request of a browser that nobody has seen before."""
    return httpx.request(method, space.url + path, timeout=60, **more)


def test_who_brings_no_cookie_makes_no_project_whatever_is_asked_for(space):
    before = space.projects()
    for path in ("/", "/config", "/api/projects", "/api/projects?trashed=1", "/api/items/x", "/media/x/image", "/gradio_api/app_id"):
        for _ in range(3):
            assert ask(space, path=path).status_code < 500
    answer = ask(space, "POST", "/gradio_api/queue/join", json=event([]))
    assert answer.status_code == 403 and "cookie" in answer.json()["error"]
    assert ask(space).json() == [] and space.projects() == before


def test_a_cookie_alone_makes_no_project_before_the_list_or_an_event_is_asked_for(space):
    before = space.projects()
    mine = dict(ask(space).cookies)
    for path in ("/", "/config", "/api/items/x", "/media/x/image", "/api/jobs/x"):
        ask(space, path=path, cookies=mine)
    assert space.projects() == before
    [project] = ask(space, cookies=mine, headers={"x-forwarded-for": "7.7.7.7"}).json()
    assert ask(space, cookies=mine).json()[0]["id"] == project["id"] and space.projects() == before + 1


def test_opening_the_page_makes_the_project_of_the_visitor(space):
    before, client = space.projects(), httpx.Client(base_url=space.url, timeout=60, headers={"x-forwarded-for": "8.8.8.8"})
    client.get("/")
    [load] = [fn for fn, known in space.gradio.get_blocks().fns.items() if known.name == "enter"]
    client.post("/gradio_api/queue/join", json=event(["", ""], "opening", load))
    assert [message["success"] for message in outcome(client, "opening") if message["msg"] == "process_completed"] == [True]
    assert space.projects() == before + 1 and len(client.get("/api/projects").json()) == 1


def test_a_made_up_cookie_makes_no_project(space):
    before = space.projects()
    for cookie in ("a" * 24, "made-up." + "0" * 64):
        assert ask(space, cookies={"deixis_visit": cookie}).json() == [] and space.projects() == before
        assert ask(space, "POST", "/gradio_api/queue/join", json=event([]), cookies={"deixis_visit": cookie}).status_code == 403


def test_many_cookies_and_made_up_hops_do_not_pass_the_cap_of_an_address(space):
    before, answers = space.projects(), []
    for number in range(30):
        headers = {"x-forwarded-for": f"{number}.1.1.1, 203.0.113.9"}
        answers.append(ask(space, cookies=dict(ask(space, headers=headers).cookies), headers=headers))
    assert [answer.status_code for answer in answers] == [200] * 20 + [429] * 10
    assert "Come back" in answers[-1].json()["error"] and space.projects() == before + 20
    event_of_one_more = ask(
        space,
        "POST",
        "/gradio_api/queue/join",
        json=event([]),
        cookies=dict(ask(space).cookies),
        headers={"x-forwarded-for": "203.0.113.9"},
    )
    assert event_of_one_more.status_code == 429


def test_uploads_that_come_at_the_same_time_share_the_room_of_the_visitor(space):
    client = space.open()
    [mine] = client.get("/api/projects").json()
    cookie = f"deixis_visit={client.cookies['deixis_visit']}"
    head = (f"POST /api/projects/{mine['id']}/upload HTTP/1.1\r\nHost: 127.0.0.1:{space.port}\r\nCookie: {cookie}\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n")
    with socket.create_connection(("127.0.0.1", space.port), 20) as first:
        first.sendall((head + "Content-Length: 100000000\r\n\r\n--x\r\n").encode())
        time.sleep(1)
        status, told = space.sent((head + "Content-Length: 100000000\r\n\r\n--x\r\n").encode())
        assert status == 400 and b"120 MB at most" in told
    time.sleep(1)
    sent = client.post(f"/api/projects/{mine['id']}/upload", files=[("files", ("a.jpg", picture()))])
    assert sent.status_code == 202


def test_a_visitor_who_starts_too_much_work_is_told_so_and_leaves_nothing(space):
    client, jobs, answers = space.open(), space.app.state.context.jobs, []
    [mine] = client.get("/api/projects").json()
    held = jobs._store.add_job  # as if four pieces of work were waiting
    rows = [held("train", mine["id"], None, {}, owner=jobs._lease.owner).id for _ in range(4)]
    item = client.get(f"/api/projects/{mine['id']}/items").json()["items"][0]["id"]
    answers.append(client.post(f"/api/projects/{mine['id']}/propose", json={}))
    answers.append(client.post(f"/api/projects/{mine['id']}/export", json={}))
    answers.append(client.post(f"/api/projects/{mine['id']}/upload", files=[("files", ("a.jpg", picture()))]))
    assert [answer.status_code for answer in answers] == [429] * 3 and "wait until one has ended" in answers[0].json()["error"]
    assert not list((space.folder / "cache" / "uploads").glob(f"{mine['id']}-*")) and item
    for row in rows:
        jobs.cancel(row)
    assert client.post(f"/api/projects/{mine['id']}/propose", json={"items": [item]}).status_code == 202


def test_a_sweep_that_fails_is_tried_again():
    from app import purge_sessions_forever

    again = threading.Event()

    class BrokenSessions:
        calls = 0

        def purge_expired(self):
            self.calls += 1
            if self.calls == 1:
                raise OSError("the disk is busy")
            again.set()

    threading.Thread(target=purge_sessions_forever, args=(BrokenSessions(), 0.01), daemon=True).start()
    assert again.wait(5)


def test_a_session_of_the_page_is_of_one_visitor(space):
    ann, eve = space.open(), space.open()
    [load] = [fn for fn, known in space.gradio.get_blocks().fns.items() if known.name == "enter"]
    assert ann.post("/gradio_api/queue/join", json=event(["", ""], "of-ann", load)).status_code == 200
    for answer in (
        eve.get("/gradio_api/queue/data?session_hash=of-ann"),
        eve.get("/gradio_api/heartbeat/of-ann"),
        eve.get("/gradio_api/queue/data?session_hash=x&session_hash=of-ann"),
        eve.post("/gradio_api/queue/join", json=event(["", ""], "of-ann", load)),
    ):
        assert answer.status_code == 403 and "another visitor" in answer.json()["error"]
    assert any(message.get("success") for message in outcome(ann, "of-ann"))


def test_answers_that_nobody_fetches_are_not_kept_without_end(space):
    client, queue = space.open(), space.gradio.get_blocks()._queue
    [load] = [fn for fn, known in space.gradio.get_blocks().fns.items() if known.name == "enter"]
    statuses = []
    for _ in range(80):
        statuses.append(client.post("/gradio_api/queue/join", json=event(["", ""], "unread", load)).status_code)
        time.sleep(0.02)
    assert statuses[0] == 200 and statuses[-1] == 429 and queue.pending_messages_per_session["unread"].qsize() < 200
    for number in range(30):
        client.post("/gradio_api/queue/join", json=event(["", ""], f"tab{number}", load))
    assert sum(name.startswith(("tab", "unread")) for name in queue.pending_messages_per_session) <= 12
