"""Samples for the captioner: each teaches what it knows, the same at the same step; switches keep the rest out."""

from pathlib import Path

import numpy as np
import pytest
import torch

from grounding.data.media_image import Image
from grounding.learning.captioning.clip_cache import FilmCache, see_play
from grounding.learning.captioning.clip_evaluation import (
    Way,
    film_exam,
    learned_affinity,
    learned_linker,
    motion_linker,
)
from grounding.learning.captioning.clip_samples import DrawnFilms, FakeFilms, backwards, in_a_mirror
from grounding.learning.captioning.disjoint import Sample, Switches, disjoint_loss
from grounding.learning.captioning.examples import Told, ToldPhoto, mirrored
from grounding.learning.captioning.sources import Album, Mixed, PhotoSentences
from grounding.learning.examples.feature_cache import FeatureCache
from grounding.models.tracking.learned_tracker import LearnedTracker
from grounding.models.tracking.motion_tracker import MotionTracker
from grounding.nn.captioning.network import CaptionShape, TellingNet
from grounding.nn.captioning.vocabulary import Vocabulary
from grounding.nn.files.features import CacheError, Features
from grounding.synthetic.clips import draw_play
from tests.models.toy_eyes import CHANNELS, ToyEyes


class PlayEyes(ToyEyes):
    """See the colours of any picture, and two things in fixed places."""

    def see(self, image):
        levels = {name: self.level(image.pixels, *shape) for name, shape in CHANNELS.items()}
        return Features(levels, np.float32([[0.1, 0.2, 0.5, 0.8], [0, 0.7, 1, 1]]), np.array([0, 1]), np.float32([0.9, 0.8]), 4 / 3)


WORDS = Vocabulary.of(["a red dog in a hat", "the blue ball moves left then up and comes back"] * 3)
BOX = np.float32([0.1, 0.2, 0.5, 0.8])
TOLD = (Told("a dog in a red hat", BOX, "joined", ((0, 5, BOX), (9, 18, np.float32([0.2, 0.2, 0.3, 0.3])))),
        Told("A dog on the left runs .", np.float32([0, 0, 1, 1]), "sentence", ((0, 5, BOX),)),
        Told("the grass", np.float32([0, 0.7, 1, 1]), "phrase", ((0, 9, np.float32([0, 0.7, 1, 1])),)))


@pytest.fixture(scope="module")
def plays(tmp_path_factory):
    cache = FilmCache(tmp_path_factory.mktemp("plays"), ToyEyes.version)
    for seed in (1, 2):
        cache.write(seed, see_play(draw_play(seed), PlayEyes(), seed))
    return cache


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    cache = FeatureCache(tmp_path_factory.mktemp("photos"), ToyEyes.version)
    cache.write("aa11", PlayEyes().see(Image(draw_play(5).frame(0))))
    return Album(cache, (("aa11", ToldPhoto("1", Path("1.jpg"), TOLD)),))


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    return TellingNet(CaptionShape(pieces=len(WORDS), width=32, heads=2, wide=48, layers=1, match=32))


@pytest.mark.parametrize("name", ["photos", "fake", "films"])
def test_the_same_step_gives_the_same_sample(name, plays, album):
    make = {"photos": lambda: PhotoSentences(album, WORDS, photos=2), "fake": lambda: FakeFilms(album, WORDS, films=2),
            "films": lambda: DrawnFilms(plays, (1, 2), WORDS, films=2)}[name]
    first, again, other = make()(3), make()(3), make()(4)
    assert torch.equal(first.views.whole, again.views.whole) and torch.equal(first.pieces, again.pieces)
    assert first.views.whole.shape != other.views.whole.shape or not torch.equal(first.views.whole, other.views.whole)


def test_each_source_teaches_what_it_knows(plays, album, net):
    photo, film = PhotoSentences(album, WORDS, photos=2)(0), DrawnFilms(plays, (1, 2), WORDS, films=2)(0)
    assert set(disjoint_loss(net, photo)) == {"sentences", "places"} and set(disjoint_loss(net, film)) == {"boxes", "tracks", "sentences"}


def test_what_a_switch_leaves_out_gets_no_gradient(plays, album, net):
    net.zero_grad(set_to_none=True)
    sum(disjoint_loss(net, PhotoSentences(album, WORDS, photos=2)(0)).values()).backward()
    assert all(weight.grad is None for weight in net.match.parameters()) and net.tell.word.weight.grad is not None
    film = DrawnFilms(plays, (1, 2), WORDS, films=2)(0)
    net.zero_grad(set_to_none=True)
    sum(disjoint_loss(net, Sample(Switches(tracks=1), seen=film.seen, identity=film.identity)).values()).backward()
    assert net.match.row.weight.grad is not None and all(weight.grad is None for weight in net.tell.parameters())


def test_words_learn_their_own_places(album):
    sample = PhotoSentences(album, WORDS, photos=1, each=3)(0)
    rows = {tuple(row[row > 0].tolist()): place for place, row in enumerate(sample.pieces)}
    spelled = WORDS.spell("a dog in a red hat").pieces
    place = rows[(1, *spelled, 2)]
    known = sample.spotted[place].bool().tolist()
    assert known[:6] == [False, True, True, False, True, True]
    assert torch.allclose(sample.spots[place, 2], torch.from_numpy(BOX)) and sample.spots[place, 5, 2] == pytest.approx(0.3)


def test_what_is_told_of_a_mirror_image_is_true_of_it():
    turned = mirrored(TOLD[1])
    assert turned.text == "A dog on the right runs ." and np.allclose(turned.spots[0][2], [0.5, 0.2, 0.9, 0.8])
    assert np.allclose(mirrored(turned).spots[0][2], BOX)


def test_a_film_backwards_and_in_a_mirror_twice_is_itself(plays):
    play = plays.read(1)
    for turn in (backwards, in_a_mirror):
        twice = turn(turn(play))
        assert [part.sentence for part in twice.parts] == [part.sentence for part in play.parts]
        assert np.allclose(twice.boxes, play.boxes, atol=1e-6) and np.array_equal(twice.cells, play.cells)
    assert [part.sentence for part in backwards(play).parts] != [part.sentence for part in play.parts]


def test_a_play_of_other_networks_is_refused(plays):
    with pytest.raises(CacheError, match="made by"):
        FilmCache(plays.folder, "other@1").read(1)


def test_sources_take_turns_and_none_is_forgotten():
    sources = [lambda step, name=name: name for name in "abc"]
    drawn = [Mixed(sources, 0)(step) for step in range(300)]
    assert all(60 < drawn.count(name) < 140 for name in "abc")
    with pytest.raises(ValueError, match="nothing to learn"):
        Mixed([])


def test_an_exam_with_perfect_boxes_and_tracks_finds_every_box(plays, net):
    net.eval()
    tracker = LearnedTracker(Path("none"), _kept={"net": net.match})
    linkers = {"learned": learned_linker(tracker), "motion": motion_linker(MotionTracker())}
    ways = (Way("oracle", "oracle", "hard", 0), Way("learned", "learned", "soft"), Way("vote", "motion", "vote"))
    result = film_exam(net, WORDS, [plays.read(1), plays.read(2)], linkers, learned_affinity(tracker), ways)
    assert result["oracle"]["DetA"] == result["oracle"]["AssA"] == 1
    for row in result.values():
        assert all(0 <= value <= 1 for value in row.values())
