"""Allowed routes: of Gradio's routes only those are open that the page uses, and none of them gives out a file."""

import contextlib
import re
import socket

import httpx
import pytest

from tests.web.whole import event, outcome

SECRET = b"the secret words of another visitor"
ALLOWED = {
    ("GET", "/"), ("HEAD", "/"), ("GET", "/config"), ("GET", "/theme.css"), ("GET", "/favicon.ico"), ("GET", "/manifest.json"),
    ("GET", "/assets/{path:path}"), ("GET", "/static/{path:path}"), ("GET", "/gradio_api/app_id"),
    ("GET", "/gradio_api/heartbeat/{session_hash}"), ("GET", "/gradio_api/queue/data"), ("POST", "/gradio_api/queue/join"),
}


@pytest.fixture
def secret(tmp_path):
    """A file that the server can read and nobody may."""
    path = tmp_path / "secret.txt"
    path.write_bytes(SECRET)
    return path


def file_data(path, **more) -> dict:
    return {"path": str(path), "meta": {"_type": "gradio.FileData"}, **more}


def gradio_routes(whole) -> list[tuple[str, str]]:
    """Every method and path of the Gradio that is installed."""
    return sorted(
        (method, route.path) for route in flat(whole.gradio.routes) for method in getattr(route, "methods", None) or ("GET", "POST")
    )


