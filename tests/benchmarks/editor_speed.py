"""How fast is the editor with 3, 200 and 2,000 boxes on a photo?  python tests/benchmarks/editor_speed.py [--rounds 3] [--out FILE]

In a real browser with a real mouse: milliseconds between frames while a box is dragged and while the wheel zooms, from a
click to the frame that shows the choice, and from the end of a gesture to the server's answer that it is saved. Medians and 95th
percentiles, over all rounds; the browser draws in software, so a screen with a graphics card only does better.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import stamped

ROOT = Path(__file__).resolve().parents[2]
PHOTOS = {3: "zz 0 few.png", 200: "zz 3 two hundred.png", 2000: "zz 1 two thousand.png"}  # of canvas/server.py
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
WATCH = """() => { window.__gaps = []; let last = performance.now();
  const tick = (now) => { window.__gaps.push(now - last); last = now; requestAnimationFrame(tick); }; requestAnimationFrame(tick); }"""
SELECT = """async () => { const ed = document.querySelector('.deixis').__ed, taken = [];
  for (const thing of ed.view.visibleObjects().slice(0, 20)) {
    const start = performance.now(); ed.session.select([thing.object]);
    await new Promise((done) => { ed.view.isAwaitingDraw = true; const before = ed.root.dataset.ready;
      const look = () => (ed.root.dataset.ready !== before ? done() : setTimeout(look, 0)); look(); });
    taken.push(performance.now() - start);
  } return taken; }"""
SAVE = """async () => { const ed = document.querySelector('.deixis').__ed, taken = [];
  for (let n = 0; n < 20; n++) {
    const start = performance.now(), thing = ed.view.visibleObjects()[n % ed.view.visibleObjects().length];
    ed.actions.moveObjects(new Map([[thing.object, thing.box.map((x) => x + (n % 2 ? 0.5 : -0.5))]]));
    await new Promise((done) => { const look = () => (ed.services.sync.queue.entries.length ? setTimeout(look, 0) : done()); look(); });
    taken.push(performance.now() - start);
  } return taken; }"""


def served(folder: Path):
    """The editor alone on a fresh data folder; its process and address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(ROOT / "tests/browser/canvas/server.py"), str(port), str(folder)]
    process, url = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}), f"http://127.0.0.1:{port}"
    while process.poll() is None:
        try:
            urllib.request.urlopen(url + "/config", timeout=5).close()
            return process, url
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError("the editor's server ended before it answered")


def spread(values: list[float]) -> dict:
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 1),
        "n": len(ordered),
    }


def gaps(page, act) -> list[float]:
    page.evaluate("window.__gaps.length = 0")
    act()
    return page.evaluate("window.__gaps.slice(1)")


def measure(page, url: str, name: str) -> dict[str, list[float]]:
    """One round on one photo."""
    page.goto(url)
    page.wait_for_selector(".deixis[data-ready]")
    ready = page.get_attribute(".deixis", "data-ready")
    page.evaluate(
        f"() => {{ const ed = document.querySelector('.deixis').__ed; "
        f"ed.openItem(ed.parts.itemList.items.find((item) => item.name === {json.dumps(name)}).id); }}"
    )
    page.wait_for_function(f"document.querySelector('.deixis').dataset.ready !== '{ready}'")
    page.evaluate(WATCH)
    at = page.evaluate(
        "() => { const ed = document.querySelector('.deixis').__ed, t = ed.view.visibleObjects()[0]; "
        "ed.session.select([t.object]); return ed.view.toPage((t.box[0] + t.box[2]) / 2, (t.box[1] + "
        "t.box[3]) / 2); }"
    )

    def drag():
        page.mouse.move(at["x"], at["y"])
        page.mouse.down()
        for step in range(60):
            page.mouse.move(at["x"] + step, at["y"] + step / 2)
        page.mouse.up()

    def zoom():
        for step in range(30):
            page.mouse.wheel(0, -60 if step < 15 else 60)
            page.wait_for_timeout(15)

    return {
        "drag frame ms": gaps(page, drag),
        "zoom frame ms": gaps(page, zoom),
        "select ms": page.evaluate(SELECT),
        "edit saved ms": page.evaluate(SAVE),
    }


def main() -> None:
    from playwright.sync_api import sync_playwright

    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--out", type=Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        process, url = served(Path(folder))
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium-headless-shell"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        table = {}
        for boxes, name in PHOTOS.items():
            rounds = [measure(page, url, name) for _ in range(asked.rounds)]
            table[boxes] = {what: spread([x for one in rounds for x in one[what]]) for what in rounds[0]}
            for what, found in table[boxes].items():
                print(f"{boxes:5} boxes  {what:14} median {found['median']:7.1f}  p95 {found['p95']:7.1f}  ({found['n']})", flush=True)
        browser.close()
        process.terminate()
        process.wait()
    if asked.out:
        stamped.write(asked.out, {"boxes": table})


if __name__ == "__main__":
    main()
