"""A folder of photos is read by the detector that was named: ours from 0.4 on, one of other people as its owner set it."""

import numpy as np

from grounding import catalog, model_cache
from grounding.catalog import ModelEntry
from grounding.data import Boxes, Regions
from grounding.models.scripted import ScriptedDetector
from pseudo_query.__main__ import load_detector

FAINT = Regions(Boxes([[0, 0, 9, 9], [20, 0, 30, 9]]), [0.9, 0.1], ["dog", "cat"])


class Brought(ScriptedDetector):
    proposal_threshold = 0.0


def test_what_a_brought_detector_answers_is_not_cut(monkeypatch):
    pixels = np.zeros((20, 40, 3), np.uint8)
    for name, kind, labels in (("ours", ScriptedDetector, ("dog",)), ("theirs", Brought, ("dog", "cat"))):
        monkeypatch.setitem(catalog.DETECTORS, name, ModelEntry(lambda make, kind=kind: kind(default=FAINT), "", "", 0, ""))
        assert load_detector(name)(pixels).labels == labels
        model_cache._builtin_models.pop(("detector", name))
