"""Scores that mean what they say."""

import torch

from grounding.learning.calibrate import fit
from grounding.learning.measures import calibration_error, reliability


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
    assert reliability([0.05, 0.92, 0.98, 1.0], [0, 1, 0, 1]) == [{"score": 0.05, "right": 0.0, "count": 1}, {"score": 0.9667, "right": 0.6667, "count": 3}]
