"""The network answers a phrase the same alone as in company, and a picture the same alone as in a batch."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from grounding.nn.files.features import Features
from grounding.nn.files.storage import load_network, save_network
from grounding.nn.grounding import batches
from grounding.nn.grounding.candidates import LIES
from grounding.nn.grounding.network import GroundingNet, Shape

SMALL = Shape(levels=(("ssd19", 6), ("ssd10", 8), ("eff28", 4), ("eff14", 5), ("eff7", 7)), side=4, width=32, heads=2, wide=48,
              encoders=1, decoders=2, narrow=16)
SIDES = {"ssd19": 19, "ssd10": 10, "eff28": 28, "eff14": 14, "eff7": 7}


def picture(seed: int, count: int) -> Features:
    rng = np.random.default_rng(seed)
    levels = {name: rng.standard_normal((channels, SIDES[name], SIDES[name])).astype(np.float16) for name, channels in SMALL.levels}
    levels["tint"] = np.random.default_rng([seed, 1]).random((12, 28, 28)).astype(np.float16)
    corners = np.sort(rng.random((count, 2, 2)), 1).reshape(count, 4).astype(np.float32)
    return Features(levels, corners, rng.integers(0, 80, count), np.sort(rng.random(count).astype(np.float32))[::-1].copy(), 1.5)


def phrase(seed: int, pieces: int) -> np.ndarray:
    return np.random.default_rng(100 + seed).standard_normal((pieces, 384)).astype(np.float32)


KEPT = {"boxes": [0.75452, 0.58978, 1.0, 0.0], "logits": [2.05411, -20.0, -20.0, -20.0], "free": [0.02796, 0.10751, 0.72211, 0.71965],
        "heat": [-2.07187, -1.4345, -1.56633], "here": [2.97391]}  # of the test below


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    net = GroundingNet(SMALL).eval()
    net.names.normal_()
    return net


@torch.no_grad()
def answer(net, pictures, phrases):
    return net.ask(net.see(batches.scenes(pictures, 80)), batches.words(phrases))


def test_alone_as_in_a_batch_and_in_company(net):
    one, two = picture(1, 5), picture(2, 40)
    alone = answer(net, [one], [[phrase(1, 4)]])
    together = answer(net, [two, one], [[phrase(2, 7), phrase(3, 2), phrase(4, 3)], [phrase(5, 6), phrase(1, 4)]])
    for name in ("boxes", "logits", "free", "heat", "here"):
        assert torch.allclose(getattr(alone, name)[0, 0], getattr(together, name)[1, 1], atol=1e-4), name


@torch.no_grad()
def test_what_is_kept_of_a_picture_changes_no_answer():
    """The numbers were read when keys, values and names were still computed anew for every phrase, and colours were not read."""
    net = GroundingNet(SMALL).eval()
    older = [weight for name, weight in net.named_parameters() if not name.startswith(("tint.", "paints."))]
    for place, weight in enumerate([*older, net.names]):
        spread = weight if weight is not net.choice.hint.weight else weight[:, [0, 1, 2, 3, 5, 6]]
        values = torch.sin(torch.arange(spread.numel()) * 0.7 + place).view_as(spread) * (3 / (spread.shape[-1] if spread.dim() else 3)) ** 0.5
        weight.copy_(values if spread is weight else torch.cat([values[:, :4], torch.zeros(len(values), 1), values[:, 4:]], 1))
    net.tint.weight.zero_(), net.tint.bias.zero_()
    found = answer(net, [picture(1, 5), picture(2, 9)], [[phrase(1, 4), phrase(2, 6)], [phrase(3, 3)]])
    for name, expected in KEPT.items():
        values = getattr(found, name)[0, 1].flatten()[::7 if name != "free" else 1][:4]
        np.testing.assert_allclose(values, expected, atol=1e-4, err_msg=name)


def test_boxes_lie_in_the_picture(net):
    boxes = answer(net, [picture(3, 30)], [[phrase(6, 5)]]).boxes
    assert (boxes >= 0).all() and (boxes <= 1).all() and (boxes[..., 2:] >= boxes[..., :2]).all()


def test_what_is_not_there_is_never_chosen(net):
    found = answer(net, [picture(4, 0)], [[phrase(7, 3)]])
    assert (found.logits[0, 0, :30] == -20).all() and found.logits[0, 0].argmax() >= 30


def test_every_weight_learns(net):
    fresh = GroundingNet(SMALL)
    found = fresh.ask(fresh.see(batches.scenes([picture(5, 12)], 80)), batches.words([[phrase(8, 4)]]))
    (found.boxes.sum() + found.logits.sum() + found.free.sum() + found.heat.sum() + found.here.sum()).backward()
    assert [name for name, weight in fresh.named_parameters() if weight.grad is None] == []


def test_saved_is_loaded_up_to_half_precision(net, tmp_path):
    page = save_network(net, tmp_path / "small", {"name": "small"})
    again, told = load_network(page)
    assert told["name"] == "small" and again.shape == SMALL
    first, second = (answer(n, [picture(1, 5)], [[phrase(1, 4)]]).logits for n in (net, again))
    assert torch.allclose(first, second, atol=0.05)


def test_a_named_colour_makes_likelier_what_has_it(net):
    """Two dogs, the left one all black, the right one all white; a phrase that names no colour changes nothing."""
    one = picture(1, 0)
    boxes, shares = np.float32([[0, 0.2, 0.4, 0.8], [0.6, 0.2, 1, 0.8]]), np.zeros((12, 28, 28), np.float16)
    shares[0, :, :14], shares[1, :, 14:] = 1, 1
    scene = Features(one.levels | {"tint": shares}, boxes, np.array([16, 16]), np.float32([0.9, 0.9]), 1.5)
    seen = net.see(batches.scenes([scene], 80))
    asked = net.ask(seen, batches.words([[phrase(1, 3), phrase(1, 3), phrase(1, 3)]]))
    colours = torch.zeros(1, 3, 12, dtype=torch.bool)
    colours[0, 0, 0], colours[0, 1, 1] = True, True
    gain = (net.painted(asked, seen, colours).logits - asked.logits)[0]
    assert gain[0, 0] > 1 and gain[0, 1] < -1 and gain[1, 1] > 1 and gain[1, 0] < -1
    best = asked.logits[0, 0, :-1].argmax()
    assert gain[0, -1] == gain[0, best] and (gain[2] == 0).all()


def test_a_named_place_makes_unlikelier_what_has_others_beyond_it(net):
    """Three dogs side by side; of "the left dog" the others lose, the more the surer those left of them are."""
    boxes = np.float32([[0, 0.2, 0.2, 0.8], [0.4, 0.2, 0.6, 0.8], [0.8, 0.2, 1, 0.8]])
    scene = Features(picture(1, 0).levels, boxes, np.array([16, 16, 16]), np.float32([0.9, 0.9, 0.9]), 1.5)
    seen = net.see(batches.scenes([scene], 80))
    asked = net.ask(seen, batches.words([[phrase(1, 3), phrase(1, 3)]]))
    logits = torch.full_like(asked.logits, -20.0)
    logits[..., :3] = 2.0
    sought = torch.zeros(1, 2, 6, dtype=torch.bool)
    sought[0, 0, LIES.index("left")] = True
    gain = (net.placed(replace(asked, logits=logits), seen, sought).logits - logits)[0]
    assert gain[0, 0] == 0 and gain[0, 1] < -0.5 and gain[0, 2] < gain[0, 1] - 0.5
    assert (gain[1] == 0).all()
