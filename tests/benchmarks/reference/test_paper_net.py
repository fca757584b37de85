"""The Pseudo-Q network: it has the paper's dimensions, padding changes nothing, and it trains with the common loop."""

import numpy as np
import pytest
import torch

from grounding.learning.finetune import Schedule, finetune
from grounding.learning.grounding.losses import GroundingTargets, grounding_losses
from grounding.nn.files.features import ImageFeatures
from grounding.nn.grounding import batches
from tests.benchmarks.reference.paper_net import (
    CrossModalityAttention,
    PseudoQConfig,
    PseudoQNet,
    add_prompt,
    sine_positions,
    split_phrases,
)

SIDES = {"ssd19": 19, "eff14": 14}
SMALL = PseudoQConfig.on_minilm(
    levels=(("ssd19", 6), ("eff14", 5)), grid_size=4, width=32, heads=2, feedforward_width=48, encoder_layers=3, fusion_layers=2
)


def make_features(seed: int) -> ImageFeatures:
    rng = np.random.default_rng(seed)
    levels = {name: rng.standard_normal((channels, SIDES[name], SIDES[name])).astype(np.float16) for name, channels in SMALL.levels}
    return ImageFeatures(levels, np.zeros((0, 4), np.float32), np.zeros(0, np.int16), np.zeros(0, np.float32), 1.5)


def phrase(seed: int, pieces: int) -> np.ndarray:
    return np.random.default_rng(100 + seed).standard_normal((pieces, 384)).astype(np.float32)


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    return PseudoQNet(SMALL).eval()


@torch.no_grad()
def ground(net, images, phrases):
    return net.ground(net.encode(batches.batch_images(images, 80)), batches.batch_texts(phrases))


def test_a_phrase_scores_alone_as_in_a_batch_with_longer_phrases(net):
    alone = ground(net, [make_features(1)], [[phrase(1, 4)]])
    together = ground(
        net, [make_features(2), make_features(1)], [[phrase(2, 30), phrase(3, 2), phrase(4, 3)], [phrase(5, 6), phrase(1, 4)]]
    )
    assert torch.allclose(alone.regressed_boxes[0, 0], together.regressed_boxes[1, 1], atol=1e-5)
    assert not torch.allclose(together.regressed_boxes[0, 0], together.regressed_boxes[0, 1], atol=1e-3)


def test_each_phrase_gets_one_box_inside_the_image(net):
    output = ground(net, [make_features(1), make_features(2)], [[phrase(1, 4), phrase(2, 1)], []])
    assert output.boxes.shape == (2, 2, 1, 4) and output.logits.shape == (2, 2, 1) and output.existence_logits.shape == (2, 2)
    assert (output.boxes >= 0).all() and (output.boxes <= 1).all() and (output.boxes[..., 2:] >= output.boxes[..., :2]).all()
    assert ground(net, [make_features(1)], [[]]).boxes.shape[1] == 1  # a row of padding


def test_words_are_split_by_phrase():
    first, second = phrase(1, 4), phrase(2, 2)
    states, valid = split_phrases(batches.batch_texts([[first, second], [second]]))
    assert valid.tolist() == [[True] * 4, [True, True, False, False], [True, True, False, False]]
    np.testing.assert_array_equal(states[0], first)
    np.testing.assert_array_equal(states[1, :2], second)
    assert (states[1, 2:] == 0).all()


def test_cross_modality_attention_has_the_paper_s_number_of_parameters():
    """Width 768 for words, 256 for the image, six levels with shared weights: 6.04 million, 3.54 of them in one matrix."""
    attention = CrossModalityAttention(768, 256, 6)
    assert sum(weight.numel() for weight in attention.parameters()) == 6_036_480
    assert attention.text_attention.level_projection.weight.numel() + len(attention.text_attention.level_projection.bias) == 3_539_712
    words, valid, levels = torch.randn(2, 20, 768), torch.ones(2, 20, dtype=torch.bool), torch.randn(1, 6, 400, 256)
    text, image = attention(words, valid, levels, torch.zeros(2, dtype=torch.long))
    assert text.shape == (2, 20, 768) and image.shape == (2, 400, 256)


def test_sharing_projections_gives_the_result_of_the_formula():
    """L' = LN(L + W_o Attn(W_q L, W_k V_i, W_v V_i)) for every level i, then one matrix over all levels; written out for one phrase."""
    torch.manual_seed(1)
    attention = CrossModalityAttention(12, 8, 2).eval()
    words, levels = torch.randn(1, 3, 12), torch.randn(1, 2, 5, 8)
    text_output, image_output = attention(words, torch.ones(1, 3, dtype=torch.bool), levels, torch.zeros(1, dtype=torch.long))

    def attend(side, x, other):
        weights = (side.query(x) @ side.key(other).T / x.shape[-1] ** 0.5).softmax(-1)
        return side.norm(x + side.out(weights @ side.value(other)))

    text = attention.text_attention.level_projection(
        torch.cat([attend(attention.text_attention, words[0], level) for level in levels[0]], -1)
    )
    image = attention.image_attention.level_projection(
        torch.cat([attend(attention.image_attention, level, words[0]) for level in levels[0]], -1)
    )
    assert torch.allclose(text_output[0], text, atol=1e-5) and torch.allclose(image_output[0], image, atol=1e-5)


def test_every_parameter_has_a_gradient_from_the_regressed_box_alone():
    net = PseudoQNet(SMALL)
    output = net.ground(net.encode(batches.batch_images([make_features(5)], 80)), batches.batch_texts([[phrase(8, SMALL.max_pieces)]]))
    losses = grounding_losses(
        output, GroundingTargets(torch.tensor([[[[0.1, 0.2, 0.5, 0.6]]]]), torch.ones(1, 1, 1, dtype=torch.bool), torch.ones(1, 1))
    )
    assert [name for name, loss in losses.items() if loss.requires_grad] == ["free"]
    losses["free"].backward()
    assert [name for name, weight in net.named_parameters() if weight.grad is None] == []


def test_the_common_loop_fits_a_toy_batch():
    torch.manual_seed(0)
    truth = GroundingTargets(
        torch.tensor([[[[0.05, 0.1, 0.4, 0.6]], [[0.6, 0.3, 0.95, 0.9]]]]), torch.ones(1, 2, 1, dtype=torch.bool), torch.ones(1, 2)
    )
    batch = batches.batch_images([make_features(3)], 80), batches.batch_texts([[phrase(1, 3), phrase(2, 4)]]), truth
    net = PseudoQNet(SMALL)

    def loss() -> float:
        with torch.no_grad():
            return float(grounding_losses(net.ground(net.encode(batch[0]), batch[1]), truth)["free"])

    before = loss()
    for _ in finetune(net, lambda step: batch, Schedule(40, learning_rate=1e-3, warmup_steps=5, ema_decay=0.8)):
        pass
    assert loss() < before / 2


def test_position_encodings_differ_and_the_prompt_contains_the_phrase():
    positions = sine_positions(5, 16)
    assert positions.shape == (25, 16) and torch.cdist(positions, positions).fill_diagonal_(1).min() > 0.1
    assert torch.allclose(positions[1, :8], positions[0, :8]) and not torch.allclose(positions[5, :8], positions[0, :8])
    assert "left dog" in add_prompt("left dog") and add_prompt("left dog") != "left dog"
