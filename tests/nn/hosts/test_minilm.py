"""MiniLM: the same states as the published model; long phrases are truncated."""

import numpy as np
import pytest
import torch

from grounding.nn.hosts import minilm

FIRST, FOURTH = [-0.0517, -0.0248, -0.3572, 0.3984], [0.0354, -0.1109, -0.3237, 0.1946]


@pytest.fixture(scope="module")
def net():
    return minilm.MiniLM.pretrained()


def test_states_are_those_of_the_published_model(net):
    """The numbers were read from transformers 5.23 (AutoModel on the same files); importing it here would cost ten seconds."""
    states = minilm.encode_phrases(net, ["a man in a red shirt"])[0]
    np.testing.assert_allclose(states[0, :4], FIRST, atol=5e-3)
    np.testing.assert_allclose(states[3, :4], FOURTH, atol=5e-3)


def test_states_do_not_depend_on_the_batch_and_keep_the_order(net):
    phrases = ["a very long phrase about a dog that runs on a beach", "dog", "the cat"]
    together = minilm.encode_phrases(net, phrases, batch_size=2)
    for phrase, states in zip(phrases, together):
        np.testing.assert_allclose(minilm.encode_phrases(net, [phrase])[0], states, atol=2e-3)
    assert minilm.encode_phrases(net, []) == []


def test_a_long_phrase_is_truncated_at_forty_pieces(net):
    long = "dog " * 100
    assert minilm.encode_phrases(net, [long])[0].shape == (minilm.MAX_PIECES - 1, 384)
    assert minilm.is_truncated(long) and not minilm.is_truncated("the dog")


def test_every_weight_learns_until_a_model_packs_its_own_copy():
    net = minilm.MiniLM(1)
    net(torch.tensor([[101, 7, 102]]), torch.ones(1, 3, dtype=torch.bool)).sum().backward()
    assert [name for name, weight in net.named_parameters() if weight.grad is None] == []
