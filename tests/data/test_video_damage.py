"""Broken videos: what still decodes is kept and said; what cannot be used is refused in one sentence."""

import av
import numpy as np
import pytest

from grounding.data.media import MediaError, open_video
from tests import barcode

SIZE = (168, 96)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    return barcode.index_first(barcode.write_video(folder / "raw.mp4", 120, size=SIZE), folder / "film.mp4")


def broken(tmp_path, film, change):
    data = bytearray(film.read_bytes())
    path = tmp_path / "broken.mp4"
    path.write_bytes(change(data))
    return path


def garbled(data, start, length):
    data[start : start + length] = np.random.default_rng(0).bytes(length)
    return data


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) * 7 // 10], lambda data: garbled(data, len(data) - 2500, 2500)],
                         ids=["cut short", "garbled tail"])
def test_frames_before_a_broken_tail_are_kept_and_the_loss_is_said(tmp_path, film, damage):
    with open_video(broken(tmp_path, film, damage)) as video:
        assert 20 < len(video) < 120
        assert f"{len(video)} of 120 frames" in video.warning and video.warning.startswith("broken.mp4")
        assert not video.playable
        assert [barcode.read_number(frame.pixels) for frame in video.read()] == list(range(len(video)))
        assert barcode.read_number(video.frame(len(video) - 1).pixels) == len(video) - 1


def test_frames_after_a_broken_middle_are_the_same_read_or_sought(tmp_path, film):
    with open_video(broken(tmp_path, film, lambda data: garbled(data, len(data) // 2, 1500))) as video:
        assert len(video) > 60 and "damaged" in video.warning
        read = [frame.pixels.tobytes() for frame in video.read()]
        assert len(read) == len(video)
        assert all(video.frame(index).pixels.tobytes() == read[index] for index in reversed(range(len(video))))


def sound_only() -> bytes:
    import io

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=16_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 16_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


BAD = {
    "empty": (lambda film: b"", "is empty"),
    "no index": (lambda film: film[4000:4040].join([b"\0\0\0\x20ftypisom" + bytes(20)] * 2), "cannot be opened"),
    "head only": (lambda film: film[:500], "cannot be opened"),
    "text": (lambda film: b"this is a note\n" * 9, "is text"),
    "playlist": (lambda film: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "is text"),
    "concat": (lambda film: b"ffconcat version 1.0\nfile /etc/passwd\n", "is text"),
    "sound only": (lambda film: sound_only(), "no video in it"),
    "a photo": (lambda film: b"\xff\xd8\xff\xe0" + bytes(99), "is a photo"),
    "no frames": (lambda film: film[: film.index(b"mdat") + 20], "no frame|cannot be opened"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_video_is_refused_in_a_sentence_that_names_it(tmp_path, film, case):
    make, reason = BAD[case]
    path = tmp_path / "клип é.mp4"
    path.write_bytes(make(film.read_bytes()))
    with pytest.raises(MediaError, match=reason) as refusal:
        open_video(path)
    assert str(refusal.value).startswith("клип é.mp4") and str(tmp_path) not in str(refusal.value)


def test_a_missing_video_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(MediaError, match="gone.mp4 cannot be read"):
        open_video(tmp_path / "gone.mp4")


def test_a_video_that_changed_under_its_table_says_so(tmp_path, film):
    with open_video(film) as video:
        table = video.frames
    shorter = barcode.write_video(tmp_path / "film.mp4", 30, size=SIZE)
    with open_video(shorter, frames=table) as video, pytest.raises(MediaError, match="the file has changed"):
        video.frame(100)
