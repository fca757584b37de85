"""An ablated network does not use the removed part, and still trains and grounds."""

import numpy as np
import pytest
import torch

from grounding.learning.finetune import Schedule, finetune
from grounding.learning.grounding.losses import GroundingTargets, grounding_losses
from grounding.nn.files.features import ImageFeatures
from grounding.nn.grounding import batches
from grounding.nn.grounding.network import GroundingConfig, GroundingNet
from tests.benchmarks.reference import ablation

LEVELS = ("ssd19", "ssd10", "eff28", "eff14", "eff7")
SMALL = GroundingConfig(
    levels=tuple((name, 3) for name in LEVELS),
    grid_size=4,
    width=32,
    heads=2,
    feedforward_width=48,
    encoder_layers=1,
    decoder_layers=2,
    scorer_width=16,
)
BOXES = np.float32([[0.05, 0.1, 0.4, 0.6], [0.6, 0.3, 0.95, 0.9]])


def make_features(seed: int = 0, boxes: np.ndarray = BOXES, classes=(16, 16)) -> ImageFeatures:
    rng = np.random.default_rng(seed)
    levels = {name: rng.standard_normal((3, 4, 4)).astype(np.float16) for name in LEVELS} | {
        "tint": rng.random((12, 4, 4)).astype(np.float16)
    }
    return ImageFeatures(levels, boxes, np.array(classes), np.float32([0.9, 0.8]), 1.0)


def make_net() -> GroundingNet:
    torch.manual_seed(0)
    net = GroundingNet(SMALL).eval()
    net.name_embeddings.normal_()
    return net


@torch.no_grad()
def ground(net, *images):
    texts = batches.batch_texts([[np.ones((3, 384), np.float32), -np.ones((2, 384), np.float32)]] * len(images))
    return net.ground(net.encode(batches.batch_images(images, 80)), texts)


def test_without_candidates_the_regressed_box_is_chosen_for_any_proposals():
    net = ablation.without_candidates(make_net())
    output = ground(net, make_features(), make_features(boxes=BOXES[:, [1, 0, 3, 2]]))
    assert (output.logits.argmax(-1) == output.logits.shape[-1] - 1).all()
    assert torch.allclose(output.boxes[0, :, -1], output.boxes[1, :, -1], atol=1e-6)


def test_without_box_regression_only_candidates_are_left():
    whole, ablated = ground(make_net(), make_features()), ground(ablation.without_box_regression(make_net()), make_features())
    assert ablated.boxes.shape[2] == whole.boxes.shape[2] - 1 and (ablated.regressed_boxes == 0).all()


def test_without_the_grid_the_image_between_candidates_is_not_used():
    """Changes the level "eff7" only, which is used through the grid alone and not for the features of candidates."""
    other = make_features()
    other.levels["eff7"][:] += 3
    whole, ablated = ground(make_net(), make_features(), other), ground(ablation.without_grid(make_net()), make_features(), other)
    assert not torch.allclose(whole.logits[0], whole.logits[1], atol=1e-4)
    assert torch.allclose(ablated.logits[0], ablated.logits[1], atol=1e-5)


def test_without_relative_positions_other_candidates_of_the_class_change_nothing():
    same_class, two_classes = (batches.batch_images([make_features(classes=classes)], 80) for classes in ((16, 16), (16, 17)))
    assert not torch.equal(same_class.relative_positions, two_classes.relative_positions)
    for net, same in ((make_net(), False), (ablation.without_relative_positions(make_net()), True)):
        net.name_embeddings[17] = net.name_embeddings[16]
        texts = batches.batch_texts([[np.ones((3, 384), np.float32)]])
        with torch.no_grad():
            logits = [net.ground(net.encode(scene), texts).logits for scene in (same_class, two_classes)]
        assert torch.allclose(*logits, atol=1e-5) is same


def test_without_colours_a_colour_changes_nothing():
    scene, other = make_features(), make_features()
    other.levels["tint"][:] += 1
    for net, same in ((make_net(), False), (ablation.without_colours(make_net()), True)):
        logits = ground(net, scene, other).logits
        assert torch.allclose(logits[0], logits[1], atol=1e-5) is same


CHANGES = [
    ablation.without_candidates,
    ablation.without_box_regression,
    ablation.without_grid,
    ablation.without_relative_positions,
    ablation.without_colours,
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_ablated_network_trains(change):
    truth = GroundingTargets(torch.from_numpy(BOXES)[None, :, None], torch.ones(1, 2, 1, dtype=torch.bool), torch.ones(1, 2))
    texts = batches.batch_texts([[np.ones((3, 384), np.float32), -np.ones((3, 384), np.float32)]])
    batch = batches.batch_images([make_features()], 80), texts, truth
    net = change(make_net())

    def loss() -> float:
        with torch.no_grad():
            losses = grounding_losses(net.ground(net.encode(batch[0]), texts), truth)
        return float(losses["rank"] + losses["free"])

    before = loss()
    for _ in finetune(net, lambda step: batch, Schedule(25, learning_rate=2e-3, warmup_steps=5, ema_decay=0.8)):
        pass
    assert loss() < before - 0.5
