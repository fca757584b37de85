"""Killed: the server dies without warning two seconds after an edit, and nothing is lost."""

import os
import signal
import socket
import sys
import textwrap
import time

import httpx
import pytest

from grounding.store import Store
from tests import processes

SERVER = textwrap.dedent("""
    import sys, uvicorn
    from grounding.services.jobs import Jobs
    from grounding.store import Store
    from grounding.services.job_services import JobServices
    from grounding.services.model_provider import ModelProvider
    from grounding.web import create_api
    store = Store.open(sys.argv[1])
    jobs = Jobs(store)
    works = JobServices(store, jobs, ModelProvider({}))
    uvicorn.run(create_api(store, jobs, works), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
""")


@pytest.fixture
def server(new_store):
    """A real server process over a fresh folder with one photo: (process, address of the photo, folder)."""
    store = new_store()
    project = store.create_project("P")
    item = store.add_item(project.id, name="a.jpg", kind="photo", sha256="0" * 64, ext="jpg", size=(100, 80))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = processes.start([sys.executable, "-c", SERVER, str(store.folder), str(port)])
    url = f"http://127.0.0.1:{port}/api/items/{item.id}"
    try:
        _wait_for(url)
        yield process, url, store.folder, item.id
    finally:
        process.kill()
        process.wait()


def _wait_for(url):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            return httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(url)


def test_kill_9_two_seconds_after_an_edit_loses_nothing(server):
    process, url, folder, item = server
    for number in range(20):
        box = {"box": [number, 0, number + 10, 10], "label": "dog"}
        change = {"id": f"v{number}", "object": f"v{number}", "kind": "box", "value": box, "replaces": []}
        answer = httpx.post(f"{url}/edits", json={"edit": f"e{number}", "annotations": [change]}, timeout=30)
        assert answer.status_code == 200
    time.sleep(2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    reopened = Store.open(folder)
    assert [a.id for a in reopened.current(item)] == [f"v{number}" for number in range(20)]
    assert reopened.item(item).revision == 20 and reopened.item(item).status == "in_progress"
    reopened.close()


def test_kill_9_right_after_the_answer_loses_nothing_either(server):
    process, url, folder, item = server
    change = {"id": "v", "object": "v", "kind": "box", "value": {"box": [1, 1, 9, 9], "label": "dog"}, "replaces": []}
    assert httpx.post(f"{url}/edits", json={"edit": "e", "annotations": [change]}, timeout=30).json() == {"revision": 1}
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    reopened = Store.open(folder)
    assert [a.id for a in reopened.current(item)] == ["v"]
    reopened.close()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_after_a_clean_stop_the_one_file_holds_every_edit(server, stop, tmp_path):
    process, url, folder, item = server
    change = {"id": "v", "object": "v", "kind": "box", "value": {"box": [1, 1, 9, 9], "label": "dog"}, "replaces": []}
    assert httpx.post(f"{url}/edits", json={"edit": "e", "annotations": [change]}, timeout=30).json() == {"revision": 1}
    process.send_signal(stop)
    process.wait(timeout=20)
    (tmp_path / "deixis.sqlite").write_bytes((folder / "deixis.sqlite").read_bytes())
    copy = Store.open(tmp_path)
    assert [a.id for a in copy.current(item)] == ["v"]
    copy.close()
