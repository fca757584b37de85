"""Scores that are probabilities."""

import numpy as np
import pytest
import torch

from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.examples.flickr30k import Phrase
from grounding.learning.examples.samples import Example
from grounding.learning.grounding.calibration import MAX_REJECTED_SHARE, calibrate, fit_platt
from grounding.learning.metrics.grounding import expected_calibration_error, reliability_diagram
from grounding.nn.files.features import ImageFeatures
from grounding.nn.grounding import batches
from grounding.nn.grounding.network import GroundingConfig, GroundingNet
from grounding.nn.parts.geometry import pair_iou


def test_what_was_twice_too_sure_is_halved():
    torch.manual_seed(0)
    logits = 4 * torch.randn(4000)
    correct = (torch.rand(4000) < (logits / 2 - 1).sigmoid()).float()
    scale, existence, shift = fit_platt(torch.stack([logits, torch.zeros(4000)], 1), correct).tolist()
    assert abs(scale - 0.5) < 0.05 and abs(shift + 1) < 0.1 and abs(existence) < 1e-3
    assert (
        expected_calibration_error((scale * logits + shift).sigmoid(), correct)
        < 0.03
        < expected_calibration_error(logits.sigmoid(), correct)
    )


def test_without_an_answer_nothing_is_changed():
    assert fit_platt(torch.zeros(0, 2), torch.zeros(0)).tolist() == [1, 0, 0]


def test_the_reliability_diagram_counts_its_bins():
    assert reliability_diagram([0.05, 0.92, 0.98, 1.0], [0, 1, 0, 1]) == [
        {"score": 0.05, "right": 0.0, "count": 1},
        {"score": 0.9667, "right": 0.6667, "count": 3},
    ]


SMALL = GroundingConfig(
    levels=(("ssd19", 3), ("ssd10", 3), ("eff28", 3), ("eff14", 3), ("eff7", 3)),
    grid_size=4,
    width=32,
    heads=2,
    feedforward_width=48,
    encoder_layers=1,
    decoder_layers=1,
    scorer_width=16,
)
BOXES = np.float32([[0.05, 0.1, 0.4, 0.6], [0.6, 0.3, 0.95, 0.9]])


class ToyTextCache(dict):
    """The hidden states of a phrase: noise that its text decides."""

    def __missing__(self, phrase):
        return np.random.default_rng(sum(map(ord, phrase))).standard_normal((3, 384)).astype(np.float16)


@pytest.fixture
def photos(tmp_path):
    """(cache, examples): 40 photos, each with a phrase for a box of its own and one about nothing in it."""
    cache, examples, rng = FeatureCache(tmp_path, "toy@00000000"), [], np.random.default_rng(0)
    for number in range(40):
        levels = {name: rng.standard_normal((3, 4, 4)).astype(np.float16) for name, _ in SMALL.levels} | {
            "tint": np.zeros((12, 4, 4), np.float16)
        }
        cache.write(f"{number:064d}", ImageFeatures(levels, BOXES, np.array([16, 17]), np.float32([0.9, 0.8]), 1.0))
        phrases = (Phrase(f"thing {number}", BOXES[[number % 2]]), Phrase(f"nothing {number}", np.zeros((0, 4), np.float32)))
        examples.append(Example(f"{number:064d}", phrases, frozenset({"thing"})))
    return cache, examples


def test_what_a_calibration_reports_is_what_the_network_scores_from_then_on(photos):
    torch.manual_seed(0)
    cache, examples, net = *photos, GroundingNet(SMALL).eval()
    report = calibrate(net, examples, cache, ToyTextCache(), 80)
    scores, hits = [], []
    for example in examples:
        with torch.inference_mode():
            encoded = net.encode(batches.batch_images([cache.read(example.digest)], 80))
            output = net.ground(encoded, batches.batch_texts([[ToyTextCache()[example.phrases[0].text]]]))
        best = int(output.logits[0, 0].argmax())
        scores.append(float(net.calibrated_scores(output)[0, 0, best]))
        hits.append(float(pair_iou(output.boxes[0, 0, best][None], torch.from_numpy(example.phrases[0].boxes)).max()) >= 0.5)
    assert report["phrases"] == 40 and 0 < sum(hits) < 40
    assert report["ece"] == pytest.approx(expected_calibration_error(np.array(scores), np.array(hits, float)), abs=2e-4)
    assert report["least"] == pytest.approx(np.quantile(np.array(scores)[hits], MAX_REJECTED_SHARE), abs=2e-4)
    assert report["trust"] == [round(float(value), 4) for value in net.candidate_platt]
