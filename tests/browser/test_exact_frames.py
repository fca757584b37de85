"""The browser's own player shows frame n of our frame table for each n, in every film we say it can play."""

import functools
import http.server
import io
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from grounding.data.media import open_video
from tests import barcode

SIZE = (320, 192)
CLIPS = {
    "h264.mp4": {}, "ntsc.mp4": {"rate": Fraction(30_000, 1001)}, "long_groups.mp4": {"count": 90, "options": {"g": 90, "bf": 3}},
    "uneven_late_start.mp4": {"times_s": [0.5 + n / 30 + (n > 9) * 0.4 + (n > 20) * 0.013 for n in range(30)]},
    "cut_by_an_edit_list.mp4": {"times_s": [n / 30 - 0.21 for n in range(40)]},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"auto-alt-ref": 1, "lag-in-frames": 16, "cpu-used": 8}},
    "av1.mp4": {"codec": "libsvtav1", "options": {"preset": 12}},
    "turned.mp4": {"rotation": 90}, "mirrored.mp4": {"matrix": (-1, 0, 0, 1)}, "mirrored_and_turned.mp4": {"matrix": (0, 1, 1, 0)},
    "wide_pixels.mp4": {"pixel_shape": Fraction(4, 3)}, "quicktime.mov": {},
}
SEEK = """(t) => new Promise((done) => {
    let left = 2;
    const one = () => { if (--left === 0) done(); };
    v.onseeked = one;
    v.requestVideoFrameCallback(one);
    setTimeout(done, 3000);
    v.currentTime = t;
})"""
OPEN = """(name) => new Promise((done, fail) => {
    v.onloadeddata = () => done([v.videoWidth, v.videoHeight]);
    v.onerror = () => fail(v.error.message);
    v.src = '/' + name;
})"""


class Files(http.server.SimpleHTTPRequestHandler):
    """A folder over HTTP with byte ranges, and a page with one player at /."""

    def log_message(self, *_):
        """Says nothing."""

    def do_GET(self):
        page = b'<!doctype html><body style="margin:0"><video id="v" muted></video>'
        data = page if self.path == "/" else Path(self.translate_path(self.path)).read_bytes()
        first, last = 0, len(data) - 1
        if asked := self.headers.get("Range"):
            start, _, end = asked.removeprefix("bytes=").partition("-")
            first, last = int(start), int(end or last)
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        kind = "text/html" if self.path == "/" else "video/webm" if self.path.endswith("webm") else "video/mp4"
        for name, value in (("Accept-Ranges", "bytes"), ("Content-Length", last - first + 1), ("Content-Type", kind)):
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(data[first : last + 1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def player(browser, folder):
    class Quiet(http.server.ThreadingHTTPServer):
        def handle_error(self, *_):
            """A player that seeks hangs up in the middle; that is no error."""

    server = Quiet(("127.0.0.1", 0), functools.partial(Files, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.new_page(viewport={"width": 640, "height": 480})
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    yield page
    page.close()
    server.shutdown()


@pytest.mark.parametrize("name", CLIPS)
def test_the_browser_shows_the_frame_we_would_give(folder, player, name):
    path = barcode.write_video(folder / name, **{"count": 40, "size": SIZE, **CLIPS[name]})
    with open_video(path) as video:
        assert video.playable
        width, height = player.evaluate(OPEN, name)
        assert (width, height) == video.size
        ends = [*video.frames.pts_s[1:], video.frames.pts_s[-1] + 0.02]
        for index in np.random.default_rng(0).permutation(len(video))[:8].tolist():
            player.evaluate(SEEK, float(video.frames.pts_s[index] + ends[index]) / 2)
            assert settles(player, video.frame(index).pixels), f"frame {index} is not what is shown"


def settles(player, wanted: np.ndarray, tries: int = 12) -> bool:
    """Whether the player comes to show these pixels; the picture may reach the screen a little after the player says so."""
    height, width = wanted.shape[:2]
    for _ in range(tries):
        shown = player.screenshot(clip={"x": 0, "y": 0, "width": width, "height": height})
        if np.abs(np.asarray(Image.open(io.BytesIO(shown)).convert("RGB")).astype(int) - wanted).mean() < 4:
            return True
        player.wait_for_timeout(150)
    return False
