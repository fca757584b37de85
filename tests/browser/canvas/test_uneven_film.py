"""However a film's frames are spaced, the frame asked for is the frame shown and the frame exported, for each of its frames."""

import json
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from grounding.data.media import open_video
from grounding.tasks.intake.load import load
from grounding.tasks.publish.publish import publish
from tests import barcode as films
from tests.browser.canvas.conftest import numbered_frame
from tests.browser.canvas.test_film import SHOWN, go

COUNT = 30
VP9 = {"codec": "libvpx-vp9", "options": {"cpu-used": 8}}


def bursts(gap_s: float) -> list[float]:
    """Times at 30 a second, but each fifth and sixth frame follow the one before them by this gap."""
    return [0.0, *np.cumsum([gap_s if n % 5 < 2 else 1 / 30 for n in range(2, COUNT + 1)]).round(4).tolist()]


CLIPS = {
    "one_ms.mp4": {"times_s": bursts(0.001), "options": {"bf": 2}},
    "two_ms.webm": {"times_s": bursts(0.002), **VP9},
    "all_one_ms.mp4": {"times_s": [n / 1000 for n in range(COUNT)]},
    "eighteen_ms.webm": {"times_s": bursts(0.018), **VP9},
    "pauses.mp4": {"times_s": [n // 3 + n % 3 * 0.02 for n in range(COUNT)], **VP9},
    "ntsc.mp4": {"rate": Fraction(30_000, 1001), "options": {"bf": 3, "g": 30}},
    "edit_list.mp4": {"times_s": [n / 30 - 0.21 for n in range(COUNT + 7)]},
    "wide_pixels.mp4": {"pixel_shape": Fraction(4, 3)},
}


@pytest.fixture(scope="module")
def items(bench, tmp_path_factory):
    """Name -> id of the films, loaded into a project of their own."""
    folder, store = tmp_path_factory.mktemp("spaced"), bench.store
    for name, settings in CLIPS.items():
        films.write_video(folder / name, **{"count": COUNT, "size": (320, 240), "draw": numbered_frame, **settings})
    project = store.create_project("Spaced", ["dog"])
    assert [*load(store, project.id, [folder])][-1].result.skipped == []
    known_as_playable(
        store, project.id, films.write_video(folder / "earlier.mp4", COUNT, size=(320, 240), draw=numbered_frame, times_s=bursts(0.001))
    )
    yield {item.name: item for item in store.all_items(project.id)}
    store.close()


def known_as_playable(store, project, path):
    """Puts a film into a project as versions before the bound on gaps did."""
    with open_video(path) as film:
        store.add_item(project, name=path.name, kind="video", sha256=store.add_file(path, "mp4"), ext="mp4", size=film.size,
                       pts=film.frames.pts_s, meta={"playable": True})


@pytest.mark.parametrize("name", [*CLIPS, "earlier.mp4"])
def test_every_frame_shown_is_the_frame_asked_for(desk, items, name):
    ready = desk.page.get_attribute(".deixis", "data-ready")
    desk.js(f"void ed.openItem({json.dumps(items[name].id)})")
    desk.page.wait_for_function(f"document.querySelector('.deixis').dataset.ready !== '{ready}'")
    cut = 7 if name == "edit_list.mp4" else 0  # frames before the start do not count
    wanted = range(items[name].frame_count)
    shown = []
    for frame in np.random.default_rng(0).permutation(wanted).tolist():
        go(desk, frame)
        shown.append((frame, desk.page.evaluate(SHOWN) - cut))
    assert shown == [(frame, frame) for frame, _ in shown] and len(wanted) == COUNT


def test_every_frame_exported_is_the_frame_of_its_number(bench, items, tmp_path):
    store = bench.store
    for _ in publish(store, items["one_ms.mp4"].project, tmp_path / "out", frames="all"):
        pass
    store.close()
    for name in CLIPS:
        for frame in range(COUNT):
            pixels = np.asarray(Image.open(tmp_path / "out/images/default" / name / f"frame_{frame:06d}.png"))
            bits = [pixels[60, pixels.shape[1] * (2 * bit + 1) // 16, 0] > 127 for bit in range(8)]
            assert sum(bit << place for place, bit in enumerate(bits)) == frame + 7 * (name == "edit_list.mp4"), (name, frame)
