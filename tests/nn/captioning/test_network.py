"""The caption network: causal masking, batching, likelihoods, views, beam search and vocabulary."""

import numpy as np
import pytest
import torch

from grounding.nn.captioning.aggregate import mixing_weights, normalize_times, sample_evenly
from grounding.nn.captioning.batches import ObjectFeatures, batch_objects, batch_sentences, objects_of_photo
from grounding.nn.captioning.network import CaptionerConfig, CaptionerNet
from grounding.nn.captioning.search import beam_search
from grounding.nn.captioning.vocabulary import BEGIN, END, Vocabulary
from grounding.nn.region_features import BOX_FEATURE_WIDTH, CELL_FEATURE_WIDTH, CELLS_PER_IMAGE_SIDE, RegionFeatures

VOCABULARY = Vocabulary.from_texts(["a red dog runs", "the dog moves left then up", "a dog"] * 3)


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    return CaptionerNet(
        CaptionerConfig(vocabulary_size=len(VOCABULARY), width=32, heads=2, feedforward_width=48, layers=2, association_width=32)
    ).eval()


def _regions(count: int, seed: int = 0) -> RegionFeatures:
    rng = np.random.default_rng(seed)
    boxes = np.concatenate([rng.uniform(0, 0.4, (count, 2)), rng.uniform(0.5, 1, (count, 2))], 1).astype(np.float32)
    return RegionFeatures(
        rng.normal(size=(count, BOX_FEATURE_WIDTH)).astype(np.float32),
        rng.normal(size=(count, 9, CELL_FEATURE_WIDTH)).astype(np.float32),
        boxes,
    )


def _image_cells(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(CELLS_PER_IMAGE_SIDE * CELLS_PER_IMAGE_SIDE, CELL_FEATURE_WIDTH)).astype(np.float32)


def _track_features(count: int, seed: int = 0) -> ObjectFeatures:
    return ObjectFeatures(_regions(count, seed), normalize_times(np.arange(count), 0, max(count - 1, 1)), np.ones(count, np.float32))


def test_a_word_does_not_depend_on_later_words(net):
    prefix = net.decoder.encode(batch_objects(objects_of_photo(_regions(1)), [_image_cells()]))
    first, second = (net.decoder.decode(prefix, torch.tensor([[BEGIN, 5, 6, last]])) for last in (7, 8))
    assert torch.allclose(first[:, :3], second[:, :3], atol=1e-5) and not torch.allclose(first[:, 3], second[:, 3], atol=1e-3)


def test_an_object_scores_alone_as_in_a_batch(net):
    objects = [_track_features(3), _track_features(1, 1), _track_features(6, 2)]
    table = batch_sentences([VOCABULARY.tokenize("the dog").pieces] * 3)
    with torch.inference_mode():
        together = net.decoder.log_likelihood(net.decoder.encode(batch_objects(objects)), table)
        alone = torch.cat([net.decoder.log_likelihood(net.decoder.encode(batch_objects([features])), table[:1]) for features in objects])
    assert torch.allclose(together, alone, atol=1e-4)


def test_the_probabilities_of_the_next_piece_sum_to_one(net):
    prefix = net.decoder.encode(batch_objects(objects_of_photo(_regions(2)), [_image_cells()]))
    assert torch.allclose(
        net.decoder.next_log_probs(net.decoder.decode(prefix, torch.tensor([[BEGIN]] * 2))).exp().sum(-1), torch.ones(2, 1), atol=1e-4
    )


def test_the_unconditional_likelihood_does_not_depend_on_the_object(net):
    table = batch_sentences([VOCABULARY.tokenize("a dog").pieces])
    with torch.inference_mode():
        unconditional = [
            net.decoder.log_likelihood(net.decoder.encode(batch_objects([_track_features(4, seed)])).unconditional(), table)
            for seed in (0, 1)
        ]
        conditional = [net.decoder.log_likelihood(net.decoder.encode(batch_objects([_track_features(4, seed)])), table) for seed in (0, 1)]
    assert torch.allclose(*unconditional, atol=1e-4) and not torch.allclose(*conditional, atol=1e-4)


