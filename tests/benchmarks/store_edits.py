"""How long does an edit take, from the request to the answer that says it is safe on disk?

    python tests/benchmarks/store_edits.py [--edits 100]

Starts the routes as a server of their own on a fresh folder, and moves one box of a photo that holds 3, 200 and 2,000 of
them, over HTTP on one connection, as the page does. Also: opening such a photo, moving all its boxes in one edit, and the
list of a project of 100,000 items.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import httpx
import stamped

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grounding.data import new_id
from grounding.store import Store
from grounding.store.naming import natural_key
from grounding.store.schema import items
from tests.annotated import annotation  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "store_edits.json"
SERVER = """
import sys, uvicorn
from grounding.services.jobs import Jobs
from grounding.store import Store
from grounding.services.job_services import JobServices
from grounding.services.model_provider import ModelProvider
from grounding.web import create_api
store = Store.open(sys.argv[1])
jobs = Jobs(store)
uvicorn.run(create_api(store, jobs, JobServices(store, jobs, ModelProvider({}))), port=int(sys.argv[2]), log_level="error")
"""


def milliseconds(call) -> float:
    start = time.perf_counter()
    call().raise_for_status()
    return 1000 * (time.perf_counter() - start)


class Server:
    """The process that answers; `cpu_ms` is what it has used so far, which other work on the machine does not change."""

    def __init__(self, folder: str):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen([sys.executable, "-c", SERVER, folder, str(port)])
        for _ in range(600):
            try:
                httpx.get(f"{self.url}/api/projects")
                return
            except httpx.TransportError:
                time.sleep(0.1)
        raise SystemExit("the server did not start")

    def cpu_ms(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()

    def timed(self, calls) -> dict:
        """Milliseconds of each call as the caller sees them, and of the server's processor for one call on average."""
        before = self.cpu_ms()
        times = sorted(milliseconds(call) for call in calls)
        return {"median_ms": round(statistics.median(times), 2), "p95_ms": round(times[int(0.95 * (len(times) - 1))], 2),
                "server_cpu_ms": round((self.cpu_ms() - before) / len(times), 2), "runs": len(times)}


def photo_with(store: Store, project: str, count: int) -> str:
    item = store.add_item(project, name=f"{count}.jpg", kind="photo", sha256="0" * 64, ext="jpg", size=(4000, 3000))
    value = {"label": "dog", "score": 1.0, "state": "accepted"}
    boxes = [annotation(item.id, "box", {"box": [n, n, n + 50.5, n + 40.25], **value}, "person:bench") for n in range(count)]
    store.append(item.id, boxes, edit="made")
    return item.id


def moved(annotation: dict, by: float) -> dict:
    x0, y0, x1, y1 = annotation["value"]["box"]
    value = {**annotation["value"], "box": [x0, y0, x1 + by, y1]}
    return {"id": uuid.uuid4().hex, "object": annotation["object"], "kind": "box", "value": value, "replaces": [annotation["id"]]}


def edits(client: httpx.Client, url: str, heads: list[dict], count: int):
    """Calls that move one box after the other."""
    for number in range(count):
        place = number % len(heads)
        heads[place] = change = moved(heads[place], 0.5)
        yield lambda: client.post(f"{url}/edits", json={"edit": uuid.uuid4().hex, "revision": 0, "annotations": [change]})


def measure(server: Server, client: httpx.Client, item: str, count: int) -> dict:
    url = f"/api/items/{item}"
    opening = server.timed([lambda: client.get(url)] * 20)
    heads = client.get(url).json()["annotations"]
    one = server.timed(edits(client, url, heads, count))
    everything = {"edit": uuid.uuid4().hex, "annotations": [moved(head, 1) for head in heads]}
    return {"boxes": len(heads), "edit_of_one": one, "open": opening,
            "edit_of_all": server.timed([lambda: client.post(f"{url}/edits", json=everything)])}


def large_project(store: Store, count: int) -> str:
    """The rows as `add_item` writes them, in one go."""
    project = store.create_project("Large").id
    same = {"project": project, "kind": "photo", "width": 640, "height": 480, "frame_count": None, "status": "new", "revision": 0,
            "trashed": False, "sha256": "0" * 64, "ext": "jpg"}
    names = [f"photo {number}.jpg" for number in range(count)]
    with store.transaction() as connection:
        connection.execute(items.insert(), [{"id": new_id(), "name": name, "sort_key": natural_key(name), **same} for name in names])
    return project


def lists(server: Server, client: httpx.Client, project: str, count: int) -> dict:
    url = f"/api/projects/{project}/items?limit=100"
    page = client.get(url).json()["items"]
    return {"items": count, "first_page": server.timed([lambda: client.get(url)] * 20),
            "open_item": server.timed([lambda: client.get(f"/api/items/{page[50]['id']}")] * 20)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--edits", type=int, default=100)
    options.add_argument("--items", type=int, default=100_000)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(folder)
        project = store.create_project("Bench").id
        photos = {count: photo_with(store, project, count) for count in (3, 200, 2000)}
        large = large_project(store, asked.items)
        store.close()
        server = Server(folder)
        try:
            with httpx.Client(base_url=server.url, timeout=120) as client:
                result = {"photos": [measure(server, client, item, asked.edits) for item in photos.values()],
                          "list": lists(server, client, large, asked.items)}
        finally:
            server.close()
    stamped.write(RESULTS, result)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
