"""Training the captioner: what counts as correct, how a likelihood becomes a probability, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
import torch

from grounding.learning.captioning.clip_cache import CLIPS
from grounding.learning.captioning.train import RunConfig, content_f1
from grounding.learning.examples.feature_cache import FeatureCache
from grounding.learning.grounding.calibration import fit_platt


@pytest.mark.parametrize("predicted, truth, value", [
    ("a dog", "A dog .", 1), ("a dog", "a cat", 0), ("a man in a red shirt", "the man with red shirt", 1),
    ("a black dog", "a brown dog", 0.5), ("the", "a", 1), ("a dog", "the", 0),
])
def test_only_words_that_say_something_count(predicted, truth, value):
    assert content_f1(predicted, truth) == pytest.approx(value)


def test_a_likelier_sentence_has_the_better_chance():
    rng = np.random.default_rng(0)
    means = rng.uniform(-3, 0, 2000)
    correct = rng.random(2000) < 1 / (1 + np.exp(-(2 * means + 3)))
    slope, offset = fit_platt(torch.from_numpy(means)[:, None], torch.from_numpy(correct), l2=1e-5).tolist()
    assert slope == pytest.approx(2, abs=0.4) and offset == pytest.approx(3, abs=0.5)


@pytest.mark.parametrize("sources", [(), ("photos", "dreams")])
def test_sources_nobody_knows_are_refused(sources, tmp_path):
    with pytest.raises(ValueError, match="captions are learned from"):
        RunConfig(FeatureCache(tmp_path, "x"), FeatureCache(Path(tmp_path), "x", CLIPS), None, sources=sources)