def test_a_view_with_a_tiny_weight_has_almost_no_effect(net):
    whole, table = _track_features(3), batch_sentences([VOCABULARY.tokenize("a dog").pieces])
    downweighted = ObjectFeatures(whole.views, whole.times, np.float32([1, 1, 1e-3]))
    two = ObjectFeatures(whole.views.keep([0, 1]), whole.times[:2], np.ones(2, np.float32))
    with torch.inference_mode():
        full, reduced, without = (
            net.decoder.log_likelihood(net.decoder.encode(batch_objects([features])), table).sum()
            for features in (whole, downweighted, two)
        )
    assert abs(reduced - without) < 0.2 * abs(full - without)


def test_the_order_of_views_is_given_by_their_times_alone(net):
    original, table = _track_features(4), batch_sentences([VOCABULARY.tokenize("a dog").pieces])
    permuted = ObjectFeatures(original.views.keep([2, 0, 3, 1]), original.times[[2, 0, 3, 1]], original.weights)
    reversed_ = ObjectFeatures(original.views, original.times[::-1].copy(), original.weights)
    with torch.inference_mode():
        a, b, c = (
            net.decoder.log_likelihood(net.decoder.encode(batch_objects([features])), table) for features in (original, permuted, reversed_)
        )
    assert torch.allclose(a, b, atol=1e-4) and not torch.allclose(a, c, atol=1e-5)


@pytest.mark.parametrize("beam", [1, 3])
def test_a_sentence_has_begin_end_and_its_mean_log_likelihood(net, beam):
    prefix = net.decoder.encode(batch_objects(objects_of_photo(_regions(3)), [_image_cells()]))
    pieces, means = beam_search(net.decoder, prefix, max_pieces=8, beam_width=beam)
    assert (pieces[:, 0] == BEGIN).all() and ((pieces == END).sum(1) == 1).all() and pieces.shape[1] <= 9
    with torch.inference_mode():
        log_probs = net.decoder.log_likelihood(prefix, pieces)
    assert torch.allclose(log_probs.sum(1) / ((pieces != 0).sum(1) - 1), means, atol=1e-4)
    for row in pieces.tolist():
        words = row[: row.index(END)]
        assert len(words) > 1 and all(a != b for a, b in zip(words, words[1:])) and not set(row[row.index(END) + 1:]) - {0}


def test_a_wider_beam_is_at_least_as_likely_after_one_step(net):
    prefix = net.decoder.encode(batch_objects(objects_of_photo(_regions(4)), [_image_cells()]))
    assert (beam_search(net.decoder, prefix, 2, beam_width=4)[1] >= beam_search(net.decoder, prefix, 2, beam_width=1)[1] - 1e-5).all()


@pytest.mark.parametrize("text", ["a dog", "The red dog runs.", "zebras can't xylophone 42 times", "a dog, wet"])
def test_tokenize_then_detokenize_gives_the_sentence_back(text):
    tokenized = VOCABULARY.tokenize(text)
    assert 3 not in tokenized.pieces
    assert VOCABULARY.detokenize(tokenized.pieces)[0].replace(" ,", ",") == text.lower().rstrip(".")
    for word, (start, end) in zip(VOCABULARY.detokenize(tokenized.pieces)[0].split(), tokenized.word_spans):
        assert text[start:end].lower() == word


def test_unknown_characters_are_tokenized_and_long_sentences_truncated():
    assert (
        VOCABULARY.tokenize("Ein süßer Hund — 犬!").pieces
        and VOCABULARY.tokenize("").pieces == ()
        and len(VOCABULARY.tokenize("dog " * 99).pieces) == 30
    )


def test_sampled_indices_are_evenly_spaced():
    assert sample_evenly(3).tolist() == [0, 1, 2] and sample_evenly(11).tolist() == [0, 2, 4, 6, 8, 10]
    assert sample_evenly(0).tolist() == [] and sample_evenly(9, 1).tolist() == [0]


def test_soft_mixing_weighs_detections_of_the_same_object_only():
    affinity = np.float32([[1, 1, 0], [1, 1, 0], [0, 0, 1]])
    assert np.allclose(mixing_weights(affinity, np.array([0, 1])), [[0.5, 0.5, 0]], atol=1e-3)
    assert np.allclose(mixing_weights(affinity, np.array([2])), [[0, 0, 1]], atol=1e-3)
