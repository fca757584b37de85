"""Many clients that edit at once over HTTP, and what must be true of the store afterwards."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from grounding.store import Store
from tests import processes
from tests.annotated import annotation

ROOT = Path(__file__).resolve().parents[1]
SERVER = """
import socket, sys, uvicorn
from grounding.services.jobs import Jobs
from grounding.store import Store
from grounding.services.job_services import JobServices
from grounding.services.model_provider import ModelProvider
from grounding.web import create_api
store = Store.open(sys.argv[1])
jobs = Jobs(store)
api = create_api(store, jobs, JobServices(store, jobs, ModelProvider({})))
uvicorn.Server(uvicorn.Config(api, log_level="error")).run(sockets=[socket.socket(fileno=int(sys.argv[2]))])
"""


@dataclass
class Server:
    """The routes in a process of their own, over this folder."""

    folder: Path
    port: int = 0
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, timeout_s: float = 120) -> Server:
        with socket.create_server(("127.0.0.1", 0)) as door:  # handed over open, so that no other process can take the port
            self.port = door.getsockname()[1]
            self.process = processes.start(
                [sys.executable, "-c", SERVER, str(self.folder), str(door.fileno())], cwd=ROOT, pass_fds=[door.fileno()]
            )
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            try:
                httpx.get(self.url + "/api/projects")
                return self
            except httpx.TransportError:
                time.sleep(0.05)
        self.kill()
        raise TimeoutError(self.url)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass
class Client:
    """Adds boxes of its own, moves them, and now and then moves the box that all share. Keeps what was acknowledged."""

    url: str
    item: str
    name: str
    shared: dict
    acknowledged: list[tuple[str, str, int]] = field(default_factory=list)  # object, version, revision
    sent_versions: dict[str, list[str]] = field(default_factory=dict)  # versions of each own object, in order
    conflicts: int = 0
    seconds: list[float] = field(default_factory=list)

    def run(self, edits: int) -> Client:
        """Stops where the server is gone; any other answer than 200 and 409 is an error."""
        with httpx.Client(base_url=self.url, timeout=120) as web:
            for number in range(edits):
                try:
                    self._edit_shared_box(web, number) if number % 5 == 4 else self._edit_own_box(web, number)
                except httpx.TransportError:
                    return self
        return self

    def _edit_own_box(self, web: httpx.Client, number: int) -> None:
        object_id = f"{self.name}-{number // 2 * 2}"
        before, version = self.sent_versions.setdefault(object_id, []), uuid.uuid4().hex
        stands = [done for thing, done, _ in self.acknowledged if thing == object_id]
        version = object_id if not before else version  # the first version of a thing gives it its id
        before.append(version)
        self._post(web, {"id": version, "object": object_id, "kind": "box", "value": _box(number), "replaces": stands[-1:]})

    def _edit_shared_box(self, web: httpx.Client, number: int) -> None:
        version = uuid.uuid4().hex
        self.shared = self._post(
            web, {"id": version, "object": self.shared["object"], "kind": "box", "value": _box(number), "replaces": [self.shared["id"]]}
        )

    def _post(self, web: httpx.Client, change: dict) -> dict:
        """The version that now stands."""
        start = time.perf_counter()
        answer = web.post(f"/api/items/{self.item}/edits", json={"edit": uuid.uuid4().hex, "annotations": [change]})
        self.seconds.append(time.perf_counter() - start)
        if answer.status_code == 409:
            self.conflicts += 1
            return next(now for now in answer.json()["annotations"] if now["object"] == change["object"])
        assert answer.status_code == 200, answer.text
        self.acknowledged.append((change["object"], change["id"], answer.json()["revision"]))
        return change


def run_clients(folder: Path, clients: int, edits: int, items: int = 5, kill_after: int | None = None) -> tuple[list[Client], float]:
    """Lets the clients edit the items of a new project at once; (clients, seconds it took).

    The server ends with kill -9: when all are done, or in the midst of it once so many edits are acknowledged.
    """
    store = Store.open(folder)
    project = store.create_project("Crowd", ["dog"])
    item_ids = [
        store.add_item(project.id, name=f"{n}.jpg", kind="photo", sha256="0" * 64, ext="jpg", size=(1000, 800)).id
        for n in range(items)
    ]
    for item in item_ids:
        store.append(
            item, [annotation(item, "box", _box(0) | {"state": "accepted"}, "person:all", id=f"common-{item}")], edit=f"made {item}"
        )
    store.close()
    server = Server(folder).start()
    workers = [
        Client(
            server.url,
            item_ids[n % items],
            f"client{n}",
            {"id": f"common-{item_ids[n % items]}", "object": f"common-{item_ids[n % items]}"},
        )
        for n in range(clients)
    ]
    start = time.perf_counter()
    try:
        with ThreadPoolExecutor(clients) as pool:
            futures = [pool.submit(client.run, edits) for client in workers]
            while (
                kill_after and sum(len(client.acknowledged) for client in workers) < kill_after and not all(one.done() for one in futures)
            ):
                time.sleep(0.005)
            if kill_after:
                server.kill()
            [one.result() for one in futures]
        return workers, time.perf_counter() - start
    finally:
        server.kill()


def find_lost_edits(folder: Path, clients: list[Client]) -> list[str]:
    """What is wrong with the store after that; nothing, if nothing acknowledged was lost and nobody overwrote what they had not seen."""
    store, wrong = Store.open(folder), []
    for item in {client.item for client in clients}:
        history, current = store.history(item), {a.object: a.id for a in store.current(item)}
        stored, replaced = {a.id for a in history}, [old for a in history for old in a.replaces]
        revisions = [revision for client in clients if client.item == item for _, _, revision in client.acknowledged]
        wrong += [f"{item}: a revision was given twice"] * (len(revisions) != len(set(revisions)))
        wrong += [f"{item}: a version was replaced twice"] * (len(replaced) != len(set(replaced)))
        for client in (client for client in clients if client.item == item):
            wrong += [f"{version} of {client.name} is gone" for _, version, _ in client.acknowledged if version not in stored]
            last = {thing: version for thing, version, _ in client.acknowledged if thing in client.sent_versions}
            wrong += [f"{thing} does not stand as it was acknowledged" for thing, version in last.items()
                      if current.get(thing) not in client.sent_versions[thing][client.sent_versions[thing].index(version):]]
    store.close()
    return wrong


def _box(number: int) -> dict:
    return {"box": [number % 900, number % 700, number % 900 + 50, number % 700 + 40], "label": "dog"}
