"""Request limits and connections: nobody holds the app of a Space by opening much, or by sending slowly."""

import asyncio
import contextlib
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from grounding.web import connections, request_limits
from grounding.web.answers import TooSlow
from grounding.web.request_limits import REQUEST_LIMITS, RequestLimits
from grounding.web.visits import client_address


def run(coroutine):
    """What a coroutine gives, in a thread of its own: the browser of other tests keeps an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def ask(app, path="/", method="GET", address="1.1.1.1", messages=({"type": "http.request", "body": b"", "more_body": False},)):
    """The coroutine of a request; it gives the statuses sent."""
    sent, waiting = [], list(messages)

    async def receive():
        return waiting.pop(0) if waiting else await asyncio.sleep(3600)

    async def send(message):
        sent.extend([message["status"]] if "status" in message else [])

    async def asked():
        await app({"type": "http", "path": path, "method": method, "headers": [(b"x-forwarded-for", address.encode())]}, receive, send)
        return sent

    return asked()


async def answers(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/gradio_api/heartbeat/abc", "GET"),
        ("/gradio_api/queue/data", "GET"),
        ("/api/items/x/ground", "POST"),
        ("/api/projects/x/upload", "POST"),
        ("/config", "GET"),
    ],
)
def test_an_address_and_all_together_have_only_so_many_requests_open(path, method):
    limit = next(limit for limit in REQUEST_LIMITS if limit.path.fullmatch(path))

    async def scene():
        done = asyncio.Event()

        async def waits(scope, receive, send):
            await done.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})

        app = RequestLimits(waits, client_address)
        many = [asyncio.ensure_future(ask(app, path, method, "1.1.1.1")) for _ in range(limit.per_address + 2)]
        many += [asyncio.ensure_future(ask(app, path, method, f"2.2.{n >> 8}.{n & 255}")) for n in range(limit.overall)]
        await asyncio.sleep(0.01)
        done.set()
        statuses = [status for sent in await asyncio.gather(*many) for status in sent]
        return statuses, await ask(app, path, method), app._open

    statuses, later, left = run(scene())
    assert statuses[:limit.per_address + 2] == [200] * limit.per_address + [429] * 2
    assert statuses.count(200) == limit.overall and later == [200] and not left


def test_a_body_that_pauses_or_trickles_is_given_up(monkeypatch):
    monkeypatch.setattr(request_limits, "MAX_PAUSE_S", 0.05)
    piece = {"type": "http.request", "body": b"x", "more_body": True}
    with pytest.raises(TooSlow, match="stopped"):
        run(ask(RequestLimits(answers, client_address), method="POST", messages=[piece]))
    seconds = iter(range(0, 9999, 7))
    with pytest.raises(TooSlow, match="slowly"):
        run(ask(RequestLimits(answers, client_address, lambda: next(seconds)), method="POST", messages=[piece] * 20))


def test_an_address_changes_only_so_much_in_an_hour():
    clock = [0.0]
    app, large = (
        RequestLimits(answers, client_address, lambda: clock[0]),
        [{"type": "http.request", "body": bytes(100 << 20), "more_body": False}],
    )
    sent = [run(ask(app, "/api/items/x/edits", "POST", messages=large)) for _ in range(4)]
    assert sent == [[200]] * 3 + [[429]]
    assert run(ask(app)) == [200] and run(ask(app, method="POST", address="2.2.2.2")) == [200]
    clock[0] = 3601.0
    assert run(ask(app, method="POST")) == [200]


@pytest.fixture
def timed(monkeypatch):
    """The port of a server as it is on a Space, with short times."""
    import uvicorn

    monkeypatch.setattr(connections, "HEADERS_TIMEOUT_S", 0.5)
    monkeypatch.setattr(connections, "UNREAD_BODY_TIMEOUT_S", 0.5)
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 5)

    async def app(scope, receive, send):
        if scope["path"] == "/read":
            while (await receive()).get("more_body"):
                pass
        if scope["path"] == "/slow":
            await asyncio.sleep(1)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off", **connections.uvicorn_settings()))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(5)


def closed_within(port: int, begin: bytes, trickle: bytes, most_s: float = 3) -> tuple[bool, bytes]:
    """(whether the server hung up on who sends `begin`, then `trickle` again and again; what it had said)."""
    told, until = b"", time.monotonic() + most_s
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.settimeout(0.1)
        with contextlib.suppress(ConnectionError):
            line.sendall(begin)
            while time.monotonic() < until:
                with contextlib.suppress(TimeoutError):
                    piece = line.recv(1000)
                    if not piece:
                        return True, told
                    told += piece
                line.sendall(trickle)
            return False, told
    return True, told


@pytest.mark.parametrize("begin", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nA: ", b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT",
                                   b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n"])
def test_a_connection_that_never_ends_its_headers_or_an_unread_body_is_closed(timed, begin):
    assert closed_within(timed, begin, b"x")[0]


def test_who_says_nothing_at_all_is_closed(timed):
    assert closed_within(timed, b"", b"")[0]


@pytest.mark.parametrize(
    "begin", [b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n", b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n"]
)
def test_a_long_answer_and_a_body_that_is_read_are_not_cut(timed, begin):
    assert b"200" in closed_within(timed, begin, b"x" if b"POST" in begin else b"", 1.5)[1]


def test_beyond_the_most_connections_the_server_says_it_is_busy(timed):
    with contextlib.ExitStack() as held:
        for _ in range(5):
            held.enter_context(socket.create_connection(("127.0.0.1", timed), 5)).sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"503" in closed_within(timed, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"", 1)[1]
