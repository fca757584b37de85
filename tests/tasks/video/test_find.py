"""A sentence asked of a video ranks its tracks by how well it fits them."""

from dataclasses import dataclass, field

import pytest

from grounding.data import new_id, run_to_end
from grounding.models.scripted import ScriptedCaptioner
from grounding.tasks.intake.load import load
from grounding.tasks.label.encodings import EncodingCache
from grounding.tasks.video.find import find_tracks
from tests import barcode
from tests.annotated import annotation


@dataclass(frozen=True)
class Counting(ScriptedCaptioner):
    """Counts how often it looks at a film."""

    looks: list = field(default_factory=list)

    def encode_tracks(self, video, tracks):
        self.looks.append(len(video))
        return super().encode_tracks(video, tracks)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return barcode.write_video(tmp_path_factory.mktemp("film") / "film.mp4", count=12)


@pytest.fixture
def item(store, path):
    project = store.create_project("Toys")
    run_to_end(load(store, project.id, [path]))
    return store.items(project.id)[0]


def track(store, item, label, first, end, state="accepted"):
    keys = [{"frame": frame, "box": [10, 10, 60, 60], "outside": False} for frame in (first, end)]
    said = annotation(item.id, "track", {"label": label, "caption": "", "state": state, "score": 1.0, "keyframes": keys}, "person:ann")
    store.append(item.id, [said], edit=new_id())
    return said.object


def test_the_track_that_fits_comes_first_with_its_curve(store, item):
    cup, dog, gone = track(store, item, "cup", 0, 9), track(store, item, "dog", 3, 6), track(store, item, "dog", 0, 3, "rejected")
    told = find_tracks(store, item, ScriptedCaptioner(), "the dog that jumps", EncodingCache())
    assert [one["object"] for one in told["tracks"]] == [dog, cup] and gone not in str(told)
    assert told["tracks"][0]["frames"] == [3, 6] and [frame for frame, _ in told["tracks"][0]["curve"]] == [3, 4, 5, 6]
    assert told["tracks"][0]["score"] > told["tracks"][1]["score"]


def test_a_film_is_looked_at_again_only_when_its_tracks_change(store, item):
    captioner, kept = Counting(), EncodingCache()
    track(store, item, "cup", 0, 9)
    for text in ("a cup", "a dog"):
        find_tracks(store, item, captioner, text, kept)
    assert captioner.looks == [12]
    track(store, item, "dog", 3, 6)
    assert len(find_tracks(store, item, captioner, "a dog", kept)["tracks"]) == 2 and captioner.looks == [12, 12]


def test_without_tracks_nothing_is_found_and_without_a_captioner_the_cure_is_told(store, item):
    assert find_tracks(store, item, ScriptedCaptioner(), "a dog", EncodingCache()) == {"text": "a dog", "tracks": []}
    with pytest.raises(ValueError, match="captioner"):
        find_tracks(store, item, None, "a dog", EncodingCache())


@pytest.mark.parametrize(
    "text, said",
    [
        ("the dog and the cat", "one track at a time"),
        ("the man without a hat", "say what it is"),
        ("track 12", "cannot be read"),
        ("what is it?", "Questions"),
        ("собака", "English"),
    ],
)
def test_a_sentence_that_cannot_be_asked_of_tracks_is_declined(store, item, text, said):
    track(store, item, "dog", 0, 5)
    told = find_tracks(store, item, Counting(), text, EncodingCache())
    assert told["tracks"] == [] and said in told["declined"]


def test_a_question_where_something_is_asks_for_the_thing(store, item):
    track(store, item, "dog", 0, 5)
    told = find_tracks(store, item, Counting("a dog"), "where is the dog?", EncodingCache())
    assert "declined" not in told and len(told["tracks"]) == 1
