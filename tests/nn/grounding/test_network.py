"""The grounding network: results do not depend on the batch or on other phrases; saving, and re-ranking by colours and locations."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from grounding.nn.files.features import ImageFeatures
from grounding.nn.files.storage import load_network, save_network
from grounding.nn.grounding import batches
from grounding.nn.grounding.candidates import SPATIAL_RELATIONS
from grounding.nn.grounding.network import GroundingConfig, GroundingNet, build_grounder

SMALL = GroundingConfig(
    levels=(("ssd19", 6), ("ssd10", 8), ("eff28", 4), ("eff14", 5), ("eff7", 7)),
    grid_size=4,
    width=32,
    heads=2,
    feedforward_width=48,
    encoder_layers=1,
    decoder_layers=2,
    scorer_width=16,
)
SIDES = {"ssd19": 19, "ssd10": 10, "eff28": 28, "eff14": 14, "eff7": 7}


def image_features(seed: int, count: int) -> ImageFeatures:
    rng = np.random.default_rng(seed)
    levels = {name: rng.standard_normal((channels, SIDES[name], SIDES[name])).astype(np.float16) for name, channels in SMALL.levels}
    levels["tint"] = np.random.default_rng([seed, 1]).random((12, 28, 28)).astype(np.float16)
    corners = np.sort(rng.random((count, 2, 2)), 1).reshape(count, 4).astype(np.float32)
    return ImageFeatures(levels, corners, rng.integers(0, 80, count), np.sort(rng.random(count).astype(np.float32))[::-1].copy(), 1.5)


def phrase(seed: int, pieces: int) -> np.ndarray:
    return np.random.default_rng(100 + seed).standard_normal((pieces, 384)).astype(np.float32)


EXPECTED = {
    "boxes": [0.75452, 0.58978, 1.0, 0.0],
    "logits": [2.05411, -20.0, -20.0, -20.0],
    "regressed_boxes": [0.02796, 0.10751, 0.72211, 0.71965],
    "heatmap_logits": [-2.07187, -1.4345, -1.56633],
    "existence_logits": [2.97391],
}  # of test_precomputation_changes_no_output


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    net = GroundingNet(SMALL).eval()
    net.name_embeddings.normal_()
    return net


@torch.no_grad()
def ground(net, images, phrases):
    return net.ground(net.encode(batches.batch_images(images, 80)), batches.batch_texts(phrases))


def test_a_phrase_scores_alone_as_in_a_batch_and_with_other_phrases(net):
    one, two = image_features(1, 5), image_features(2, 40)
    alone = ground(net, [one], [[phrase(1, 4)]])
    together = ground(net, [two, one], [[phrase(2, 7), phrase(3, 2), phrase(4, 3)], [phrase(5, 6), phrase(1, 4)]])
    for name in ("boxes", "logits", "regressed_boxes", "heatmap_logits", "existence_logits"):
        assert torch.allclose(getattr(alone, name)[0, 0], getattr(together, name)[1, 1], atol=1e-4), name


@torch.no_grad()
def test_precomputation_changes_no_output():
    """The expected numbers date from when keys, values and class names were computed for every phrase, before colour features."""
    net = GroundingNet(SMALL).eval()
    parameters = [weight for name, weight in net.named_parameters() if not name.startswith(("colour_projection.", "colour_query."))]
    for index, weight in enumerate([*parameters, net.name_embeddings]):
        kept = weight if weight is not net.candidate_scorer.match_projection.weight else weight[:, [0, 1, 2, 3, 5, 6]]
        values = torch.sin(torch.arange(kept.numel()) * 0.7 + index).view_as(kept) * (3 / (kept.shape[-1] if kept.dim() else 3)) ** 0.5
        weight.copy_(values if kept is weight else torch.cat([values[:, :4], torch.zeros(len(values), 1), values[:, 4:]], 1))
    net.colour_projection.weight.zero_(), net.colour_projection.bias.zero_()
    output = ground(net, [image_features(1, 5), image_features(2, 9)], [[phrase(1, 4), phrase(2, 6)], [phrase(3, 3)]])
    for name, expected in EXPECTED.items():
        values = getattr(output, name)[0, 1].flatten()[::7 if name != "regressed_boxes" else 1][:4]
        np.testing.assert_allclose(values, expected, atol=1e-4, err_msg=name)


def test_boxes_are_inside_the_image(net):
    boxes = ground(net, [image_features(3, 30)], [[phrase(6, 5)]]).boxes
    assert (boxes >= 0).all() and (boxes <= 1).all() and (boxes[..., 2:] >= boxes[..., :2]).all()


def test_padding_candidates_are_never_chosen(net):
    output = ground(net, [image_features(4, 0)], [[phrase(7, 3)]])
    assert (output.logits[0, 0, :30] == -20).all() and output.logits[0, 0].argmax() >= 30


def test_every_parameter_has_a_gradient():
    net = GroundingNet(SMALL)
    output = net.ground(net.encode(batches.batch_images([image_features(5, 12)], 80)), batches.batch_texts([[phrase(8, 4)]]))
    (
        output.boxes.sum()
        + output.logits.sum()
        + output.regressed_boxes.sum()
        + output.heatmap_logits.sum()
        + output.existence_logits.sum()
    ).backward()
    assert [name for name, weight in net.named_parameters() if weight.grad is None] == []


def test_a_saved_network_loads_up_to_half_precision(net, tmp_path):
    card_path = save_network(net, tmp_path / "small", {"name": "small"})
    loaded, card = load_network(card_path, build_grounder)
    assert card["name"] == "small" and loaded.config == SMALL
    first, second = (ground(n, [image_features(1, 5)], [[phrase(1, 4)]]).logits for n in (net, loaded))
    assert torch.allclose(first, second, atol=0.05)


def test_a_named_colour_raises_candidates_of_that_colour(net):
    """Two dogs, the left one all black, the right one all white; a phrase that names no colour changes nothing."""
    empty = image_features(1, 0)
    boxes, shares = np.float32([[0, 0.2, 0.4, 0.8], [0.6, 0.2, 1, 0.8]]), np.zeros((12, 28, 28), np.float16)
    shares[0, :, :14], shares[1, :, 14:] = 1, 1
    scene = ImageFeatures(empty.levels | {"tint": shares}, boxes, np.array([16, 16]), np.float32([0.9, 0.9]), 1.5)
    encoded = net.encode(batches.batch_images([scene], 80))
    output = net.ground(encoded, batches.batch_texts([[phrase(1, 3), phrase(1, 3), phrase(1, 3)]]))
    colours = torch.zeros(1, 3, 12, dtype=torch.bool)
    colours[0, 0, 0], colours[0, 1, 1] = True, True
    gain = (net.rerank_by_colour(output, encoded, colours).logits - output.logits)[0]
    assert gain[0, 0] > 1 and gain[0, 1] < -1 and gain[1, 1] > 1 and gain[1, 0] < -1
    best = output.logits[0, 0, :-1].argmax()
    assert gain[0, -1] == gain[0, best] and (gain[2] == 0).all()


def test_a_named_location_lowers_candidates_with_rivals_beyond_them(net):
    """Three dogs side by side; for "the left dog" the others lose, the more the more probable rivals are to their left."""
    boxes = np.float32([[0, 0.2, 0.2, 0.8], [0.4, 0.2, 0.6, 0.8], [0.8, 0.2, 1, 0.8]])
    scene = ImageFeatures(image_features(1, 0).levels, boxes, np.array([16, 16, 16]), np.float32([0.9, 0.9, 0.9]), 1.5)
    encoded = net.encode(batches.batch_images([scene], 80))
    output = net.ground(encoded, batches.batch_texts([[phrase(1, 3), phrase(1, 3)]]))
    logits = torch.full_like(output.logits, -20.0)
    logits[..., :3] = 2.0
    excluded = torch.zeros(1, 2, 6, dtype=torch.bool)
    excluded[0, 0, SPATIAL_RELATIONS.index("left")] = True
    gain = (net.rerank_spatially(replace(output, logits=logits), encoded, excluded).logits - logits)[0]
    assert gain[0, 0] == 0 and gain[0, 1] < -0.5 and gain[0, 2] < gain[0, 1] - 0.5
    assert (gain[1] == 0).all()
