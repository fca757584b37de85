"""The paper's form of the network: its sizes are the paper's, padding changes nothing, and it learns by the common loop."""

import numpy as np
import pytest
import torch

from grounding.learning.finetune import Schedule, finetune
from grounding.learning.grounding.losses import Truth, grounding_loss
from grounding.nn.files.features import Features
from grounding.nn.grounding import batches
from tests.benchmarks.reference.paper_net import CrossModality, PaperNet, PaperShape, apart, prompted, waves

SIDES = {"ssd19": 19, "eff14": 14}
SMALL = PaperShape.on_minilm(levels=(("ssd19", 6), ("eff14", 5)), side=4, width=32, heads=2, wide=48, encoders=3, fusers=2)


def picture(seed: int) -> Features:
    rng = np.random.default_rng(seed)
    levels = {name: rng.standard_normal((channels, SIDES[name], SIDES[name])).astype(np.float16) for name, channels in SMALL.levels}
    return Features(levels, np.zeros((0, 4), np.float32), np.zeros(0, np.int16), np.zeros(0, np.float32), 1.5)


def phrase(seed: int, pieces: int) -> np.ndarray:
    return np.random.default_rng(100 + seed).standard_normal((pieces, 384)).astype(np.float32)


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    return PaperNet(SMALL).eval()


@torch.no_grad()
def answer(net, pictures, phrases):
    return net.ask(net.see(batches.scenes(pictures, 80)), batches.words(phrases))


def test_alone_as_in_a_batch_beside_longer_phrases(net):
    alone = answer(net, [picture(1)], [[phrase(1, 4)]])
    together = answer(net, [picture(2), picture(1)], [[phrase(2, 30), phrase(3, 2), phrase(4, 3)], [phrase(5, 6), phrase(1, 4)]])
    assert torch.allclose(alone.free[0, 0], together.free[1, 1], atol=1e-5)
    assert not torch.allclose(together.free[0, 0], together.free[0, 1], atol=1e-3)


def test_each_phrase_of_a_picture_gets_one_box_inside_it(net):
    found = answer(net, [picture(1), picture(2)], [[phrase(1, 4), phrase(2, 1)], []])
    assert found.boxes.shape == (2, 2, 1, 4) and found.logits.shape == (2, 2, 1) and found.here.shape == (2, 2)
    assert (found.boxes >= 0).all() and (found.boxes <= 1).all() and (found.boxes[..., 2:] >= found.boxes[..., :2]).all()
    assert answer(net, [picture(1)], [[]]).boxes.shape[1] == 1  # a row that nobody asked


def test_words_are_taken_apart_phrase_by_phrase():
    first, second = phrase(1, 4), phrase(2, 2)
    states, real = apart(batches.words([[first, second], [second]]))
    assert real.tolist() == [[True] * 4, [True, True, False, False], [True, True, False, False]]
    np.testing.assert_array_equal(states[0], first)
    np.testing.assert_array_equal(states[1, :2], second)
    assert (states[1, 2:] == 0).all()


def test_the_attention_between_modalities_weighs_what_the_paper_says():
    """Width 768 for words, 256 for the picture, six levels with one set of weights: 6.04 million, 3.54 of them in one matrix."""
    meet = CrossModality(768, 256, 6)
    assert sum(weight.numel() for weight in meet.parameters()) == 6_036_480
    assert meet.text.mix.weight.numel() + len(meet.text.mix.bias) == 3_539_712
    words, real, levels = torch.randn(2, 20, 768), torch.ones(2, 20, dtype=torch.bool), torch.randn(1, 6, 400, 256)
    heard, looked = meet(words, real, levels, torch.zeros(2, dtype=torch.long))
    assert heard.shape == (2, 20, 768) and looked.shape == (2, 400, 256)


def test_what_is_computed_once_a_picture_is_what_the_formula_says():
    """L' = LN(L + W_o Attn(W_q L, W_k V_i, W_v V_i)) for every level i, then one matrix over all levels; written out for one phrase."""
    torch.manual_seed(1)
    meet = CrossModality(12, 8, 2).eval()
    words, levels = torch.randn(1, 3, 12), torch.randn(1, 2, 5, 8)
    heard, looked = meet(words, torch.ones(1, 3, dtype=torch.bool), levels, torch.zeros(1, dtype=torch.long))

    def met(side, x, other):
        share = (side.query(x) @ side.key(other).T / x.shape[-1] ** 0.5).softmax(-1)
        return side.norm(x + side.out(share @ side.value(other)))

    text = meet.text.mix(torch.cat([met(meet.text, words[0], level) for level in levels[0]], -1))
    image = meet.image.mix(torch.cat([met(meet.image, level, words[0]) for level in levels[0]], -1))
    assert torch.allclose(heard[0], text, atol=1e-5) and torch.allclose(looked[0], image, atol=1e-5)


def test_every_weight_learns_from_the_drawn_box_alone():
    net = PaperNet(SMALL)
    found = net.ask(net.see(batches.scenes([picture(5)], 80)), batches.words([[phrase(8, SMALL.pieces)]]))
    losses = grounding_loss(found, Truth(torch.tensor([[[[0.1, 0.2, 0.5, 0.6]]]]), torch.ones(1, 1, 1, dtype=torch.bool), torch.ones(1, 1)))
    assert [name for name, loss in losses.items() if loss.requires_grad] == ["free"]
    losses["free"].backward()
    assert [name for name, weight in net.named_parameters() if weight.grad is None] == []


def test_it_learns_a_toy_batch_by_the_common_loop():
    torch.manual_seed(0)
    truth = Truth(torch.tensor([[[[0.05, 0.1, 0.4, 0.6]], [[0.6, 0.3, 0.95, 0.9]]]]), torch.ones(1, 2, 1, dtype=torch.bool), torch.ones(1, 2))
    batch = batches.scenes([picture(3)], 80), batches.words([[phrase(1, 3), phrase(2, 4)]]), truth
    net = PaperNet(SMALL)

    def wrong() -> float:
        with torch.no_grad():
            return float(grounding_loss(net.ask(net.see(batch[0]), batch[1]), truth)["free"])

    before = wrong()
    for _ in finetune(net, lambda step: batch, Schedule(40, rate=1e-3, warmup=5, smooth=0.8)):
        pass
    assert wrong() < before / 2


def test_places_differ_and_the_prompt_holds_the_phrase():
    places = waves(5, 16)
    assert places.shape == (25, 16) and torch.cdist(places, places).fill_diagonal_(1).min() > 0.1
    assert torch.allclose(places[1, :8], places[0, :8]) and not torch.allclose(places[5, :8], places[0, :8])
    assert "left dog" in prompted("left dog") and prompted("left dog") != "left dog"
