"""Protocols: what is called of a model is promised by one, and members have the optional powers that they should."""

import ast
from pathlib import Path

import pytest

from grounding import protocols
from grounding.models.adapters.named import OpenVocabularyDetector
from grounding.models.adapters.owl import Owl
from grounding.models.adapters.source import ModelSource
from grounding.models.captioning.prefix import PrefixCaptioner
from grounding.models.detection.ssd import SSD
from grounding.models.grounding.cross_attention import CrossAttentionGrounder
from grounding.models.scripted import ScriptedCaptioner, ScriptedDetector, ScriptedGrounder
from tests.models import tiny

ROOT = Path(__file__).resolve().parents[1]
POWERS = [
    protocols.ThresholdedDetector, protocols.ClassNameDetector, protocols.ProposalDetector, protocols.FeatureDetector,
    protocols.BatchDetector, protocols.TruncatingGrounder, protocols.BatchEncoder, protocols.PlacedModel,
]  # fmt: skip


@pytest.mark.parametrize("folder", ["tasks", "services"])
def test_no_task_or_service_asks_a_model_for_an_attribute_by_its_name(folder):
    files = (ROOT / "grounding" / folder).rglob("*.py")
    calls = [node for path in files for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    assert [ast.unparse(call) for call in calls if asks_by_name(call)] == []


def test_the_embedded_detector_gives_proposals_and_features_and_is_not_thresholded():
    assert powers(SSD()) == {protocols.ProposalDetector, protocols.FeatureDetector}
    assert powers(ScriptedDetector()) == powers(ScriptedGrounder()) == set()


def test_a_grounder_with_batches_and_a_place_makes_a_detector_with_both():
    owl = Owl(ModelSource(str(tiny.owlvit())))
    detector = OpenVocabularyDetector(owl, ["dog"])
    assert powers(owl) == {protocols.BatchEncoder, protocols.PlacedModel} and detector.batch_size == owl.batch_size
    assert {protocols.ThresholdedDetector, protocols.ClassNameDetector, protocols.BatchDetector} <= powers(detector)
    assert OpenVocabularyDetector(ScriptedGrounder()).batch_size == 1 and detector.compute is owl.compute


@pytest.mark.parametrize("kind", [ScriptedCaptioner, PrefixCaptioner])
def test_a_captioner_describes_pictures_and_tracks(kind):
    for protocol in (protocols.Captioner, protocols.TrackCaptioner):
        assert {name for name in vars(protocol) if not name.startswith("_") and callable(getattr(protocol, name))} <= set(dir(kind))


def test_the_embedded_grounder_says_which_phrases_it_truncates():
    assert CrossAttentionGrounder.is_truncated and not hasattr(ScriptedGrounder, "is_truncated")


def asks_by_name(call: ast.Call) -> bool:
    return ast.unparse(call.func) in ("getattr", "hasattr") and isinstance(call.args[1], ast.Constant)


def powers(model) -> set:
    return {power for power in POWERS if isinstance(model, power)}
