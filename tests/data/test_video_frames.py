"""Videos: the frame asked for is the frame painted, in every codec, at any pace, in any order."""

import threading
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest

from grounding.data import Size
from grounding.data.media import FrameTable, open_video, playable_in_browser
from grounding.data.media_kinds import seekable_in_browser
from tests import barcode

SIZE = (168, 96)
PACE = np.random.default_rng(7).choice([0.02, 0.033, 0.1, 0.25], 59)
UNEVEN = [0.5, *(0.5 + np.cumsum(PACE))]

CLIPS = {
    "h264.mp4": {},
    "ntsc.mp4": {"rate": Fraction(30_000, 1001)},
    "long_groups.mp4": {"count": 150, "options": {"g": 250, "bf": 3}},
    "open_groups.mp4": {"count": 100, "options": {"g": 12, "bf": 3, "x264-params": "open-gop=1:scenecut=0:b-adapt=0"}},
    "gradual_refresh.mp4": {"count": 100, "options": {"x264-params": "intra-refresh=1:keyint=30"}},
    "uneven_late_start.mp4": {"times_s": UNEVEN},
    "uneven_late_start.webm": {"codec": "libvpx-vp9", "times_s": UNEVEN, "options": {"cpu-used": 8}},
    "vp9_hidden_frames.webm": {"codec": "libvpx-vp9", "options": {"auto-alt-ref": 1, "lag-in-frames": 16, "cpu-used": 8}},
    "av1.mp4": {"codec": "libsvtav1", "options": {"preset": 12}},
    "hevc.mp4": {"codec": "libx265", "options": {"x265-params": "keyint=20:open-gop=1:bframes=4:log-level=none"}},
    "quicktime.mov": {},
    "matroska.mkv": {"options": {"bf": 2}},
    "transport.ts": {"options": {"bf": 2, "g": 20}},
    "mpeg4.avi": {"codec": "mpeg4", "time_base": Fraction(1, 30)},
    "mpeg2.mpg": {"codec": "mpeg2video", "time_base": Fraction(1, 30)},
    "one_frame.mp4": {"count": 1},
}
IN_BROWSER = {"h264.mp4", "ntsc.mp4", "long_groups.mp4", "uneven_late_start.mp4", "uneven_late_start.webm",
              "vp9_hidden_frames.webm", "av1.mp4", "quicktime.mov", "one_frame.mp4"}


@pytest.fixture(scope="module", params=CLIPS)
def clip(request, tmp_path_factory):
    settings = {"count": 60, "size": SIZE, **CLIPS[request.param]}
    path = barcode.write_video(tmp_path_factory.mktemp("clips") / request.param, **settings)
    with open_video(path) as video:
        yield video, settings


def test_every_frame_has_its_number_and_time(clip):
    video, settings = clip
    count = len(settings.get("times_s", range(settings["count"])))
    assert len(video) == count and video.size == Size(*SIZE) and video.warning == ""
    assert [barcode.read_number(frame.pixels) for frame in video.read()] == list(range(count))
    expected = np.array(settings.get("times_s", [n / settings.get("rate", Fraction(30)) for n in range(count)]), float)
    start = (video.frames.pts_s - expected)[0]  # some containers begin a little later than asked, all of it together
    assert np.abs(video.frames.pts_s - start - expected).max() < 0.0011


def test_a_sought_frame_is_the_frame_read_to_the_last_bit(clip):
    video, _ = clip
    read = [frame.pixels.tobytes() for frame in video.read()]
    for index in [*np.random.default_rng(0).permutation(len(video)), *reversed(range(len(video)))]:
        frame = video.frame(int(index))
        assert frame.index == index and frame.pts_s == video.frames.pts_s[index]
        assert frame.pixels.tobytes() == read[index], index


