"""Odd films are followed all the same: with sound and without, turned, damaged at the end, of one frame, with nothing
and with a crowd in it."""

import av
import numpy as np
import pytest

import pseudo_query
from grounding import model_cache
from grounding.data import Boxes, Regions, Size, Track, run_to_end
from grounding.data.media import open_video
from grounding.data.media_image import Image
from grounding.learning.metrics.grounding import spatial_iou
from grounding.models.scripted import ScriptedDetector
from grounding.tasks.intake.load import load
from grounding.tasks.label.propose import propose
from grounding.tasks.video.follow import follow
from grounding.tasks.video.follow_box import follow_box
from tests import barcode

SIZE, COUNT = Size(320, 192), 20
trackers = pytest.mark.parametrize("name", ["motion", "learned"])


class Red:
    """A detector that finds the red square of the painted frames."""

    version = "red@1"

    def detect(self, image: Image) -> Regions:
        red, green, blue = np.moveaxis(image.pixels.astype(int), -1, 0)
        rows, columns = np.nonzero((red > 150) & (green < 110) & (blue < 110))
        if not len(rows):
            return Regions.empty()
        return Regions(Boxes([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]]), [0.9], ("kite",))


def square(number: int, size: Size) -> tuple[float, float, float, float]:
    """Where tests/barcode.py paints it."""
    x, y = number * 7 % (size.width - 40), size.height // 2
    return x, y, x + 40, y + 40


def truth(size: Size, count: int) -> Track:
    return Track(np.arange(count), Boxes([square(number, size) for number in range(count)]), np.ones(count, bool), "kite")


def with_sound(source, target):
    """The same film with a silent track of sound."""
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        film, sound = new.add_stream_from_template(old.streams.video[0]), new.add_stream("aac", rate=16_000)
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = film
                new.mux(packet)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 16_000
        new.mux(sound.encode(frame))
        new.mux(sound.encode(None))
    return target


def turned(folder):
    def painted(number, stored):
        return np.ascontiguousarray(np.rot90(barcode.draw_frame(number, (SIZE.height, SIZE.width)), -1))
    return barcode.write_video(folder / "film.mp4", COUNT, size=SIZE, rotation=90, draw=painted)


def damaged(folder):
    """The last three tenths of it are missing."""
    whole = barcode.index_first(barcode.write_video(folder / "raw.mp4", COUNT, size=SIZE), folder / "film.mp4")
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size * 7 // 10])
    return whole


FILMS = {
    "without sound": lambda folder: barcode.write_video(folder / "film.mp4", COUNT, size=SIZE),
    "with sound": lambda folder: with_sound(barcode.write_video(folder / "raw.mp4", COUNT, size=SIZE), folder / "film.mp4"),
    "turned": turned, "damaged": damaged, "one frame": lambda folder: barcode.write_video(folder / "film.mp4", 1, size=SIZE),
}


@pytest.fixture(scope="module", params=FILMS)
def film(request, tmp_path_factory):
    with open_video(FILMS[request.param](tmp_path_factory.mktemp("film"))) as video:
        expected = {"turned": (Size(SIZE.height, SIZE.width), COUNT), "one frame": (SIZE, 1), "damaged": (SIZE, len(video))}
        assert (video.size, len(video)) == expected.get(request.param, (SIZE, COUNT)) and bool(video.warning) == (
            request.param == "damaged"
        )
        assert request.param != "damaged" or 5 < len(video) < COUNT
        yield video


@trackers
def test_everything_is_followed_through_every_frame_there_is(film, name):
    (track,) = run_to_end(follow(film, Red(), model_cache.make("tracker", name)))
    assert track.label == "kite" and track.frames.tolist() == list(range(len(film)))
    assert spatial_iou(truth(film.size, len(film)), track) > 0.85


def test_a_box_is_followed_through_every_frame_there_is(film):
    steps = list(follow_box(film, model_cache.make("follower"), Red(), 0, square(0, film.size)))
    track = steps[-1].result
    assert track.frames.tolist() == list(range(len(film))) and steps[-1].done == steps[-1].total == len(film)
    assert spatial_iou(truth(film.size, len(film)), track) > 0.7


@trackers
def test_a_film_with_nothing_in_it_has_no_track_and_no_trouble(film, name):
    assert run_to_end(follow(film, ScriptedDetector(), model_cache.make("tracker", name), pseudo_query.generate)) == []


@trackers
def test_what_was_followed_before_a_file_breaks_is_kept_and_the_break_is_named(tmp_path, store, name):
    whole = barcode.index_first(barcode.write_video(tmp_path / "raw.mp4", 90, size=(168, 96)), tmp_path / "film.mp4")
    project = store.create_project("P")
    run_to_end(load(store, project.id, [whole]))
    (item,) = store.items(project.id)
    kept = store.media_path(item)
    kept.chmod(0o644)
    kept.write_bytes(whole.read_bytes()[: whole.stat().st_size * 3 // 4])
    report = run_to_end(propose(store, project.id, Red(), pseudo_query.generate, tracker=model_cache.make("tracker", name)))
    ((called, sentence),) = report.skipped
    assert called == "film.mp4" and "film.mp4 can no longer be decoded; the file has changed" in sentence
    ends = [int(a.value.to_track().frames[-1]) for a in store.current(item.id) if a.kind == "track"]
    assert 20 <= max(ends) < 89


def test_a_thousand_things_are_followed_and_named_each(tmp_path, store):
    across, down = np.meshgrid(np.arange(40) * 8.0, np.arange(25) * 7.0)
    boxes = np.stack([across.ravel(), down.ravel(), across.ravel() + 6, down.ravel() + 5], 1)
    crowd = ScriptedDetector(default=Regions(Boxes(boxes), np.full(1000, 0.9), ("kite",) * 1000))
    project = store.create_project("P")
    run_to_end(load(store, project.id, [barcode.write_video(tmp_path / "film.mp4", 4, size=SIZE)]))
    report = run_to_end(propose(store, project.id, crowd, pseudo_query.generate, tracker=model_cache.make("tracker", "motion")))
    (item,) = store.items(project.id)
    captions = [a.value.caption for a in store.current(item.id)]
    assert (report.tracks, report.skipped, len(captions)) == (1000, [], 1000) and all(captions)
