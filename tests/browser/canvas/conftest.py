"""The editor alone in a real browser, on a real store and the real routes; only the models are scripted."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from grounding.store import Store
from tests import processes

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
FRAMES = 48
SAVED = "document.querySelector('.deixis').dataset.save === 'saved'"


def numbered_frame(number: int, size=(320, 240)) -> np.ndarray:
    """A frame that says its own number: eight black or white bars over the upper half, over a grey that changes."""
    width, height = size
    pixels = np.full((height, width, 3), 90 + number, np.uint8)
    for bit in range(8):
        pixels[: height // 2, bit * width // 8 : (bit + 1) * width // 8] = 255 * (number >> bit & 1)
    return pixels


def write_video(path: Path, codec: str = "libx264", uneven: bool = False) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 50)
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(numbered_frame(number), format="rgb24")
            frame.pts, frame.time_base = number * 2 + (uneven and number % 3 == 0), Fraction(1, 50)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


@dataclass
class EditorServer:
    """The running server and its data folder."""

    url: str
    folder: Path
    process: subprocess.Popen | None
    command: list = field(default_factory=list)

    @property
    def store(self) -> Store:
        return Store.open(self.folder)

    def items(self) -> dict[str, str]:
        store = self.store
        found = {item.name: item.id for item in store.all_items(store.projects()[0].id)}
        store.close()
        return found

    def current(self, item_id: str):
        store = self.store
        found = store.current(item_id)
        store.close()
        return found

    def restart(self) -> None:
        """Kills the server and starts it again on the same folder and port."""
        if self.process is None:
            pytest.skip("this test kills the server, and DEIXIS_BENCH names one that is not ours")
        self.process.kill()
        self.process.wait()
        self.process = _start(self.command, self.folder)


def _start(command: list, folder: Path) -> subprocess.Popen:
    log = open(folder / "server.log", "ab")
    process = processes.start(command, stdout=log, stderr=log, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    deadline, url = time.monotonic() + 400, f"http://127.0.0.1:{command[2]}/config"
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return process
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    processes.stop(process)
    raise RuntimeError("the editor's server did not answer:\n" + (folder / "server.log").read_text(errors="replace")[-3000:])


@pytest.fixture(scope="session")
def bench(tmp_path_factory):
    """Started once; `DEIXIS_BENCH="PORT FOLDER"` names one that runs already, started as here with the two films."""
    running = os.environ.get("DEIXIS_BENCH", "").split()
    if running:
        yield EditorServer(f"http://127.0.0.1:{running[0]}", Path(running[1]), None)
        return
    folder = tmp_path_factory.mktemp("bench")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    files = [write_video(folder / "film.mp4"), write_video(folder / "uneven.mp4", uneven=True)]
    command = [sys.executable, str(HERE / "server.py"), str(port), str(folder), *map(str, files)]
    bench = EditorServer(f"http://127.0.0.1:{port}", folder, _start(command, folder), command)
    yield bench
    processes.stop(bench.process)


class EditorPage:
    """The editor as a person has it: a mouse, a keyboard, and (for looking) its own idea of what stands."""

    def __init__(self, page, server: EditorServer):
        self.page, self.server, self.keyboard, self.mouse = page, server, page.keyboard, page.mouse

    def js(self, expression: str):
        return self.page.evaluate(f"(() => {{ const ed = document.querySelector('.deixis').__ed; return {expression} }})()")

    def wait_for(self, expression: str) -> None:
        self.page.wait_for_function(f"(() => {{ const ed = document.querySelector('.deixis').__ed; return {expression} }})()")

    def load(self) -> "EditorPage":
        self.page.goto(self.server.url)
        self.page.wait_for_selector(".deixis[data-ready]")
        return self

    def open_item(self, name: str) -> "EditorPage":
        """Opens the item of this name and waits until it is drawn."""
        ready = self.page.get_attribute(".deixis", "data-ready")
        self.js(f"void ed.openItem({json.dumps(self.server.items()[name])})")
        self.page.wait_for_function(f"document.querySelector('.deixis').dataset.ready !== '{ready}'")
        return self

    @property
    def item(self) -> str:
        return self.js("ed.session.doc.item.id")

    def to_page(self, x: float, y: float) -> tuple[float, float]:
        at = self.js(f"ed.view.toPage({x}, {y})")
        return at["x"], at["y"]

    def drag(self, start, end, steps: int = 5) -> None:
        self.mouse.move(*self.to_page(*start))
        self.mouse.down()
        self.mouse.move(*self.to_page(*end), steps=steps)
        self.mouse.up()

    def click(self, x: float, y: float) -> None:
        self.mouse.click(*self.to_page(x, y))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keyboard.press(key)

    def draw(self, start, end) -> dict:
        """Draws a box and answers it."""
        self.press("r")
        self.drag(start, end)
        return self.selected()[0]

    def selected(self) -> list[dict]:
        return self.js("ed.session.selectedAnnotations().map((h) => ({ object: h.object, kind: h.kind, ...h.value }))")

    def annotations(self, kind: str) -> list[dict]:
        return self.js(f"ed.snapshot().filter((h) => h.kind === '{kind}').map((h) => ({{ object: h.object, ...h.value }}))")

    def wait_saved(self) -> None:
        self.page.wait_for_function(SAVED)

    def stored(self, kind: str) -> list[dict]:
        """What the store has of the open item, once everything is saved."""
        self.wait_saved()
        return [{"object": a.object, **a.value.to_json()} for a in self.server.current(self.item) if a.kind == kind]


@pytest.fixture(scope="session")
def _desk_tab(browser, bench):
    context = browser.new_context(viewport={"width": 1360, "height": 840}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(60_000)
    faults = []
    page.on("pageerror", lambda error: faults.append(f"{error}\n{error.stack}"))
    page.on("dialog", lambda dialog: (faults.append(f"a dialog opened: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: None if request.url.startswith((bench.url, "data:", "blob:")) else faults.append(request.url))
    yield page, faults
    context.close()


@pytest.fixture
def desk(_desk_tab, bench):
    """The editor, freshly opened. After the test: no script failed, no dialog opened, nothing was asked of another host."""
    page, faults = _desk_tab
    faults.clear()
    yield EditorPage(page, bench).load()
    assert faults == []


@pytest.fixture
def blank(desk):
    """The empty picture, with nothing on it."""
    desk.open_item("zz 2 empty.png")
    if desk.js("ed.view.visibleObjects().length"):
        desk.press("Control+a", "Delete")
    desk.press("Escape")
    desk.wait_saved()
    return desk