def test_a_table_kept_from_before_gives_the_same_frames(clip):
    video, _ = clip
    with open_video(video.path, frames=FrameTable(video.frames.pts_s.tolist())) as again:
        for index in (len(video) - 1, len(video) // 2, 0):
            assert np.array_equal(again.frame(index).pixels, video.frame(index).pixels)


def test_a_film_whose_times_do_not_rise_is_counted_frame_by_frame(tmp_path):
    path = barcode.write_video(tmp_path / "packed.mpg", 60, "mpeg2video", size=SIZE, time_base=Fraction(1, 30))
    with open_video(path) as video, open_video(path, frames=video.frames) as again:
        assert len(video) == 60 and (np.diff(video.frames.pts_s) > 0).all()
        numbers = [(barcode.read_number(video.frame(n).pixels), barcode.read_number(again.frame(n).pixels)) for n in (59, 3, 30)]
    assert numbers == [(59, 59), (3, 3), (30, 30)]


def test_reading_from_the_middle_with_steps_skips_nothing_else(clip):
    video, _ = clip
    wanted = list(range(len(video)))[len(video) // 3 :: 7]
    assert [barcode.read_number(frame.pixels) for frame in video.read(start=len(video) // 3, step=7)] == wanted
    assert [frame.index for frame in video.read(start=2, stop=5)] == list(range(len(video)))[2:5]


def test_the_browser_is_trusted_only_with_what_it_shows_exactly(clip):
    video, _ = clip
    assert video.playable == (video.path.name in IN_BROWSER)


@pytest.mark.parametrize("turn, size", [(0, SIZE), (90, SIZE[::-1]), (180, SIZE), (-90, SIZE[::-1])])
def test_a_turned_film_comes_out_upright(tmp_path, turn, size):
    def painted(number, stored):
        return np.ascontiguousarray(np.rot90(barcode.draw_frame(number, size), -turn // 90))

    path = barcode.write_video(tmp_path / "turned.mp4", 8, size=SIZE, rotation=turn, draw=painted)
    video = open_video(path)
    assert video.size == Size(*size)
    assert video.frame(5).pixels.shape == (size[1], size[0], 3)
    assert [barcode.read_number(frame.pixels) for frame in video.read()] == list(range(8))


@pytest.mark.parametrize(
    "matrix, same",
    [
        ((-1, 0, 0, 1), lambda a: a[:, ::-1]),
        ((1, 0, 0, -1), lambda a: a[::-1]),
        ((0, 1, 1, 0), lambda a: a.swapaxes(0, 1)),
        ((0, -1, -1, 0), lambda a: np.rot90(a, 2).swapaxes(0, 1)),
    ],
)
def test_a_mirrored_film_comes_out_as_its_matrix_says(tmp_path, matrix, same):
    plain, mirrored = (open_video(barcode.write_video(tmp_path / f"{name}.mp4", 3, size=SIZE, matrix=given))
                       for name, given in (("plain", None), ("mirrored", matrix)))
    assert np.array_equal(mirrored.frame(2).pixels, same(plain.frame(2).pixels))
    assert mirrored.size == mirrored.frame(2).image.size


def test_wide_pixels_are_made_square_as_browsers_do(tmp_path):
    video = open_video(barcode.write_video(tmp_path / "wide.mp4", 5, size=SIZE, pixel_shape=Fraction(4, 3)))
    assert video.size == Size(224, 96)
    assert video.frame(3).pixels.shape == (96, 224, 3) and barcode.read_number(video.frame(3).pixels) == 3


def test_frames_cut_off_by_an_edit_list_do_not_count(tmp_path):
    path = barcode.write_video(tmp_path / "edited.mp4", size=SIZE, times_s=[n / 30 - 0.21 for n in range(40)])
    video = open_video(path)
    numbers = [barcode.read_number(frame.pixels) for frame in video.read()]
    assert numbers == list(range(40 - len(video), 40)) and len(video) in (33, 34)
    assert video.warning == "" and video.frames.pts_s[0] >= 0


def test_the_frame_at_a_time_is_the_one_on_screen():
    table = FrameTable([0.5, 0.6, 1.0])
    assert [table.at(t) for t in (-1, 0.5, 0.59, 0.6, 0.99, 1.0, 9)] == [0, 0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("times", [[0, 0], [1, 0.5], [0, np.nan]])
def test_a_table_whose_times_do_not_rise_is_refused(times):
    with pytest.raises(ValueError, match="rising"):
        FrameTable(times)


def test_frames_outside_are_refused(tmp_path):
    video = open_video(barcode.write_video(tmp_path / "short.mp4", 4, size=SIZE))
    for index in (-1, 4):
        with pytest.raises(IndexError, match="frames 0 to 3"):
            video.frame(index)


def test_threads_may_share_a_video(tmp_path):
    video = open_video(barcode.write_video(tmp_path / "shared.mp4", 90, size=SIZE, options={"g": 15}))
    wrong = []

    def look(seed):
        for index in np.random.default_rng(seed).integers(0, 90, 40).tolist():
            if barcode.read_number(video.frame(index).pixels) != index:
                wrong.append(index)

    threads = [threading.Thread(target=look, args=(seed,)) for seed in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert wrong == []


def test_reading_a_film_takes_no_more_memory_at_its_end_than_at_its_start(tmp_path):
    video = open_video(barcode.write_video(tmp_path / "long.mp4", 240, size=SIZE))
    tracemalloc.start()
    try:
        sizes = [tracemalloc.get_traced_memory()[0] for frame in video.read()]
    finally:
        tracemalloc.stop()
    assert max(sizes[120:]) - max(sizes[5:120]) < 4 * SIZE[0] * SIZE[1] * 3


def test_a_closed_video_opens_again_when_asked(tmp_path):
    video = open_video(barcode.write_video(tmp_path / "closed.mp4", 6, size=SIZE))
    video.frame(2)
    video.close()
    assert barcode.read_number(video.frame(4).pixels) == 4


@pytest.mark.parametrize("container, codec, plays", [
    ("mp4", "h264", True), ("webm", "vp9", True), ("mp4", "av1", True), ("webm", "av1", True), ("mp4", "hevc", False),
    ("avi", "h264", False), ("mkv", "h264", False), ("mp4", "mpeg4", False), ("", "", False)])
def test_what_browsers_play(container, codec, plays):
    assert playable_in_browser(container, codec) == plays


@pytest.mark.parametrize("codec, gap_s, rate, plays", [
    ("h264", 0.001, 30, False), ("h264", 0.002, 30, False), ("h264", 0.01, 30, True), ("vp9", 0.01, 30, False), ("vp9", 0.02, 30, True),
    ("vp9", 1 / 240, 240, True), ("h264", 1 / 240, 240, True), ("av1", 0.01, 0, False)])
def test_a_film_with_frames_too_close_for_a_player_is_not_left_to_it(codec, gap_s, rate, plays):
    steps = [1 / (rate or 30)] * 10 + [gap_s]
    assert seekable_in_browser(codec, np.cumsum(steps), rate) == plays
    assert seekable_in_browser(codec, np.cumsum(steps)[:1], rate)


@pytest.mark.parametrize("name", ["01_dog.mp4", "02_cups.mp4", "bottle-detection.mp4"])
def test_real_films_have_the_frames_their_containers_promise(shared_data, name):
    import av

    with av.open(str(shared_data / "videos" / name)) as container:
        promised = container.streams.video[0].frames
    with open_video(shared_data / "videos" / name) as video:
        assert len(video) == promised and video.playable and video.warning == ""
        last = [frame.pixels.tobytes() for frame in video.read(start=promised - 3)]
        assert [video.frame(index).pixels.tobytes() for index in range(promised - 3, promised)] == last