def flat(routes):
    """The routes, with those of the routers among them."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        yield from flat(inner.routes) if inner else (route,)


def concrete(path: str) -> str:
    return re.sub(r"\{\w+(:path)?\}", "x", path)


def payloads(path) -> list:
    """A file smuggled in as a value, inside lists and dicts, beside an address, and as the value of every component."""
    file = file_data(path)
    return [[file], [[file]], [{"value": file}], [{"a": [{"b": [file]}]}], [file_data(path, url="http://127.0.0.1:9/x")],
            [file_data(path, is_stream=True)], [file_data(path, is_file=True, orig_name="x", mime_type="image/svg+xml")], [file] * 8]


def out(whole, client, answer: httpx.Response, path) -> bool:
    """Whether the file came out: in the answer, in what the page keeps, or by asking for it."""
    cached = [kept for kept in (whole.folder / "cache").rglob("*") if kept.is_file() and SECRET in kept.read_bytes()]
    asked = [client.get(f"/gradio_api/file={place}") for place in (path, *cached)]
    return bool(cached) or any(SECRET in reply.content for reply in (answer, *asked))


def test_no_door_of_gradio_gives_out_a_file_of_the_server(whole, secret):
    client = whole.open()
    posts = [path for method, path in gradio_routes(whole) if method == "POST"]
    assert len(posts) > 10
    for number, path in enumerate(posts):
        for data in payloads(secret):
            for more in ({}, {"fn_index": number}, {"batched": True, "data": [data]}, {"event_data": {"_data": data, "value": data[0]}}):
                answer = client.post(concrete(path), json={**event(data), **more})
                assert answer.status_code in (400, 403, 404), (path, more, answer.text)
    assert not out(whole, client, answer, secret)


def test_no_event_of_the_page_takes_a_file_for_a_value(whole, secret):
    client = whole.open()
    for fn, known in whole.gradio.get_blocks().fns.items():
        data = [file_data(secret)] * max(len(known.inputs), 1)
        for address in ("/gradio_api/queue/join", "/gradio_api/run/x", "/gradio_api/api/x", "/gradio_api/call/x"):
            answer = client.post(address, json=event(data, f"files{fn}", fn))
            assert answer.status_code in (400, 403), (fn, answer.text)
    assert not out(whole, client, answer, secret)


def test_even_behind_the_allow_list_gradio_takes_no_file_that_was_not_uploaded(whole, secret):
    from gradio import processing_utils
    from gradio.context import LocalContext

    blocks = whole.gradio.get_blocks()
    token = LocalContext.blocks.set(blocks)
    try:
        with pytest.raises(Exception, match="not uploaded"):
            processing_utils.move_files_to_cache([file_data(secret)], next(iter(blocks.blocks.values())), check_in_upload_folder=True)
    finally:
        LocalContext.blocks.reset(token)


def test_every_door_that_the_page_does_not_use_is_closed(whole):
    client = whole.open()
    known = gradio_routes(whole)
    assert set(known) >= ALLOWED, "a door that the page uses is not in this Gradio; look what took its place"
    for method, path in known:
        if (method, path) not in ALLOWED:
            answer = client.request(method, concrete(path), json={})
            assert answer.status_code in (403, 404) and (method == "HEAD" or set(answer.json()) == {"error"}), (method, path)


def test_every_other_method_on_an_open_door_is_refused(whole):
    client = whole.open()
    for _, path in ALLOWED:
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", *(m for m in ("GET", "POST") if (m, path) not in ALLOWED)):
            assert client.request(method, concrete(path)).status_code in (403, 404, 405), (method, path)


@pytest.mark.parametrize("path", [
    "//gradio_api/run/x", "/gradio_api//run/x", "/gradio_api/run/x/", "/gradio_api%2frun%2fx", "/%67radio_api/run/x", "/gradio_api/./run/x",
    "/gradio_api/queue/join/", "/gradio_api/queue/join/../../run/x", "/assets/../gradio_api/run/x", "/static/%2e%2e/gradio_api/run/x",
    "/gradio_api/queue/join%00", "/gradio_api/queue/join%0a", "/gradio_api/queue/join;x", "/Gradio_api/run/x",
    "/gradio_api/run/x%3f", "\\gradio_api\\run\\x",
])  # fmt: skip
def test_no_spelling_of_a_path_opens_a_door(whole, path, secret):
    for method in ("POST", "GET"):
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{whole.port}\r\nContent-Type: "
            f"application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"
        )
        status, answer = whole.sent(head.encode())
        assert status in (400, 403, 404, 405), (method, path, answer)


@pytest.mark.parametrize("path", [
    "/gradio_api/file={}", "/gradio_api/file=/{}", "/gradio_api/file/{}", "/file={}", "/file/{}", "/gradio_api/proxy=http://127.0.0.1:9{}",
    "/gradio_api/stream/{}", "/static/{}", "/static/..{}", "/assets/{}", "/assets//{}", "/svelte/{}",
    "/gradio_api/custom_component/x/client/{}/x",
    "/static/%2e%2e/%2e%2e/%2e%2e{}", "/static/img/..%2f..%2f..{}", "/gradio_api/run-history/records",
    "/gradio_api/deep_link?session_hash=x",
])  # fmt: skip
def test_no_address_gives_out_a_file_of_the_server(whole, secret, path):
    client = whole.open()
    for wanted in (secret, whole.folder / "deixis.sqlite", "/proc/self/environ", "/etc/passwd"):
        answer = client.get(path.format(wanted))
        assert answer.status_code in (400, 403, 404), (path, answer.text)
        assert str(wanted) not in answer.text and SECRET not in answer.content


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:9", "null"])
def test_no_other_site_is_invited_to_read_the_page(whole, origin):
    client = whole.open(origin=origin)
    for path in ("/", "/config", "/theme.css", "/gradio_api/app_id", "/gradio_api/queue/data?session_hash=x", "/api/projects"):
        assert not [name for name in client.get(path).headers if name.startswith("access-control")], path


def test_there_are_no_websockets(whole):
    head = f"GET /gradio_api/queue/join HTTP/1.1\r\nHost: 127.0.0.1:{whole.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    status, _ = whole.sent((head + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
    assert status in (400, 403, 404)


def test_the_page_opens_and_its_events_run(whole):
    client = whole.open()
    [load] = [fn for fn, known in whole.gradio.get_blocks().fns.items() if known.name == "enter"]
    assert client.get("/").status_code == 200 and client.get("/theme.css").status_code == 200
    assert client.post("/gradio_api/queue/join", json=event(["", ""], "opening", load)).status_code == 200
    [done] = [message for message in outcome(client, "opening") if message["msg"] == "process_completed"]
    assert done["success"] is True


def test_what_gradio_refuses_tells_no_path_no_id_and_no_choice(whole):
    client = whole.open()
    [mine] = client.get("/api/projects").json()
    fns = whole.gradio.get_blocks().fns
    [load] = [fn for fn, known in fns.items() if known.name == "enter"]
    client.post("/gradio_api/queue/join", json=event(["", ""], "asking", load))
    outcome(client, "asking")
    for fn, known in fns.items():
        client.post("/gradio_api/queue/join", json=event(["/etc/passwd"] * len(known.inputs), "asking", fn))
        for message in outcome(client, "asking"):
            told = str(message.get("output", {}).get("error", "")) if message.get("success") is False else ""
            assert not any(word in told for word in (mine["id"], mine["name"], "/etc", str(whole.folder), "choices", "Traceback", "<"))
    for body in (
        {"fn_index": 9999}, {"fn_index": -1}, {"fn_index": "0"}, {"fn_index": None}, {"trigger_id": "x"},
        {"session_hash": None}, {"data": None},
    ):
        answer = client.post("/gradio_api/queue/join", json={**event([]), **body})
        assert answer.status_code == 400 and set(answer.json()) == {"error"}


@pytest.mark.parametrize("path", ["process_recording", "upload", "component_server", "run/x", "queue/join"])
def test_no_door_of_gradio_takes_a_large_body(whole, path):
    head = f"POST /gradio_api/{path} HTTP/1.1\r\nHost: 127.0.0.1:{whole.port}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    given = 0
    with socket.create_connection(("127.0.0.1", whole.port), 20) as line, contextlib.suppress(ConnectionError):
        line.sendall((head + "Transfer-Encoding: chunked\r\n\r\n").encode())
        while given < 150 << 20:
            line.sendall(b"100000\r\n" + b"x" * (1 << 20) + b"\r\n")
            given += 1 << 20
    assert given < 30 << 20
    assert not [file for file in (whole.folder / "cache" / "page").rglob("*") if file.is_file()]
