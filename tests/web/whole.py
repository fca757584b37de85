"""The really assembled app in a server of its own, at home or as a Space; and requests sent to it byte for byte."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx


@dataclass(frozen=True)
class Whole:
    """`app` answers on 127.0.0.1:`port`; its data lies in `folder`."""

    app: Any
    port: int
    folder: Path
    space: bool

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def gradio(self):
        """The Gradio app that is mounted behind our routes."""
        from starlette.routing import Mount

        [mount] = [route for route in self.app.router.routes if isinstance(route, Mount)]
        return mount._base_app

    def open(self, **headers: str) -> httpx.Client:
        """A browser that has opened the page from an address of its own: it has a cookie, and on a Space a project."""
        address = ".".join(str(secrets.randbelow(256)) for _ in range(4))
        client = httpx.Client(base_url=self.url, timeout=60, headers={"x-forwarded-for": address, **headers})
        client.get("/")
        client.get("/api/projects")
        return client

    def projects(self) -> int:
        return len(self.app.state.context.store.projects())

    def sent(self, request: bytes, patience_s: float = 2) -> tuple[int, bytes]:
        """(status, everything that came) of a request sent as these bytes; status 0 where the server only hung up."""
        answer = b""
        with socket.create_connection(("127.0.0.1", self.port), 20) as line, contextlib.suppress(ConnectionError, TimeoutError):
            line.sendall(request)
            line.settimeout(patience_s)
            while piece := line.recv(1 << 16):
                answer += piece
        return (int(answer.split(b" ")[1]), answer) if answer else (0, b"")


@contextlib.contextmanager
def running(folder: Path, space: bool):
    """Starts the app as `app.py` does, and stops it; the environment is as before once it has started."""
    import uvicorn

    before = dict(os.environ)
    os.environ |= {"SPACE_ID": "someone/deixis"} if space else {}
    try:
        import app as entry

        app = entry.create_app(folder, space)
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.02)
    finally:
        os.environ.clear()
        os.environ.update(before)
    yield Whole(app, server.servers[0].sockets[0].getsockname()[1], folder, space)
    server.should_exit = True
    thread.join(20)


def event(data: list, session: str = "visit0", fn: int = 0, **more) -> dict:
    """The body of an event of the page, as Gradio's own script sends it."""
    return {"data": data, "event_data": None, "fn_index": fn, "trigger_id": None, "session_hash": session, **more}


def outcome(client: httpx.Client, session: str) -> list[dict]:
    """The messages about the events of a session, until the server closes the stream."""
    found = []
    with contextlib.suppress(httpx.HTTPError), client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        for line in stream.iter_lines():
            found += [json.loads(line[5:])] if line.startswith("data:") else []
            if found and found[-1].get("msg") == "close_stream":
                break
    return found
