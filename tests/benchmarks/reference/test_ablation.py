"""A network with a part taken away no longer uses that part, and still learns and answers."""

import numpy as np
import pytest
import torch

from grounding.learning.finetune import Schedule, finetune
from grounding.learning.grounding.losses import Truth, grounding_loss
from grounding.nn.files.features import Features
from grounding.nn.grounding import batches
from grounding.nn.grounding.network import GroundingNet, Shape
from tests.benchmarks.reference import ablation

LEVELS = ("ssd19", "ssd10", "eff28", "eff14", "eff7")
SMALL = Shape(levels=tuple((name, 3) for name in LEVELS), side=4, width=32, heads=2, wide=48, encoders=1, decoders=2, narrow=16)
BOXES = np.float32([[0.05, 0.1, 0.4, 0.6], [0.6, 0.3, 0.95, 0.9]])


def picture(seed: int = 0, boxes: np.ndarray = BOXES, classes=(16, 16)) -> Features:
    rng = np.random.default_rng(seed)
    levels = {name: rng.standard_normal((3, 4, 4)).astype(np.float16) for name in LEVELS} | {"tint": rng.random((12, 4, 4)).astype(np.float16)}
    return Features(levels, boxes, np.array(classes), np.float32([0.9, 0.8]), 1.0)


def fresh() -> GroundingNet:
    torch.manual_seed(0)
    net = GroundingNet(SMALL).eval()
    net.names.normal_()
    return net


@torch.no_grad()
def answer(net, *pictures):
    words = batches.words([[np.ones((3, 384), np.float32), -np.ones((2, 384), np.float32)]] * len(pictures))
    return net.ask(net.see(batches.scenes(pictures, 80)), words)


def test_without_candidates_the_drawn_box_is_chosen_wherever_proposals_lie():
    net = ablation.without_candidates(fresh())
    found = answer(net, picture(), picture(boxes=BOXES[:, [1, 0, 3, 2]]))
    assert (found.logits.argmax(-1) == found.logits.shape[-1] - 1).all()
    assert torch.allclose(found.boxes[0, :, -1], found.boxes[1, :, -1], atol=1e-6)


def test_without_drawing_only_candidates_answer():
    whole, part = answer(fresh(), picture()), answer(ablation.without_drawing(fresh()), picture())
    assert part.boxes.shape[2] == whole.boxes.shape[2] - 1 and (part.free == 0).all()


def test_without_cells_the_picture_between_candidates_is_not_seen():
    """One level only, seen through the grid alone: "eff7" is no level that candidates are read from."""
    other = picture()
    other.levels["eff7"][:] += 3
    whole, part = answer(fresh(), picture(), other), answer(ablation.without_cells(fresh()), picture(), other)
    assert not torch.allclose(whole.logits[0], whole.logits[1], atol=1e-4)
    assert torch.allclose(part.logits[0], part.logits[1], atol=1e-5)


def test_without_ranks_a_place_among_the_like_changes_nothing():
    alike, unlike = (batches.scenes([picture(classes=classes)], 80) for classes in ((16, 16), (16, 17)))
    assert not torch.equal(alike.ranks, unlike.ranks)
    for net, same in ((fresh(), False), (ablation.without_ranks(fresh()), True)):
        net.names[17] = net.names[16]
        words = batches.words([[np.ones((3, 384), np.float32)]])
        with torch.no_grad():
            found = [net.ask(net.see(scene), words).logits for scene in (alike, unlike)]
        assert torch.allclose(*found, atol=1e-5) is same


def test_without_tints_a_colour_changes_nothing():
    scene, other = picture(), picture()
    other.levels["tint"][:] += 1
    for net, same in ((fresh(), False), (ablation.without_tints(fresh()), True)):
        logits = answer(net, scene, other).logits
        assert torch.allclose(logits[0], logits[1], atol=1e-5) is same


CHANGES = [ablation.without_candidates, ablation.without_drawing, ablation.without_cells, ablation.without_ranks, ablation.without_tints]


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_left_learns(change):
    truth = Truth(torch.from_numpy(BOXES)[None, :, None], torch.ones(1, 2, 1, dtype=torch.bool), torch.ones(1, 2))
    words = batches.words([[np.ones((3, 384), np.float32), -np.ones((3, 384), np.float32)]])
    batch = batches.scenes([picture()], 80), words, truth
    net = change(fresh())

    def wrong() -> float:
        with torch.no_grad():
            losses = grounding_loss(net.ask(net.see(batch[0]), words), truth)
        return float(losses["rank"] + losses["free"])

    before = wrong()
    for _ in finetune(net, lambda step: batch, Schedule(25, rate=2e-3, warmup=5, smooth=0.8)):
        pass
    assert wrong() < before - 0.5
