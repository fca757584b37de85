"""What every format of videos must do: read(write(x)) shows the same boxes in the same frames, and nothing breaks it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grounding.data import CaptionSpan, Keyframe, Size, Track
from grounding.exchange import cvat, mot, vidstg
from grounding.exchange.photos import Category
from grounding.exchange.videos import TrackAnnotation, VideoAnnotations, VideoPhrase, VideoSet, uniform_pts


@dataclass(frozen=True)
class Format:
    """A format by its two doors; `captions`, `covers`: it keeps them; `file`: what a stranger may have written into."""

    write: Callable
    read: Callable
    captions: bool
    covers: bool
    file: str


FORMATS = {
    "mot": Format(mot.write, mot.read, False, True, "film/gt/gt.txt"),
    "vidstg": Format(vidstg.write, vidstg.read, True, False, "vidor/film.json"),
    "cvat": Format(cvat.write, cvat.read, True, True, "film/annotations.xml"),
}
formats = pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS.keys())
LABELS = ("dog", "Hündin", "traffic light")
COUNT = 40
words = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20).map(str.strip)
number = st.integers(0, 30000).map(lambda n: n / 100)


@st.composite
def tracks(draw):
    frames = sorted(draw(st.sets(st.integers(0, COUNT - 1), min_size=1, max_size=6)))
    keys = []
    for frame in frames:
        x, y, w, h = draw(st.tuples(number, number, number, number))
        outside = bool(keys) and not keys[-1].outside and frame != frames[-1] and draw(st.booleans())
        keys.append(Keyframe(frame, (x, y, round(x + w + 1, 2), round(y + h + 1, 2)), outside))
    return Track.from_keyframes(keys, draw(st.sampled_from(LABELS)), draw(words))


@st.composite
def tubes_of(draw, row, track):
    """Covered in some frames, and with sentences about stretches of its life, no two alike."""
    first, last = int(track.frames[0]), int(track.frames[-1])
    ends = draw(st.lists(st.tuples(st.integers(first, last), st.integers(first, last)).map(sorted), max_size=3))
    stretches = sorted(
        CaptionSpan(start, end, f"stretch {number}") for number, (start, end) in enumerate(ends) if (start, end) != (first, last)
    )
    covered = frozenset(draw(st.sets(st.sampled_from(track.frames.tolist()))))
    return TrackAnnotation(row, LABELS.index(track.label) + 1, track, covered, tuple(stretches))


@st.composite
def film_sets(draw):
    films = []
    for name in draw(st.sets(st.sampled_from(["film.mp4", "a/b.webm", "été 1%.mov"]), min_size=1)):
        tubes = tuple(draw(tubes_of(row, track)) for row, track in enumerate(draw(st.lists(tracks(), max_size=4)), 1))
        phrases = tuple(VideoPhrase(f"it is {tube.id}", (tube.id,)) for tube in tubes[:1] if tube.track.caption)
        films.append(VideoAnnotations(name, Size(320, 240), uniform_pts(25.0, COUNT), tubes, phrases))
    return VideoSet(tuple(Category(row, name) for row, name in enumerate(LABELS, 1)), tuple(sorted(films, key=lambda film: film.name)))


def told(film: VideoAnnotations, captions: bool, keyframes_only: bool = False) -> list:
    """What a person would see: for each thing its label, caption and its box in each frame, to a hundredth of a pixel."""
    def boxes(track):
        return {
            frame: tuple(round(v, 1) for v in box)
            for frame, box, key in zip(track.frames.tolist(), track.boxes.xyxy.tolist(), track.keyframes)
            if key or not keyframes_only
        }
    return [(tube.id, tube.track.label, tube.track.caption if captions else "", boxes(tube.track)) for tube in film.tracks]


def close(a: list, b: list) -> bool:
    return len(a) == len(b) and all(x[:3] == y[:3] and x[3].keys() == y[3].keys() and
                                    all(abs(p - q) <= 0.21 for f in x[3] for p, q in zip(x[3][f], y[3][f])) for x, y in zip(a, b))


@formats
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(films=film_sets())
def test_there_and_back(format, films, tmp_path_factory):
    folder = tmp_path_factory.mktemp("set") / "out"
    format.write(films, folder)
    back = format.read(folder)
    assert back.faults == ()
    assert {c.name for c in back.categories} >= {tube.track.label for film in films.videos for tube in film.tracks}
    assert sorted(film.name for film in back.videos) == [film.name for film in films.videos]
    by_name = {film.name: film for film in back.videos}
    for film in films.videos:
        again = by_name[film.name]
        assert (again.size, len(again)) == (film.size, len(film))
        assert close(told(film, format.captions), told(again, format.captions)), (told(film, True), told(again, True))
        assert [tube.occluded_frames for tube in again.tracks] == [
            tube.occluded_frames if format.covers else frozenset() for tube in film.tracks
        ]
        assert [tube.caption_spans for tube in again.tracks] == [tube.caption_spans if format.captions else () for tube in film.tracks]
    twice = folder.with_name("twice")
    format.write(back, twice)
    assert [told(film, True) for film in format.read(twice).videos] == [told(film, True) for film in back.videos]


@formats
def test_frames_after_the_end_of_a_film_are_not_written(format, tmp_path):
    track = Track.from_keyframes([Keyframe(COUNT - 2, (0, 0, 10, 10)), Keyframe(COUNT + 3, (50, 0, 60, 10))], "dog", "a dog walks")
    beyond = Track.from_keyframes([Keyframe(COUNT, (0, 0, 10, 10))], "dog", "a dog that comes too late")
    film = VideoAnnotations(
        "film.mp4", Size(320, 240), uniform_pts(25.0, COUNT), (TrackAnnotation(1, 1, track), TrackAnnotation(2, 1, beyond))
    )
    format.write(VideoSet((Category(1, "dog"),), (film,)), tmp_path / "out")
    [again] = format.read(tmp_path / "out").videos
    assert [tube.track.frames.tolist() for tube in again.tracks if len(tube.track)] == [[COUNT - 2, COUNT - 1]]
    written = "".join(path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert "too late" not in written and f'"{COUNT}"' not in written.replace(f'length="{COUNT}"', "")


@formats
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(films=film_sets())
def test_keyframes_alone_are_those_that_were_set(format, films, tmp_path_factory):
    folder = tmp_path_factory.mktemp("set") / "out"
    format.write(films, folder, True)
    by_name = {film.name: film for film in format.read(folder).videos}
    for film in films.videos:
        seen = {tube.id: set(tube.track.frames.tolist()) for tube in by_name[film.name].tracks}
        for tube in film.tracks:
            keys = set(tube.track.frames[tube.track.keyframes].tolist())
            assert keys <= seen[tube.id] <= set(tube.track.frames.tolist())


@formats
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(
        st.text(max_size=60),
        st.sampled_from(
            [
                "1,1,1,1,5,5\n1,1,1,1,5,5,1,1,1",
                "nan,1,1,1,1,1",
                "1e300,1,1,1,1,1",
                "1 2 3 4 5 6",
                "1,1,1,1,-5,5,1,1,1",
                "[]",
                '{"trajectories": [[{}]]}',
                '{"trajectories": 3, "subject/objects": []}',
                "<annotations/>",
                "<annotations><track><box/></track></annotations>",
                '<annotations><track id="0" label="a"><box frame="0" xtl="9" ytl="0" xbr="1" ybr="1"/></track></annotations>',
                '<!DOCTYPE a [<!ENTITY b "c">]><annotations>&b;</annotations>',
                "<annotations><image/></annotations>",
            ]
        ),
    )
)
def test_whatever_stands_in_the_file_gives_films_or_sentences(format, text, tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("set")
    (folder / format.file).parent.mkdir(parents=True)
    (folder / format.file).write_text(text, "utf-8", errors="replace")
    found = format.read(folder)
    assert all(fault.where and fault.why for fault in found.faults)
