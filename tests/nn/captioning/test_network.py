"""The caption network: words see what was seen and what was said, nothing else; likelihoods add up; sentences end."""

import numpy as np
import pytest
import torch

from grounding.nn.captioning.aggregate import mixture, spread, times
from grounding.nn.captioning.batches import Sight, sentences, still, views
from grounding.nn.captioning.network import CaptionShape, TellingNet
from grounding.nn.captioning.search import say
from grounding.nn.captioning.vocabulary import BEGIN, END, Vocabulary
from grounding.nn.tokens import AROUND, FINE_WIDTH, WHOLE_WIDTH, Looks

WORDS = Vocabulary.of(["a red dog runs", "the dog moves left then up", "a dog"] * 3)


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    return TellingNet(CaptionShape(pieces=len(WORDS), width=32, heads=2, wide=48, layers=2, match=32)).eval()


def _looks(count: int, seed: int = 0) -> Looks:
    rng = np.random.default_rng(seed)
    boxes = np.concatenate([rng.uniform(0, 0.4, (count, 2)), rng.uniform(0.5, 1, (count, 2))], 1).astype(np.float32)
    return Looks(rng.normal(size=(count, WHOLE_WIDTH)).astype(np.float32), rng.normal(size=(count, 9, FINE_WIDTH)).astype(np.float32), boxes)


def _picture(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(AROUND * AROUND, FINE_WIDTH)).astype(np.float32)


def _track(count: int, seed: int = 0) -> Sight:
    return Sight(_looks(count, seed), times(np.arange(count), 0, max(count - 1, 1)), np.ones(count, np.float32))


def test_a_word_knows_nothing_of_the_words_after_it(net):
    prefix = net.tell.read(views(still(_looks(1)), [_picture()]))
    first, second = (net.tell.write(prefix, torch.tensor([[BEGIN, 5, 6, last]])) for last in (7, 8))
    assert torch.allclose(first[:, :3], second[:, :3], atol=1e-5) and not torch.allclose(first[:, 3], second[:, 3], atol=1e-3)


def test_things_are_described_alone_as_in_a_batch(net):
    sights = [_track(3), _track(1, 1), _track(6, 2)]
    table = sentences([WORDS.spell("the dog").pieces] * 3)
    with torch.inference_mode():
        together = net.tell.likelihood(net.tell.read(views(sights)), table)
        apart = torch.cat([net.tell.likelihood(net.tell.read(views([sight])), table[:1]) for sight in sights])
    assert torch.allclose(together, apart, atol=1e-4)


def test_the_likelihoods_of_all_next_pieces_add_up_to_one(net):
    prefix = net.tell.read(views(still(_looks(2)), [_picture()]))
    assert torch.allclose(net.tell.next(net.tell.write(prefix, torch.tensor([[BEGIN]] * 2))).exp().sum(-1), torch.ones(2, 1), atol=1e-4)


def test_blind_the_prefix_says_nothing(net):
    table = sentences([WORDS.spell("a dog").pieces])
    with torch.inference_mode():
        blind = [net.tell.likelihood(net.tell.read(views([_track(4, seed)])).blind(), table) for seed in (0, 1)]
        seeing = [net.tell.likelihood(net.tell.read(views([_track(4, seed)])), table) for seed in (0, 1)]
    assert torch.allclose(*blind, atol=1e-4) and not torch.allclose(*seeing, atol=1e-4)


def test_a_view_that_weighs_nothing_is_as_good_as_absent(net):
    whole, table = _track(3), sentences([WORDS.spell("a dog").pieces])
    light = Sight(whole.looks, whole.times, np.float32([1, 1, 1e-3]))
    two = Sight(whole.looks.keep([0, 1]), whole.times[:2], np.ones(2, np.float32))
    with torch.inference_mode():
        full, faint, without = (net.tell.likelihood(net.tell.read(views([s])), table).sum() for s in (whole, light, two))
    assert abs(faint - without) < 0.2 * abs(full - without)


def test_the_order_of_views_is_told_by_their_times_alone(net):
    sight, table = _track(4), sentences([WORDS.spell("a dog").pieces])
    turned = Sight(sight.looks.keep([2, 0, 3, 1]), sight.times[[2, 0, 3, 1]], sight.weights)
    reversed_ = Sight(sight.looks, sight.times[::-1].copy(), sight.weights)
    with torch.inference_mode():
        a, b, c = (net.tell.likelihood(net.tell.read(views([s])), table) for s in (sight, turned, reversed_))
    assert torch.allclose(a, b, atol=1e-4) and not torch.allclose(a, c, atol=1e-5)


@pytest.mark.parametrize("beam", [1, 3])
def test_what_is_said_begins_ends_and_says_how_likely_it_is(net, beam):
    prefix = net.tell.read(views(still(_looks(3)), [_picture()]))
    pieces, means = say(net.tell, prefix, longest=8, beam=beam)
    assert (pieces[:, 0] == BEGIN).all() and ((pieces == END).sum(1) == 1).all() and pieces.shape[1] <= 9
    with torch.inference_mode():
        each = net.tell.likelihood(prefix, pieces)
    assert torch.allclose(each.sum(1) / ((pieces != 0).sum(1) - 1), means, atol=1e-4)
    for row in pieces.tolist():
        said = row[: row.index(END)]
        assert len(said) > 1 and all(a != b for a, b in zip(said, said[1:])) and not set(row[row.index(END) + 1:]) - {0}


def test_a_wider_beam_never_says_something_less_likely_of_one_step(net):
    prefix = net.tell.read(views(still(_looks(4)), [_picture()]))
    assert (say(net.tell, prefix, 2, beam=4)[1] >= say(net.tell, prefix, 2, beam=1)[1] - 1e-5).all()


@pytest.mark.parametrize("text", ["a dog", "The red dog runs.", "zebras can't xylophone 42 times", "a dog, wet"])
def test_any_sentence_is_spelled_and_read_again(text):
    spelled = WORDS.spell(text)
    assert 3 not in spelled.pieces
    assert WORDS.join(spelled.pieces)[0].replace(" ,", ",") == text.lower().rstrip(".")
    for word, (start, end) in zip(WORDS.join(spelled.pieces)[0].split(), spelled.words):
        assert text[start:end].lower() == word


def test_strange_signs_do_no_harm():
    assert WORDS.spell("Ein süßer Hund — 犬!").pieces and WORDS.spell("").pieces == () and len(WORDS.spell("dog " * 99).pieces) == 30


def test_views_are_spread_over_all_there_are():
    assert spread(3).tolist() == [0, 1, 2] and spread(11).tolist() == [0, 2, 4, 6, 8, 10]
    assert spread(0).tolist() == [] and spread(9, 1).tolist() == [0]


def test_soft_mixes_what_is_the_same_thing_and_leaves_others_out():
    affinity = np.float32([[1, 1, 0], [1, 1, 0], [0, 0, 1]])
    assert np.allclose(mixture(affinity, np.array([0, 1])), [[0.5, 0.5, 0]], atol=1e-3)
    assert np.allclose(mixture(affinity, np.array([2])), [[0, 0, 1]], atol=1e-3)
