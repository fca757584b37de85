"""Draws the picture of the README: the page on its demo project.  python docs/picture.py

Needs what the tests need (`make test` sets it up). Only drawn worlds are shown, no photo of anybody.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "assets" / "page.png"
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium-headless-shell"
SIZE = {"width": 1360, "height": 800}


def main() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "DEIXIS_DATA": folder, "PORT": str(port)}
        server = subprocess.Popen([sys.executable, str(ROOT / "app.py")], env=env)
        try:
            shots = [shot(f"http://127.0.0.1:{port}", theme) for theme in ("light", "dark")]
        finally:
            server.terminate()
            server.wait(timeout=30)
    both = Image.new("RGB", shots[0].size)
    both.paste(shots[0])
    both.paste(shots[1].crop((both.width // 2, 0, both.width, both.height)), (both.width // 2, 0))
    both.quantize(192).save(OUT, optimize=True)
    print(f"{OUT.relative_to(ROOT)}: {OUT.stat().st_size // 1000} kB")


def shot(url: str, theme: str) -> Image.Image:
    """The Annotate tab on its second item, in one theme."""
    with sync_playwright() as pw:
        browser = pw.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=SIZE, color_scheme=theme)
        page.set_default_timeout(180_000)
        wait_for(url)
        page.goto(url)
        page.wait_for_selector(".deixis[data-item][data-ready]")
        page.wait_for_timeout(1500)
        page.locator(".dx-row.phrase").nth(1).hover()
        page.wait_for_timeout(500)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        browser.close()
    return picture


def wait_for(url: str, patience_s: float = 180) -> None:
    host, port = url.rsplit("/", 1)[-1].split(":")
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((host, int(port))) == 0:
                return
        time.sleep(0.2)
    raise SystemExit(f"{url} did not answer in {patience_s:.0f} s")


if __name__ == "__main__":
    main()
