"""A real server and a real browser: started once, one page for all tests, no request ever leaves this machine."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import processes

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium-headless-shell"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """A running app: `url`, its data `folder`, and ways to kill and start it again on the same folder and port."""

    folder: Path
    port: int
    extra: dict
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, timeout_s: float = 150) -> "Server":
        env = {**os.environ, "DEIXIS_DATA": str(self.folder), "PORT": str(self.port), **self.extra}
        log = open(self.folder / "server.log", "ab")
        self.process = processes.start([sys.executable, str(ROOT / "app.py")], env=env, stdout=log, stderr=log, cwd=ROOT)
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(self.url + "/config", timeout=5).close()
                return self
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise RuntimeError(f"the app did not answer:\n{self.log()[-3000:]}")

    def stop(self, hard: bool = False) -> None:
        if self.process and self.process.poll() is None:
            if hard:
                self.process.kill()
            processes.stop(self.process)

    def log(self) -> str:
        return (self.folder / "server.log").read_text(errors="replace")


@pytest.fixture(scope="session")
def serve(tmp_path_factory):
    """Starts a server of one's own: `serve(SPACE_ID="me/deixis")`; all are stopped at the end."""
    started = []

    def one(**extra) -> Server:
        started.append(Server(tmp_path_factory.mktemp("data"), free_port(), extra))
        return started[-1].start()

    yield one
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def server(serve) -> Server:
    return serve()


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install -r requirements-test.txt")
    assert Path(CHROMIUM).exists(), f"no browser at {CHROMIUM}; run: make test"
    playwright.expect.set_options(timeout=30_000)
    with playwright.sync_playwright() as pw:
        browser = pw.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context(browser):
    context = browser.new_context(viewport={"width": 1360, "height": 840}, accept_downloads=True)
    yield context
    context.close()


@dataclass
class PageMonitor:
    """What went wrong in a page while a test looked elsewhere."""

    errors: list
    foreign_requests: list
    dialogs: list


@pytest.fixture(scope="session")
def _tab(context, server):
    page, watch = context.new_page(), PageMonitor([], [], [])
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: watch.errors.append(str(error)))
    page.on("console", lambda message: watch.errors.append(message.text) if "Content Security Policy" in message.text else None)
    page.on("request", lambda request: watch.foreign_requests.append(request.url) if _is_foreign(request.url, server.url) else None)
    page.on("dialog", lambda dialog: (watch.dialogs.append(dialog.message), dialog.dismiss()))
    return page, watch


def _is_foreign(url: str, home: str) -> bool:
    return not url.startswith((home, "data:", "blob:"))


@pytest.fixture
def page(_tab):
    """The one browser tab. After each test: no script failed, nothing was asked of another host, no dialog was opened."""
    page, watch = _tab
    watch.errors.clear(), watch.foreign_requests.clear(), watch.dialogs.clear()
    yield page
    assert watch.errors == []
    assert watch.foreign_requests == []
    assert watch.dialogs == []


@pytest.fixture
def opened(page, server):
    """The page, freshly opened and ready."""
    page.goto(server.url)
    page.wait_for_selector("body[data-ready='1']")
    return page
