"""Scores that mean what they say."""

import numpy as np
import pytest
import torch

from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.examples.flickr30k import Phrase
from grounding.learning.examples.samples import Lesson
from grounding.learning.grounding.calibration import LOST, calibrate, fit
from grounding.learning.metrics.grounding import calibration_error, reliability
from grounding.nn.files.features import Features
from grounding.nn.grounding import batches
from grounding.nn.grounding.network import GroundingNet, Shape
from grounding.nn.parts.geometry import pair_iou


def test_what_was_twice_too_sure_is_halved():
    torch.manual_seed(0)
    logits = 4 * torch.randn(4000)
    right = (torch.rand(4000) < (logits / 2 - 1).sigmoid()).float()
    scale, here, shift = fit(torch.stack([logits, torch.zeros(4000)], 1), right).tolist()
    assert abs(scale - 0.5) < 0.05 and abs(shift + 1) < 0.1 and abs(here) < 1e-3
    assert calibration_error((scale * logits + shift).sigmoid(), right) < 0.03 < calibration_error(logits.sigmoid(), right)


def test_without_an_answer_nothing_is_changed():
    assert fit(torch.zeros(0, 2), torch.zeros(0)).tolist() == [1, 0, 0]


def test_the_reliability_diagram_counts_its_bins():
    assert reliability([0.05, 0.92, 0.98, 1.0], [0, 1, 0, 1]) == [
        {"score": 0.05, "right": 0.0, "count": 1},
        {"score": 0.9667, "right": 0.6667, "count": 3},
    ]


SMALL = Shape(levels=(("ssd19", 3), ("ssd10", 3), ("eff28", 3), ("eff14", 3), ("eff7", 3)), side=4, width=32, heads=2, wide=48, encoders=1,
              decoders=1, narrow=16)
BOXES = np.float32([[0.05, 0.1, 0.4, 0.6], [0.6, 0.3, 0.95, 0.9]])


class Book(dict):
    """The states of a phrase: noise that its text decides."""

    def __missing__(self, phrase):
        return np.random.default_rng(sum(map(ord, phrase))).standard_normal((3, 384)).astype(np.float16)


@pytest.fixture
def photos(tmp_path):
    """(cache, lessons): 40 photos, each with a phrase for a box of its own and one about nothing in it."""
    cache, lessons, rng = FeatureCache(tmp_path, "toy@00000000"), [], np.random.default_rng(0)
    for number in range(40):
        levels = {name: rng.standard_normal((3, 4, 4)).astype(np.float16) for name, _ in SMALL.levels} | {
            "tint": np.zeros((12, 4, 4), np.float16)
        }
        cache.write(f"{number:064d}", Features(levels, BOXES, np.array([16, 17]), np.float32([0.9, 0.8]), 1.0))
        phrases = (Phrase(f"thing {number}", BOXES[[number % 2]]), Phrase(f"nothing {number}", np.zeros((0, 4), np.float32)))
        lessons.append(Lesson(f"{number:064d}", phrases, frozenset({"thing"})))
    return cache, lessons


def test_what_a_calibration_reports_is_what_the_network_answers_from_then_on(photos):
    torch.manual_seed(0)
    cache, lessons, net = *photos, GroundingNet(SMALL).eval()
    told = calibrate(net, lessons, cache, Book(), 80)
    certain, right = [], []
    for lesson in lessons:
        with torch.inference_mode():
            answer = net.ask(net.see(batches.scenes([cache.read(lesson.digest)], 80)), batches.words([[Book()[lesson.phrases[0].text]]]))
        best = int(answer.logits[0, 0].argmax())
        certain.append(float(net.certainty(answer)[0, 0, best]))
        right.append(float(pair_iou(answer.boxes[0, 0, best][None], torch.from_numpy(lesson.phrases[0].boxes)).max()) >= 0.5)
    assert told["phrases"] == 40 and 0 < sum(right) < 40
    assert told["ece"] == pytest.approx(calibration_error(np.array(certain), np.array(right, float)), abs=2e-4)
    assert told["least"] == pytest.approx(np.quantile(np.array(certain)[right], LOST), abs=2e-4)
    assert told["trust"] == [round(float(value), 4) for value in net.trust]
